"""What the store said was stored is there after kill -9."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from crawler.store import Store

if TYPE_CHECKING:
    from tests.store.conftest import Samples

# Eight tasks store as fast as they can; each says what was committed only when it was.
_STORE = """
import asyncio, hashlib, os, sys
from crawler.items import Record
from crawler.store import ArticleWrite, Listed, Planned, Store

def key(name):
    return hashlib.sha256(name.encode()).digest()[:16]

async def main(url, round_):
    store = await Store.open(url)
    section = await store.sections.open("shanxi", "news")

    async def work(worker):
        walk = await store.ledger.begin_walk(section.id, 1.0, "poll")
        for number in range(1_000_000):
            name = f"{round_}-{worker}-{number}"
            address = f"https://portal.example/{name}"
            await store.ledger.record_page(walk, [Listed(key(name), address, address)], 1.0)
            record = Record(
                made_by="test", id=name, url=address, canonical_url=address, portal="shanxi", portal_name="",
                region="140000", sections=("news",), kind="news", title=name, first_seen_at="", fetched_at="",
                body=name * 50, content_sha256=hashlib.sha256(name.encode()).hexdigest(),
            )
            stored = await store.articles.store(
                ArticleWrite(section_id=section.id, entry_key=key(name), article_id=name, keys=(key(name),),
                             record=record, alert=True, now=1.0)
            )
            os.write(1, f"{stored.article_id} {stored.seq}\\n".encode())
            if number % 5 == 0:
                await store.deliveries.plan(lambda event, _: [Planned("one", str(event.seq), b"x")], 2.0)

    await asyncio.gather(*(work(worker) for worker in range(8)))

asyncio.run(main(sys.argv[1], sys.argv[2]))
"""


def _store_until_killed(url: str, round_: int, lines: int) -> list[list[str]]:
    worker = subprocess.Popen([sys.executable, "-c", _STORE, url, str(round_)], stdout=subprocess.PIPE)
    assert worker.stdout is not None
    said = [worker.stdout.readline() for _ in range(lines)]
    worker.send_signal(signal.SIGKILL)
    said += worker.communicate()[0].splitlines(keepends=True)
    assert worker.returncode == -signal.SIGKILL
    return [line.decode().split() for line in said if line.endswith(b"\n")]


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
async def test_all_that_was_said_to_be_stored_survives_kill_9(database_url: str, samples: Samples) -> None:
    randomness = random.Random(9)
    said: dict[str, int] = {}
    for round_ in range(4):
        for name, seq in _store_until_killed(database_url, round_, randomness.randrange(1, 120)):
            said[name] = int(seq)
    async with await Store.open(database_url) as store:
        events = await store.events.after(0, 1_000_000)
        stored = {event.record.id: event.seq for event in events}
        assert len(said) >= 4
        assert said.items() <= stored.items()
        assert len(stored) == len(events)  # none twice
        # and each article is whole: its entry is stored, its revision and section are there
        section = await store.sections.open("shanxi", "news")
        assert (await store.ledger.counts(section.id))["stored"] == len(stored)
        for name in (*list(stored)[:5], *list(stored)[-5:]):
            record = await store.articles.by_url(samples.key(name))
            assert record is not None
            assert (record.id, record.body, record.sections) == (name, name * 50, ("news",))
        # what was planned is exactly what the cursor has passed, and the rest can be planned now
        planned = {delivery.event_seq for delivery in await store.deliveries.list(None, 1_000_000)}
        assert planned == {seq for seq in stored.values() if seq <= max(planned, default=0)}
        while await store.deliveries.plan(lambda *_: [], 3.0):
            pass
        assert (await store.articles.store(samples.write(section.id, "after"))).outcome == "published"
