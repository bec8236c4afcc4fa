"""The delivery worker: plans what the rules want, posts what is due, keeps what failed for later."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from crawler.alerts.channels import open_channels
from crawler.alerts.digest import Composer
from crawler.alerts.lane import FETCH, Lane
from crawler.alerts.planner import Planner
from crawler.alerts.schedule import GAPS, next_attempt, retry_after_seconds
from crawler.alerts.sender import Sender

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from crawler.alerts.client import Attempt, WebhookClient
    from crawler.config import Config
    from crawler.store import Delivery, Store

logger = logging.getLogger(__name__)

CONCURRENCY = 16
"""Attempts under way at once."""
PER_CHANNEL = 4
"""Attempts under way at once to one channel, so that a receiver that hangs leaves room for the others."""
STOP_GRACE = 5.0
"""Seconds that attempts under way have to end when the worker is stopped; cut off, they are made again later."""
LONGEST_REST = 60.0
"""Seconds after which a worker looks again unasked: at a clock that was set, at what another process asked to retry."""
PATIENCE = 4
"""Attempts in a row without any answer after which `deliver_due` leaves the rest of a channel for later."""
_PLAN = 100  # events a transaction


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the attempts made: delivered, failed (to be tried again), dead (given up)."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0


class Deliverer:
    """Turns events into deliveries and delivers them, at least once and under one id, until the receiver takes them.

    One deliverer a store: the caller holds the data folder. What is under way when the process dies is due afterwards.
    """

    def __init__(
        self,
        store: Store,
        config: Config,
        clock: Callable[[], float] = time.time,
        *,
        client: WebhookClient | None = None,
        chance: random.Random | None = None,
        concurrency: int = CONCURRENCY,
        per_channel: int = PER_CHANNEL,
        gaps: Sequence[float] = GAPS,
    ) -> None:
        """Make the channels ready.

        Args:
            store: where events and deliveries are.
            config: its rules and channels.
            clock: UTC epoch seconds.
            client: what posts; one of its own by default.
            chance: the source of jitter.
            concurrency: attempts under way at once.
            per_channel: the same for one channel.
            gaps: seconds before each attempt; after the last one a delivery is dead.

        Raises:
            ConfigError: a channel or a rule's word cannot be used; the message names it and what is wrong.

        """
        self._store = store
        self._clock = clock
        self._planner = Planner(config.rules)
        targets = open_channels(config.channels)
        self._lanes = {name: Lane(one, 1 if one.ordered else per_channel) for name, one in targets.items()}
        self._composer = Composer({name: one.style for name, one in targets.items() if one.style is not None})
        self._sender = Sender(client)
        self._chance = chance if chance is not None else random.SystemRandom()
        self._concurrency = concurrency
        self._gaps = gaps
        self._under_way: dict[int, tuple[Lane, asyncio.Task[None]]] = {}
        self._counts: Counter[str] = Counter()
        self._gathers = any(rule.digest is not None for rule in config.rules)
        self._gathered = True  # a rule that is gone may have left something
        self._digest_at: float | None = None
        self._turn = 0
        self._wake = asyncio.Event()
        self._planning = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def wake(self) -> None:
        """Tell a running worker that there may be new events or deliveries."""
        self._wake.set()

    async def plan(self) -> int:
        """Turn every new event into deliveries and move the cursor with them; make up the digests that are due.

        Returns:
            The number of events read.

        Raises:
            StorageError: the database refused; nothing is half-done.

        """
        read = 0
        async with self._planning:
            count = _PLAN
            while count == _PLAN:  # less was all there was; what comes in meanwhile has its own wake-up
                count = await self._store.deliveries.plan(self._planner, self._clock(), _PLAN)
                read += count
            await self._compose()
        return read

    async def _compose(self) -> None:
        """Make up the digests that are due, and learn when the next one is; nobody asks where nothing is gathered."""
        if not (self._gathers or self._gathered):
            return
        while await self._store.deliveries.compose(self._composer, self._clock()):
            pass
        self._digest_at = await self._store.deliveries.next_digest_at()
        self._gathered = self._digest_at is not None

    async def deliver_due(self) -> Outcome:
        """Make one attempt at everything that is due now, and wait until the last one has ended.

        Of a channel that gives no answer at all only the first few are tried, or a command could not end for hours.

        Raises:
            StorageError: the database refused; what was not noted as delivered will be sent again under its id.

        """
        before = self._counts.copy()
        cutoff = self._clock()
        try:
            await self._look_again()
            for lane in self._lanes.values():
                lane.silent = 0
            while True:
                await self._dispatch(cutoff, PATIENCE)
                pause = self._pause(PATIENCE)
                attempts = [task for _, task in self._under_way.values()]
                if attempts:
                    await asyncio.wait(attempts, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                elif pause is not None:
                    await asyncio.sleep(pause)
                else:
                    break
                self._reap()
        finally:
            await self._put_down(0.0)
        return self._since(before)

    async def run(self, stop: asyncio.Event) -> Outcome:
        """Plan and deliver until `stop` is set: woken by `wake()`, and by the clock when something falls due.

        Raises:
            StorageError: the database refused; run again when it is mended.

        """
        before = self._counts.copy()
        self._wake.set()
        try:
            while not stop.is_set():
                if self._wake.is_set():
                    self._wake.clear()
                    await self.plan()
                    await self._look_again()
                self._reap()
                cutoff = self._clock()
                await self._dispatch(cutoff)
                await self._rest(stop, cutoff)
        finally:
            await self._put_down(STOP_GRACE)
        return self._since(before)

    def _since(self, before: Counter[str]) -> Outcome:
        made = self._counts - before
        return Outcome(made["delivered"], made["failed"], made["dead"])

    async def close(self) -> None:
        """End what is under way and let go of every connection; deliveries that were cut off stay due."""
        await self._put_down(0.0)

    async def _look_again(self) -> None:
        """Read the queue anew, learn which channels are disabled, and give up what waits for removed ones."""
        deliveries = self._store.deliveries
        disabled = await deliveries.disabled()
        for name, lane in self._lanes.items():
            lane.look_again(disabled=name in disabled)
        for name in await deliveries.waiting_channels() - self._lanes.keys():
            while removed := await deliveries.due(math.inf, FETCH, (name,)):
                for delivery in removed:
                    await self._give_up(delivery, f"the channel {name} is not configured")

    async def _dispatch(self, cutoff: float, patience: float = math.inf) -> None:
        """Begin attempts at what is due by `cutoff`, as many as there is room for, another channel first each time."""
        lanes = [lane for lane in self._lanes.values() if not lane.disabled and lane.silent < patience]
        self._turn = (self._turn + 1) % max(len(lanes), 1)
        now = asyncio.get_running_loop().time()
        for lane in lanes[self._turn :] + lanes[: self._turn]:
            while (
                len(self._under_way) < self._concurrency
                and lane.has_room(now)
                and await lane.fetch(self._store, cutoff, self._under_way)
            ):
                delivery = lane.begin(now)
                task = asyncio.create_task(self._attempt(delivery, lane), name=f"deliver {delivery.webhook_id}")
                self._under_way[delivery.id] = lane, task

    def _pause(self, patience: float = math.inf) -> float | None:
        """Seconds until a channel that keeps a pace, and may have more, may go on; None if there is no such channel."""
        now = asyncio.get_running_loop().time()
        pause = min((lane.pause(now) for lane in self._lanes.values() if lane.silent < patience), default=math.inf)
        return pause if math.isfinite(pause) else None

    async def _attempt(self, delivery: Delivery, lane: Lane) -> None:
        """One attempt: the id and the body as always, the timestamp and the signature new."""
        attempt = await self._sender.send(lane.target, delivery, int(self._clock()))
        lane.silent = lane.silent + 1 if attempt.status is None else 0
        if attempt.status is not None and attempt.delivered:
            await self._store.deliveries.delivered(delivery.id, self._clock(), attempt.status)
            self._counts["delivered"] += 1
        elif attempt.gone:
            logger.warning("channel %s is disabled: the receiver answered 410 Gone", delivery.channel)
            lane.disabled = True
            await self._store.deliveries.gone(delivery.id, delivery.channel, self._clock(), attempt.reason)
            self._counts["dead"] += 1
        else:
            await self._postpone(delivery, attempt, lane)

    async def _postpone(self, delivery: Delivery, attempt: Attempt, lane: Lane) -> None:
        """Note a failed attempt, and when the next one is made."""
        now = self._clock()
        made = delivery.attempts + 1
        again = next_attempt(made, now, retry_after_seconds(attempt.retry_after, now), self._chance, self._gaps)
        if again is None:
            await self._give_up(delivery, attempt.reason)
            return
        logger.info("delivery %s: attempt %d failed: %s", delivery.webhook_id, made, attempt.reason)
        await self._store.deliveries.failed(delivery.id, now, again, attempt.reason)
        self._counts["failed"] += 1
        lane.failed()

    async def _give_up(self, delivery: Delivery, reason: str) -> None:
        """Note a delivery as dead: listed, and sent again only when somebody asks."""
        logger.warning("delivery %s is given up: %s", delivery.webhook_id, reason)
        await self._store.deliveries.failed(delivery.id, self._clock(), None, reason)
        self._counts["dead"] += 1

    def _reap(self) -> None:
        """Take away the attempts that have ended; what one of them raised (the database refused) is raised here."""
        ended = [number for number, (_, task) in self._under_way.items() if task.done()]
        tasks: list[asyncio.Task[None]] = []
        for number in ended:
            lane, task = self._under_way.pop(number)
            lane.busy -= 1
            tasks.append(task)
        for task in tasks:
            task.result()

    async def _rest(self, stop: asyncio.Event, cutoff: float) -> None:
        """Wait for a stop, a wake-up, the end of an attempt, or the next time that something falls due."""
        names = [name for name, lane in self._lanes.items() if lane.idle and not lane.disabled]
        due_at = await self._store.deliveries.next_due_at(names, after=cutoff) if names else None
        times = [at for at in (due_at, self._digest_at) if at is not None]
        seconds = min(max(min(times, default=math.inf) - self._clock(), 0.0), LONGEST_REST)
        pause = self._pause()
        if pause is not None:
            seconds = min(seconds, pause)
        signals = [asyncio.create_task(event.wait()) for event in (stop, self._wake)]
        attempts = [task for _, task in self._under_way.values()]
        try:
            ended, _ = await asyncio.wait([*signals, *attempts], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for signal in signals:
                signal.cancel()
            await asyncio.gather(*signals, return_exceptions=True)
        if not ended and pause is None:
            self._wake.set()

    async def _put_down(self, grace: float) -> None:
        """Let attempts under way end within `grace` seconds, cut off the others, close every connection."""
        tasks = [task for _, task in self._under_way.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self._under_way.clear()
        for lane in self._lanes.values():
            lane.busy = 0
            lane.queue.clear()
        await self._sender.close()
