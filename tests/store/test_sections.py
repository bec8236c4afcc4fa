from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.store import Store


async def test_a_section_is_made_once_and_keeps_its_id(store: Store) -> None:
    first = await store.sections.open("shanxi", "news")
    other = await store.sections.open("shanxi", "policy")
    assert await store.sections.open("shanxi", "news") == first
    assert first.id != other.id
    assert (first.completed_walk, first.first_walk_at, first.last_success_at, first.paused_until) == (None,) * 4


async def test_the_same_name_in_two_portals_is_two_sections(store: Store) -> None:
    one = await store.sections.open("shanxi", "news")
    two = await store.sections.open("gansu", "news")
    assert one.id != two.id
    assert [(s.portal, s.section) for s in await store.sections.all()] == [("gansu", "news"), ("shanxi", "news")]


async def test_pausing_until_a_time_without_end_and_resuming(store: Store) -> None:
    section = await store.sections.open("shanxi", "news")
    other = await store.sections.open("shanxi", "policy")
    await store.sections.pause(section.id, 1234.5)
    assert (await store.sections.open("shanxi", "news")).paused_until == 1234.5
    await store.sections.pause(section.id, None)
    assert (await store.sections.open("shanxi", "news")).paused_until == math.inf
    await store.sections.resume(section.id)
    assert (await store.sections.open("shanxi", "news")).paused_until is None
    assert (await store.sections.open("shanxi", "policy")) == other
