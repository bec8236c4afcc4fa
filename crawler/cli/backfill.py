"""`portalwatch backfill`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.common import Workplace, common, run_async
from crawler.exceptions import StorageError, UsageError

if TYPE_CHECKING:
    from crawler.crawl.backfill import BackfillOptions
    from crawler.portals.registry import Targets


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--since", metavar="D", help="only entries published since 2025-06-01, or 7d")
@click.option("--until", metavar="D", help="only entries published until then, that day included")
@click.option("--plan", "only_plan", is_flag=True, help="say requests, hours and bytes; store nothing")
@click.option("--report", "only_report", is_flag=True, help="print the last completeness report; no request")
@click.option("--retry-rejected", is_flag=True, help="try entries again that were given up")
@click.option("--attachments", is_flag=True, help="fetch attachments too, into the data folder")
@common
def backfill(
    place: Workplace,
    *,
    targets: tuple[str, ...],
    since: str | None,
    until: str | None,
    only_plan: bool,
    only_report: bool,
    retry_rejected: bool,
    attachments: bool,
) -> int:
    """The whole history of sections, newest first; goes on where it stopped. Never alerts.

    TARGET is portal, portal/section, kind:policy or all; Chinese names too. Ends with a completeness report a section.
    """
    from crawler.text.since import parse_day  # noqa: PLC0415

    chosen = place.registry.resolve_all(targets)
    now = datetime.now(UTC)
    first, last = (parse_day(day, now) if day else None for day in (since, until))
    if first is not None and last is not None and first > last:
        raise UsageError(f"--since {first} is later than --until {last}: exchange them")
    if only_plan and only_report:
        raise UsageError("--plan and --report exclude each other: the one looks ahead, the other back")
    result: int
    if only_report:
        result = run_async(lambda: _report(place, chosen))
        return result
    if only_plan:
        result = run_async(lambda: _plan(place, chosen, first, last))
        return result
    from crawler.crawl.backfill import BackfillOptions  # noqa: PLC0415 - Scrapy is imported only by what crawls

    options = BackfillOptions(since=first, until=last, retry_rejected=retry_rejected, attachments=attachments)
    place.folder.create()
    result = run_async(lambda: _backfill(place, targets, chosen, options))
    return result


async def _backfill(place: Workplace, targets: tuple[str, ...], chosen: Targets, options: BackfillOptions) -> int:
    from crawler.cli.backfill_progress import show_progress  # noqa: PLC0415

    quiet = place.verbosity < 0 or place.json
    while True:
        with place.folder.hold("backfill") as holder, show_progress(len(chosen), quiet=quiet) as show:
            if holder is None:
                from crawler.watch.process import open_process  # noqa: PLC0415

                async with open_process(place.folder, place.config, place.registry) as process:
                    reports = await process.backfill(
                        chosen, options, lambda progress: show.update([progress.data()]), show.done
                    )
                    named = await _with_rejections(process.store, chosen, reports)
                    await process.settle()
                return _tell(place, named)
        handed = await _backfill_there(place, targets, chosen, options)
        if handed is not None:
            return _tell(place, handed)


async def _backfill_there(
    place: Workplace, targets: tuple[str, ...], chosen: Targets, options: BackfillOptions
) -> list[dict[str, Any]] | None:
    """Hand the backfill to the process that holds the folder; null if that one went away first."""
    from crawler.cli.backfill_progress import show_progress  # noqa: PLC0415
    from crawler.store import Store  # noqa: PLC0415
    from crawler.watch.handover import follow  # noqa: PLC0415
    from crawler.watch.process import database_url  # noqa: PLC0415

    holder = place.folder.holder()
    if place.verbosity >= 0:
        click.echo(
            f"portalwatch: {holder.command} (process {holder.pid}) holds {place.folder.path}; it takes this backfill"
            " over, and goes on with it if this command is interrupted",
            err=True,
        )
    arguments = {
        "targets": list(targets),
        "since": options.since,
        "until": options.until,
        "retry_rejected": options.retry_rejected,
        "attachments": options.attachments,
    }
    store = await Store.open(database_url(place.folder, place.config))
    try:
        with show_progress(len(chosen), quiet=place.verbosity < 0 or place.json) as show:
            result = await follow(
                store,
                arguments,
                on_progress=show.done,
                holder_is_gone=lambda: not place.folder.held(),
                command="backfill",
                on_running=show.update,
            )
        if result is None:
            return None
        if result.get("error"):
            status = int(result.get("exit_status", 1))
            raise (UsageError if status == 2 else StorageError)(str(result["error"]))
        return await _with_rejections(store, chosen, result["sections"])
    finally:
        await store.close()


async def _with_rejections(store: Any, chosen: Targets, reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from crawler.crawl.completeness import with_rejections  # noqa: PLC0415

    named = []
    for (portal, section), report in zip(chosen, reports, strict=True):
        state = await store.sections.open(portal.id, section.id)
        latest = await store.backfills.latest(state.id)
        named.append(await with_rejections(store, latest, report))
    return named


async def _report(place: Workplace, chosen: Targets) -> int:
    from crawler.crawl.completeness import kept_report  # noqa: PLC0415
    from crawler.store import Store  # noqa: PLC0415

    store = await Store.open(place.database_url(), read_only=True)
    try:
        now = datetime.now(UTC).timestamp()
        known = {(state.portal, state.section): state.id for state in await store.sections.all()}
        reports = []
        for portal, section in chosen:
            name, number = f"{portal.id}/{section.id}", known.get((portal.id, section.id))
            found = None if number is None else await kept_report(store, name, number, now)
            if found is not None:
                reports.append(found)
            elif len(chosen) == 1:
                raise UsageError(f"{name}: no backfill yet; `portalwatch backfill {name}` begins one")
    finally:
        await store.close()
    if not reports and not place.json:
        click.echo("no backfill of these sections yet; without --report one begins")
    return _tell(place, reports)


async def _plan(place: Workplace, chosen: Targets, since: str | None, until: str | None) -> int:
    import asyncio  # noqa: PLC0415

    from crawler.cli.backfill_text import plan_line, plan_total  # noqa: PLC0415
    from crawler.crawl.plan import plan_section  # noqa: PLC0415
    from crawler.crawl.resident import resident_crawler  # noqa: PLC0415
    from crawler.store import Store  # noqa: PLC0415

    stored = place.config.database is not None or (place.folder.path / "portalwatch.db").is_file()
    store = await Store.open(place.database_url(), read_only=True) if stored else None
    try:
        async with resident_crawler(place.config) as fetcher:
            waiting = (
                plan_section(fetcher, store, place.config, portal, section, since=since, until=until)
                for portal, section in chosen
            )
            plans = await asyncio.gather(*waiting)
    finally:
        if store is not None:
            await store.close()
    data = [plan.data() for plan in plans]
    for one in data:
        if place.json:
            place.print_json(one)
        else:
            click.echo(plan_line(one))
    if not place.json and len(data) > 1:
        click.echo(plan_total(data))
    return int(any(plan.error for plan in plans))


def _tell(place: Workplace, reports: list[dict[str, Any]]) -> int:
    from crawler.cli.backfill_text import report_lines, report_total  # noqa: PLC0415

    failed = False
    for report in reports:
        failed = failed or not report["complete"] or bool(report["rejected"])
        if place.json:
            place.print_json(report)
            continue
        for line in report_lines(report):
            click.echo(line)
    if not place.json and len(reports) > 1:
        click.echo(report_total(reports))
    return int(failed)
