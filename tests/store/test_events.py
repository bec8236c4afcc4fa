from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from crawler.store import Store
    from tests.store.conftest import Samples


@pytest.fixture
async def filled(store: Store, samples: Samples) -> Store:
    for number, (portal, section) in enumerate([("shanxi", "news"), ("shanxi", "policy"), ("gansu", "news")]):
        place = await store.sections.open(portal, section)
        write = samples.write(place.id, f"{portal}-{section}", portal=portal, sections=(section,), now=10.0 * number)
        await store.articles.store(write)
    await store.articles.withdraw("id-shanxi-news", 30.0, alert=True)
    return store


async def test_a_cursor_reads_every_event_once_and_in_order(filled: Store) -> None:
    seen = []
    cursor = 0
    while batch := await filled.events.after(cursor, 3):
        assert len(batch) <= 3
        seen += [event.seq for event in batch]
        cursor = batch[-1].seq
    assert seen == sorted(set(seen))
    assert len(seen) == 4
    assert await filled.events.last_seq() == seen[-1]


async def test_an_empty_store_has_no_events(store: Store) -> None:
    assert await store.events.after(0, 10) == []
    assert await store.events.last_seq() == 0
    assert await store.events.since(1.0) == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["shanxi-news", "gansu-news", "shanxi-policy", "shanxi-news"]),
        ({"limit": 2}, ["shanxi-news", "gansu-news"]),
        ({"at": 10.0}, ["shanxi-news", "gansu-news", "shanxi-policy"]),
        ({"at": 31.0}, []),
        ({"at": -1.0}, ["shanxi-news", "gansu-news", "shanxi-policy", "shanxi-news"]),
        ({"types": ["published"]}, ["gansu-news", "shanxi-policy", "shanxi-news"]),
        ({"types": ["withdrawn", "revised"]}, ["shanxi-news"]),
        ({"portals": ["gansu"]}, ["gansu-news"]),
        ({"sections": [("shanxi", "policy")]}, ["shanxi-policy"]),
        ({"sections": [("shanxi", "nothing")]}, []),
        ({"sections": []}, []),
        ({"portals": [], "sections": [("gansu", "news"), ("shanxi", "policy")]}, ["gansu-news", "shanxi-policy"]),
        ({"portals": ["gansu"], "sections": [("shanxi", "policy")]}, ["gansu-news", "shanxi-policy"]),
        ({"portals": ["shanxi"], "types": ["published"], "at": 5.0}, ["shanxi-policy"]),
    ],
)
async def test_since_filters_and_shows_the_newest_first(
    filled: Store, filters: dict[str, Any], expected: list[str]
) -> None:
    others = {name: value for name, value in filters.items() if name != "at"}
    events = await filled.events.since(filters.get("at"), **others)
    assert [event.record.id.removeprefix("id-") for event in events] == expected
