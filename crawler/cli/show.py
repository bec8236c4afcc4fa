"""`portalwatch show`."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from crawler.cli.common import Workplace, common, run_async, write_line
from crawler.exceptions import PortalwatchError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.items import Record
    from crawler.store import KeptPage, Store


@click.command()
@click.argument("article", metavar="ID|URL")
@click.option("--diff", "number", type=click.IntRange(min=2), metavar="N", help="what revision N changed")
@click.option("--evidence", type=click.Path(path_type=Path), metavar="FILE", help="write an evidence pack (a zip)")
@common
def show(place: Workplace, *, article: str, number: int | None, evidence: Path | None) -> int:
    """One article as it is known now, its revisions, and the reprints of its story.

    --evidence writes what the portal answered, with headers, as WARC, the record, revisions, differences and times,
    with SHA-256 sums that `sha256sum -c` checks.
    """
    status: int = run_async(lambda: _show(place, article, number, evidence))
    return status


async def find(store: Store, article: str, place: Workplace) -> Record:
    """The article that a user names by id or address.

    Raises:
        PortalwatchError: there is none.

    """
    from crawler.text.urls import canonical_url, url_key  # noqa: PLC0415

    if "://" in article:
        record = await store.articles.by_url(url_key(canonical_url(article)))
    else:
        record = await store.articles.get(article)
    if record is None:
        raise PortalwatchError(
            f"{article}: no such article in {place.folder.path}; `portalwatch status` lists what is there"
        )
    return record


async def _show(place: Workplace, article: str, number: int | None, evidence: Path | None) -> int:
    from crawler.store import Store  # noqa: PLC0415 - SQLAlchemy is imported only where there is a store

    async with await Store.open(place.database_url(), read_only=True, raw=place.folder.raw) as store:
        record = await find(store, article, place)
        revisions = await store.articles.revisions(record.id)
        if evidence is not None:
            return await _write_evidence(place, store, record, revisions, evidence)
        story = await store.articles.story(record.id)
        pages = await store.raw.pages(record.id)
    if number is not None:
        from crawler.cli.diff import print_diff  # noqa: PLC0415 - loads rapidfuzz

        print_diff(place, revisions, number)
    elif place.json:
        _print_json(record, revisions, story, pages)
    else:
        _print(record, revisions, story, pages)
    return 0


async def _write_evidence(place: Workplace, store: Store, record: Record, revisions: list[Record], path: Path) -> int:
    from crawler.output.evidence import Evidence, write_evidence  # noqa: PLC0415 - loads rapidfuzz

    history = await store.articles.history(record.id)
    pages = await store.raw.pages(record.id)
    lacks = write_evidence(path, Evidence(record, revisions, history, pages), store.raw.read, time.time())
    if not pages:
        lacks.append("no answer of the portal was kept of this article")
    for line in lacks:
        click.echo(f"portalwatch: not in it: {line}", err=True)
    if place.json:
        place.print_json({"id": record.id, "evidence": str(path), "answers": len(pages), "lacking": lacks})
    else:
        count = f"{len(pages)} answers, {len(revisions)} revisions"
        click.echo(f"{path}: {count}; unpacked, `sha256sum -c SHA256SUMS` checks it")
    return int(bool(lacks))


def _print_json(record: Record, revisions: list[Record], story: list[Record], pages: Sequence[KeptPage]) -> None:
    """Each revision as its record, a line each; the last line has besides what is known now."""
    from crawler.reading.record import encode  # noqa: PLC0415

    for revision in revisions[:-1]:
        write_line(encode(revision))
    last: dict[str, Any] = orjson.loads(encode(record))
    last["answers"] = [
        {
            "at": datetime.fromtimestamp(one.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "revision": one.revision or None,
            "part": one.part,
            "status": one.status,
            "url": one.url,
        }
        for one in pages
    ]
    last["story"] = _story_json(story) if len(story) > 1 else None
    write_line(orjson.dumps(last))


def _story_json(story: list[Record]) -> dict[str, Any]:
    """The reprint tree as JSON: the original, then who followed after how many seconds, with what in other words."""
    from crawler.compare import appeared, wording  # noqa: PLC0415 - loads rapidfuzz

    original, *reprints = story
    facts = ("id", "url", "portal", "portal_name", "title", "published_at", "first_seen_at", "withdrawn_at")
    members = [{name: getattr(one, name) for name in facts} for one in reprints]
    for member, one in zip(members, reprints, strict=True):
        member["later"] = max(0.0, appeared(one) - appeared(original))
        member["wording"] = wording(original, one)
    return {"original": {name: getattr(original, name) for name in facts}, "reprints": members}


def _print(record: Record, revisions: list[Record], story: list[Record], pages: Sequence[KeptPage]) -> None:
    click.echo(record.title or "(no title)")
    sections = ", ".join(f"{record.portal}/{section}" for section in record.sections)
    click.echo(f"{record.portal_name} · {sections} · {record.kind} · {record.form}")
    facts = {
        "published": record.published_at,
        "source": record.source,
        "authors": "、".join(record.authors) or None,
        "document number": record.policy.doc_number if record.policy else None,
        "issuer": record.policy.issuer if record.policy else None,
        "first seen": record.first_seen_at,
        "fetched": record.fetched_at,
        "withdrawn": record.withdrawn_at,
        "reprint of": record.duplicate_of,
        "url": record.url,
        "id": record.id,
    }
    for name, value in facts.items():
        if value:
            click.echo(f"{name}: {value}")
    for attachment in record.attachments:
        click.echo(f"attachment: {attachment.name} {attachment.url}")
    click.echo(f"revisions: {len(revisions)}")
    for revision in revisions:
        click.echo(f"  {revision.revision}  {revision.fetched_at}  {revision.content_sha256[:12]}")
    if pages:
        click.echo(f"answers kept: {len(pages)} (--evidence FILE)")
    if len(story) > 1:
        _print_story(record, story)
    if record.body:
        click.echo(f"\n{record.body}")


def _print_story(record: Record, story: list[Record]) -> None:
    """The reprint tree: who was first, who followed after how long, and with what difference in wording."""
    from crawler.compare import appeared, wording  # noqa: PLC0415 - loads rapidfuzz

    original, *reprints = story
    click.echo(f"reprints: {len(reprints)}")
    click.echo(
        f"{_mark(original, record)} {original.published_at or original.first_seen_at}  {_where(original)}  original"
    )
    for reprint in reprints:
        later = _span(appeared(reprint) - appeared(original))
        click.echo(f"{_mark(reprint, record)}   └ +{later}  {_where(reprint)}  {wording(original, reprint)}")


def _mark(one: Record, shown: Record) -> str:
    return "*" if one.id == shown.id else " "


def _where(one: Record) -> str:
    return f"{one.portal_name} · {one.id} · {one.url}"


def _span(seconds: float) -> str:
    """A time in its two largest units: `3 d 4 h`, `2 h 5 min`, `0 min`."""
    minutes = max(0, round(seconds / 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return " ".join(parts[:2]) or "0 min"
