"""`watch`: APScheduler polls each section on its own interval, on the process's loop, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from crawler.crawl.section import PollOptions, SectionReport
from crawler.exceptions import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crawler.portals import Portal, Section
    from crawler.watch.process import Process

logger = logging.getLogger(__name__)


class Watcher:
    """Polls sections until stopped.

    Jobs coalesce and never overlap themselves; a start that was missed is caught up however late (APScheduler's own
    grace of one
    second would drop it). The schedule lives in memory: what is known lives in the store, and a restart starts spread
    out again.
    """

    def __init__(
        self,
        process: Process,
        targets: Sequence[tuple[Portal, Section]],
        *,
        every: float,
        job_timeout: float,
        on_report: Callable[[SectionReport], None],
    ) -> None:
        self._process = process
        self._targets = targets
        self._every = every
        self._job_timeout = job_timeout
        self._on_report = on_report
        self._stop = asyncio.Event()
        self._failure: StorageError | None = None

    def stop(self) -> None:
        """Ask for a graceful end: nothing new is started, what runs is cancelled and saved as it is."""
        self._stop.set()

    async def run(self) -> None:
        """Poll until `stop` is called, or SIGINT or SIGTERM comes.

        Raises:
            StorageError: the store refused.

        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        scheduler = AsyncIOScheduler(timezone=UTC, event_loop=loop)
        now = datetime.now(UTC)
        for index, (portal, section) in enumerate(self._targets):
            scheduler.add_job(
                self._poll,
                IntervalTrigger(seconds=max(self._every, 0.1), timezone=UTC),
                args=(portal, section),
                id=f"{portal.id}/{section.id}",
                next_run_time=now + timedelta(seconds=self._every * index / len(self._targets)),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        scheduler.start()
        try:
            await self._stop.wait()
        finally:
            scheduler.shutdown(wait=False)
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
        if self._failure is not None:
            raise self._failure

    async def _poll(self, portal: Portal, section: Section) -> None:
        try:
            async with asyncio.timeout(self._job_timeout):
                report = await self._process.sections.poll(
                    portal, section, PollOptions(patient=True), lambda _: self._process.woken.set()
                )
        except TimeoutError:
            logger.warning(
                "%s/%s: the pass took longer than %.0f s and was cancelled; the next one goes on where it stopped",
                portal.id,
                section.id,
                self._job_timeout,
            )
        except StorageError as error:
            self._failure = error
            self._stop.set()
        else:
            self._on_report(report)
