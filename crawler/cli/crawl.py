"""`portalwatch crawl`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.common import Workplace, common, run_async
from crawler.exceptions import StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.crawl.section import PollOptions, SectionReport
    from crawler.portals.registry import Targets


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--since", metavar="D", help="only entries published since 2025-06-01, or 7d")
@click.option("--max-pages", type=click.IntRange(1, 10_000), metavar="N", help="at most N list pages a section")
@click.option("-o", "--output", metavar="FILE", help="append the records of this pass to FILE too; - is stdout")
@click.option("--no-alerts", is_flag=True, help="store what is new without alerting anybody")
@common
def crawl(
    place: Workplace,
    *,
    targets: tuple[str, ...],
    since: str | None,
    max_pages: int | None,
    output: str | None,
    no_alerts: bool,
) -> int:
    """One pass over sections: new and changed articles.

    TARGET is portal, portal/section, kind:policy or all; Chinese names too. The first pass of a section reads page 1
    of its list only.
    """
    from crawler.crawl.section import PollOptions  # noqa: PLC0415 - Scrapy is imported only by commands that crawl
    from crawler.text.since import parse_day  # noqa: PLC0415

    chosen = place.registry.resolve_all(targets)
    day = parse_day(since, datetime.now(UTC)) if since else None
    options = PollOptions(since=day, max_pages=max_pages, alerts=not no_alerts)
    place.folder.create()
    result: int = run_async(lambda: _crawl(place, targets, chosen, options, output))
    return result


async def _crawl(
    place: Workplace,
    targets: tuple[str, ...],
    chosen: Targets,
    options: PollOptions,
    output: str | None,
) -> int:
    from crawler.cli.progress import progress  # noqa: PLC0415

    quiet = place.verbosity < 0 or place.json
    while True:
        with place.folder.hold("crawl") as holder, progress(len(chosen), quiet=quiet) as (changed, ended):
            if holder is None:
                reports = await _crawl_here(place, chosen, options, output, changed, ended)
                return _tell(place, reports)
        sections = await _crawl_there(place, targets, options, output)
        if sections is not None:
            return _tell(place, sections)


async def _crawl_here(
    place: Workplace,
    chosen: Targets,
    options: PollOptions,
    output: str | None,
    changed: Callable[[SectionReport], None],
    ended: Callable[[SectionReport], None],
) -> list[dict[str, Any]]:
    from crawler.crawl.section import report_data  # noqa: PLC0415
    from crawler.watch.process import open_process  # noqa: PLC0415

    async with open_process(place.folder, place.config, place.registry, output=output) as process:
        reports = await process.crawl(chosen, options, changed, ended)
        await process.settle()
    return [report_data(report) for report in reports]


async def _crawl_there(
    place: Workplace, targets: tuple[str, ...], options: PollOptions, output: str | None
) -> list[dict[str, Any]] | None:
    """Hand the pass to the process that holds the folder; null if that one went away first."""
    from crawler.output import open_output  # noqa: PLC0415
    from crawler.store import Store  # noqa: PLC0415
    from crawler.watch.handover import follow  # noqa: PLC0415
    from crawler.watch.process import database_url  # noqa: PLC0415

    holder = place.folder.holder()
    if place.verbosity >= 0:
        click.echo(
            f"portalwatch: {holder.command} (process {holder.pid}) holds {place.folder.path}; it takes this pass over",
            err=True,
        )
    store = await Store.open(database_url(place.folder, place.config))
    try:
        sink = await open_output(store, output, place.config) if output else None
        arguments = {
            "targets": list(targets),
            "since": options.since,
            "max_pages": options.max_pages,
            "alerts": options.alerts,
        }
        result = await follow(store, arguments, on_progress=_line, holder_is_gone=lambda: not place.folder.held())
        if result is None:
            return None
        if result.get("error"):
            status = int(result.get("exit_status", 1))
            raise (UsageError if status == 2 else StorageError)(str(result["error"]))
        if sink is not None:
            await sink.drain()
    finally:
        await store.close()
    sections: list[dict[str, Any]] = result["sections"]
    return sections


def _line(section: dict[str, Any]) -> None:
    click.echo(f"{section['section']}: done", err=True)


def _tell(place: Workplace, sections: list[dict[str, Any]]) -> int:
    from crawler.cli.progress import summary  # noqa: PLC0415

    failed = False
    for section in sections:
        failed = failed or bool(section["error"] or section["failed"])
        if place.json:
            place.print_json(section)
            continue
        click.echo(summary(section))
        for problem in section["problems"][:5]:
            click.echo(f"  {problem}", err=True)
        if section["first_pass"] and section["more"] and not section["error"]:
            of = f" of {section['total']}" if section["total"] else ""
            click.echo(
                f"  first pass: page 1 only, {section['entries']}{of} entries;"
                f" `portalwatch backfill {section['section']}` fetches the rest",
                err=True,
            )
    return int(failed)
