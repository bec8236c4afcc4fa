"""`portalwatch check`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from crawler.cli.common import Workplace, common, run_async
from crawler.cli.status import time_text

if TYPE_CHECKING:
    from crawler.portals.registry import Targets
    from crawler.watch.checking import Checked
    from crawler.watch.memory import Memory


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET...]")
@common
def check(place: Workplace, *, targets: tuple[str, ...]) -> int:
    """Look at one list page of each section and say what is healthy and what is not, and why. Nothing is stored."""
    chosen = place.registry.resolve_all(targets or place.config.watch.targets)
    status: int = run_async(lambda: _check(place, chosen))
    return status


async def _check(place: Workplace, chosen: Targets) -> int:
    from crawler.crawl.resident import resident_crawler  # noqa: PLC0415 - Scrapy only where it crawls
    from crawler.watch.checking import check as check_all  # noqa: PLC0415

    memories = await _memories(place, chosen)
    async with resident_crawler(place.config) as fetcher:
        found = await check_all(fetcher, chosen, memories, time.time, lambda checked: _tell(place, checked))
    return int(any(checked.verdict != "healthy" for checked in found))


async def _memories(place: Workplace, chosen: Targets) -> dict[str, Memory]:
    """What is known of the sections from earlier runs, if there are any."""
    from crawler.store import Store  # noqa: PLC0415
    from crawler.watch.memory import recall  # noqa: PLC0415

    if place.config.database is None and not (place.folder.path / "portalwatch.db").is_file():
        return {}
    found = {}
    async with await Store.open(place.config.database or place.folder.database_url, read_only=True) as store:
        for portal, section in chosen:
            state = await store.sections.get(portal.id, section.id)
            if state is not None:
                found[f"{portal.id}/{section.id}"] = await recall(store, state, time.time())
    return found


def _tell(place: Workplace, checked: Checked) -> None:
    if place.json:
        place.print_json({**checked.data(), "since": time_text(checked.since)})
        return
    parts = [f"{checked.section}: {checked.verdict}"]
    if checked.since is not None:
        parts[0] += f" since {time_text(checked.since)}"
    if checked.reason:
        parts.append(checked.reason)
    if checked.entries:
        parts.append(f"{checked.entries} entries, the newest of {checked.newest or 'no date'}")
    parts.append(f"next: {checked.next}")
    click.echo(" · ".join(parts))
