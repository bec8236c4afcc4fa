"""kill -9 while delivering to a bad receiver: all arrives, doubled only under one id. PORTALWATCH_KILLS=50: long."""

import asyncio
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from crawler.alerts import Deliverer
from crawler.alerts.client import WebhookClient
from crawler.replica.receiver import Delivery, Receiver
from crawler.store import Store

KILLS = int(os.environ.get("PORTALWATCH_KILLS", "5"))
DELIVERING = Path(__file__).with_name("delivering.py")
BAD = {"ok": 70, "503": 8, "429": 5, "301": 4, "hang": 1, "reset": 6, "half-close": 6}
TAKEN = {"ok", "half-close"}


async def deliver_and_kill(database: Path, url: str, secret: str, hours: float, seconds: float) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(DELIVERING), str(database), url, secret, str(hours), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"at work\n"
    await asyncio.sleep(seconds)  # the random moment; nothing is asserted about time
    process.kill()
    assert await process.wait() == -9


def same_bytes(attempts: list[Delivery]) -> bool:
    return len({one.raw for one in attempts}) == 1


async def test_every_event_arrives_after_kills_at_random_moments(tmp_path: Path, make: Any, signed: Any) -> None:
    chance = random.Random(20_261_122)
    database = tmp_path / "portalwatch.db"
    hours = 0.0
    async with Receiver(mix=BAD) as receiver:
        receiver.retry_after = 1
        for _ in range(KILLS):
            await deliver_and_kill(database, receiver.url, make.secret, hours, chance.uniform(0.1, 0.8))
            hours += 1 / KILLS
        store = await Store.open(f"sqlite:///{database}")
        events = await store.events.last_seq()
        receiver.behave({"ok": 1})
        async with Deliverer(
            store,
            make.config(make.channel(receiver.url)),
            lambda: time.time() + hours * 3600,
            client=WebhookClient(timeout=2.0),
        ) as deliverer:
            await deliverer.plan()
            while (await store.deliveries.counts())["pending"]:
                await deliverer.deliver_due()
                hours += 24
        counts = await store.deliveries.counts()
        planned = {one.webhook_id: one for one in await store.deliveries.list(None, 1_000_000)}
        await store.close()
    attempts: dict[str, list[Delivery]] = {}
    for one in receiver.deliveries:
        assert signed(one.headers, one.raw)
        attempts.setdefault(one.headers["webhook-id"], []).append(one)
    assert events > 0
    assert counts == {"pending": 0, "delivered": events, "dead": 0}
    assert {one.event_seq for one in planned.values()} == set(range(1, events + 1))
    assert attempts.keys() == planned.keys()
    for webhook_id, made in attempts.items():
        assert same_bytes(made)
        assert made[0].raw == planned[webhook_id].body
        assert made[-1].answered in TAKEN
    doubled = sum(sum(one.answered in TAKEN for one in made) > 1 for made in attempts.values())
    sys.stdout.write(
        f"{KILLS} kills, {events} events, {len(receiver.deliveries)} attempts, {doubled} taken twice under one id\n"
    )
