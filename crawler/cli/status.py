"""`portalwatch status`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.common import Workplace, common, run_async

if TYPE_CHECKING:
    from crawler.store import Run, SectionState, Store


@click.command()
@common
def status(place: Workplace) -> None:
    """Each section's last pass, last new article and what is pending; and pending deliveries."""
    run_async(lambda: _status(place))


async def _status(place: Workplace) -> None:
    from crawler.store import Store  # noqa: PLC0415 - SQLAlchemy is imported only where there is a store

    store = await Store.open(place.database_url(), read_only=True)
    try:
        sections = [await _section(store, state) for state in await store.sections.all()]
        deliveries = await store.deliveries.counts()
    finally:
        await store.close()
    if place.json:
        place.print_json({"data": str(place.folder.path), "sections": sections, "deliveries": deliveries})
        return
    if not sections:
        click.echo("no section has been crawled yet; `portalwatch crawl TARGET` does")
    for section in sections:
        click.echo(_line(section))
    for channel, counts in deliveries.items():
        click.echo(f"deliveries {channel}: {counts}")


async def _section(store: Store, state: SectionState) -> dict[str, Any]:
    run: Run | None = await store.runs.last(state.id)
    counts = await store.ledger.counts(state.id)
    return {
        "section": f"{state.portal}/{state.section}",
        "last_success_at": _time(state.last_success_at),
        "last_new_at": _time(state.last_new_at),
        "verdict": (run.verdict or "healthy") if run else "unknown",
        "error": run.error if run else None,
        "entries": counts,
        "next_attempt_at": _time(await store.ledger.next_attempt_at(state.id)),
    }


def _line(section: dict[str, Any]) -> str:
    counts = section["entries"]
    name = section["section"]
    parts = [
        f"{name}: {section['verdict']}",
        f"last success {section['last_success_at'] or 'never'}",
        f"last new {section['last_new_at'] or 'never'}",
        f"{counts.get('stored', 0)} stored",
    ]
    if counts.get("pending"):
        parts.append(f"{counts['pending']} pending: `portalwatch crawl {name}` retries them")
    if counts.get("rejected"):
        parts.append(f"{counts['rejected']} rejected")
    if section["error"]:
        parts.append(f"{section['error']}: `portalwatch crawl {name} -v` shows more")
    return " · ".join(parts)


def _time(moment: float | None) -> str | None:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment is not None else None
