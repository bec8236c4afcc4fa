"""Work handed from a process that finds the data folder held to the one that holds it, through the store."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from crawler.crawl.backfill import BackfillOptions
from crawler.crawl.rechecking import recheck
from crawler.crawl.section import PollOptions, SectionReport, report_data
from crawler.exceptions import PortalwatchError, StorageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from crawler.portals import Portal, Section
    from crawler.store import HandedJob, Store
    from crawler.watch.process import Process

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.5
"""Seconds between looks at the store for handed work or its progress."""
TELL_EVERY = 1.0
"""Seconds between two notes of how far a handed backfill is."""


async def serve_jobs(process: Process) -> None:
    """Run what other processes hand over, one after the other, until cancelled.

    Raises:
        StorageError: the store refused.

    """
    await release_jobs(process)
    try:
        while True:
            forget_ended(process)
            if not await serve_next(process):
                await asyncio.sleep(LOOK_EVERY)
    finally:
        handed, process.handed_backfills = process.handed_backfills, set()
        for task in handed:
            task.cancel()
        await asyncio.gather(*handed, return_exceptions=True)


async def release_jobs(process: Process) -> None:
    """Put jobs back that an earlier process, or this one before its store refused, had begun.

    Raises:
        StorageError: the store refused.

    """
    await process.store.jobs.release_running()


def forget_ended(process: Process) -> None:
    """Let go of handed backfills that have ended.

    Raises:
        StorageError: the store refused one of them.

    """
    for task in [task for task in process.handed_backfills if task.done()]:
        process.handed_backfills.discard(task)
        task.result()


async def serve_next(process: Process) -> bool:
    """Run the next handed job, if there is one; a backfill is only begun.

    Raises:
        StorageError: the store refused.

    """
    async with process.handed:
        job = await process.store.jobs.claim(time.time())
        if job is None:
            return False
        if job.command == "backfill":
            process.handed_backfills.add(asyncio.get_running_loop().create_task(_serve(process, job, _backfill)))
        else:
            await _serve(process, job, _recheck if job.command == "recheck" else _run)
        return True


async def _serve(
    process: Process, job: HandedJob, run: Callable[[Process, HandedJob], Awaitable[dict[str, Any]]]
) -> None:
    try:
        result = await run(process, job)
    except StorageError:
        raise
    except PortalwatchError as error:
        result = {"error": str(error), "exit_status": error.exit_status}
    await process.store.jobs.finish(job.id, result, time.time())


def _targets(process: Process, job: HandedJob) -> list[tuple[Portal, Section]]:
    return [pair for target in job.arguments["targets"] for pair in process.registry.resolve(str(target))]


async def _backfill(process: Process, job: HandedJob) -> dict[str, Any]:
    arguments, targets = job.arguments, _targets(process, job)
    options = BackfillOptions(
        since=arguments.get("since"),
        until=arguments.get("until"),
        retry_rejected=bool(arguments.get("retry_rejected")),
        attachments=bool(arguments.get("attachments")),
    )
    done: list[dict[str, Any]] = []
    running: dict[str, dict[str, Any]] = {}

    async def tell() -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            progress = {"sections": list(done), "running": list(running.values())}
            await process.store.jobs.progress(job.id, progress, time.time())

    telling = asyncio.get_running_loop().create_task(tell())
    try:
        reports = await process.backfill(
            targets, options, lambda report: running.update({report.name: report.data()}), done.append
        )
    finally:
        telling.cancel()
        await asyncio.wait([telling])
    await process.write_out()
    return {"sections": reports}


async def _recheck(process: Process, job: HandedJob) -> dict[str, Any]:
    article = str(job.arguments["article"])
    answer = await recheck(process.sections.fetcher, process.store, process.config, process.registry, article)
    process.woken.set()
    await process.write_out()
    return answer


async def _run(process: Process, job: HandedJob) -> dict[str, Any]:
    arguments = job.arguments
    targets = _targets(process, job)
    options = PollOptions(
        since=arguments.get("since"), max_pages=arguments.get("max_pages"), alerts=bool(arguments.get("alerts", True))
    )
    done: list[dict[str, Any]] = []
    pending: set[asyncio.Task[None]] = set()

    def on_done(report: SectionReport) -> None:
        done.append(report_data(report))
        task = asyncio.get_running_loop().create_task(
            process.store.jobs.progress(job.id, {"sections": list(done), "of": len(targets)}, time.time())
        )
        pending.add(task)
        task.add_done_callback(pending.discard)

    reports = await process.crawl(targets, options, on_done=on_done)
    if pending:
        await asyncio.gather(*pending)
    await process.write_out()
    return {"sections": [report_data(report) for report in reports]}


async def follow(
    store: Store,
    arguments: dict[str, Any],
    *,
    on_progress: Callable[[dict[str, Any]], None],
    holder_is_gone: Callable[[], bool],
    command: str = "crawl",
    on_running: Callable[[list[dict[str, Any]]], None] | None = None,
) -> dict[str, Any] | None:
    """Hand a crawl or backfill over and wait for its result; null if the holder went away before it was done.

    `on_progress` gets each section that is done, `on_running` how far a backfill's sections are.

    Raises:
        StorageError: the store refused.

    """
    number = await store.jobs.submit(command, arguments, time.time())
    told = 0
    while True:
        job = await store.jobs.get(number)
        if job is None:
            return None
        sections = (job.progress or {}).get("sections", [])
        for section in sections[told:]:
            on_progress(section)
        told = max(told, len(sections))
        if on_running is not None:
            on_running((job.progress or {}).get("running", []))
        if job.state == "done":
            return job.result or {}
        if holder_is_gone():
            await store.jobs.finish(number, {"error": "the process that took this over ended"}, time.time())
            return None
        await asyncio.sleep(LOOK_EVERY)
