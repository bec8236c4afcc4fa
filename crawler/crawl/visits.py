"""Visits to articles that are known: what was edited, what is gone, and what only an outage hides.

An article is withdrawn when two visits apart find it gone: 404 or 410, a redirect to the front page, to the list or to
another host, an error page that says 200, a page whose text is gone. That alone is believed only of a site that shows
other articles: where the list fails, or no other article is there either, nothing is said and the visit is made again.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from crawler.crawl.article import GoneError
from crawler.crawl.drain import Patience, each, visit_at
from crawler.exceptions import FetchError, NoArticleError, UnreadablePageError
from crawler.items import ListEntry

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.crawl.article import ArticleReader
    from crawler.crawl.section import SectionJob, SectionReport
    from crawler.store import SectionState, Store, Stored, Visit

logger = logging.getLogger(__name__)

MISSES_TO_WITHDRAW = 2
"""Visits apart that must find an article gone: one alone may be an outage."""
LOOK_AGAIN = 3600.0
"""Seconds until the visit that confirms what one found gone, and until one is made again that told nothing. A page that
is published anew is often away for minutes, an outage lasts longer."""
APART = 600.0
"""Seconds by which two visits must lie apart to count twice, however often somebody asks."""
SIBLINGS = 3
"""Other articles that are asked for before an article is believed to be gone; one that is there will do."""


class Job(Protocol):
    """What visits need to know of the pass they belong to."""

    @property
    def store(self) -> Store: ...  # noqa: D102
    @property
    def config(self) -> Config: ...  # noqa: D102
    @property
    def report(self) -> SectionReport: ...  # noqa: D102
    @property
    def alerts(self) -> bool: ...  # noqa: D102
    def now(self) -> float: ...  # noqa: D102
    def progressed(self) -> None: ...  # noqa: D102


async def revisit(job: SectionJob, reader: ArticleReader, state: SectionState) -> None:
    """Visit articles whose age says so, at most `revisit.per_poll` of them.

    Raises:
        StorageError: the store refused.

    """
    limit = job.config.revisit.per_poll
    visits = await job.store.articles.due_visits(state.id, job.now(), limit) if limit else []
    if visits:
        visiting = Visiting(job, reader, state.id)
        await each(visits, visiting.visit, job.concurrency)
        await visiting.settle()


class Visiting:
    """Some visits of one pass, and what they came to together."""

    def __init__(self, job: Job, reader: ArticleReader, section_id: int) -> None:
        self._job = job
        self._reader = reader
        self._section_id = section_id
        self._patience = Patience()
        self._gone: list[tuple[Visit, GoneError]] = []
        self._alive = 0

    async def visit(self, visit: Visit) -> None:
        """Visit one article; that it is gone is believed by `settle`.

        Raises:
            StorageError: the store refused.

        """
        if self._patience.ended:
            return
        try:
            await self.look(visit)
        except GoneError as error:
            self._patience.ok()
            self.found_gone(visit, error)
        except FetchError as error:
            self._patience.failed(error)
            await self._told_nothing(visit, error)
        except (NoArticleError, UnreadablePageError) as error:
            await self._told_nothing(visit, error)
        finally:
            self._job.progressed()

    def found_gone(self, visit: Visit, error: GoneError) -> None:
        """A visit did not find the article."""
        self._gone.append((visit, error))

    async def look(self, visit: Visit, *, full: bool = False) -> Stored | None:
        """Visit one article and store what it says now; null if it is unchanged. `full` asks for the page in any case.

        Raises:
            GoneError: the article is not there.
            FetchError: no usable answer came.
            NoArticleError: the page holds no article, and never did.
            UnreadablePageError: the bytes are no page.
            StorageError: the store refused.

        """
        job = self._job
        now = job.now()
        next_visit = visit_at(job.config, visit.first_seen_at, now, visit.visits + 1)
        stored = await self._reader.take(
            # what the page does not say, the list said when the article was first seen
            ListEntry(url=visit.url, title=visit.title, published_at=visit.published_at),
            entry_key=None,
            alert=job.alerts,
            now=now,
            next_visit_at=next_visit,
            traffic=job.report.traffic,
            # what was withdrawn is asked for in full: its page may be another one by now
            validators=None if full or visit.misses else await job.store.validators.get(visit.key),
            known=visit,
        )
        self._patience.ok()
        self._alive += 1
        if stored is None:
            await job.store.articles.unchanged(visit.article_id, now, next_visit, None)
        else:
            self._count(stored)
        return stored

    def _count(self, stored: Stored) -> None:
        report = self._job.report
        if stored.outcome == "revised":
            report.revised += 1
        else:
            report.unchanged += 1

    async def settle(self) -> bool:
        """Believe what was found gone, or not; whether it was believed.

        Raises:
            StorageError: the store refused.

        """
        if not self._gone:
            return True
        report = self._job.report
        believed = report.error is None and (self._alive > 0 or await self._a_sibling_is_there())
        for visit, error in self._gone:
            if believed:
                await self._missed(visit, error)
            else:
                await self._told_nothing(visit, error)
        return believed

    async def _a_sibling_is_there(self) -> bool:
        asked = {visit.article_id for visit, _ in self._gone}
        articles = self._job.store.articles
        for sibling in await articles.siblings(self._section_id, SIBLINGS + len(asked)):
            if sibling.article_id in asked:
                continue
            if len(asked) >= len(self._gone) + SIBLINGS:
                break
            asked.add(sibling.article_id)
            if await self._reader.is_there(sibling, self._job.report.traffic):
                return True
        return False

    async def _missed(self, visit: Visit, error: GoneError) -> None:
        """Count a visit that found an article gone, and withdraw it with the second."""
        job = self._job
        now = job.now()
        again = visit_at(job.config, visit.first_seen_at, now, visit.visits + 1)
        if visit.misses == 0 and visit.withdrawn_at is None:
            again = now + LOOK_AGAIN if again is None else min(again, now + LOOK_AGAIN)
        pages = () if error.page is None else (error.page,)
        misses = await job.store.articles.missed(visit.article_id, now, again, pages)
        if misses >= MISSES_TO_WITHDRAW:
            seq = await job.store.articles.withdraw(visit.article_id, now, job.alerts)
            if seq is not None:
                job.report.withdrawn += 1
                logger.info("%s: withdrawn: %s", visit.url, error)

    async def _told_nothing(self, visit: Visit, error: Exception) -> None:
        logger.info("visit of %s: %s", visit.url, error)
        now, ages = self._job.now(), self._job.config.revisit.ages
        over = not ages or now - visit.first_seen_at > 2 * max(ages)
        await self._job.store.articles.postpone(visit.article_id, None if over else now + LOOK_AGAIN)
