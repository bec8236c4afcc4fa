"""The walk of a backfill over a whole list: from the newest entry to the oldest, however the list shifts under it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

from crawler.crawl.horizon import Horizon
from crawler.crawl.listpages import check_list, listed
from crawler.exceptions import FetchError
from crawler.listing.addresses import ListAddress, first_page, list_address, page_after
from crawler.store.values import Walk

if TYPE_CHECKING:
    from crawler.crawl.cursor import Cursor
    from crawler.crawl.fetch import Traffic
    from crawler.crawl.listpages import ListReader
    from crawler.items import ListPage
    from crawler.portals import Section
    from crawler.store import Backfill, Listed, Store

MAX_PAGES = 10_000
"""List pages of one pass; the longest list in the portal facts has 1,291."""
BEYOND_CLAIM = 1.5
"""A list may turn out longer than its first page claims, by this factor and ten pages; an endless pager ends there."""
STALE_PAGES = 3
"""Pages in a row without an entry that this walk has not seen, after which a pager repeats itself."""
STALE_BELOW_CLAIM = 50
"""The same while the list claims further pages: so many pages of new posts may push it down between two requests."""
OLDER_PAGES = 2
"""Pages in a row older than the span, after which the rest is: lists are not sorted to the day."""
MAX_PASSES = 2
"""Passes over a list that shows fewer entries than it counts, or from which entries vanished during the walk."""
_END_STATUS = frozenset({"http-404", "http-410", "gone", "unsure", "no-entries"})
"""Reasons of a further page that mean that there is none: beyond its end a list may show its side bars alone."""
_FINAL = frozenset({"no-entries", "unsure", "robots", "blocked", "certificate"})
"""Reasons that no waiting changes."""


class Job(Protocol):
    """What the walk needs of the backfill that it belongs to."""

    @property
    def store(self) -> Store: ...  # noqa: D102
    @property
    def traffic(self) -> Traffic: ...  # noqa: D102
    def now(self) -> float: ...  # noqa: D102
    async def wait(self, error: FetchError) -> None: ...  # noqa: D102
    async def save(self) -> None: ...  # noqa: D102
    def count_traffic(self) -> None: ...  # noqa: D102
    def page_read(self, rows: int, new: int) -> None: ...  # noqa: D102


class ListWalk:
    """Reads the list of a section into the ledger, each page with the cursor behind it."""

    def __init__(self, job: Job, lists: ListReader, section: Section, backfill: Backfill, cursor: Cursor) -> None:
        self._job = job
        self._store = job.store
        self._lists = lists
        self._section = section
        self._backfill = backfill
        self._cursor = cursor
        self._new = 0

    async def run(self) -> None:
        """Read the list to its end, or to that of the span, and once more its top.

        Raises:
            FetchError: a page did not come, however often it was asked for, or cannot be told for sure.
            RedirectedAwayError: the list has moved to another host.
            UnreadablePageError: the bytes are no page.
            StorageError: the store refused.

        """
        cursor = self._cursor
        while cursor.stage == "walk":
            if cursor.ended is None:
                await self._pass()
            if cursor.walk_pass >= MAX_PASSES or not await self._lacks_entries():
                cursor.stage = "head"
            else:
                cursor.walk_pass += 1
                cursor.begin_pass()
            await self._job.save()
        if self._backfill.until is None:
            await self._read_head()
        cursor.stage = "done"

    async def _pass(self) -> None:
        cursor = self._cursor
        address: ListAddress | None = first_page(self._section)
        if cursor.url is not None:
            address = list_address(self._section, cursor.url, cursor.number)
        while address is not None:
            page = await self._page(address)
            if page is None:
                return
            following = self._following(address, page)
            if following is None:
                cursor.ended = cursor.ended or "the end of the list"
            else:
                cursor.url, cursor.number = following.url, following.number
            await self._record(address, page)
            if self._ends(address):
                return
            address = following

    async def _page(self, address: ListAddress) -> ListPage | None:
        """A list page that holds entries; null where the list ends instead."""
        while True:
            try:
                fetched = await self._lists.fetch(address, self._job.traffic)
                page = await self._lists.read(fetched, address)
                check_list(page, address)
            except FetchError as error:
                if address.number > 1 and error.reason in _END_STATUS:
                    self._cursor.ended = (
                        f"the end of the list: page {address.number} is empty"
                        if error.reason == "no-entries"
                        else f"page {address.number} is no list page ({error.reason})"
                    )
                    return None
                if error.reason in _FINAL:
                    raise
                await self._job.wait(error)
            else:
                return page

    def _following(self, address: ListAddress, page: ListPage) -> ListAddress | None:
        cursor = self._cursor
        following = page_after(self._section, address, page)
        if following is None:
            return None
        most = MAX_PAGES
        if cursor.first_pages is not None:
            most = min(most, int(cursor.first_pages * BEYOND_CLAIM) + 10)
        if address.number >= most:
            claimed = "no number of" if cursor.first_pages is None else str(cursor.first_pages)
            cursor.ended = f"page {address.number} of a list that claimed {claimed} pages"
            return None
        return following

    async def _record(self, address: ListAddress, page: ListPage) -> None:
        """Commit a page's entries with the cursor behind it."""
        cursor = self._cursor
        if address.number == 1:
            cursor.rows_of_first_page = len(page.entries)
            cursor.newest = max(((entry.published_at or "")[:10] for entry in page.entries), default="") or None
        cursor.claims(page)
        cursor.pages += 1
        cursor.pages_of_pass += 1
        cursor.rows += len(page.entries)
        entries, older = self._in_span(page)
        cursor.older = cursor.older + 1 if older else 0
        ahead = await self._ahead(entries) if cursor.walk_pass == 1 else set()
        digest = hashlib.sha256(b"".join(entry.key for entry in entries)).hexdigest()
        same, cursor.last_page = bool(entries) and digest == cursor.last_page, digest
        stale = cursor.stale
        if cursor.walk_pass > 1:
            cursor.stale = stale + 1 if same else 0
        repeated = await self._commit(entries, ahead, len(page.entries))
        if cursor.walk_pass == 1:
            cursor.stale = stale + 1 if entries and repeated == len(entries) else 0

    async def _commit(self, entries: list[Listed], ahead: set[bytes], rows: int) -> int:
        """Give a page to the ledger; how many of its entries this walk had seen before."""
        self._job.count_traffic()
        outcome = await self._store.backfills.record(
            self._backfill,
            [entry for entry in entries if entry.key not in ahead],
            self._job.now(),
            self._cursor.state,
            [entry for entry in entries if entry.key in ahead],
        )
        self._new = outcome.new
        self._job.page_read(rows, outcome.new)
        return outcome.repeated

    def _ends(self, address: ListAddress) -> bool:
        """Whether the pass ends behind this page."""
        cursor = self._cursor
        claimed = cursor.expected_pages
        below = cursor.walk_pass == 1 and claimed is not None and address.number < claimed
        if cursor.older >= OLDER_PAGES:
            cursor.ended = f"entries older than {self._backfill.since}"
        elif cursor.stale >= (STALE_BELOW_CLAIM if below else STALE_PAGES):
            cursor.ended = f"its pages repeat themselves up to page {address.number}"
        return cursor.ended is not None

    def _in_span(self, page: ListPage) -> tuple[list[Listed], bool]:
        """A page's entries inside the span, and whether all of them are older."""
        since, until = self._backfill.since or "", self._backfill.until or "9"
        days = [(entry.published_at or "")[:10] for entry in page.entries]
        kept = [entry for entry, day in zip(page.entries, days, strict=True) if not day or since <= day <= until]
        return listed(kept), all(day and day < since for day in days)

    async def _ahead(self, entries: list[Listed]) -> set[bytes]:
        """Entries newer than what polls know: they are left to the next poll, which alerts."""
        cursor = self._cursor
        if cursor.completed_before is None:
            return set()
        if cursor.past_known:
            return await self._pushed_down(entries)
        horizon = Horizon(**(cursor.horizon or {}))
        ahead = await self._above(horizon, cursor.completed_before, entries)
        cursor.horizon = horizon.state
        cursor.past_known = bool(horizon.state["met_known"]) and not ahead
        return ahead

    async def _pushed_down(self, entries: list[Listed]) -> set[bytes]:
        """Posts that came while the list was read: above entries which they pushed down onto a second page."""
        seen = await self._store.backfills.seen_keys(self._backfill, [entry.key for entry in entries])
        last = max((place for place, entry in enumerate(entries) if entry.key in seen), default=0)
        newest = self._cursor.newest or "9"
        return {e.key for e in entries[:last] if e.key not in seen and (e.published_at or "")[:10] >= newest}

    async def _above(self, horizon: Horizon, completed: int, entries: list[Listed]) -> set[bytes]:
        walk = Walk(self._backfill.number, self._backfill.section_id, completed)
        known = await self._store.ledger.known(walk, [entry.key for entry in entries])
        return {entry.key for entry in entries} - known - horizon.beyond(entries, known)

    async def _lacks_entries(self) -> bool:
        """Whether the list counts more than was read of it, or entries left it during the walk."""
        cursor = self._cursor
        site = cursor.site_count
        if cursor.dropped or site is None or self._backfill.since is not None or self._backfill.until is not None:
            return cursor.dropped
        return site[0] > max(await self._store.backfills.seen(self._backfill), cursor.rows)

    async def _read_head(self) -> None:
        """Read the top of the list again, down to the first page without anything new."""
        cursor, backfill = self._cursor, self._backfill
        completed = await self._store.sections.completed_walk(backfill.section_id)
        horizon, ended = Horizon(), cursor.ended
        address: ListAddress | None = first_page(self._section)
        while address is not None and address.number <= MAX_PAGES:
            page = await self._page(address)
            if page is None:
                break
            cursor.claims(page)
            cursor.pages += 1
            entries, _ = self._in_span(page)
            ahead = set() if completed is None else await self._above(horizon, completed, entries)
            await self._commit(entries, ahead, 0)
            if not self._new:
                break
            address = page_after(self._section, address, page)
        cursor.ended = ended
