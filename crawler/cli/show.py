"""`portalwatch show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crawler.cli.common import Workplace, common, run_async, write_line
from crawler.exceptions import PortalwatchError

if TYPE_CHECKING:
    from crawler.items import Record


@click.command()
@click.argument("article", metavar="ID|URL")
@click.option("--diff", "number", type=click.IntRange(min=2), metavar="N", help="what revision N changed")
@common
def show(place: Workplace, *, article: str, number: int | None) -> None:
    """One article as it is known now, its revisions, and the reprints of its story."""
    run_async(lambda: _show(place, article, number))


async def _show(place: Workplace, article: str, number: int | None) -> None:
    from crawler.reading.record import encode  # noqa: PLC0415
    from crawler.store import Store  # noqa: PLC0415 - SQLAlchemy is imported only where there is a store
    from crawler.text.urls import canonical_url, url_key  # noqa: PLC0415

    store = await Store.open(place.database_url(), read_only=True)
    try:
        if "://" in article:
            record = await store.articles.by_url(url_key(canonical_url(article)))
        else:
            record = await store.articles.get(article)
        if record is None:
            raise PortalwatchError(
                f"{article}: no such article in {place.folder.path}; `portalwatch status` lists what is there"
            )
        revisions = await store.articles.revisions(record.id)
        story = await store.articles.story(record.id)
    finally:
        await store.close()
    if number is not None:
        from crawler.cli.diff import print_diff  # noqa: PLC0415 - loads rapidfuzz

        print_diff(place, revisions, number)
        return
    if place.json:
        for revision in revisions:
            write_line(encode(revision))
        return
    _print(record, revisions, story)


def _print(record: Record, revisions: list[Record], story: list[Record]) -> None:
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
