from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.store import PageOutcome, Validators

if TYPE_CHECKING:
    from crawler.store import Listed, SectionState, Store
    from tests.store.conftest import Samples


@pytest.fixture
async def section(store: Store) -> SectionState:
    return await store.sections.open("shanxi", "news")


def _page(samples: Samples, *names: str) -> list[Listed]:
    return [samples.listed(name) for name in names]


async def test_new_entries_become_pending_and_known_ones_are_counted(
    store: Store, section: SectionState, samples: Samples
) -> None:
    walk = await store.ledger.begin_walk(section.id, 1.0, "poll")
    outcome = await store.ledger.record_page(walk, _page(samples, "b", "a", "b"), 1.0)
    assert outcome == PageOutcome(new=2, known=0, all_known_before=False, linked=0)
    outcome = await store.ledger.record_page(walk, _page(samples, "c", "b"), 2.0)
    assert outcome == PageOutcome(new=1, known=1, all_known_before=False, linked=0)
    assert await store.ledger.counts(section.id) == {"pending": 3, "stored": 0, "rejected": 0, "gone": 0}
    assert await store.ledger.pending_count(section.id) == 3
    assert (await store.sections.open("shanxi", "news")).last_new_at == 2.0


async def test_paging_stops_only_at_entries_of_a_completed_walk(
    store: Store, section: SectionState, samples: Samples
) -> None:
    first = await store.ledger.begin_walk(section.id, 1.0, "poll")
    assert first.completed_before is None
    await store.ledger.record_page(first, _page(samples, "a", "b"), 1.0)
    again = await store.ledger.record_page(first, _page(samples, "a", "b"), 1.0)
    assert not again.all_known_before
    # the first walk was killed: nothing it listed lets a later walk stop
    second = await store.ledger.begin_walk(section.id, 2.0, "poll")
    assert (second.id, second.completed_before) == (first.id + 1, None)
    assert not (await store.ledger.record_page(second, _page(samples, "a", "b"), 2.0)).all_known_before
    await store.ledger.complete_walk(second, 3.0)
    third = await store.ledger.begin_walk(section.id, 4.0, "poll")
    assert third.completed_before == second.id
    assert (await store.ledger.record_page(third, _page(samples, "b", "a"), 4.0)).all_known_before
    assert not (await store.ledger.record_page(third, _page(samples, "c", "a"), 4.0)).all_known_before
    # what an unfinished walk listed does not let the next one stop either
    fourth = await store.ledger.begin_walk(section.id, 5.0, "poll")
    assert not (await store.ledger.record_page(fourth, _page(samples, "c", "a"), 5.0)).all_known_before


async def test_an_empty_page_says_known_only_after_a_completed_walk(store: Store, section: SectionState) -> None:
    walk = await store.ledger.begin_walk(section.id, 1.0, "poll")
    assert not (await store.ledger.record_page(walk, [], 1.0)).all_known_before
    await store.ledger.complete_walk(walk, 1.0)
    walk = await store.ledger.begin_walk(section.id, 2.0, "poll")
    assert (await store.ledger.record_page(walk, [], 2.0)).all_known_before


async def test_a_walk_that_ends_late_does_not_take_back_a_newer_one(store: Store, section: SectionState) -> None:
    backfill = await store.ledger.begin_walk(section.id, 1.0, "backfill")
    poll = await store.ledger.begin_walk(section.id, 2.0, "poll")
    await store.ledger.complete_walk(poll, 3.0)
    await store.ledger.complete_walk(backfill, 4.0)
    state = await store.sections.open("shanxi", "news")
    assert (state.completed_walk, state.first_walk_at, state.last_success_at) == (poll.id, 1.0, 4.0)


async def test_due_gives_the_order_of_publication(store: Store, section: SectionState, samples: Samples) -> None:
    first = await store.ledger.begin_walk(section.id, 1.0, "poll")
    await store.ledger.record_page(first, _page(samples, "4", "3"), 1.0)  # lists show the newest first
    await store.ledger.record_page(first, _page(samples, "2", "1"), 2.0)
    second = await store.ledger.begin_walk(section.id, 3.0, "poll")
    await store.ledger.record_page(second, _page(samples, "6", "5", "4"), 3.0)
    due = await store.ledger.due(section.id, 3.0, 10)
    assert [entry.key for entry in due] == [samples.key(str(number)) for number in range(1, 7)]
    assert [entry.key for entry in await store.ledger.due(section.id, 3.0, 2)] == [samples.key("1"), samples.key("2")]
    assert due[0].title == "标题 1"
    assert (due[0].url, due[0].canonical_url) == ("https://portal.example/1.html",) * 2


