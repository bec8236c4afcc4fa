from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from crawler.config import Config
from crawler.crawl.fetch import Fetcher
from crawler.crawl.resident import resident_crawler
from crawler.crawl.section import PollOptions, SectionJob, SectionReport
from crawler.items import Record
from crawler.portals import Registry, load_portals
from crawler.replica import Replica
from crawler.store import Event, Store


@dataclass
class Bench:
    """A replica, a store on disk and a resident crawler; times move only as a test says."""

    replica: Replica
    registry: Registry
    store: Store
    config: Config
    fetcher: Fetcher
    now: float = 1_760_000_000.0
    reports: list[SectionReport] = field(default_factory=list)

    async def poll(self, target: str, **options: Any) -> SectionReport:
        ((portal, section),) = self.registry.resolve(target)
        self.now += 1
        job = SectionJob(
            self.fetcher, self.store, self.config, portal, section, PollOptions(**options), clock=lambda: self.now
        )
        self.reports.append(await job.run())
        return self.reports[-1]

    async def events(self) -> list[Event]:
        return await self.store.events.after(0, 100_000)

    async def records(self) -> dict[str, Record]:
        """The last record of every article, by its URL."""
        return {event.record.canonical_url: event.record for event in await self.events()}

    def requests(self, path: str = "") -> int:
        return sum(count for url, count in self.replica.requests.counts.items() if path in url)


MakeBench = Callable[..., Any]


@pytest.fixture
async def make_bench(tmp_path: Path) -> AsyncIterator[MakeBench]:
    """Makes a bench; keyword arguments are the replica's, `config` is the configuration's values."""
    async with AsyncExitStack() as stack:

        async def make(config: dict[str, Any] | None = None, **arguments: Any) -> Bench:
            replica = await stack.enter_async_context(Replica(**arguments))
            replica.write_portals(tmp_path / "portals")
            values = Config(**{"politeness": {"timeout": 5}, **(config or {})})
            store = await Store.open(f"sqlite:///{tmp_path / 'portalwatch.db'}", raw=tmp_path / "raw")
            stack.push_async_callback(store.close)
            fetcher = await stack.enter_async_context(resident_crawler(values))
            return Bench(replica, load_portals(tmp_path / "portals"), store, values, fetcher)

        yield make


@pytest.fixture
async def bench(make_bench: MakeBench) -> Bench:
    made: Bench = await make_bench(articles={"trs/news": 30, "trs/policy": 8, "hanweb/news": 20, "json/yaowen": 12})
    return made
