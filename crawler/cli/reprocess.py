"""`portalwatch reprocess`."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from crawler.cli.common import Workplace, common, is_terminal, run_async
from crawler.cli.progress import LINE_EVERY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crawler.crawl.rereading import RereadReport


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET...]")
@common
def reprocess(place: Workplace, *, targets: tuple[str, ...]) -> int:
    """Read stored pages again with today's code, offline; all of them, or those of some sections.

    What changes by our doing is an event `reprocessed`: no revision and no alert, and a new line in articles.jsonl. A
    run that is cut short goes on where it was.
    """
    chosen = [(portal.id, section.id) for portal, section in place.registry.resolve_all(targets)] if targets else None
    status: int = run_async(lambda: _reprocess(place, chosen))
    return status


async def _reprocess(place: Workplace, sections: list[tuple[str, str]] | None) -> int:
    from crawler.crawl.rereading import reprocess as read_again  # noqa: PLC0415 - loads the tables of restoration
    from crawler.output import JsonlSink  # noqa: PLC0415
    from crawler.store import Store  # noqa: PLC0415 - SQLAlchemy is imported only where there is a store

    url, output = place.database_url(), place.config.output
    with place.folder.hold("reprocess") as holder:
        async with await Store.open(url, raw=place.folder.raw, retention=place.config.retention.raw) as store:
            sink = None
            if holder is None:
                sink = JsonlSink(store, place.folder.articles, reprints=output.reprints, rotate=output.rotate)
                await sink.open()
            with _progress(quiet=place.verbosity < 0 or place.json) as tell:

                async def on_batch(report: RereadReport) -> None:
                    if sink is not None:
                        await sink.drain()
                    tell(report)

                try:
                    report = await read_again(store, place.registry, sections, on_batch=on_batch)
                finally:
                    if sink is not None:
                        await sink.close()
    if place.json:
        place.print_json(
            {
                "read": report.read,
                "reprocessed": report.changed,
                "failed": report.failed,
                "resumed": report.resumed,
                "problems": report.problems,
            }
        )
    else:
        for problem in report.problems[:5]:
            click.echo(f"  {problem}", err=True)
        if not report.read and not report.resumed:
            click.echo("portalwatch: no article has an answer kept that could be read again", err=True)
        click.echo(f"{report.read} read · {report.changed} reprocessed · {report.failed} failed")
        if holder is not None and report.changed:
            click.echo(
                f"portalwatch: {holder.command} (process {holder.pid}) writes their lines with its next poll", err=True
            )
    return int(bool(report.failed))


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[RereadReport], None]]:
    """A bar on a terminal, a line every few seconds elsewhere."""
    if quiet:
        yield lambda _: None
        return
    if is_terminal():
        from rich.console import Console  # noqa: PLC0415 - only on a terminal
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("articles", total=None)
            yield lambda report: bar.update(task, total=report.todo, completed=report.read)
        return
    told = time.monotonic()

    def line(report: RereadReport) -> None:
        nonlocal told
        if time.monotonic() - told >= LINE_EVERY:
            told = time.monotonic()
            click.echo(f"{report.read} of {report.todo} read, {report.changed} reprocessed", err=True)

    yield line
