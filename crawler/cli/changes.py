"""`portalwatch changes`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from crawler.cli.common import Workplace, common, run_async, write_line
from crawler.text.dates import SHANGHAI
from crawler.text.since import parse_day

if TYPE_CHECKING:
    from crawler.store import Event

TYPES = ("published", "revised", "withdrawn", "back-dated", "relinked", "reprocessed")
BACK_DATED = timedelta(days=7)
"""A post that prints a day this long before it appeared in a section that is being watched was dated back; posts that
wait for an approval over a holiday appear within the week."""
BATCH = 500


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET...]")
@click.option("--since", help="from this day on, e.g. 2025-06-01 or 7d")
@click.option("--type", "types", type=click.Choice(TYPES), multiple=True, help="only these; may repeat")
@click.option("--limit", type=click.IntRange(min=1, max=100_000), default=100, show_default=True)
@common
def changes(
    place: Workplace, *, targets: tuple[str, ...], since: str | None, types: tuple[str, ...], limit: int
) -> None:
    """What was published, revised, withdrawn and back-dated, newest first."""
    start = None
    if since is not None:
        start = datetime.combine(date.fromisoformat(parse_day(since, datetime.now(UTC))), datetime.min.time(), SHANGHAI)
    chosen = {(portal.id, section.id) for portal, section in place.registry.resolve_all(targets)} if targets else None
    run_async(lambda: _changes(place, chosen, None if start is None else start.timestamp(), set(types), limit))


async def _changes(
    place: Workplace, sections: set[tuple[str, str]] | None, since: float | None, types: set[str], limit: int
) -> None:
    from crawler.reading.record import encode  # noqa: PLC0415
    from crawler.store import Store  # noqa: PLC0415 - SQLAlchemy is imported only where there is a store

    kinds = {"published" if name == "back-dated" else name for name in types} or None
    # Which posts were dated back is not in the database: more events are read than are shown.
    wanted = limit if "back-dated" not in types else max(limit, BATCH) * 20
    async with await Store.open(place.database_url(), read_only=True) as store:
        events = await store.events.since(since, sections=sections, types=kinds, limit=wanted)
    shown = [event for event in events if not types or types & {event.type, _mark(event)}][:limit]
    for event in shown:
        if place.json:
            write_line(encode(event.record))
        else:
            click.echo(_line(event))
    if not shown:
        click.echo("portalwatch: nothing has changed", err=True)


def _mark(event: Event) -> str:
    """`back-dated` for a post that prints a day long before it appeared; else the event's type."""
    printed = event.record.published_at
    if event.type != "published" or not event.alert or not printed:
        return event.type
    try:
        day = date.fromisoformat(printed[:10])
    except ValueError:
        return event.type
    return "back-dated" if datetime.fromtimestamp(event.at, SHANGHAI).date() - day >= BACK_DATED else event.type


def _line(event: Event) -> str:
    record = event.record
    when = datetime.fromtimestamp(event.at, SHANGHAI).strftime("%Y-%m-%d %H:%M")
    mark = _mark(event)
    told = [record.title or "(no title)"]
    if event.changes:
        told.append(f"({', '.join(event.changes)})")
    if mark == "back-dated":
        told.append(f"(dated {(record.published_at or '')[:10]})")
    if record.duplicate_of is not None:
        told.append(f"(reprint of {record.duplicate_of})")
    section = f"{record.portal}/{record.sections[0]}" if record.sections else record.portal
    return f"{when}  {mark:11} {section}  {record.id}  {' '.join(told)}"
