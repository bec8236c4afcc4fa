"""The second half of a pass: fetch what the ledger holds as pending."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from crawler.crawl.turns import workers
from crawler.exceptions import FetchError, NoArticleError, UnreadablePageError
from crawler.items import ListEntry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable

    from crawler.config import Config
    from crawler.crawl.article import ArticleReader
    from crawler.crawl.fetch import Traffic
    from crawler.crawl.section import SectionJob
    from crawler.store import Pending, SectionState, Store, Stored

logger = logging.getLogger(__name__)
Item = TypeVar("Item")

BATCH = 200
RETRY_GAPS = (60.0, 300.0, 1800.0, 7200.0, 21_600.0, 86_400.0)
"""Seconds until an entry that failed is tried again, by how often it failed; the last gap repeats."""
MAX_ATTEMPTS = 10
"""Attempts, over about five days, until an entry is rejected with its reason (`--retry-rejected` brings it back)."""
MAX_READ_ATTEMPTS = 3
"""Attempts for a page that answers but holds no article: it may have been published half finished."""
MAX_NEW_ATTEMPTS = 6
"""The same for what a watched list has just shown, over nine hours: an outage that answers 404 lasts for hours."""
GIVE_UP_AFTER = 5
"""Failures in a row after which a pass leaves a portal alone; what is pending stays pending."""
_FAR = 4_102_444_800.0  # the year 2100: a single pass retries everything that is pending
_HOST_REASONS = frozenset({"robots", "retry-after", "blocked", "dns", "connection", "certificate"})
_GONE = frozenset({"http-404", "http-410", "gone", "redirected", "emptied"})


class Patience:
    """Counts failures in a row; a host that refuses as a whole ends the pass at once.

    A page that is gone is no failure of the host: old archives have whole folders of them.
    """

    def __init__(self) -> None:
        self._failures = 0
        self.ended = False
        self.answered = False
        """Whether the host has answered at all."""
        self.last: FetchError | None = None
        """What ended it."""

    def ok(self) -> None:
        """The host answered."""
        self._failures, self.answered = 0, True

    def failed(self, error: FetchError) -> None:
        """A request brought no usable page."""
        if error.reason in _GONE:
            self.ok()
            return
        self._failures += 1
        if self._failures >= GIVE_UP_AFTER or error.reason in {"robots", "retry-after"}:
            self.ended, self.last = True, error


class Job(Protocol):
    """What fetching the entries of a section needs to know of the pass it belongs to."""

    @property
    def store(self) -> Store: ...  # noqa: D102
    @property
    def concurrency(self) -> int: ...  # noqa: D102
    @property
    def report(self) -> Counts: ...  # noqa: D102
    @property
    def alerts(self) -> bool: ...  # noqa: D102
    def now(self) -> float: ...  # noqa: D102
    def progressed(self) -> None: ...  # noqa: D102
    def first_visit(self, pending: Pending, now: float) -> float | None:
        """When an article is visited again after it was stored."""
        ...


class Counts(Protocol):
    """What fetching entries counts."""

    new: int
    revised: int
    unchanged: int
    linked: int
    failed: int

    @property
    def traffic(self) -> Traffic: ...  # noqa: D102
    def problem(self, text: str) -> None: ...  # noqa: D102


async def drain(job: SectionJob, reader: ArticleReader, state: SectionState) -> None:
    """Fetch pending entries, oldest first; each once in a pass.

    Raises:
        StorageError: the store refused.

    """
    tried: set[bytes] = set()
    patience = Patience()
    while not patience.ended:
        horizon = job.now() if job.options.patient else _FAR
        batch = [p for p in await job.store.ledger.due(state.id, horizon, BATCH + len(tried)) if p.key not in tried]
        if not batch:
            return
        tried.update(pending.key for pending in batch)
        await each(batch, lambda pending: take(job, reader, pending, patience), workers(job.concurrency))


async def each(items: Iterable[Item], work: Callable[[Item], Awaitable[None]], concurrency: int) -> None:
    """Do the work for every item, so many at once; the first error ends it."""
    queue = iter(items)

    async def worker() -> None:
        for item in queue:
            await work(item)

    await side_by_side(worker() for _ in range(concurrency))


async def side_by_side(calls: Iterable[Coroutine[Any, Any, Item]]) -> list[Item]:
    """Await all at once; results in their order. The first error ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call) for call in calls]
    except BaseExceptionGroup as group_error:
        raise group_error.exceptions[0] from None
    return [task.result() for task in tasks]


