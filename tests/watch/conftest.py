"""A watch over a replica: real scheduler, store and crawler; tests wait for what happens, never for time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from crawler.config import Config
from crawler.crawl.section import SectionReport
from crawler.portals import Registry, load_portals
from crawler.replica import Replica
from crawler.store.folder import DataFolder
from crawler.watch.process import Process, open_process
from crawler.watch.schedule import Watcher

PATIENCE = 60
"""Seconds after which a test that waits for an event fails instead of hanging."""


@dataclass
class Post:
    """A watch under way and what it has reported so far."""

    replica: Replica
    registry: Registry
    process: Process
    config: Config
    folder: DataFolder
    reports: list[SectionReport] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    running: asyncio.Task[None] | None = None
    watcher: Watcher | None = None

    def start(self, *targets: str, **options: Any) -> Watcher:
        chosen = [pair for target in targets for pair in self.registry.resolve(target)]
        settings = Config(watch={"every": 0.2, "job_timeout": 30.0, **options}).watch
        self.watcher = Watcher(self.process, chosen, settings, on_report=self._report)
        self.running = asyncio.create_task(self.watcher.run())
        return self.watcher

    def _report(self, report: SectionReport) -> None:
        self.reports.append(report)
        self._notify = asyncio.create_task(self.notify())

    async def notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; looked at after every report."""
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(holds)

    async def another(self) -> None:
        """Wait for the next report."""
        count = len(self.reports)
        await self.until(lambda: len(self.reports) > count)

    def seen(self, name: str) -> list[SectionReport]:
        return [report for report in self.reports if report.name == name]


MakePost = Callable[..., Any]


@pytest.fixture
async def make_post(tmp_path: Path) -> AsyncIterator[MakePost]:
    """Makes a watch; keyword arguments are the replica's, `config` is the configuration's values."""
    async with AsyncExitStack() as stack:

        async def make(config: dict[str, Any] | None = None, **arguments: Any) -> Post:
            replica = await stack.enter_async_context(Replica(**arguments))
            replica.write_portals(tmp_path / "portals")
            values = Config(**{"politeness": {"timeout": 5, "delay": 0}, **(config or {})})
            folder = DataFolder(tmp_path / "data")
            folder.create()
            registry = load_portals(tmp_path / "portals")
            process = await stack.enter_async_context(open_process(folder, values, registry, patient=True))
            post = Post(replica, registry, process, values, folder)
            stack.push_async_callback(_end, post)
            return post

        yield make


async def _end(post: Post) -> None:
    if post.watcher is not None and post.running is not None and not post.running.done():
        post.watcher.stop()
        await post.running
