from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from crawler.store import ChannelState, Composed, Event, Gathered, Planned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.store import Delivery, Notice, Store, Told
    from crawler.store.deliveries import Planner
    from tests.store.conftest import Samples


@pytest.fixture
async def filled(store: Store, samples: Samples) -> Store:
    """Three events, the second of which does not alert."""
    place = await store.sections.open("shanxi", "news")
    for name in ("a", "b", "c"):
        await store.articles.store(samples.write(place.id, name, alert=name != "b"))
    return store


def _to(*channels: str) -> Planner:
    def planner(event: Event | Notice, told: Told) -> Sequence[Planned]:
        del told
        assert isinstance(event, Event)
        return [Planned(channel, f"msg_{event.seq}", event.record.id.encode()) for channel in channels]

    return planner


async def _due(store: Store, now: float = 1e9) -> list[Delivery]:
    return await store.deliveries.due(now, 100)


async def test_each_alerting_event_is_planned_once_a_channel(filled: Store) -> None:
    plan = filled.deliveries.plan
    assert await plan(_to("one", "two", "one"), 5.0, limit=2) == 2
    assert await plan(_to("one", "two"), 6.0, limit=2) == 1
    assert await plan(_to("one", "two"), 7.0, limit=2) == 0
    due = await _due(filled)
    assert [(d.channel, d.webhook_id, d.body, d.created_at) for d in due] == [
        ("one", "msg_1", b"id-a", 5.0),
        ("two", "msg_1", b"id-a", 5.0),
        ("one", "msg_3", b"id-c", 6.0),
        ("two", "msg_3", b"id-c", 6.0),
    ]
    assert {(d.state, d.attempts, d.status) for d in due} == {("pending", 0, None)}
    assert await filled.deliveries.next_due_at() == 5.0


async def test_a_planner_that_raises_leaves_the_cursor_where_it_was(filled: Store) -> None:
    def planner(event: Event | Notice, told: Told) -> Sequence[Planned]:
        del told
        if isinstance(event, Event) and event.record.id == "id-c":
            raise ZeroDivisionError
        return [Planned("one", "msg", b"")]

    with pytest.raises(ZeroDivisionError):
        await filled.deliveries.plan(planner, 5.0)
    assert await _due(filled) == []
    assert await filled.deliveries.plan(_to("one"), 6.0) == 3
    assert len(await _due(filled)) == 2


async def test_two_planners_at_once_do_not_plan_twice(filled: Store) -> None:
    read = await asyncio.gather(*(filled.deliveries.plan(_to("one"), 5.0) for _ in range(4)))
    assert sum(read) == 3
    assert len(await _due(filled)) == 2


async def test_a_delivery_fails_waits_and_is_delivered(filled: Store) -> None:
    await filled.deliveries.plan(_to("one"), 5.0)
    first, second = await _due(filled)
    await filled.deliveries.failed(first.id, 10.0, 20.0, "http-503")
    assert [d.id for d in await _due(filled, 19.0)] == [second.id]
    assert await filled.deliveries.next_due_at() == 5.0
    await filled.deliveries.delivered(second.id, 11.0, 204)
    assert await filled.deliveries.next_due_at() == 20.0
    (again,) = await _due(filled, 20.0)
    assert (again.id, again.attempts, again.webhook_id, again.body) == (first.id, 1, first.webhook_id, first.body)
    (done,) = await filled.deliveries.list("delivered", 10)
    assert (done.id, done.attempts, done.attempted_at, done.status, done.next_attempt_at) == (
        second.id,
        1,
        11.0,
        204,
        None,
    )
    assert await filled.deliveries.counts() == {"pending": 1, "delivered": 1, "dead": 0}


async def test_dead_deliveries_are_listed_and_can_be_retried(filled: Store) -> None:
    await filled.deliveries.plan(_to("one"), 5.0)
    first, second = await _due(filled)
    await filled.deliveries.failed(first.id, 10.0, None, "http-500 " + "x" * 1_000)
    await filled.deliveries.delivered(second.id, 10.0, 200)
    (dead,) = await filled.deliveries.list("dead", 10)
    assert dead.id == first.id
    assert dead.reason is not None
    assert len(dead.reason) == 500
    assert await filled.deliveries.next_due_at() is None
    assert await filled.deliveries.retry([second.id], 50.0) == 0
    assert await filled.deliveries.retry(None, 50.0) == 1
    (again,) = await _due(filled)
    assert (again.id, again.attempts, again.next_attempt_at) == (first.id, 0, 50.0)
    assert await filled.deliveries.retry([first.id], 60.0) == 1
    assert [d.id for d in await filled.deliveries.list(None, 10)] == [second.id, first.id]
    assert len(await filled.deliveries.list(None, 1)) == 1


async def test_a_disabled_channel_holds_its_deliveries(filled: Store) -> None:
    await filled.deliveries.plan(_to("one", "two"), 5.0)
    assert await filled.deliveries.channel_state("one") is None
    assert await filled.deliveries.waiting_channels() == {"one", "two"}
    await filled.deliveries.disable_channel("one", 6.0, "http-410")
    await filled.deliveries.disable_channel("two", 6.0, "http-410")
    await filled.deliveries.enable_channel("two")
    assert await filled.deliveries.channel_state("one") == ChannelState(6.0, "http-410")
    assert {d.channel for d in await _due(filled)} == {"two"}
    assert await filled.deliveries.waiting_channels() == {"two"}
    for delivery in await _due(filled):
        await filled.deliveries.delivered(delivery.id, 7.0, 200)
    assert await filled.deliveries.next_due_at() is None
    await filled.deliveries.enable_channel("one")
    assert await filled.deliveries.next_due_at() == 5.0
    assert {d.channel for d in await _due(filled)} == {"one"}


