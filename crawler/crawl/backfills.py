"""Several backfills at once: portals side by side, the sections of one portal one after the other."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from crawler.crawl.backfill import BackfillJob, BackfillOptions, BackfillProgress
from crawler.crawl.drain import side_by_side
from crawler.crawl.run import MAX_PORTALS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from crawler.config import Config
    from crawler.crawl.fetch import Fetcher
    from crawler.portals import Portal, Section
    from crawler.store import Store


class Backfills:
    """Runs backfills for a process, beside its polls: both share a host's one queue of requests, and neither waits.

    A poll would else wait for hours; it leaves alone what a backfill has listed and will fetch.
    """

    def __init__(self, fetcher: Fetcher, store: Store, config: Config, attachments: Path | None) -> None:
        self._fetcher = fetcher
        self._store = store
        self._config = config
        self._attachments = attachments
        self._portals: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._at_once = asyncio.Semaphore(MAX_PORTALS)

    def configure(self, config: Config) -> None:
        """Go on by another configuration, from the next backfill on."""
        self._config = config

    async def run(
        self,
        portal: Portal,
        section: Section,
        options: BackfillOptions,
        on_progress: Callable[[BackfillProgress], None] | None = None,
    ) -> dict[str, Any]:
        """Backfill one section; its completeness report.

        Raises:
            StorageError: the store or the folder of attachments refused.

        """
        job = BackfillJob(
            self._fetcher,
            self._store,
            self._config,
            portal,
            section,
            options,
            folder=self._attachments,
            on_progress=on_progress,
        )
        if on_progress is not None:
            on_progress(job.report)
        async with self._portals[portal.id], self._at_once:
            return await job.run()

    async def run_all(
        self,
        targets: Sequence[tuple[Portal, Section]],
        options: BackfillOptions,
        on_progress: Callable[[BackfillProgress], None] | None = None,
        on_done: Callable[[dict[str, Any]], None] | None = None,
    ) -> list[dict[str, Any]]:
        """Backfill several sections; reports in the order of the targets.

        Raises:
            StorageError: the store or the folder of attachments refused.

        """

        async def one(portal: Portal, section: Section) -> dict[str, Any]:
            report = await self.run(portal, section, options, on_progress)
            if on_done is not None:
                on_done(report)
            return report

        return await side_by_side(one(portal, section) for portal, section in targets)