async def test_an_entry_keeps_what_it_was_listed_with(store: Store, section: SectionState, samples: Samples) -> None:
    walk = await store.ledger.begin_walk(section.id, 1.0, "poll")
    quiet = samples.listed("a", url="https://portal.example/a.pdf?x=1", form="file", published_at=None)
    await store.ledger.record_page(walk, [quiet], 1.0, alert=False)
    (entry,) = await store.ledger.due(section.id, 1.0, 5)
    assert (entry.url, entry.canonical_url) == (quiet.url, "https://portal.example/a.html")
    assert (entry.form, entry.alert, entry.published_at, entry.attempts) == ("file", False, None, 0)
    await store.ledger.record_page(walk, [samples.listed("a", title="改过的标题", published_at="2026-11-02")], 2.0)
    (entry,) = await store.ledger.due(section.id, 2.0, 5)
    assert (entry.title, entry.published_at, entry.alert) == ("改过的标题", "2026-11-02", False)
    await store.ledger.record_page(walk, [samples.listed("a", title=None, published_at=None)], 3.0)
    (entry,) = await store.ledger.due(section.id, 3.0, 5)
    assert (entry.title, entry.published_at) == ("改过的标题", "2026-11-02")


async def test_a_failed_entry_waits_and_counts_its_attempts(
    store: Store, section: SectionState, samples: Samples
) -> None:
    walk = await store.ledger.begin_walk(section.id, 1.0, "poll")
    await store.ledger.record_page(walk, _page(samples, "a", "b"), 1.0)
    assert await store.ledger.next_attempt_at(section.id) == 1.0
    for name, at in (("a", 60.0), ("b", 50.0)):
        await store.ledger.failed(section.id, samples.key(name), 10.0, at, "http-503")
    assert await store.ledger.due(section.id, 49.0, 5) == []
    assert await store.ledger.next_attempt_at(section.id) == 50.0
    assert [entry.attempts for entry in await store.ledger.due(section.id, 60.0, 5)] == [1, 1]


async def test_rejected_and_gone_end_an_entry_until_it_is_retried(
    store: Store, section: SectionState, samples: Samples
) -> None:
    walk = await store.ledger.begin_walk(section.id, 1.0, "poll")
    await store.ledger.record_page(walk, _page(samples, "a", "b", "c"), 1.0)
    await store.ledger.rejected(section.id, samples.key("a"), 10.0, "no article" + "!" * 1_000)
    await store.ledger.rejected(section.id, samples.key("b"), 11.0, "blocked")
    await store.ledger.gone(section.id, samples.key("c"), 12.0, "http-404")
    assert await store.ledger.counts(section.id) == {"pending": 0, "stored": 0, "rejected": 2, "gone": 1}
    newest, older = await store.ledger.rejections(section.id, 10)
    assert (newest.url, newest.reason, newest.at) == ("https://portal.example/b.html", "blocked", 11.0)
    assert len(older.reason) == 500
    assert len(await store.ledger.rejections(section.id, 1)) == 1
    assert await store.ledger.next_attempt_at(section.id) is None
    # listed again, what ended stays ended
    outcome = await store.ledger.record_page(walk, _page(samples, "a", "b", "c"), 20.0)
    assert (outcome.new, outcome.known) == (0, 3)
    assert await store.ledger.due(section.id, 30.0, 5) == []
    assert await store.ledger.retry_rejected(section.id) == 2
    assert {entry.key for entry in await store.ledger.due(section.id, 0.0, 5)} == {samples.key("a"), samples.key("b")}
    assert await store.ledger.counts(section.id) == {"pending": 2, "stored": 0, "rejected": 0, "gone": 1}


async def test_a_stored_entry_cannot_fail_any_more(store: Store, section: SectionState, samples: Samples) -> None:
    walk = await store.ledger.begin_walk(section.id, 1.0, "poll")
    await store.ledger.record_page(walk, _page(samples, "a"), 1.0)
    await store.articles.store(samples.write(section.id, "a"))
    await store.ledger.failed(section.id, samples.key("a"), 2.0, 3.0, "late")
    await store.ledger.gone(section.id, samples.key("a"), 2.0, "late")
    assert await store.ledger.counts(section.id) == {"pending": 0, "stored": 1, "rejected": 0, "gone": 0}


