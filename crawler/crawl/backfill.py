"""The backfill of one section: read its whole list, then fetch what it listed, then say what came of it.

The list is read first, page by page, each page committed with the cursor that leads on. It is short beside the articles
(a page in twenty requests), so that little shifts under the walk; what comes on top meanwhile is read at the end. Then
pending entries are fetched, newest first, from the ledger: nothing is held in memory, and a kill costs the requests
that were under way.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from crawler.crawl.article import ArticleReader
from crawler.crawl.attachments import AttachmentKeeper
from crawler.crawl.completeness import completeness
from crawler.crawl.cursor import Cursor
from crawler.crawl.drain import BATCH, Patience, each, take, visit_at
from crawler.crawl.estimate import Pace
from crawler.crawl.fetch import Traffic
from crawler.crawl.listpages import ListReader
from crawler.crawl.turns import workers
from crawler.crawl.walk import ListWalk
from crawler.exceptions import FetchError, UnreadablePageError
from crawler.middlewares import JITTER, RedirectedAwayError
from crawler.store import Run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from crawler.config import Config
    from crawler.crawl.fetch import Fetcher
    from crawler.portals import Portal, Section
    from crawler.store import Backfill, Pending, SectionState, Store

logger = logging.getLogger(__name__)

ROUNDS = 3
"""Times that each entry is tried in one run; what is still not there waits for the next `crawl` or `backfill`."""
WAITS = (60.0, 300.0, 900.0)
"""Seconds to wait when a host fails again and again, before a run gives it up."""
MAX_RETRY_AFTER = 3_600.0
"""Seconds that a run waits when a host asks for it; a longer wait is left to the next run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillOptions:
    """What to fetch: days `YYYY-MM-DD`, null without bound; rejected entries again; attachments too."""

    since: str | None = None
    until: str | None = None
    retry_rejected: bool = False
    attachments: bool = False
    waits: tuple[float, ...] = WAITS


@dataclass(slots=True, kw_only=True)
class BackfillProgress:
    """How far one section's backfill is; counts of this run, `todo` and `done` of the phase under way."""

    portal: str
    section: str
    phase: str = "waiting"
    """`waiting` (for another section of the portal), `listing`, `fetching`, `attachments`, `pausing` or `done`."""
    pages: int = 0
    pages_expected: int | None = None
    listed: int = 0
    todo: int = 0
    done: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    linked: int = 0
    failed: int = 0
    note: str | None = None
    left: float | None = None
    """Seconds that the rest will take at the pace of the last two minutes; null while that cannot be told."""
    traffic: Traffic = field(default_factory=Traffic)

    @property
    def name(self) -> str:
        """`portal/section`."""
        return f"{self.portal}/{self.section}"

    def data(self) -> dict[str, Any]:
        """As JSON data, for a progress display here or in the process that handed the backfill over."""
        return {
            "section": self.name,
            "portal": self.portal,
            "phase": self.phase,
            "pages": self.pages,
            "pages_expected": self.pages_expected,
            "listed": self.listed,
            "todo": self.todo,
            "done": self.done,
            "failed": self.failed,
            "note": self.note,
            "left": self.left,
        }

    def problem(self, text: str) -> None:
        """Each failure is in the ledger with its reason; the report names them."""
        logger.info("%s: %s", self.name, text)