async def take(job: Job, reader: ArticleReader, pending: Pending, patience: Patience) -> None:
    """Fetch, read and store one entry, or note in the ledger why not.

    Raises:
        StorageError: the store refused.

    """
    if patience.ended:
        return
    entry = ListEntry(url=pending.url, title=pending.title, published_at=pending.published_at, form=pending.form)
    now = job.now()
    try:
        stored = await reader.take(
            entry,
            entry_key=pending.key,
            alert=pending.alert and job.alerts,
            now=now,
            next_visit_at=job.first_visit(pending, now),
            traffic=job.report.traffic,
        )
    except FetchError as error:
        patience.failed(error)
        await _failed(job, pending, error)
    except (NoArticleError, UnreadablePageError) as error:
        patience.ok()
        await _unreadable(job, pending, error)
    else:
        patience.ok()
        if stored is not None:
            _count(job, stored)
    job.progressed()


def _count(job: Job, stored: Stored) -> None:
    report = job.report
    if stored.outcome == "published":
        report.new += 1
    elif stored.outcome == "revised":
        report.revised += 1
    elif stored.outcome == "linked":
        report.linked += 1
    else:
        report.unchanged += 1


async def _failed(job: Job, pending: Pending, error: FetchError) -> None:
    now = job.now()
    report = job.report
    report.failed += 1
    report.problem(str(error))
    report.traffic.reasons[error.reason] = report.traffic.reasons.get(error.reason, 0) + 1
    if error.reason in _GONE and pending.attempts + 1 >= _read_attempts(job, pending):
        await job.store.ledger.gone(pending.section_id, pending.key, now, error.reason)
    elif error.reason not in _HOST_REASONS and pending.attempts + 1 >= MAX_ATTEMPTS:
        await job.store.ledger.rejected(pending.section_id, pending.key, now, error.reason)
    else:
        await job.store.ledger.failed(
            pending.section_id, pending.key, now, _next_attempt(pending, now, error), error.reason
        )


async def _unreadable(job: Job, pending: Pending, error: NoArticleError | UnreadablePageError) -> None:
    now = job.now()
    job.report.failed += 1
    job.report.problem(f"{pending.url}: {error}")
    if pending.attempts + 1 >= _read_attempts(job, pending):
        await job.store.ledger.rejected(pending.section_id, pending.key, now, str(error)[:300], fetched=True)
    else:
        await job.store.ledger.failed(
            pending.section_id, pending.key, now, _next_attempt(pending, now, None), str(error)[:300]
        )


def _read_attempts(job: Job, pending: Pending) -> int:
    return MAX_NEW_ATTEMPTS if pending.alert and job.alerts else MAX_READ_ATTEMPTS


def _next_attempt(pending: Pending, now: float, error: FetchError | None) -> float:
    gap = RETRY_GAPS[min(pending.attempts, len(RETRY_GAPS) - 1)]
    if error is not None and error.retry_after is not None:
        gap = max(gap, error.retry_after)
    return now + gap * random.uniform(1.0, 1.2)  # noqa: S311 - spreads load, guards nothing


def visit_at(config: Config, first_seen_at: float, now: float, visits: int) -> float | None:
    """When an article is visited next, after so many visits; null after its last age."""
    ages = config.revisit.ages
    return max(first_seen_at + ages[visits], now) if visits < len(ages) else None
