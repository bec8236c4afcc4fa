"""`portalwatch status`."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.common import Workplace, common, run_async

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.store import Fault, SectionState, Store


@click.command()
@common
def status(place: Workplace) -> None:
    """Each section's verdict and since when, its last pass and last new entry, its next poll and why then.

    Every line ends with the next command to type.
    """
    run_async(lambda: _status(place))


async def _status(place: Workplace) -> None:
    from crawler.store import Store  # noqa: PLC0415 - SQLAlchemy is imported only where there is a store

    store = await Store.open(place.database_url(), read_only=True)
    try:
        faults = {(fault.scope, fault.name): fault for fault in await store.faults.open_ones()}
        watching = place.folder.path.is_dir() and place.folder.held() and place.folder.holder().command == "watch"
        sections = [await _section(store, state, faults, watching=watching) for state in await store.sections.all()]
        deliveries = await store.deliveries.counts()
    finally:
        await store.close()
    portals = [_fault(fault) for fault in faults.values() if fault.scope != "section"]
    if place.json:
        place.print_json(
            {
                "data": str(place.folder.path),
                "watching": watching,
                "faults": portals,
                "sections": sections,
                "deliveries": deliveries,
            }
        )
        return
    if not sections:
        click.echo("no section has been crawled yet; `portalwatch crawl TARGET` does")
    for fault in portals:
        name = fault["name"] or "all portals"
        click.echo(f"{name}: {fault['verdict']} since {fault['since']} · {fault['reason']} · next: {fault['next']}")
    for section in sections:
        click.echo(_line(section))
    if any(deliveries.values()):
        said = " · ".join(f"{count} {state}" for state, count in deliveries.items())
        command = "retry" if deliveries.get("dead") else "list"
        click.echo(f"deliveries: {said} · next: portalwatch alerts {command}")


def _fault(fault: Fault) -> dict[str, Any]:
    from crawler.health import advice  # noqa: PLC0415

    return {
        "scope": fault.scope,
        "name": fault.name,
        "verdict": fault.verdict,
        "reason": fault.reason,
        "since": time_text(fault.since),
        "sections": fault.data.get("sections", []),
        "next": advice(fault.verdict, fault.name),
    }


async def _section(
    store: Store, state: SectionState, faults: Mapping[tuple[Any, str], Fault], *, watching: bool
) -> dict[str, Any]:
    from crawler.health import advice, assess  # noqa: PLC0415
    from crawler.watch.memory import recall  # noqa: PLC0415

    name = f"{state.portal}/{state.section}"
    now = time.time()
    memory = await recall(store, state, now)
    found = assess(memory.history(now))
    verdict, reason, since = found.verdict, found.reason, found.since if found.bad else None
    command = advice(verdict, name)
    portal = faults.get(("portal", state.portal))
    if (own := faults.get(("section", name))) is not None:
        since = own.since
    elif portal is not None and found.bad:
        reason, since = f"with its portal: {reason}", portal.since
    paused = state.paused_until is not None and state.paused_until > now
    counts = await store.ledger.counts(state.id)
    if paused:
        command = advice("paused", name)
    elif found.verdict == "healthy" and counts.get("pending"):
        command = f"portalwatch crawl {name}"
    return {
        "section": name,
        "verdict": verdict,
        "reason": reason or None,
        "since": time_text(since),
        "confirmed": found.confirmed or own is not None,
        "paused": paused,
        "paused_until": time_text(state.paused_until) if paused else None,
        "last_success_at": time_text(state.last_success_at),
        "last_new_at": time_text(state.last_new_at),
        "error": memory.runs[0].error if memory.runs else None,
        "entries": counts,
        "next_attempt_at": time_text(await store.ledger.next_attempt_at(state.id)),
        "next_poll_at": time_text(state.next_poll_at) if watching else None,
        "next_poll_why": state.next_poll_why if watching else "no watch is running",
        "next": command,
    }


def _line(section: dict[str, Any]) -> str:
    counts = section["entries"]
    parts = [f"{section['section']}: {section['verdict']}"]
    if section["since"]:
        parts[0] += f" since {section['since']}" + ("" if section["confirmed"] else ", not sure yet")
    if section["reason"]:
        parts.append(section["reason"])
    if section["paused"]:
        parts.append(f"paused until {section['paused_until'] or 'resumed'}")
    parts += [
        f"last success {section['last_success_at'] or 'never'}",
        f"last new {section['last_new_at'] or 'never'}",
        f"{counts.get('stored', 0)} stored",
    ]
    if counts.get("pending"):
        parts.append(f"{counts['pending']} pending")
    if counts.get("rejected"):
        parts.append(f"{counts['rejected']} rejected")
    at = section["next_poll_at"]
    parts.append(f"next poll {at}: {section['next_poll_why']}" if at else f"next poll none: {section['next_poll_why']}")
    parts.append(f"next: {section['next']}")
    return " · ".join(parts)


def time_text(moment: float | None) -> str | None:
    """UTC epoch seconds as `2025-06-18T01:30:00Z`; null for null, and for a time without end."""
    if moment is None or not math.isfinite(moment):
        return None
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
