"""`portalwatch compare`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.common import Workplace, common, read_file, run_async

if TYPE_CHECKING:
    from crawler.compare import Alteration, Comparison
    from crawler.items import Article

ALTERED, NO_ORIGINAL = 4, 5
"""Exit statuses, by contract; 0 is a true copy."""
SHOWN = 120
"""Characters of an inserted or removed passage that are shown on a terminal; `--json` has all."""
_LABELS = {
    "inserted": "inserted",
    "removed": "removed",
    "replaced": "replaced",
    "number": "changed number",
    "source": "false source",
    "date": "false date",
}


@click.command(name="compare")
@click.argument("copy", metavar="FILE|URL")
@common
def compare(place: Workplace, *, copy: str) -> int:
    """Hold a copy found elsewhere against the official original in the store, and show every alteration.

    The copy (a saved page, a text, or an address) is restored first. Exit status: 0 it is true, 4 it was altered, 5 no
    original is known.
    """
    status: int = run_async(lambda: _compare(place, copy))
    return status


async def _compare(place: Workplace, name: str) -> int:
    from crawler.compare import compare as compare_with_store  # noqa: PLC0415 - loads rapidfuzz and SQLAlchemy
    from crawler.store import Store  # noqa: PLC0415

    url = place.database_url()
    article = await _fetched(place, name) if name.startswith(("http://", "https://")) else _read(read_file(name), None)
    async with await Store.open(url, read_only=True) as store:
        found = await compare_with_store(store, article)
    if place.json:
        place.print_json(_as_json(name, article, found))
    else:
        _print(name, article, found)
    if found is None:
        return NO_ORIGINAL
    return 0 if found.true else ALTERED


async def _fetched(place: Workplace, url: str) -> Article:
    from crawler.crawl.resident import resident_crawler  # noqa: PLC0415 - Scrapy only where something is fetched
    from crawler.portals.passing import passing_portal  # noqa: PLC0415

    portal = passing_portal(url)
    async with resident_crawler(place.config) as fetcher:
        fetched = await fetcher.get(portal, url)
    return _read(fetched.body, fetched.url, fetched.content_type)


def _read(data: bytes, url: str | None, content_type: str | None = None) -> Article:
    from crawler.reading import read, read_text  # noqa: PLC0415 - loads the tables of restoration
    from crawler.text.decode import decode  # noqa: PLC0415

    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!", b"<html", b"<?xml", b"<head", b"<body")) or (content_type or "").startswith("text/html"):
        return read(data, url, content_type)
    return read_text(decode(data, content_type)[0])


def _as_json(name: str, article: Article, found: Comparison | None) -> dict[str, Any]:
    copy = {"title": article.title, "published_at": article.published_at, "source": article.source}
    answer: dict[str, Any] = {
        "input": name,
        "verdict": "no original known" if found is None else "true" if found.true else "altered",
        "copy": {**copy, "restoration": asdict(article.restoration)},
        "original": None,
        "alterations": [],
        "notes": [],
    }
    if found is not None:
        record = found.original
        shown = ("id", "url", "title", "portal", "portal_name", "published_at", "source", "content_sha256")
        answer["original"] = {field: getattr(record, field) for field in shown}
        answer["original"] |= {"revision": found.revision, "revisions": found.revisions}
        answer["alterations"] = [asdict(alteration) for alteration in found.alterations]
        answer["notes"] = list(found.notes)
    return answer


def _print(name: str, article: Article, found: Comparison | None) -> None:
    if found is None:
        click.echo(f"{name}: no original known")
        click.echo(f"read as: {article.title or '(no title)'}")
        return
    record = found.original
    count = len(found.alterations)
    click.echo(f"{name}: {'true' if found.true else f'altered in {count} place' + 's' * (count != 1)}")
    click.echo(f"original: {record.title or '(no title)'}")
    click.echo(f"  {record.portal_name} · {record.published_at or 'no date'} · {record.url} · {record.id}")
    for alteration in found.alterations:
        click.echo(_line(alteration))
    for note in found.notes:
        click.echo(f"note: {note}")


def _line(one: Alteration) -> str:
    label = _LABELS[one.kind]
    if one.where in {"source", "date"}:
        if one.copy is None:
            return f"  missing {one.where}: {one.original}"
        return f"  {label}: {one.original} → {one.copy}"
    place = "title" if one.where == "title" else f"paragraph {one.paragraph}"
    removed = f"[-{_cut(one.original)}-]" if one.original else ""
    inserted = f"{{+{_cut(one.copy)}+}}" if one.copy else ""
    return f"  {label}, {place}: …{one.before}{removed}{inserted}{one.after}…"


def _cut(text: str) -> str:
    flat = text.replace("\n", "⏎")
    return flat if len(flat) <= SHOWN else f"{flat[: SHOWN // 2]} … ({len(flat)} characters) … {flat[-SHOWN // 2 :]}"
