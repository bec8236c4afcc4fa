"""kill -9 at random moments: every event is in the file once, no line is torn. PORTALWATCH_KILLS=200: a long run."""

# ruff: noqa: ASYNC240 - the test has nothing else to do than to wait for the process it kills

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import orjson

from crawler.output import JsonlSink
from crawler.store import Store

KILLS = int(os.environ.get("PORTALWATCH_KILLS", "12"))
CRAWLING = Path(__file__).with_name("crawling.py")


def crawl_and_kill(database: Path, path: Path, seed: int, seconds: float) -> None:
    process = subprocess.Popen(
        [sys.executable, str(CRAWLING), str(database), str(path), str(seed)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == b"at work\n"
        time.sleep(seconds)  # the random moment; nothing is asserted about time
    process.kill()
    assert process.wait() == -9


async def test_every_event_is_in_the_file_once_after_kills_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(20_261_122)
    database, path = tmp_path / "portalwatch.db", tmp_path / "articles.jsonl"
    torn = kept = 0
    for turn in range(KILLS):
        crawl_and_kill(database, path, turn, chance.uniform(0.0, 0.4))
        store = await Store.open(f"sqlite:///{database}")
        sink = JsonlSink(store, path)
        await sink.open()
        torn += sink.torn_tails
        kept += sink.unacknowledged
        assert sink.notices == []
        if turn % 2:
            await sink.drain()
        await sink.close()
        await store.close()
    store = await Store.open(f"sqlite:///{database}")
    sink = JsonlSink(store, path)
    await sink.drain()
    await sink.close()
    events = await store.events.last_seq()
    await store.close()
    data = path.read_bytes()
    assert data.endswith(b"\n")
    assert [orjson.loads(line)["seq"] for line in data.splitlines()] == list(range(1, events + 1))
    assert events > 0
    assert [found.name for found in tmp_path.glob("*.jsonl")] == ["articles.jsonl"]
    sys.stdout.write(f"{KILLS} kills, {events} events, {torn} torn lines cut, {kept} unacknowledged lines kept\n")
