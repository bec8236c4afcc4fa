from typing import Any

import pytest

from crawler.store import Event, Notice, Planned, Run, Store, Told

DATA: dict[str, Any] = {"scope": "section", "name": "shanxi/news", "sections": ["news"], "verdict": "blocked"}


async def start(store: Store, name: str = "shanxi/news", now: float = 100.0) -> tuple[int, bool]:
    fault, opened = await store.faults.open(
        "section", name, verdict="blocked", reason="a challenge", since=50.0, now=now, data={**DATA, "name": name}
    )
    return fault.id, opened


async def test_a_fault_is_told_once_when_it_starts_and_once_when_it_ends(store: Store) -> None:
    number, opened = await start(store)
    assert opened
    assert await start(store, now=200.0) == (number, False)
    await store.faults.change(number, verdict="moved", reason="now 404", data={**DATA, "verdict": "moved"})
    (fault,) = await store.faults.open_ones()
    assert (fault.verdict, fault.reason, fault.since, fault.opened_at) == ("moved", "now 404", 50.0, 100.0)
    assert await store.faults.end(number, 300.0, {"ended": True})
    assert not await store.faults.end(number, 301.0, {})
    assert await store.faults.open_ones() == []
    assert await store.faults.last_end("section") == 300.0
    assert await store.faults.last_end("watch") is None
    told = await store.events.notices(0, 10)
    assert [(notice.type, notice.at, notice.alert) for notice in told] == [
        ("section.fault", 100.0, True),
        ("section.fault.recovered", 300.0, True),
    ]
    assert told[0].data == DATA
    assert told[1].data == {**DATA, "verdict": "moved", "ended": True}


async def test_a_fault_may_come_again_and_names_do_not_mix(store: Store) -> None:
    first, _ = await start(store)
    other, _ = await start(store, "shanxi/policy")
    assert first != other
    await store.faults.end(first, 200.0, {})
    again, opened = await start(store, now=300.0)
    assert opened
    assert again not in {first, other}
    assert [fault.id for fault in await store.faults.open_ones()] == [other, again]


async def test_sinks_do_not_see_faults_and_planners_see_both_in_order(store: Store, samples: Any) -> None:
    section = await store.sections.open("shanxi", "news")
    for name in "abc":
        await store.articles.store(samples.write(section.id, name))
        await start(store, f"shanxi/{name}")
    assert len(await store.events.after(0, 1000)) == 3
    seen: list[tuple[int, type]] = []

    def planner(event: Event | Notice, told: Told) -> list[Planned]:
        del told
        seen.append((event.seq, type(event)))
        return [Planned("desk", f"id-{event.seq}", b"{}")]

    while await store.deliveries.plan(planner, 1.0, limit=2):
        pass
    assert seen == [(seq, Event if seq % 2 else Notice) for seq in range(1, 7)]
    assert len(await store.deliveries.due(10.0, 100)) == 6


@pytest.mark.parametrize("limit", [1, 3])
async def test_notices_are_read_in_pieces(store: Store, limit: int) -> None:
    for number in range(5):
        await start(store, f"p/{number}", now=float(number))
    seen: list[str] = []
    seq = 0
    while found := await store.events.notices(seq, limit):
        seen += [notice.data["name"] for notice in found]
        seq = found[-1].seq
    assert seen == [f"p/{number}" for number in range(5)]


async def test_when_a_section_is_polled_next_is_kept(store: Store) -> None:
    state = await store.sections.open("shanxi", "news")
    assert (state.next_poll_at, state.next_poll_why) == (None, None)
    other = await store.sections.open("shanxi", "policy")
    await store.sections.plan([(state.id, 500.0, "because"), (other.id, 600.0, "therefore")])
    found = [await store.sections.get("shanxi", name) for name in ("news", "policy")]
    assert [(one.next_poll_at, one.next_poll_why) for one in found if one] == [(500.0, "because"), (600.0, "therefore")]
    assert await store.sections.get("shanxi", "nothing") is None


async def test_days_and_arrivals_of_a_sections_posts(store: Store, samples: Any) -> None:
    """The first pass shows what is old; only what later passes bring has arrived."""
    state = await store.sections.open("shanxi", "news")
    old = [samples.listed("a", published_at="2025-06-01"), samples.listed("b", published_at=None)]
    walk = await store.ledger.begin_walk(state.id, 100.0, "poll")
    await store.ledger.record_page(walk, old, 100.0, alert=False)
    new = [
        samples.listed("c", published_at="2025-06-03"),
        samples.listed("d", published_at="2025-06-03T09:30:00+08:00"),
        samples.listed("e", published_at=None),
    ]
    await store.ledger.record_page(walk, new, 200.0, alert=True)
    assert await store.sections.posting_days(state.id, "2025-01-01") == {"2025-06-01": 1, "2025-06-03": 2}
    assert await store.sections.posting_days(state.id, "2025-06-02") == {"2025-06-03": 2}
    assert await store.sections.undated(state.id, 0.0) == [200.0]
    assert await store.sections.arrivals(state.id, 0.0, 10) == [200.0] * 3
    assert await store.sections.arrivals(state.id, 0.0, 1) == [200.0]
    assert await store.sections.arrivals(state.id, 201.0, 10) == []


async def test_the_runs_that_read_a_list_are_told_from_the_others(store: Store) -> None:
    state = await store.sections.open("shanxi", "news")
    for number, (entries, error) in enumerate([(20, None), (0, None), (20, "broke off"), (18, None)]):
        at = float(number)
        await store.runs.add(
            Run(section_id=state.id, started_at=at, finished_at=at, kind="poll", entries=entries, error=error)
        )
    assert [run.entries for run in await store.runs.full_reads(state.id, 10)] == [18, 20]
