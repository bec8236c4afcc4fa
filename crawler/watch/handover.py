"""Work handed from a process that finds the data folder held to the one that holds it, through the store."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from crawler.crawl.section import PollOptions, SectionReport, report_data
from crawler.exceptions import PortalwatchError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.store import HandedJob, Store
    from crawler.watch.process import Process

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.5
"""Seconds between looks at the store for handed work or its progress."""


async def serve_jobs(process: Process) -> None:
    """Run what other processes hand over, one after the other, until cancelled.

    Raises:
        StorageError: the store refused.

    """
    await process.store.jobs.release_running()
    while True:
        if not await serve_next(process):
            await asyncio.sleep(LOOK_EVERY)


async def serve_next(process: Process) -> bool:
    """Run the next handed job, if there is one.

    Raises:
        StorageError: the store refused.

    """
    async with process.handed:
        job = await process.store.jobs.claim(time.time())
        if job is None:
            return False
        try:
            result = await _run(process, job)
        except StorageError:
            raise
        except PortalwatchError as error:
            result = {"error": str(error), "exit_status": error.exit_status}
        await process.store.jobs.finish(job.id, result, time.time())
        return True


async def _run(process: Process, job: HandedJob) -> dict[str, Any]:
    arguments = job.arguments
    targets = [pair for target in arguments["targets"] for pair in process.registry.resolve(str(target))]
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
    for sink in process.sinks:
        await sink.drain()
    return {"sections": [report_data(report) for report in reports]}


async def follow(
    store: Store,
    arguments: dict[str, Any],
    *,
    on_progress: Callable[[dict[str, Any]], None],
    holder_is_gone: Callable[[], bool],
) -> dict[str, Any] | None:
    """Hand a crawl over and wait for its result; null if the holder went away before it was done.

    Raises:
        StorageError: the store refused.

    """
    number = await store.jobs.submit("crawl", arguments, time.time())
    told = 0
    while True:
        job = await store.jobs.get(number)
        if job is None:
            return None
        sections = (job.progress or {}).get("sections", [])
        for section in sections[told:]:
            on_progress(section)
        told = max(told, len(sections))
        if job.state == "done":
            return job.result or {}
        if holder_is_gone():
            await store.jobs.finish(number, {"error": "the process that took this over ended"}, time.time())
            return None
        await asyncio.sleep(LOOK_EVERY)
