"""What a backfill will ask for, before it does: requests, hours and bytes, from page 1 of the list and the store."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from time import perf_counter
from typing import TYPE_CHECKING, Any

from crawler.crawl.cursor import Cursor
from crawler.crawl.fetch import Traffic
from crawler.crawl.listpages import ListReader, check_list
from crawler.exceptions import FetchError, UnreadablePageError
from crawler.listing.addresses import first_page, page_after
from crawler.middlewares import JITTER, RedirectedAwayError

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.crawl.fetch import Fetcher
    from crawler.items import ListPage
    from crawler.portals import Portal, Section
    from crawler.store import Store

ARTICLE_BYTES = 84_000
"""Mean size of an article page where the store knows none of the section: measured over 53 pages of 20 portals."""
_RUNS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one section's backfill will take; null where its list does not say how long it is.

    `known` entries are stored already. `seconds` are those of politeness, or of the answer of page 1 where no delay is
    configured; `bytes` are of page bodies. `basis` says where the number of entries comes from.
    """

    portal: str
    section: str
    entries: int | None = None
    pages: int | None = None
    known: int = 0
    requests: int | None = None
    seconds: float | None = None
    bytes: int | None = None
    basis: str = "the list does not say how long it is"
    error: str | None = None
    reason: str | None = None

    @property
    def name(self) -> str:
        """`portal/section`."""
        return f"{self.portal}/{self.section}"

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        values = asdict(self)
        del values["portal"]
        return {**values, "section": self.name}


async def plan_section(
    fetcher: Fetcher,
    store: Store | None,
    config: Config,
    portal: Portal,
    section: Section,
    *,
    since: str | None = None,
    until: str | None = None,
) -> Plan:
    """Ask for page 1 of a section's list, store nothing, and reckon.

    Raises:
        StorageError: the store refused.

    """
    traffic = Traffic()
    lists, address = ListReader(fetcher, portal, section), first_page(section)
    began = perf_counter()
    try:
        fetched = await lists.fetch(address, traffic)
        page = await lists.read(fetched, address)
        check_list(page, address)
    except FetchError as error:
        return Plan(portal=portal.id, section=section.id, error=str(error), reason=error.reason)
    except (RedirectedAwayError, UnreadablePageError) as error:
        return Plan(portal=portal.id, section=section.id, error=f"{address.url}: {error}", reason="moved")
    answered = perf_counter() - began
    cursor = Cursor(rows_of_first_page=len(page.entries))
    cursor.claims(page)
    only_page = page_after(section, address, page) is None
    entries, basis = _entries(cursor, page, only_page=only_page)
    if entries is None:
        return Plan(portal=portal.id, section=section.id)
    pages = cursor.expected_pages or 1
    if since is not None or until is not None:
        share, basis = _share(page, entries, since, until)
        pages, entries = max(int(pages * share[0]), 1), int(entries * share[1])
    known, article_bytes = await _from_store(store, portal, section)
    to_fetch = max(entries - known, 0)
    requests = pages + 1 + to_fetch
    return Plan(
        portal=portal.id,
        section=section.id,
        entries=entries,
        pages=pages,
        known=known,
        requests=requests,
        seconds=requests * _seconds_each(config, portal, answered),
        bytes=(pages + 1) * len(fetched.body) + to_fetch * article_bytes,
        basis=basis,
    )


def _entries(cursor: Cursor, page: ListPage, *, only_page: bool) -> tuple[int | None, str]:
    if only_page:
        return len(page.entries), "the list has one page"
    if cursor.total is not None:
        return cursor.total, "the list says how many"
    if cursor.total_pages is not None:
        return cursor.total_pages * len(page.entries), "the list says how many pages"
    return None, ""


def _share(page: ListPage, entries: int, since: str | None, until: str | None) -> tuple[tuple[float, float], str]:
    """Which share of the list's pages is read, and of its entries fetched, at the pace of page 1."""
    days = sorted((entry.published_at or "")[:10] for entry in page.entries if entry.published_at)
    if not days:
        return (1.0, 1.0), "the list prints no dates: all of it"
    newest, oldest = date.fromisoformat(days[-1]), date.fromisoformat(days[0])
    per_day = len(days) / max((newest - oldest).days, 1)
    start = max((newest - date.fromisoformat(since)).days, 0) * per_day if since else float(entries)
    end = max((newest - date.fromisoformat(until)).days, 0) * per_day if until else 0.0
    read = min(max(start, 1.0) / max(entries, 1), 1.0)
    fetched = min(max(start - end, 0.0) / max(entries, 1), 1.0)
    return (read, fetched), "reckoned from the dates of page 1: posts a day now are not those of years ago"


async def _from_store(store: Store | None, portal: Portal, section: Section) -> tuple[int, int]:
    """Entries stored already, and the mean bytes of an answer in earlier runs."""
    if store is None:
        return 0, ARTICLE_BYTES
    state = next((s for s in await store.sections.all() if (s.portal, s.section) == (portal.id, section.id)), None)
    if state is None:
        return 0, ARTICLE_BYTES
    runs = await store.runs.recent(state.id, _RUNS)
    answers = sum(run.requests - run.not_modified for run in runs)
    mean = sum(run.bytes for run in runs) // answers if answers >= 10 else ARTICLE_BYTES
    return (await store.ledger.counts(state.id))["stored"], mean


def _seconds_each(config: Config, portal: Portal, answered: float) -> float:
    delay = config.politeness.delay if portal.politeness.delay is None else portal.politeness.delay
    concurrency = portal.politeness.concurrency or config.politeness.concurrency
    return max(delay * (1 + JITTER), answered / concurrency)
