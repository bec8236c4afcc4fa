"""The poll of one section: walk its list, fetch what is new or pending, visit recent articles again.

Nothing that a list showed is lost: entries are committed before anything is fetched, and the list's validators only
once the walk is
complete, so that a "304 not modified" never hides a page that was not reached.
"""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crawler.crawl.article import ArticleReader
from crawler.crawl.drain import drain, visit_at
from crawler.crawl.fetch import Fetched, Fetcher, Traffic
from crawler.crawl.horizon import Horizon
from crawler.crawl.listpages import ListReader, check_list, listed
from crawler.crawl.visits import revisit
from crawler.exceptions import FetchError, UnreadablePageError
from crawler.listing.addresses import ListAddress, first_page, page_after
from crawler.middlewares import RedirectedAwayError
from crawler.store import Run, Validators

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.config import Config
    from crawler.items import ListPage
    from crawler.portals import Portal, Section
    from crawler.store import Listed, Pending, SectionState, Store, Walk

logger = logging.getLogger(__name__)

MAX_PAGES = 10_000
"""Pages of one walk; the longest list in the portal facts has 1,291."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOptions:
    """What one pass may do.

    `since` is a day `YYYY-MM-DD`; `max_pages` bounds the list pages. `patient` is for a resident watch: entries that
    failed wait for their time, where a single pass retries them all at once.
    """

    since: str | None = None
    max_pages: int | None = None
    alerts: bool = True
    patient: bool = False

    @property
    def explicit(self) -> bool:
        """Whether the caller says how far back to go."""
        return self.since is not None or self.max_pages is not None


@dataclass(slots=True, kw_only=True)
class SectionReport:
    """What one pass over a section did; counts of articles and entries."""

    portal: str
    section: str
    first_pass: bool = False
    entries: int = 0
    listed_new: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    linked: int = 0
    withdrawn: int = 0
    failed: int = 0
    pages: int = 0
    total: int | None = None
    more: bool = False
    """Whether the list goes on after the pages of this pass."""
    error: str | None = None
    reason: str | None = None
    fill: dict[str, float] = field(default_factory=dict)
    """Of the entries of the first page, the share (0..1) that has each field."""
    problems: list[str] = field(default_factory=list)
    traffic: Traffic = field(default_factory=Traffic)
    run: Run | None = None
    """The record that was kept of it."""

    @property
    def name(self) -> str:
        """`portal/section`."""
        return f"{self.portal}/{self.section}"

    def problem(self, text: str) -> None:
        """Keep one line about something that failed; the first fifty are enough to act on."""
        if len(self.problems) < 50:
            self.problems.append(text)


def report_data(report: SectionReport) -> dict[str, Any]:
    """A report as JSON data, for `--json` and for a process that handed its job over."""
    return {
        "section": report.name,
        "first_pass": report.first_pass,
        "pages": report.pages,
        "entries": report.entries,
        "listed_new": report.listed_new,
        "new": report.new,
        "revised": report.revised,
        "unchanged": report.unchanged,
        "linked": report.linked,
        "withdrawn": report.withdrawn,
        "failed": report.failed,
        "total": report.total,
        "more": report.more,
        "error": report.error,
        "reason": report.reason,
        "problems": report.problems,
        "requests": report.traffic.requests,
        "not_modified": report.traffic.not_modified,
        "bytes": report.traffic.bytes,
    }


class SectionJob:
    """One pass over one section."""

    def __init__(
        self,
        fetcher: Fetcher,
        store: Store,
        config: Config,
        portal: Portal,
        section: Section,
        options: PollOptions,
        *,
        clock: Callable[[], float] = time.time,
        on_progress: Callable[[SectionReport], None] | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._store = store
        self._config = config
        self._portal = portal
        self._section = section
        self._options = options
        self._clock = clock
        self._on_progress = on_progress
        self.report = SectionReport(portal=portal.id, section=section.id)

    async def run(self) -> SectionReport:
        """Do the pass. What a portal does wrong ends up in the report; a store that fails raises.

        Raises:
            StorageError: the store refused; what was committed stays.

        """
        started = self._clock()
        report = self.report
        known = await self._store.sections.get(self._portal.id, self._section.id)
        state = known or await self._store.sections.open(self._portal.id, self._section.id)
        report.first_pass = state.completed_walk is None
        try:
            await self._walk(state)
        except FetchError as error:
            report.error, report.reason = str(error), error.reason
        except RedirectedAwayError as error:
            report.error, report.reason = f"{self._section.url}: {error}", "moved"
        except UnreadablePageError as error:
            report.error, report.reason = f"{self._section.url}: {error}", "unreadable"
        reader = ArticleReader(
            self._fetcher, self._store, self._portal, self._section, state.id, concurrency=self.concurrency
        )
        if report.reason not in {"robots", "retry-after", "blocked", "dns", "connection", "certificate"}:
            await drain(self, reader, state)
            await revisit(self, reader, state)
        report.run = self._run_record(state, started)
        await self._store.runs.add(report.run)
        return report

    # What drain and revisit need of a job.

    @property
    def store(self) -> Store:
        """Where the pass keeps what it finds."""
        return self._store

    @property
    def config(self) -> Config:
        """The configuration."""
        return self._config

    @property
    def options(self) -> PollOptions:
        """What this pass may do."""
        return self._options

    @property
    def alerts(self) -> bool:
        """Whether what is new alerts."""
        return self._options.alerts

    def first_visit(self, pending: Pending, now: float) -> float | None:
        """When an article that has just been stored is visited again."""
        del pending
        return visit_at(self._config, now, now, 0)

    @property
    def concurrency(self) -> int:
        """Requests under way at once to this portal."""
        return self._portal.politeness.concurrency or self._config.politeness.concurrency

    def now(self) -> float:
        """UTC epoch seconds."""
        return self._clock()

    def progressed(self) -> None:
        """Tell whoever watches this pass."""
        if self._on_progress is not None:
            self._on_progress(self.report)

    async def _walk(self, state: SectionState) -> None:
        report, options = self.report, self._options
        reader = ListReader(self._fetcher, self._portal, self._section)
        start = first_page(self._section)
        validators = await self._store.validators.get(start.key)
        if options.explicit:
            validators = None
        horizon = None if state.whole_list or report.first_pass else Horizon()
        page_limit = options.max_pages or (1 if report.first_pass and options.since is None else MAX_PAGES)
        seen: set[bytes] = set()
        first = fetched = await reader.fetch(start, report.traffic, validators)
        report.pages += 1
        if fetched.not_modified:
            await self._store.ledger.unchanged(state.id, self._clock())
            return
        walk = await self._store.ledger.begin_walk(state.id, self._clock(), "poll")
        address: ListAddress | None = start
        while address is not None and not _same_body(validators, first):
            page = await reader.read(fetched, address)
            if not page.entries and report.pages > 1:
                break
            check_list(page, address)
            report.fill = report.fill or _fill(page)
            report.total = page.total if page.total is not None else report.total
            entries = self._listed(page)
            ends = await self._record(walk, entries, horizon)
            if report.pages == 1 and options.since is None:
                await self._store.articles.look_at_front(walk.section_id, [e.key for e in entries])
            keys = {entry.key for entry in entries}
            # An endless pager shows its last page again, or pages without a single entry that was not there before.
            repeats = bool(keys) and keys <= seen
            seen |= keys
            address = None if repeats else page_after(self._section, address, page)
            if ends or address is None or report.pages >= page_limit:
                break
            fetched = await reader.fetch(address, report.traffic)
            report.pages += 1
        await self._complete(walk, start, first, whole=address is None)
        report.more = address is not None and report.pages >= page_limit

    async def _complete(self, walk: Walk, start: ListAddress, first: Fetched, *, whole: bool) -> None:
        """The walk first, then the validators: between the two a kill costs one full answer, and never a page."""
        now = self._clock()
        await self._store.ledger.complete_walk(walk, now, whole=whole)
        digest = hashlib.sha256(first.body).digest()
        await self._store.validators.put(
            Validators(key=start.key, etag=first.etag, last_modified=first.last_modified, body_sha256=digest),
            now,
        )

    def _listed(self, page: ListPage) -> list[Listed]:
        since = self._options.since
        return listed([e for e in page.entries if since is None or not e.published_at or e.published_at[:10] >= since])

    async def _record(self, walk: Walk, entries: list[Listed], horizon: Horizon | None) -> bool:
        """Commit a page's entries; whether the walk ends here."""
        report, options = self.report, self._options
        alert = options.alerts and not report.first_pass
        ledger = self._store.ledger
        beyond: set[bytes] = set()
        if horizon is not None:
            beyond = horizon.beyond(entries, await ledger.known(walk, [entry.key for entry in entries]))
        old = [entry for entry in entries if entry.key in beyond]
        current = [entry for entry in entries if entry.key not in beyond]
        outcome = await ledger.record_page(walk, current, self._clock(), alert=alert)
        report.entries += len(entries)
        report.listed_new += outcome.new
        report.linked += outcome.linked
        if options.explicit and old:
            # Asked for, but not new: stored without telling anybody.
            further = await ledger.record_page(walk, old, self._clock(), alert=False)
            report.listed_new += further.new
            report.linked += further.linked
        self.progressed()
        if options.since is not None:
            return not entries
        return outcome.all_known_before and options.max_pages is None

    def _run_record(self, state: SectionState, started: float) -> Run:
        report = self.report
        return Run(
            section_id=state.id,
            started_at=started,
            finished_at=self._clock(),
            kind="poll",
            requests=report.traffic.requests,
            not_modified=report.traffic.not_modified,
            entries=report.entries,
            new=report.new,
            revised=report.revised,
            failed=report.failed,
            bytes=report.traffic.bytes,
            pages=report.pages,
            error=report.error,
            verdict=report.reason,
            fill=report.fill,
        )


def _fill(page: ListPage) -> dict[str, float]:
    """How full the fields of a list's entries are: a layout that changed often shows there first."""
    count = len(page.entries)
    return {
        "title": sum(entry.title is not None for entry in page.entries) / count,
        "published_at": sum(entry.published_at is not None for entry in page.entries) / count,
    }


def _same_body(validators: Validators | None, fetched: Fetched) -> bool:
    """Whether a portal without validators sent the very list that the last complete walk read."""
    return (
        validators is not None
        and validators.body_sha256 is not None
        and validators.body_sha256 == hashlib.sha256(fetched.body).digest()
    )
