from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.store import Month, Validators

if TYPE_CHECKING:
    from crawler.store import Backfill, Store
    from tests.store.conftest import Samples


async def begin(store: Store, since: str | None = None, until: str | None = None) -> Backfill:
    section = await store.sections.open("shanxi", "news")
    made, new = await store.backfills.open(section.id, since, until, 10.0)
    assert new
    return made


async def test_an_unfinished_backfill_of_the_same_span_is_resumed(store: Store, samples: Samples) -> None:
    first = await begin(store)
    await store.backfills.record(first, [samples.listed("a")], 11.0, {"cursor": 2})
    other = await begin(store, "2026-01-01")
    again, new = await store.backfills.open(first.section_id, None, None, 12.0)
    assert (again.number, again.state, new) == (first.number, {"cursor": 2}, False)
    assert other.number != first.number
    await store.backfills.finish(again, {"listed": 1}, 13.0, done=False)
    kept, new = await store.backfills.open(first.section_id, None, None, 14.0)
    assert (kept.number, kept.report, new) == (first.number, {"listed": 1}, False)
    await store.backfills.finish(kept, {"listed": 2}, 15.0, done=True)
    latest = await begin(store)
    assert latest.number > other.number
    found = await store.backfills.latest(first.section_id)
    assert found == latest


async def test_the_page_and_its_cursor_are_one_transaction(store: Store, samples: Samples) -> None:
    made = await begin(store)
    state = {"completed_before": None, "cursor": {"url": "https://portal.example/2"}}
    outcome = await store.backfills.record(made, [samples.listed("a"), samples.listed("b")], 11.0, state)
    assert (outcome.new, outcome.repeated) == (2, 0)
    again = await store.backfills.record(made, [samples.listed("b"), samples.listed("c")], 12.0, state)
    assert (again.new, again.repeated) == (1, 1)
    assert await store.backfills.seen(made) == 3
    assert (await store.backfills.open(made.section_id, None, None, 13.0))[0].state == state


async def test_a_later_poll_does_not_fetch_what_a_backfill_listed(store: Store, samples: Samples) -> None:
    made = await begin(store)
    await store.backfills.record(made, [samples.listed("old")], 11.0, {}, ahead=[samples.listed("new")])
    poll = await store.ledger.begin_walk(made.section_id, 12.0, "poll")
    await store.ledger.record_page(poll, [samples.listed("polled")], 12.0, alert=False)
    due = await store.ledger.due(made.section_id, 20.0, 10)
    assert [p.title for p in due] == ["标题 new", "标题 polled"]
    assert [p.title for p in await store.backfills.due(made, 20.0, 10)] == ["标题 polled", "标题 old"]
    await store.backfills.finish(made, {}, 13.0, done=True)
    assert len(await store.ledger.due(made.section_id, 20.0, 10)) == 3


async def test_what_is_due_lies_in_the_span_and_was_not_tried_in_this_round(store: Store, samples: Samples) -> None:
    made = await begin(store, "2026-02-01", "2026-03-31")
    days = {"a": "2026-01-31", "b": "2026-02-01", "c": "2026-03-31T09:00:00+08:00", "d": "2026-04-01", "e": None}
    listed = [samples.listed(name, published_at=day) for name, day in days.items()]
    await store.backfills.record(made, listed, 11.0, {})
    due = await store.backfills.due(made, 50.0, 10)
    assert [p.title for p in due] == ["标题 b", "标题 c", "标题 e"]
    await store.ledger.failed(made.section_id, samples.key("b"), 60.0, 90.0, "http-503")
    assert await store.backfills.due_count(made, 60.0) == 2
    assert await store.backfills.due_count(made, 61.0) == 3
    assert await store.backfills.seen(made) == 3


async def test_months_count_every_entry_once(store: Store, samples: Samples) -> None:
    made = await begin(store)
    days = {"a": "2026-02-01", "b": "2026-02-02", "c": "2026-01-01", "d": "2026-01-02", "e": "2026-01-03", "f": None}
    await store.backfills.record(made, [samples.listed(n, published_at=d) for n, d in days.items()], 11.0, {})
    section = made.section_id
    page = Validators(key=samples.key("a"))
    await store.articles.store(samples.write(section, "a", body="甲", validators=page, alert=False))
    await store.articles.store(samples.write(section, "b", body="甲", validators=page, alert=False))
    await store.ledger.rejected(section, samples.key("c"), 12.0, "no article", fetched=True)
    await store.ledger.rejected(section, samples.key("d"), 12.0, "http-503")
    await store.ledger.gone(section, samples.key("e"), 12.0, "http-404")
    assert await store.backfills.months(section, None, None) == [
        Month(month="2026-02", listed=2, fetched=2, extracted=1, duplicate=1, rejected=0, gone=0, pending=0),
        Month(month="2026-01", listed=3, fetched=1, extracted=0, duplicate=0, rejected=2, gone=1, pending=0),
        Month(month=None, listed=1, fetched=0, extracted=0, duplicate=0, rejected=0, gone=0, pending=1),
    ]
    await store.articles.store(samples.write(section, "f", body="己", published_at="2025-12-31", alert=False))
    assert [m.month for m in await store.backfills.months(section, None, None)] == ["2026-02", "2026-01", "2025-12"]
    found = await store.backfills.unfinished(section, None, None, 10)
    assert [(u.state, u.reason) for u in found] == [
        ("rejected", "http-503"),
        ("rejected", "no article"),
        ("gone", "http-404"),
    ]


async def test_an_entry_of_another_section_is_a_duplicate_there(store: Store, samples: Samples) -> None:
    made = await begin(store)
    other = await store.sections.open("shanxi", "notice")
    second, _ = await store.backfills.open(other.id, None, None, 10.0)
    await store.backfills.record(made, [samples.listed("a")], 11.0, {})
    await store.backfills.record(second, [samples.listed("a")], 11.0, {})
    await store.articles.store(samples.write(made.section_id, "a", alert=False))
    for section, extracted, duplicate in ((made.section_id, 1, 0), (other.id, 0, 1)):
        (month,) = await store.backfills.months(section, None, None)
        assert (month.listed, month.extracted, month.duplicate) == (1, extracted, duplicate)


@pytest.mark.parametrize(("completes", "whole"), [(True, True), (True, False), (False, False)])
async def test_the_end_of_the_walk_decides_what_polls_take_for_known(
    store: Store, *, completes: bool, whole: bool
) -> None:
    made = await begin(store)
    await store.backfills.walked(made, 20.0, {"pages": 3}, completes=completes, whole=whole)
    section = await store.sections.open("shanxi", "news")
    assert section.completed_walk == (made.number if completes else None)
    assert section.whole_list is whole
    resumed, new = await store.backfills.open(made.section_id, None, None, 21.0)
    assert (resumed.walked_at, resumed.state, new) == (20.0, {"pages": 3}, False)
