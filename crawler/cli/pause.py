"""`portalwatch pause` and `portalwatch resume`."""

from __future__ import annotations

import time

import click

from crawler.cli.common import Workplace, common, run_async
from crawler.cli.status import time_text
from crawler.config import parse_duration
from crawler.exceptions import UsageError


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--for", "span", metavar="DURATION", help="such as 8h or 7d; without it until `resume`")
@common
def pause(place: Workplace, *, targets: tuple[str, ...], span: str | None) -> None:
    """Stop polling sections for a while, in a watch that runs as in those to come."""
    until: float | None = None
    if span is not None:
        try:
            until = time.time() + parse_duration(span)
        except ValueError as error:
            raise UsageError(f"--for {error}") from error
    run_async(lambda: _set(place, targets, until, paused=True))


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@common
def resume(place: Workplace, *, targets: tuple[str, ...]) -> None:
    """Poll sections again; a watch that runs notices within a minute."""
    run_async(lambda: _set(place, targets, None, paused=False))


async def _set(place: Workplace, targets: tuple[str, ...], until: float | None, *, paused: bool) -> None:
    from crawler.store import Store  # noqa: PLC0415 - SQLAlchemy is imported only where there is a store

    chosen = place.registry.resolve_all(targets)
    async with await Store.open(place.database_url()) as store:
        for portal, section in chosen:
            state = await store.sections.open(portal.id, section.id)
            if paused:
                await store.sections.pause(state.id, until)
            else:
                await store.sections.resume(state.id)
            name = f"{portal.id}/{section.id}"
            if place.json:
                place.print_json({"section": name, "paused": paused, "until": time_text(until)})
            elif paused:
                click.echo(f"{name}: paused until {time_text(until) or f'`portalwatch resume {name}`'}")
            else:
                click.echo(f"{name}: polled again")