async def test_an_entry_whose_article_is_stored_needs_no_fetch(
    store: Store, section: SectionState, samples: Samples
) -> None:
    walk = await store.ledger.begin_walk(section.id, 1.0, "poll")
    await store.ledger.record_page(walk, _page(samples, "a"), 1.0)
    await store.articles.store(samples.write(section.id, "a", "a", "twin", now=1.5))
    other = await store.sections.open("shanxi", "policy")
    walk = await store.ledger.begin_walk(other.id, 2.0, "poll")
    outcome = await store.ledger.record_page(walk, _page(samples, "twin", "b"), 2.0)
    assert outcome == PageOutcome(new=2, known=0, all_known_before=False, linked=1)
    assert await store.ledger.counts(other.id) == {"pending": 1, "stored": 1, "rejected": 0, "gone": 0}
    assert await store.articles.sections_of("id-a") == ("news", "policy")
    # in another portal it is that portal's own entry
    elsewhere = await store.sections.open("gansu", "news")
    walk = await store.ledger.begin_walk(elsewhere.id, 3.0, "poll")
    assert (await store.ledger.record_page(walk, _page(samples, "twin"), 3.0)).linked == 0


async def test_an_entry_of_a_withdrawn_article_is_fetched_again(
    store: Store, section: SectionState, samples: Samples
) -> None:
    await store.articles.store(samples.write(section.id, "a"))
    await store.articles.withdraw("id-a", 200.0, alert=True)
    other = await store.sections.open("shanxi", "policy")
    walk = await store.ledger.begin_walk(other.id, 300.0, "poll")
    assert (await store.ledger.record_page(walk, _page(samples, "a"), 300.0)).linked == 0
    assert len(await store.ledger.due(other.id, 300.0, 5)) == 1


async def test_a_page_commits_its_validators_with_its_entries(
    store: Store, section: SectionState, samples: Samples
) -> None:
    walk = await store.ledger.begin_walk(section.id, 1.0, "poll")
    given = Validators(samples.key("list"), '"v1"')
    await store.ledger.record_page(walk, _page(samples, "a"), 1.0, validators=given)
    assert await store.validators.get(samples.key("list")) == given


async def test_a_page_of_thousands_and_hostile_titles_are_taken(
    store: Store, section: SectionState, samples: Samples
) -> None:
    walk = await store.ledger.begin_walk(section.id, 1.0, "poll")
    page = [samples.listed(str(number)) for number in range(1_300)]
    page[0] = samples.listed("0", title="字" * 100_000 + "\x00\udc80")
    page[1] = samples.listed("1", title="a\x00b\ud800", url="https://portal.example/\x00\ud800")
    assert (await store.ledger.record_page(walk, page, 1.0)).new == 1_300
    again = await store.ledger.record_page(walk, page, 2.0)
    assert (again.new, again.known) == (0, 1_300)
    due = await store.ledger.due(section.id, 2.0, 2_000)
    assert due[-1].title == "字" * 2_000
    assert due[-2].title == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"


async def test_walks_without_use_are_forgotten(store: Store, section: SectionState) -> None:
    for number in range(5):
        walk = await store.ledger.begin_walk(section.id, float(number), "poll")
        if number != 1:
            await store.ledger.complete_walk(walk, float(number))
    assert (await store.sections.open("shanxi", "news")).completed_walk == 5
    last = await store.ledger.begin_walk(section.id, 9.0, "backfill")
    assert (last.id, last.completed_before) == (6, 5)


async def test_known_tells_what_completed_walks_listed(store: Store, section: SectionState, samples: Samples) -> None:
    keys = [samples.key(name) for name in ("a", "b", "c")]
    first = await store.ledger.begin_walk(section.id, 1.0, "poll")
    await store.ledger.record_page(first, _page(samples, "a", "b"), 1.0)
    assert await store.ledger.known(first, keys) == set()
    await store.ledger.complete_walk(first, 1.0)
    second = await store.ledger.begin_walk(section.id, 2.0, "poll")
    await store.ledger.record_page(second, _page(samples, "c"), 2.0)
    assert await store.ledger.known(second, keys) == {samples.key("a"), samples.key("b")}
    assert await store.ledger.known(second, []) == set()


async def test_a_list_walked_to_its_end_once_stays_whole(store: Store, section: SectionState) -> None:
    for whole in (False, True, False):
        walk = await store.ledger.begin_walk(section.id, 1.0, "poll")
        await store.ledger.complete_walk(walk, 1.0, whole=whole)
        assert (await store.sections.open("shanxi", "news")).whole_list == (walk.id > 1)