async def test_deliveries_can_be_asked_for_by_channel(filled: Store) -> None:
    await filled.deliveries.plan(_to("one", "two"), 5.0)
    first, *_ = await filled.deliveries.due(5.0, 10, ["two"])
    assert {d.channel for d in await filled.deliveries.due(5.0, 10, ["two"])} == {"two"}
    assert await filled.deliveries.due(5.0, 10, []) == []
    await filled.deliveries.failed(first.id, 6.0, 30.0, "http-503")
    assert await filled.deliveries.next_due_at(["two"]) == 5.0
    assert await filled.deliveries.next_due_at(["two"], after=5.0) == 30.0
    assert await filled.deliveries.next_due_at(["three"]) is None


async def test_in_order_nothing_overtakes_what_waits_to_be_tried_again(filled: Store) -> None:
    await filled.deliveries.plan(_to("one", "two"), 5.0)
    first, second = await filled.deliveries.due_in_order(5.0, 10, "one")
    assert (first.event_seq, second.event_seq) == (1, 3)
    await filled.deliveries.failed(first.id, 6.0, 20.0, "http-503")
    assert await filled.deliveries.due_in_order(10.0, 10, "one") == []
    assert [one.id for one in await filled.deliveries.due_in_order(20.0, 10, "one")] == [first.id, second.id]
    assert len(await filled.deliveries.due_in_order(20.0, 1, "one")) == 1
    await filled.deliveries.failed(first.id, 21.0, None, "given up")
    assert [one.id for one in await filled.deliveries.due_in_order(21.0, 10, "one")] == [second.id]
    await filled.deliveries.disable_channel("one", 22.0, "http-410")
    assert await filled.deliveries.due_in_order(23.0, 10, "one") == []


async def test_in_order_what_is_held_until_the_morning_holds_up_nothing(filled: Store) -> None:
    def planner(event: Event | Notice, told: Told) -> Sequence[Planned]:
        del told
        return [Planned("one", f"msg_{event.seq}", b"", 100.0 if event.seq == 1 else 0.0)]

    await filled.deliveries.plan(planner, 5.0)
    assert [one.event_seq for one in await filled.deliveries.due_in_order(5.0, 10, "one")] == [3]
    assert [one.event_seq for one in await filled.deliveries.due_in_order(100.0, 10, "one")] == [1, 3]


async def test_what_is_gathered_is_composed_once(filled: Store) -> None:
    def planner(_event: Event | Notice, _told: Told) -> Sequence[Planned]:
        return [Planned(channel, "", b"", 10.0, gather=True) for channel in ("one", "two")]

    def composer(channel: str, events: Sequence[Event | Notice], now: float) -> Sequence[Composed]:
        seqs = [event.seq for event in events]
        return [Composed(seqs[-1], f"dig_{channel}", f"{seqs} {now}".encode())]

    assert await filled.deliveries.next_digest_at() is None
    await filled.deliveries.plan(planner, 5.0)
    assert await filled.deliveries.gathered() == [Gathered("one", 2, 10.0), Gathered("two", 2, 10.0)]
    assert await filled.deliveries.next_digest_at() == 10.0
    assert await filled.deliveries.compose(composer, 9.0) == 0
    assert await _due(filled) == []
    assert await filled.deliveries.compose(composer, 11.0) == 4
    assert await filled.deliveries.compose(composer, 12.0) == 0
    assert [(one.channel, one.webhook_id, one.body) for one in await _due(filled)] == [
        ("one", "dig_one", b"[1, 3] 11.0"),
        ("two", "dig_two", b"[1, 3] 11.0"),
    ]


async def test_a_composer_that_raises_leaves_all_gathered(filled: Store) -> None:
    def planner(_event: Event | Notice, _told: Told) -> Sequence[Planned]:
        return [Planned("one", "", b"", 10.0, gather=True)]

    def composer(_channel: str, _events: Sequence[Event | Notice], _now: float) -> Sequence[Composed]:
        raise ZeroDivisionError

    await filled.deliveries.plan(planner, 5.0)
    with pytest.raises(ZeroDivisionError):
        await filled.deliveries.compose(composer, 11.0)
    assert await filled.deliveries.gathered() == [Gathered("one", 2, 10.0)]
    assert await _due(filled) == []


async def test_what_was_delivered_stays_so(filled: Store) -> None:
    """An attempt that was cut off from its answer may end after the one that followed it."""
    await filled.deliveries.plan(_to("one"), 5.0)
    first, _ = await _due(filled)
    await filled.deliveries.delivered(first.id, 6.0, 200)
    await filled.deliveries.failed(first.id, 7.0, 8.0, "late")
    (done,) = await filled.deliveries.list("delivered", 10)
    assert (done.id, done.attempts, done.reason) == (first.id, 1, None)
