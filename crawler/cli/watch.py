"""`portalwatch watch`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crawler.cli.common import Workplace, common, run_async
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    from crawler.crawl.section import SectionReport
    from crawler.portals.registry import Targets


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET...]")
@common
def watch(place: Workplace, *, targets: tuple[str, ...]) -> None:
    """Poll sections on a schedule and alert, until SIGINT or SIGTERM. Targets default to watch.targets."""
    chosen = place.registry.resolve_all(targets or place.config.watch.targets)
    place.folder.create()
    run_async(lambda: _watch(place, chosen))


async def _watch(place: Workplace, chosen: Targets) -> None:
    from crawler.watch.process import open_process  # noqa: PLC0415 - Scrapy is imported only by commands that crawl
    from crawler.watch.schedule import Watcher  # noqa: PLC0415

    every = place.config.watch.every
    with place.folder.hold("watch") as holder:
        if holder is not None:
            raise UsageError(
                f"{place.folder.path}: already held by `{holder.command}` (process {holder.pid});"
                " stop that one first, or name another --data"
            )
        async with open_process(place.folder, place.config, place.registry) as process:
            watcher = Watcher(
                process,
                chosen,
                every=every,
                job_timeout=place.config.watch.job_timeout,
                on_report=lambda report: _tell(place, report),
            )
            if place.verbosity >= 0:
                click.echo(
                    f"portalwatch: watching {len(chosen)} sections, each every {every:.0f} s; ctrl-c ends it", err=True
                )
            await watcher.run()


def _tell(place: Workplace, report: SectionReport) -> None:
    """A line where something happened; quiet otherwise."""
    from crawler.cli.progress import summary  # noqa: PLC0415
    from crawler.crawl.section import report_data  # noqa: PLC0415

    if place.json:
        place.print_json(report_data(report))
    elif report.new or report.revised or report.withdrawn or report.failed or report.error or place.verbosity > 0:
        click.echo(summary(report_data(report)))
