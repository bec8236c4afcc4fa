"""`portalwatch watch`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from crawler.cli.common import Workplace, common, run_async
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    from crawler.config import Watch
    from crawler.crawl.section import SectionReport
    from crawler.portals.registry import Targets
    from crawler.watch.schedule import Reread


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET...]")
@common
def watch(place: Workplace, *, targets: tuple[str, ...]) -> None:
    """Poll sections on a schedule and alert, until SIGINT or SIGTERM. Targets default to watch.targets."""
    chosen = place.registry.resolve_all(targets or place.config.watch.targets)
    place.folder.create()
    # Before the loop is entered: what is there then is never looked through for garbage.
    import crawler.watch.process  # noqa: PLC0415
    import crawler.watch.schedule  # noqa: F401, PLC0415

    run_async(lambda: _watch(place, chosen, targets))


async def _watch(place: Workplace, chosen: Targets, given: tuple[str, ...]) -> None:
    from crawler.watch.process import open_process  # noqa: PLC0415 - Scrapy is imported only by commands that crawl
    from crawler.watch.schedule import Watcher  # noqa: PLC0415

    settings = place.config.watch
    with place.folder.hold("watch") as holder:
        if holder is not None:
            raise UsageError(
                f"{place.folder.path}: already held by `{holder.command}` (process {holder.pid});"
                " stop that one first, or name another --data"
            )
        async with open_process(place.folder, place.config, place.registry, patient=True) as process:
            watcher = Watcher(
                process,
                chosen,
                settings,
                on_report=lambda report: _tell(place, report),
                on_start=lambda: _say_what(place, len(chosen), settings),
                reload=lambda: _read_again(place, given),
                guard=True,
            )
            await watcher.run()


def _say_what(place: Workplace, count: int, settings: Watch) -> None:
    if place.verbosity >= 0:
        click.echo(f"portalwatch: watching {count} sections, {_pace(settings)}; ctrl-c ends it", err=True)


def _pace(settings: Watch) -> str:
    if settings.every is not None:
        return f"each every {settings.every:.0f} s"
    if settings.cron is not None:
        return f"at {settings.cron}"
    if isinstance(settings.budget, int):
        return f"{settings.budget} polls a day where something is likely to be new"
    return f"each every {settings.budget} on average, where something is likely to be new"


def _read_again(place: Workplace, given: tuple[str, ...]) -> Reread:
    """The configuration and the portal files as they are now, on SIGHUP."""
    from crawler.watch.schedule import Reread  # noqa: PLC0415

    fresh = Workplace(place.config_path, place.data, place.portals, place.json, place.verbosity)
    config, registry = fresh.config, fresh.registry
    return Reread(config, registry, registry.resolve_all(given or config.watch.targets))


def _tell(place: Workplace, report: SectionReport) -> None:
    """A line where something happened; quiet otherwise, and when the reader of stdout has gone away."""
    from crawler.cli.progress import summary  # noqa: PLC0415
    from crawler.crawl.section import report_data  # noqa: PLC0415

    try:
        if place.json:
            place.print_json(report_data(report))
        elif report.new or report.revised or report.withdrawn or report.failed or report.error or place.verbosity > 0:
            click.echo(summary(report_data(report)))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