class BackfillJob:
    """One run of one section's backfill: begun, or resumed where an earlier run was cut short."""

    def __init__(
        self,
        fetcher: Fetcher,
        store: Store,
        config: Config,
        portal: Portal,
        section: Section,
        options: BackfillOptions,
        *,
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_progress: Callable[[BackfillProgress], None] | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._store = store
        self._config = config
        self._portal = portal
        self._section = section
        self._options = options
        self._folder = folder
        self._clock = clock
        self._sleep = sleep
        self._on_progress = on_progress
        self.report = BackfillProgress(portal=portal.id, section=section.id)
        self._lists = ListReader(fetcher, portal, section)
        self._pace = Pace()
        self._cursor = Cursor()
        self._since_saved = (0, 0, 0.0)
        self._backfill: Backfill
        self._waits = list(options.waits)
        self._rows = 0
        self._pending_before = 0

    # What fetching entries needs of a job (crawler.crawl.drain.Job).

    alerts = False
    """A backfill never alerts."""

    @property
    def store(self) -> Store:
        """Where the backfill keeps what it finds."""
        return self._store

    @property
    def traffic(self) -> Traffic:
        """What this run asked for."""
        return self.report.traffic

    @property
    def concurrency(self) -> int:
        """Requests under way at once to this portal."""
        return self._portal.politeness.concurrency or self._config.politeness.concurrency

    def now(self) -> float:
        """UTC epoch seconds."""
        return self._clock()

    def first_visit(self, pending: Pending, now: float) -> float | None:
        """Recent articles are visited again like those of a poll; old ones are not: there are too many."""
        ages = self._config.revisit.ages
        day = (pending.published_at or "")[:10]
        if not ages or not day or day < time.strftime("%Y-%m-%d", time.gmtime(now - max(ages))):
            return None
        return visit_at(self._config, now, now, 0)

    def progressed(self) -> None:
        """Count one entry that was tried, and tell whoever watches."""
        self.report.done += 1
        self._tell()

    async def run(self) -> dict[str, Any]:
        """Do what is left to do; gives the completeness report. What a portal does wrong ends up in the report.

        Raises:
            StorageError: the store refused; what was committed stays.

        """
        started = self._clock()
        state = await self._store.sections.open(self._portal.id, self._section.id)
        options = self._options
        self._backfill, _ = await self._store.backfills.open(state.id, options.since, options.until, started)
        self._cursor = Cursor.load(self._backfill.state)
        self._since_saved = (0, 0, started)
        error: FetchError | RedirectedAwayError | UnreadablePageError | None = None
        if options.retry_rejected:
            await self._store.ledger.retry_rejected(state.id)
            await self._store.attachments.retry()
        keeper = self._keeper()
        try:
            if self._backfill.walked_at is None:
                await self._walk(state)
            reader = ArticleReader(
                self._fetcher, self._store, self._portal, self._section, state.id, keeper, concurrency=self.concurrency
            )
            await self._fetch(reader)
            if keeper is not None:
                self._phase("attachments")
                await keeper.catch_up(state.id, self.progressed)
        except (FetchError, RedirectedAwayError, UnreadablePageError) as caught:
            error = caught
        return await self._finish(state, started, error, keeper)

    def _keeper(self) -> AttachmentKeeper | None:
        if not self._options.attachments or self._folder is None:
            return None
        return AttachmentKeeper(
            self._fetcher, self._store, self._config, self._portal, self._folder, self.report.traffic, self._clock
        )

    async def _walk(self, state: SectionState) -> None:
        """Read the list, and note that it has been read."""
        options = self._options
        self._phase("listing")
        self._pending_before = await self._store.backfills.due_count(self._backfill, self._clock())
        walk = ListWalk(self, self._lists, self._section, self._backfill, self._cursor)
        await walk.run()
        self.count_traffic()
        await self._store.backfills.walked(
            self._backfill,
            self._clock(),
            self._cursor.state,
            completes=options.until is None,
            whole=options.since is None and options.until is None,
        )
        self._backfill = await self._store.backfills.get(state.id, self._backfill.number)

    # The articles.

    async def _fetch(self, reader: ArticleReader) -> None:
        """Fetch what is pending, newest first, each entry up to `ROUNDS` times.

        Raises:
            FetchError: the host failed again and again, and waiting did not help.

        """
        for _ in range(ROUNDS):
            before = self._clock()
            todo = await self._store.backfills.due_count(self._backfill, before)
            if not todo:
                return
            self._phase("fetching")
            self.report.todo = todo
            patience = Patience()
            while batch := await self._store.backfills.due(self._backfill, before, BATCH):
                await each(batch, partial(self._take, reader, patience), workers(self.concurrency))
                await self.save()
                if patience.ended and patience.last is not None:
                    await self.wait(patience.last)
                    patience = Patience()
                elif patience.answered:
                    self._waits = list(self._options.waits)

    async def _take(self, reader: ArticleReader, patience: Patience, pending: Pending) -> None:
        await take(self, reader, pending, patience)

    async def wait(self, error: FetchError) -> None:
        """Wait while a host fails, each time longer.

        Raises:
            FetchError: the given one, when all waits have been in vain.

        """
        asked = error.retry_after or 0.0
        if not self._waits or asked > MAX_RETRY_AFTER or error.reason == "robots":
            raise error
        seconds = max(self._waits.pop(0), asked)
        phase, self.report.phase = self.report.phase, "pausing"
        self.report.note = f"waiting {seconds:.0f} s: {error}"
        logger.warning("%s: %s: waiting %.0f s", self.report.name, error, seconds)
        self._tell()
        await self.save()
        await self._sleep(seconds)
        self.report.phase, self.report.note = phase, None

    # Counting and telling.

    def _phase(self, name: str) -> None:
        self.report.phase, self.report.todo, self.report.done = name, 0, 0
        self._pace = Pace()
        self._tell()

    def count_traffic(self) -> None:
        """Add what was asked for since the last time to the cursor's counts."""
        traffic, now = self.report.traffic, self._clock()
        requests, received, at = self._since_saved
        self._cursor.requests += traffic.requests - requests
        self._cursor.bytes += traffic.bytes - received
        self._cursor.seconds += now - at
        self._since_saved = (traffic.requests, traffic.bytes, now)

    async def save(self) -> None:
        """Keep the cursor and the counts.

        Raises:
            StorageError: the store refused.

        """
        self.count_traffic()
        await self._store.backfills.save(self._backfill, self._cursor.state)

    def page_read(self, rows: int, new: int) -> None:
        """Count one list page, and tell whoever watches."""
        self._rows += rows
        self.report.listed += new
        self.report.pages = self._cursor.pages_of_pass
        self.report.pages_expected = self._cursor.expected_pages
        self._waits = list(self._options.waits)
        self._tell()

    def _tell(self) -> None:
        report, now = self.report, self._clock()
        count = report.traffic.requests
        self._pace.note(now, count)
        each_takes = self._pace.seconds_each(now, count)
        if each_takes is None:
            each_takes = self._polite_seconds() or None
        rest = self._requests_left()
        report.left = None if each_takes is None or rest is None else rest * each_takes
        if self._on_progress is not None:
            self._on_progress(report)

    def _polite_seconds(self) -> float:
        """Seconds between two requests that politeness asks for, with half of the jitter."""
        delay = self._portal.politeness.delay
        return (self._config.politeness.delay if delay is None else delay) * (1 + JITTER)

    def _requests_left(self) -> int | None:
        """Requests to come, as far as the list says how long it is."""
        report, cursor = self.report, self._cursor
        if report.phase != "listing":
            return max(report.todo - report.done, 0)
        pages = cursor.expected_pages
        if pages is None:
            return None
        rows = cursor.rows_of_first_page or 1
        further = max(pages - cursor.pages_of_pass, 0)
        share = report.listed / self._rows if self._rows else 1.0  # of the rows, those that have to be fetched
        return further + self._pending_before + report.listed + int(further * rows * share)

    async def _finish(
        self,
        state: SectionState,
        started: float,
        error: FetchError | RedirectedAwayError | UnreadablePageError | None,
        keeper: AttachmentKeeper | None,
    ) -> dict[str, Any]:
        await self.save()
        reason = None
        if error is not None:
            reason = error.reason if isinstance(error, FetchError) else type(error).__name__
            reason = {"RedirectedAwayError": "moved", "UnreadablePageError": "unreadable"}.get(reason, reason)
        now = self._clock()
        resumed = await self._store.backfills.get(state.id, self._backfill.number)
        said = None if error is None else str(error)
        report = await completeness(self._store, self.report.name, resumed, now=now, error=said, reason=reason)
        if keeper is not None:
            report["attachments"] = {
                "fetched": keeper.fetched,
                "bytes": keeper.bytes,
                "failed": keeper.failed,
                "full": keeper.full,
            }
        await self._store.backfills.finish(resumed, report, now, done=error is None)
        await self._store.runs.add(self._run_record(state, started, now, said, reason))
        self._phase("done")
        return report

    def _run_record(
        self, state: SectionState, started: float, now: float, error: str | None, reason: str | None
    ) -> Run:
        report = self.report
        return Run(
            section_id=state.id,
            started_at=started,
            finished_at=now,
            kind="backfill",
            requests=report.traffic.requests,
            entries=report.listed,
            new=report.new,
            revised=report.revised,
            failed=report.failed,
            bytes=report.traffic.bytes,
            pages=report.pages,
            error=error,
            verdict=reason,
        )
