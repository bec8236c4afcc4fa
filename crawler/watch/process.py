"""What one process does on a data folder, on one loop: store, resident crawler, JSONL sinks, deliveries."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crawler.alerts import Deliverer
from crawler.crawl.backfills import Backfills
from crawler.crawl.resident import resident_crawler
from crawler.crawl.run import Sections
from crawler.exceptions import UsageError
from crawler.output import JsonlSink, open_output
from crawler.store import Store
from crawler.watch.handover import LOOK_EVERY, forget_ended, serve_jobs, serve_next

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from crawler.config import Config
    from crawler.crawl.backfill import BackfillOptions, BackfillProgress
    from crawler.crawl.section import PollOptions, SectionReport
    from crawler.output import Sink
    from crawler.portals import Portal, Registry, Section
    from crawler.store.folder import DataFolder

logger = logging.getLogger(__name__)

SETTLE = 0.05
"""Seconds that the sink waits for more events before it writes and syncs: one fsync for several articles."""


@dataclass(slots=True)
class Process:
    """The parts of a running process; made by `open_process`."""

    store: Store
    sections: Sections
    backfills: Backfills
    registry: Registry
    sinks: list[Sink]
    deliverer: Deliverer
    woken: asyncio.Event
    handed: asyncio.Lock = field(default_factory=asyncio.Lock)
    handed_backfills: set[asyncio.Task[None]] = field(default_factory=set)
    """Backfills of other processes: they take hours, and other handed jobs do not wait for them."""

    async def crawl(
        self,
        targets: Sequence[tuple[Portal, Section]],
        options: PollOptions,
        on_progress: Callable[[SectionReport], None] | None = None,
        on_done: Callable[[SectionReport], None] | None = None,
    ) -> list[SectionReport]:
        """One pass over sections; what it stores goes out while it runs.

        Raises:
            StorageError: the store or a sink refused.

        """

        def progressed(report: SectionReport) -> None:
            self.woken.set()
            if on_progress is not None:
                on_progress(report)

        return await self.sections.poll_all(targets, options, progressed, on_done)

    async def backfill(
        self,
        targets: Sequence[tuple[Portal, Section]],
        options: BackfillOptions,
        on_progress: Callable[[BackfillProgress], None] | None = None,
        on_done: Callable[[dict[str, Any]], None] | None = None,
    ) -> list[dict[str, Any]]:
        """The whole history of sections; what it stores goes out while it runs. Gives completeness reports.

        Raises:
            StorageError: the store or a sink refused.

        """

        def progressed(report: BackfillProgress) -> None:
            self.woken.set()
            if on_progress is not None:
                on_progress(report)

        return await self.backfills.run_all(targets, options, progressed, on_done)

    async def settle(self) -> None:
        """Finish what other processes have handed over.

        Raises:
            StorageError: the store or a sink refused.

        """
        while await serve_next(self) or self.handed_backfills:
            if self.handed_backfills:
                await asyncio.wait(self.handed_backfills, timeout=LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)
                forget_ended(self)

    async def flush(self) -> None:
        """Write every event to the sinks, and try every delivery that is due once.

        Raises:
            StorageError: the store or a sink refused.

        """
        for sink in self.sinks:
            await sink.drain()
        await self.deliverer.plan()
        await self.deliverer.deliver_due()

    async def outbox(self) -> None:
        """Keep events flowing to the sinks and into deliveries until cancelled.

        Raises:
            StorageError: the store or a sink refused.

        """
        while True:
            await self.woken.wait()
            await asyncio.sleep(SETTLE)
            self.woken.clear()
            for sink in self.sinks:
                await sink.drain()
            self.deliverer.wake()


@asynccontextmanager
async def open_process(
    folder: DataFolder, config: Config, registry: Registry, *, output: str | None = None
) -> AsyncIterator[Process]:
    """Open everything a crawling process needs; the caller holds the folder's lock. `output` is another file, or `-`.

    The background parts (outbox, deliveries, jobs handed over by other processes) run until the block ends; if one of
    them fails, the
    block is cancelled and its error raised.

    Raises:
        StorageError: the store or a sink refused.
        UsageError: a rule names an unknown target.

    """
    config = with_known_targets(config, registry)
    store = await Store.open(database_url(folder, config))
    try:
        async with AsyncExitStack() as stack:
            fetcher = await stack.enter_async_context(resident_crawler(config))
            deliverer = await stack.enter_async_context(Deliverer(store, config))
            sinks: list[Sink] = [
                JsonlSink(store, folder.articles, reprints=config.output.reprints, rotate=config.output.rotate)
            ]
            stack.push_async_callback(sinks[0].close)
            await sinks[0].open()
            if output is not None:
                sinks.append(await open_output(store, output, config))
                stack.push_async_callback(sinks[1].close)
            process = Process(
                store=store,
                sections=Sections(fetcher, store, config),
                backfills=Backfills(fetcher, store, config, folder.attachments),
                registry=registry,
                sinks=sinks,
                deliverer=deliverer,
                woken=asyncio.Event(),
            )
            process.woken.set()  # what an earlier process stored but did not write goes out now
            stop = asyncio.Event()
            try:
                async with asyncio.TaskGroup() as group:
                    background = [
                        group.create_task(process.outbox()),
                        group.create_task(serve_jobs(process)),
                    ]
                    delivering = group.create_task(process.deliverer.run(stop))
                    yield process
                    for task in background:
                        task.cancel()
                    stop.set()
                    await delivering
                    await process.flush()
            except BaseExceptionGroup as group_error:
                raise group_error.exceptions[0] from None
    finally:
        await store.close()


def with_known_targets(config: Config, registry: Registry) -> Config:
    """The configuration with the targets of its rules as ids, whatever names they were given by.

    Raises:
        UsageError: a rule names a portal, section or kind that is unknown; the nearest is named.

    """
    rules = []
    for rule in config.rules:
        try:
            targets = tuple(known_target(registry, target) for target in rule.targets)
        except UsageError as error:
            raise UsageError(f"rule {rule.name!r}: targets: {error}") from error
        rules.append(rule.model_copy(update={"targets": targets}))
    return config.model_copy(update={"rules": tuple(rules)})


def known_target(registry: Registry, target: str) -> str:
    """A target as `portal`, `portal/section`, `kind:…` or `all`.

    Raises:
        UsageError: it is unknown.

    """
    if "/" in target:
        ((portal, section),) = registry.resolve(target)
        return f"{portal.id}/{section.id}"
    if target == "all" or target.startswith("kind:"):
        return target
    return registry.portal(target).id


def database_url(folder: DataFolder, config: Config) -> str:
    """The configured database, or the folder's own."""
    return config.database or folder.database_url
