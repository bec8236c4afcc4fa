from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.store import SinkState

if TYPE_CHECKING:
    from crawler.store import Store


async def test_a_file_keeps_its_own_place_and_a_sink_its_newest_seq(store: Store) -> None:
    assert await store.sinks.get("/data/articles.jsonl") is None
    assert await store.sinks.latest_seq() == 0
    assert await store.sinks.latest() is None
    first = SinkState("/data/articles.jsonl", 64_769, 2**64 - 1, 1_000, 7, b"\x01" * 32)
    await store.sinks.put(first, 1.0)
    assert await store.sinks.get(first.path) == first
    moved = replace(first, offset=2**40, last_seq=9, tail_sha256=None)
    await store.sinks.put(moved, 2.0)
    assert await store.sinks.get(first.path) == moved
    second = SinkState("/data/articles-2.jsonl", 64_769, 5, 10, 12)
    await store.sinks.put(second, 3.0)
    assert await store.sinks.latest_seq() == 12
    assert await store.sinks.latest() == second
    assert await store.sinks.get(first.path) == moved


async def test_sinks_of_other_names_do_not_count(store: Store) -> None:
    await store.sinks.put(SinkState("/data/x.jsonl", 1, 2, 3, 99, name="export"), 1.0)
    assert await store.sinks.latest_seq() == 0
    assert await store.sinks.latest_seq("export") == 99
    assert await store.sinks.latest("export") is not None
