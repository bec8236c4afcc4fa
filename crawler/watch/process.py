"""What one process does on a data folder, on one loop: store, resident crawler, JSONL sinks, deliveries."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from crawler.alerts import Deliverer
from crawler.crawl.backfills import Backfills
from crawler.crawl.resident import resident_crawler
from crawler.crawl.run import Sections
from crawler.exceptions import StorageError, UsageError
from crawler.output import JsonlSink, open_output
from crawler.store import Store
from crawler.watch.handover import LOOK_EVERY, forget_ended, release_jobs, serve_jobs, serve_next
from crawler.watch.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from crawler.config import Config
    from crawler.crawl.backfill import BackfillOptions, BackfillProgress
    from crawler.crawl.section import PollOptions, SectionReport
    from crawler.output import Sink
    from crawler.portals import Portal, Registry, Section
    from crawler.store.folder import DataFolder

logger = logging.getLogger(__name__)

SETTLE = 0.05
"""Seconds that the sink waits for more events before it writes and syncs: one fsync for several articles."""
MANY = 8
"""Lines of one round of the sink from which it is a flood (a backfill, a first pass), not news."""
SETTLE_MANY = 0.5
"""The same in a flood: a round costs four transactions and two fsyncs."""


@dataclass(slots=True)
class Process:
    """The parts of a running process; made by `open_process`."""

    store: Store
    config: Config
    sections: Sections
    backfills: Backfills
    registry: Registry
    sinks: list[Sink]
    deliverer: Deliverer
    woken: asyncio.Event
    trouble: Trouble = field(default_factory=Trouble)
    sinking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the sinks write, or one is replaced."""
    stop_delivering: asyncio.Event = field(default_factory=asyncio.Event)
    """Ends the deliverer that runs; another one may follow."""
    ending: bool = False
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
        await self.write_out()
        await self.deliverer.plan()
        await self.deliverer.deliver_due()

    async def write_out(self) -> int:
        """Write every event to the sinks; gives the lines of the one that wrote most.

        Raises:
            StorageError: the store or a sink refused.

        """
        async with self.sinking:
            return max([await sink.drain() for sink in self.sinks], default=0)

    async def outbox(self) -> None:
        """Keep events flowing to the sinks and into deliveries until cancelled.

        Raises:
            StorageError: the store or a sink refused.

        """
        written = 0
        while True:
            await self.woken.wait()
            await asyncio.sleep(SETTLE if written < MANY else SETTLE_MANY)
            self.woken.clear()
            try:
                written = await self.write_out()
            except BaseException:
                self.woken.set()
                raise
            self.deliverer.wake()

    async def deliver(self) -> None:
        """Keep deliveries going until `end_delivering`, by the rules and channels of the newest configuration.

        Raises:
            StorageError: the store refused.

        """
        while True:
            deliverer, self.stop_delivering = self.deliverer, asyncio.Event()
            if self.ending:
                self.stop_delivering.set()
            try:
                await deliverer.run(self.stop_delivering)
            finally:
                if deliverer is not self.deliverer:
                    await deliverer.close()
            if self.ending:
                return

    async def plan_deliveries(self) -> None:
        """Turn new events into deliveries, without sending any.

        Raises:
            StorageError: the store refused.

        """
        await self.deliverer.plan()

    def end_delivering(self) -> None:
        """Let `deliver` return when what is under way has ended."""
        self.ending = True
        self.stop_delivering.set()

    def prepare(self, config: Config, registry: Registry) -> Deliverer:
        """What `take_over` needs; here every mistake of a configuration is found, and nothing is changed.

        Raises:
            UsageError: a rule, a channel or a target cannot be used.

        """
        return Deliverer(self.store, with_known_targets(config, registry))

    async def take_over(self, config: Config, registry: Registry, deliverer: Deliverer) -> None:
        """Go on by another configuration and other portal files.

        Raises:
            StorageError: the store or the disk refused; the sink is opened with the next event.

        """
        if config.database != self.config.database:
            logger.warning("database: another one takes a restart; the old one goes on being used")
        output, self.config = self.config.output, config
        self.registry = registry
        self.sections.configure(config)
        self.backfills.configure(config)
        self.deliverer = deliverer
        self.stop_delivering.set()
        if config.output != output:
            async with self.sinking:
                old = self.sinks[0]
                if isinstance(old, JsonlSink):
                    self.sinks[0] = old.reopened(reprints=config.output.reprints, rotate=config.output.rotate)
                    await old.close()
        self.woken.set()


@asynccontextmanager
async def open_process(
    folder: DataFolder, config: Config, registry: Registry, *, output: str | None = None, patient: bool = False
) -> AsyncIterator[Process]:
    """Open everything a crawling process needs; the caller holds the folder's lock. `output` is another file, or `-`.

    The background parts (outbox, deliveries, jobs handed over by other processes) run until the block ends; if one of
    them fails, the block is cancelled and its error raised. A `patient` process waits instead for a store that refuses.

    Raises:
        StorageError: the store or a sink refused.
        UsageError: a rule names an unknown target.

    """
    known = with_known_targets(config, registry)
    store = await Store.open(database_url(folder, config), raw=folder.raw, retention=config.retention.raw)
    try:
        async with AsyncExitStack() as stack:
            fetcher = await stack.enter_async_context(resident_crawler(config))
            deliverer = Deliverer(store, known)
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
                config=config,
                sections=Sections(fetcher, store, config),
                backfills=Backfills(fetcher, store, config, folder.attachments),
                registry=registry,
                sinks=sinks,
                deliverer=deliverer,
                woken=asyncio.Event(),
            )
            process.woken.set()  # what an earlier process stored but did not write goes out now
            stack.push_async_callback(_close_deliverer, process)
            try:
                async with asyncio.TaskGroup() as group:
                    background = _background(process, group, patient=patient)
                    yield process
                    process.end_delivering()
                    for task in background:
                        if process.trouble.standing or task.get_name() != _DELIVERING:
                            task.cancel()
                    await asyncio.wait(background)
                    await _last_flush(process, patient=patient)
            except BaseExceptionGroup as group_error:
                raise group_error.exceptions[0] from None
    finally:
        await store.close()


_DELIVERING = "deliveries"


def _background(process: Process, group: asyncio.TaskGroup, *, patient: bool) -> list[asyncio.Task[None]]:
    """Start what runs beside whatever the process is for."""
    parts: list[tuple[str, Callable[[], Awaitable[object]], Callable[[], Awaitable[None]]]] = [
        ("output", process.write_out, process.outbox),
        ("jobs", partial(release_jobs, process), partial(serve_jobs, process)),
        (_DELIVERING, process.plan_deliveries, process.deliver),
    ]
    return [
        group.create_task(process.trouble.keep(name, probe, work) if patient else _run(work), name=name)
        for name, probe, work in parts
    ]


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()


async def _last_flush(process: Process, *, patient: bool) -> None:
    """Put out what was stored last; a watch that ends while its store refuses leaves it to the next one."""
    if not patient:
        await process.flush()
        return
    if process.trouble.standing:
        logger.warning("ended while the store refuses; what was stored and not put out yet goes out at the next start")
        return
    try:
        await process.flush()
    except StorageError as error:
        logger.warning("%s; what was not put out yet goes out at the next start", error)


async def _close_deliverer(process: Process) -> None:
    await process.deliverer.close()


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
