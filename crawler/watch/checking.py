"""A look at sections on demand: one list page each, the home page where something is wrong; nothing is stored."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from crawler.crawl.fetch import Traffic
from crawler.crawl.listpages import ListReader, check_list
from crawler.exceptions import FetchError, UnreadablePageError
from crawler.health import History, advice, assess
from crawler.listing.addresses import first_page
from crawler.middlewares import RedirectedAwayError
from crawler.store import Run
from crawler.watch.lookaround import home_answers, new_address

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crawler.crawl.fetch import Fetcher
    from crawler.items import ListPage
    from crawler.portals import Portal, Section
    from crawler.watch.memory import Memory

MAX_PORTALS = 16
"""Portals looked at at once; each one's sections one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a look at a section found. `since` is when the trouble began, where earlier runs tell (epoch seconds)."""

    section: str
    verdict: str
    reason: str
    since: float | None
    entries: int
    newest: str | None
    confidence: float | None
    new_url: str | None
    next: str

    def data(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


async def check(
    fetcher: Fetcher,
    targets: Sequence[tuple[Portal, Section]],
    memories: dict[str, Memory],
    now: Callable[[], float],
    on_done: Callable[[Checked], None],
) -> list[Checked]:
    """Look at sections; what the store knows of them (`memories`, by name) makes the verdicts sharper."""
    gate = asyncio.Semaphore(MAX_PORTALS)
    found: dict[str, Checked] = {}

    async def portal_of(members: list[tuple[Portal, Section]]) -> None:
        async with gate:
            for portal, section in members:
                name = f"{portal.id}/{section.id}"
                found[name] = await check_section(fetcher, portal, section, memories.get(name), now)
                on_done(found[name])

    portals: dict[str, list[tuple[Portal, Section]]] = {}
    for portal, section in targets:
        portals.setdefault(portal.id, []).append((portal, section))
    async with asyncio.TaskGroup() as group:
        for members in portals.values():
            group.create_task(portal_of(members))
    return [found[f"{portal.id}/{section.id}"] for portal, section in targets]


async def check_section(
    fetcher: Fetcher, portal: Portal, section: Section, memory: Memory | None, now: Callable[[], float]
) -> Checked:
    """Look at one section."""
    name = f"{portal.id}/{section.id}"
    started = now()
    page: ListPage | None = None
    error: str | None = None
    reason: str | None = None
    traffic = Traffic()
    address = first_page(section)
    reader = ListReader(fetcher, portal, section)
    try:
        page = await reader.read(await reader.fetch(address, traffic), address)
        check_list(page, address)
    except FetchError as failure:
        error, reason = str(failure), failure.reason
    except RedirectedAwayError as failure:
        error, reason = f"{address.url}: {failure}", "moved"
    except UnreadablePageError as failure:
        error, reason = f"{address.url}: {failure}", "unreadable"
    entries = page.entries if page is not None else ()
    run = Run(
        section_id=0,
        started_at=started,
        finished_at=now(),
        kind="check",
        requests=traffic.requests,
        entries=len(entries) if error is None else 0,
        bytes=traffic.bytes,
        pages=1,
        error=error,
        verdict=reason,
    )
    verdict, why, since, new_url = await _verdict(fetcher, portal, section, run, memory)
    return Checked(
        section=name,
        verdict=verdict,
        reason=why,
        since=since if since is not None and since < started else None,
        entries=len(entries),
        newest=max((entry.published_at for entry in entries if entry.published_at), default=None),
        confidence=page.confidence if page is not None else None,
        new_url=new_url,
        next=advice(verdict, portal.id if verdict in {"site down", "unreachable from here"} else name),
    )


async def _verdict(
    fetcher: Fetcher, portal: Portal, section: Section, run: Run, memory: Memory | None
) -> tuple[str, str, float | None, str | None]:
    runs, reads, silence = [run], [], None
    if memory is not None:
        runs += memory.runs
        reads = [*([run] if run.error is None else []), *memory.reads]
        silence = memory.silence(run.finished_at)
    found = assess(History(runs, reads, silence))
    verdict: str = found.verdict
    if verdict == "unreachable":
        if await home_answers(fetcher, portal):
            return verdict, f"{found.reason}; its home page answers", found.since, None
        why = f"{found.reason}; its home page does not answer either"
        if found.network:
            # No server said anything: it may be down, or refuse addresses like ours, which nobody can tell from here.
            return "unreachable from here", f"{why}: if others reach it, set a proxy for it", found.since, None
        return "site down", why, found.since, None
    if verdict == "moved":
        new_url = await new_address(fetcher, portal, section)
        why = f"{found.reason}; its home page names {new_url}" if new_url is not None else found.reason
        return verdict, why, found.since, new_url
    return verdict, found.reason, found.since if found.bad else None, None
