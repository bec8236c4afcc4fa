"""One article visited now, because somebody asked."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.crawl.article import ArticleReader, GoneError
from crawler.crawl.section import SectionReport
from crawler.crawl.visits import APART, LOOK_AGAIN, Visiting
from crawler.exceptions import FetchError, NoArticleError, PortalwatchError, UnreadablePageError
from crawler.text.dates import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.config import Config
    from crawler.crawl.fetch import Fetcher
    from crawler.portals import Registry
    from crawler.store import Store, Stored, Visit


@dataclass(slots=True)
class _Job:
    """What a visit needs of a pass."""

    store: Store
    config: Config
    report: SectionReport
    clock: Callable[[], float]
    alerts: bool = True

    def now(self) -> float:
        return self.clock()

    def progressed(self) -> None:
        """Nobody watches one visit."""


async def recheck(
    fetcher: Fetcher,
    store: Store,
    config: Config,
    registry: Registry,
    article_id: str,
    *,
    clock: Callable[[], float] = time.time,
) -> dict[str, Any]:
    """Visit an article now, asking for its page in full; what came of it, as JSON values.

    `outcome` is `unchanged`, `revised` (with `changes` and `revision`), `gone` (one visit found it so), `withdrawn`
    (`new` tells whether by this visit), or `failed`, with the `reason` in words.

    Raises:
        UsageError: its portal or section is in no portal file.
        PortalwatchError: there is no such article, or it is a file or a link elsewhere.
        StorageError: the store refused.

    """
    visit = await store.articles.visit_of(article_id)
    if visit is None:
        raise PortalwatchError(f"{article_id}: no such article")
    if visit.form != "article":
        raise PortalwatchError(f"{visit.url}: is listed as {visit.form}: only pages of the portal are visited")
    ((portal, section),) = registry.resolve(f"{visit.portal}/{visit.section}")
    state = await store.sections.open(portal.id, section.id)
    reader = ArticleReader(fetcher, store, portal, section, state.id)
    report = SectionReport(portal=portal.id, section=section.id)
    job = _Job(store, config, report, clock)
    visiting = Visiting(job, reader, state.id)
    answer: dict[str, Any] = {"id": visit.article_id, "url": visit.url, "at": rfc3339(clock())}
    try:
        stored = await visiting.look(visit, full=True)
    except GoneError as error:
        return {**answer, **await _gone(visiting, visit, error, job)}
    except (FetchError, NoArticleError, UnreadablePageError) as error:
        return {**answer, "outcome": "failed", "reason": str(error)}
    return {**answer, **_found(stored, visit)}


def _found(stored: Stored | None, visit: Visit) -> dict[str, Any]:
    if stored is None or stored.outcome != "revised":
        revision = None if stored is None else stored.revision
        return {"outcome": "unchanged", "revision": revision, "changes": []}
    back = visit.withdrawn_at is not None
    changes = [name for name in stored.changes if name != "withdrawn_at"]
    return {"outcome": "revised", "revision": stored.revision, "changes": changes, "back": back}


async def _gone(visiting: Visiting, visit: Visit, error: GoneError, job: _Job) -> dict[str, Any]:
    """Whether it is withdrawn, or only not there now."""
    if visit.withdrawn_at is not None:
        return {"outcome": "withdrawn", "new": False, "since": rfc3339(visit.withdrawn_at), "reason": str(error)}
    wait = APART - (job.now() - visit.visited_at) if visit.misses else 0.0
    if wait > 0:
        said = f"{error}; a visit found it so before, another one counts in {wait / 60:.0f} min"
        return {"outcome": "gone", "reason": said}
    visiting.found_gone(visit, error)
    if not await visiting.settle():
        return {"outcome": "failed", "reason": f"{error}; no other article of the section is there either: an outage"}
    if job.report.withdrawn:
        return {"outcome": "withdrawn", "new": True, "since": rfc3339(job.now()), "reason": str(error)}
    said = f"{error}; it is withdrawn if a visit in {LOOK_AGAIN / 60:.0f} min finds it so too"
    return {"outcome": "gone", "reason": said}
