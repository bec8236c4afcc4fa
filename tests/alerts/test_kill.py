"""kill -9 while delivering to bad receivers: all arrives, verified, doubled only under one id.

PORTALWATCH_KILLS=50 PORTALWATCH_EVENTS=10000 is the long run; its counts are printed (`pytest -s`).
"""

import asyncio
import contextlib
import os
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from standardwebhooks.webhooks import Webhook

from crawler.alerts import retry
from crawler.replica.receiver import Delivery, Receiver
from crawler.store import Store
from tests.alerts.delivering import make_config, make_deliverer, write

KILLS = int(os.environ.get("PORTALWATCH_KILLS", "3"))
EVENTS = int(os.environ.get("PORTALWATCH_EVENTS", "120"))
DELIVERING = Path(__file__).with_name("delivering.py")
BAD = {"ok": 68, "503": 8, "429": 6, "301": 5, "hang": 1, "reset": 6, "half-close": 6}
LAST = {"ok": 88, "410": 4, "503": 8}
TAKEN = {"ok", "half-close"}
Urls = tuple[str, str, str]
FRESH = 5  # seconds between the timestamp and the arrival; the library itself allows 300


@dataclass
class Verified:
    """What one receiver got, each attempt verified by the public library as it came in."""

    receiver: Receiver
    secret: str
    attempts: dict[str, list[Delivery]] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)

    async def watch(self) -> None:
        count = 0
        while True:
            await self.receiver.wait_for(count + 1)
            while self.receiver.deliveries:
                one = self.receiver.deliveries.popleft()
                count += 1
                Webhook(self.secret).verify(one.raw, {name.lower(): value for name, value in one.headers.items()})
                assert abs(int(one.headers["webhook-timestamp"]) - one.at) <= FRESH
                self.attempts.setdefault(one.headers["webhook-id"], []).append(one)
                self.answers[one.answered] += 1

    @property
    def taken_twice(self) -> int:
        return sum(sum(one.answered in TAKEN for one in made) > 1 for made in self.attempts.values())

    def check(self, planned: dict[str, bytes]) -> None:
        """What was planned arrived and nothing else did: one id, the same bytes each time, at the end taken."""
        assert self.attempts.keys() == planned.keys()
        for webhook_id, made in self.attempts.items():
            assert {one.raw for one in made} == {planned[webhook_id]}
            assert any(one.answered in TAKEN for one in made)


@contextlib.asynccontextmanager
async def listening(mix: Mapping[str, float], secret: str, seed: int) -> AsyncIterator[Verified]:
    async with Receiver(mix=mix, retry_after=1, seed=seed) as receiver:
        verified = Verified(receiver, secret)
        watching = asyncio.create_task(verified.watch())
        try:
            yield verified
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching  # a signature that did not hold is raised here


async def deliver_and_kill(database: Path, events: int, urls: Urls, secret: str, seconds: float) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(DELIVERING), str(database), str(events), *urls, secret, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"at work\n"
    await asyncio.sleep(seconds)  # the random moment; nothing is asserted about time
    process.kill()
    assert await process.wait() == -9


async def bring_back(database: Path) -> int:
    """What a user does after a 410, and for the dead: retry. Gives the number of channels enabled again."""
    store = await Store.open(f"sqlite:///{database}")
    enabled = (await retry(store, None)).enabled
    await store.close()
    return len(enabled)


async def test_every_event_arrives_after_kills_at_random_moments(tmp_path: Path, make: Any) -> None:
    chance = random.Random(20_261_122)
    database = tmp_path / "portalwatch.db"
    brought_back = 0
    async with (
        listening(BAD, make.secret, 1) as desk,
        listening(LAST, make.secret, 2) as sunset,
        listening(BAD, make.secret, 3) as paper,
    ):
        urls = (desk.receiver.url, sunset.receiver.url, paper.receiver.url)
        for kill in range(1, KILLS + 1):
            events = EVENTS * kill // KILLS
            await deliver_and_kill(database, events, urls, make.secret, chance.uniform(0.2, 0.5 + EVENTS / KILLS / 50))
            brought_back += await bring_back(database)
        left = await finish(database, EVENTS, urls, make.secret)
        store = await Store.open(f"sqlite:///{database}")
        planned = await store.deliveries.list(None, 1_000_000)
        events = await store.events.last_seq()
        counts, gathered = await store.deliveries.counts(), await store.deliveries.gathered()
        await store.close()
    assert events == EVENTS
    assert gathered == []
    assert counts == {"pending": 0, "delivered": len(planned), "dead": 0}
    for name, verified in (("desk", desk), ("sunset", sunset), ("paper", paper)):
        verified.check({one.webhook_id: one.body for one in planned if one.channel == name})
    assert {one.event_seq for one in planned if one.channel == "desk"} == set(range(1, EVENTS + 1))
    of_anhui = sorted(orjson.loads(one.body)["data"]["id"] for one in planned if one.channel == "sunset")
    in_digests = sorted(
        item["data"]["id"]
        for one in planned
        if one.channel == "paper"
        for item in orjson.loads(one.body)["data"]["events"]
    )
    assert in_digests == of_anhui
    sys.stdout.write(
        f"{KILLS} kills, {EVENTS} events, {len(planned)} deliveries, {left} of them left after the last kill; "
        f"410 brought back {brought_back} times\n"
    )
    for name, verified in (("desk", desk), ("sunset", sunset), ("paper", paper)):
        sys.stdout.write(
            f"{name}: {len(verified.attempts)} ids, {verified.answers.total()} attempts, all verified, "
            f"{verified.taken_twice} taken twice under one id; {dict(sorted(verified.answers.items()))}\n"
        )
    sys.stdout.write(f"{len(in_digests)} events in {len(paper.attempts)} digests\n")


async def finish(database: Path, events: int, urls: Urls, secret: str) -> int:
    """Store what is missing and deliver all, against the same receivers. Gives what had been left to deliver."""

    store = await Store.open(f"sqlite:///{database}")
    section = await store.sections.open("shanxi", "news")
    seq = await store.events.last_seq()
    for number in range(seq + 1, events + 1):
        await store.articles.store(write(section.id, "shanxi", 1_000_000_000 + number, 1_795_320_000.0))
    async with make_deliverer(store, make_config(*urls, secret)) as deliverer:
        await deliverer.plan()
        left = (await store.deliveries.counts())["pending"]
        counts = await store.deliveries.counts()
        while counts["pending"] or counts["dead"]:
            await deliverer.deliver_due()
            await retry(store, None)
            counts = await store.deliveries.counts()
    await store.close()
    return left
