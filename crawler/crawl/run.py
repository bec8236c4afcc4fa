"""Several section jobs at once: portals side by side, the sections of one portal one after the other."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from crawler.crawl.drain import side_by_side
from crawler.crawl.section import PollOptions, SectionJob, SectionReport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crawler.config import Config
    from crawler.crawl.fetch import Fetcher
    from crawler.portals import Portal, Section
    from crawler.store import Store

MAX_PORTALS = 32
"""Portals crawled at once; one waits for another only beyond this."""


class Sections:
    """Runs section jobs for a process; a portal's sections never run at the same time, whoever asks."""

    clock: Callable[[], float]
    """UTC epoch seconds, of every pass."""

    def __init__(self, fetcher: Fetcher, store: Store, config: Config) -> None:
        self.clock = time.time
        self._fetcher = fetcher
        self._store = store
        self._config = config
        self._portals: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._at_once = asyncio.Semaphore(MAX_PORTALS)

    def configure(self, config: Config) -> None:
        """Go on by another configuration, from the next pass on."""
        self._config = config
        self._fetcher.configure(config)

    @property
    def fetcher(self) -> Fetcher:
        """What fetches, for those who only want to look at a page."""
        return self._fetcher

    async def poll(
        self,
        portal: Portal,
        section: Section,
        options: PollOptions,
        on_progress: Callable[[SectionReport], None] | None = None,
        *,
        limit: float | None = None,
    ) -> SectionReport:
        """One pass over one section, cancelled after `limit` seconds, not counting the wait for its portal's others.

        Raises:
            StorageError: the store refused.
            TimeoutError: the limit was reached; what was committed stays.

        """
        async with self._portals[portal.id], self._at_once, asyncio.timeout(limit):
            job = SectionJob(
                self._fetcher,
                self._store,
                self._config,
                portal,
                section,
                options,
                clock=self.clock,
                on_progress=on_progress,
            )
            return await job.run()

    async def poll_all(
        self,
        targets: Sequence[tuple[Portal, Section]],
        options: PollOptions,
        on_progress: Callable[[SectionReport], None] | None = None,
        on_done: Callable[[SectionReport], None] | None = None,
    ) -> list[SectionReport]:
        """One pass over several sections; reports in the order of the targets.

        Raises:
            StorageError: the store refused.

        """

        async def one(portal: Portal, section: Section) -> SectionReport:
            report = await self.poll(portal, section, options, on_progress)
            if on_done is not None:
                on_done(report)
            return report

        return await side_by_side(one(portal, section) for portal, section in targets)
