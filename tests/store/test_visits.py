from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.store import Validators, Visit

if TYPE_CHECKING:
    from crawler.store import SectionState, Store
    from tests.store.conftest import Samples


@pytest.fixture
async def section(store: Store) -> SectionState:
    return await store.sections.open("shanxi", "news")


async def test_due_visits_are_those_of_the_section_the_longest_due_first(
    store: Store, section: SectionState, samples: Samples
) -> None:
    other = await store.sections.open("shanxi", "policy")
    for name, at in (("a", 300.0), ("b", 200.0), ("c", None), ("d", 400.0)):
        await store.articles.store(samples.write(section.id, name, next_visit_at=at))
    await store.articles.store(samples.write(other.id, "e", next_visit_at=100.0))
    visits = await store.articles.due_visits(section.id, 300.0, 10)
    assert visits == [
        Visit(
            f"id-{name}",
            f"https://portal.example/{name}.html",
            samples.key(name),
            100.0,
            0,
            0,
            f"标题 {name}",
            day,
            has_body=True,
            visited_at=100.0,
            section="news",
            portal="shanxi",
        )
        for name, day in (("b", "2026-11-01"), ("a", "2026-11-01"))
    ]
    assert [visit.article_id for visit in await store.articles.due_visits(section.id, 999.0, 1)] == ["id-b"]


async def test_a_visit_goes_to_the_page_as_last_fetched(store: Store, section: SectionState, samples: Samples) -> None:
    await store.articles.store(samples.write(section.id, "a", next_visit_at=1.0))
    moved = Validators(samples.key("moved"), '"v"')
    url = "https://portal.example/moved.html"
    await store.articles.store(
        samples.write(section.id, "a", title="新标题", url=url, validators=moved, next_visit_at=2.0)
    )
    (visit,) = await store.articles.due_visits(section.id, 2.0, 5)
    assert (visit.url, visit.key, visit.title, visit.visits) == (url, moved.key, "新标题", 1)


async def test_unchanged_counts_the_visit_and_keeps_validators(
    store: Store, section: SectionState, samples: Samples
) -> None:
    await store.articles.store(samples.write(section.id, "a", next_visit_at=1.0))
    assert await store.articles.missed("id-a", 2.0, 3.0) == 1
    given = Validators(samples.key("a"), '"v2"')
    await store.articles.unchanged("id-a", 3.0, 4.0, given)
    (visit,) = await store.articles.due_visits(section.id, 4.0, 5)
    assert (visit.visits, visit.misses) == (1, 0), "a first miss takes no turn of the schedule"
    assert await store.validators.get(samples.key("a")) == given
    await store.articles.unchanged("id-a", 5.0, None, None)
    assert await store.articles.due_visits(section.id, 1e12, 5) == []
    assert await store.validators.get(samples.key("a")) == given


async def test_misses_in_a_row_are_counted_until_the_page_is_back(
    store: Store, section: SectionState, samples: Samples
) -> None:
    await store.articles.store(samples.write(section.id, "a", next_visit_at=1.0))
    assert [await store.articles.missed("id-a", 2.0, 3.0) for _ in range(2)] == [1, 2]
    await store.articles.store(samples.write(section.id, "a", next_visit_at=5.0))
    assert await store.articles.missed("id-a", 6.0, 7.0) == 1


async def test_withdrawn_once_and_back_with_a_revised_event(
    store: Store, section: SectionState, samples: Samples
) -> None:
    await store.articles.store(samples.write(section.id, "a"))
    seq = await store.articles.withdraw("id-a", 1_700_000_000.0, alert=False)
    assert await store.articles.withdraw("id-a", 1_700_000_001.0, alert=True) is None
    (event,) = await store.events.after(1, 10)
    assert (event.seq, event.type, event.alert, event.record.revision) == (seq, "withdrawn", False, 1)
    assert (event.record.event, event.record.withdrawn_at) == ("withdrawn", "2023-11-14T22:13:20Z")
    assert event.record.body == samples.record("a").body
    back = await store.articles.store(samples.write(section.id, "a", now=1_700_000_100.0))
    assert (back.outcome, back.revision, back.changes) == ("revised", 1, ("withdrawn_at",))
    (event,) = await store.events.after(seq or 0, 10)
    assert (event.seq, event.type, event.record.withdrawn_at) == (back.seq, "revised", None)
    assert len(await store.articles.revisions("id-a")) == 1
    assert (await store.articles.store(samples.write(section.id, "a"))).outcome == "unchanged"


async def test_withdrawn_and_back_with_another_text(store: Store, section: SectionState, samples: Samples) -> None:
    await store.articles.store(samples.write(section.id, "a"))
    await store.articles.withdraw("id-a", 200.0, alert=True)
    back = await store.articles.store(samples.write(section.id, "a", title="新标题"))
    assert (back.outcome, back.revision, back.changes) == ("revised", 2, ("title", "withdrawn_at"))
    record = await store.articles.get("id-a")
    assert record is not None
    assert (record.title, record.withdrawn_at, record.event) == ("新标题", None, "revised")


@pytest.mark.parametrize("alert", [True, False])
async def test_a_not_modified_answer_brings_a_withdrawn_article_back(
    store: Store, section: SectionState, samples: Samples, *, alert: bool
) -> None:
    await store.articles.store(samples.write(section.id, "a"))
    await store.articles.withdraw("id-a", 200.0, alert=alert)
    await store.articles.unchanged("id-a", 300.0, None, None)
    await store.articles.unchanged("id-a", 400.0, None, None)
    *_, event = await store.events.after(0, 10)
    assert (event.seq, event.type, event.changes, event.alert) == (3, "revised", ("withdrawn_at",), alert)


async def test_unknown_articles_are_passed_over(store: Store, samples: Samples) -> None:
    await store.articles.unchanged("nothing", 1.0, 2.0, Validators(samples.key("x"), '"v"'))
    assert await store.articles.missed("nothing", 1.0, 2.0) == 0
    assert await store.articles.withdraw("nothing", 1.0, alert=True) is None
    assert await store.events.last_seq() == 0
    assert await store.validators.get(samples.key("x")) is None


async def front(store: Store, section: SectionState, samples: Samples, names: str) -> int:
    return await store.articles.look_at_front(section.id, [samples.key(name) for name in names])


@pytest.fixture
async def listed(store: Store, section: SectionState, samples: Samples) -> Store:
    """Articles a to f, none of them due, listed in this order."""
    for name in "abcdef":
        await store.articles.store(samples.write(section.id, name, next_visit_at=1e9))
    assert await front(store, section, samples, "abcdef") == 0
    return store


@pytest.mark.parametrize(
    ("names", "due"),
    [
        ("abcdef", ""),
        ("xabcde", ""),  # pushed off the end
        ("xyzuvw", ""),  # another list altogether
        ("abdef", "c"),
        ("abdefg", "c"),  # an older one slid up
        ("abcdeg", "f"),
        ("abcde", "f"),  # nothing new that could have pushed it off
        ("xabcd", "ef"),  # one new entry cannot have pushed off two
        ("xabdef", "c"),
        ("xabde", "c"),  # f may have been pushed off, c was not
        ("xacdeg", "bf"),  # something slid up, so that nothing was pushed off
        ("fabcde", ""),  # another order
        ("", ""),
    ],
)
async def test_what_vanishes_from_a_list_is_to_be_visited(
    listed: Store, section: SectionState, samples: Samples, names: str, due: str
) -> None:
    assert await front(listed, section, samples, names) == len(due)
    visits = await listed.articles.due_visits(section.id, 1000.0, 10)
    assert sorted(visit.article_id for visit in visits) == [f"id-{name}" for name in due]
    assert await front(listed, section, samples, names) == 0, "once"


async def test_a_withdrawn_article_that_is_listed_again_is_to_be_visited(
    listed: Store, section: SectionState, samples: Samples
) -> None:
    await front(listed, section, samples, "abdef")
    await listed.articles.withdraw("id-c", 200.0, alert=True)
    await listed.articles.postpone("id-c", None)
    assert await listed.articles.due_visits(section.id, 1000.0, 10) == []
    assert await front(listed, section, samples, "abcdef") == 1
    (visit,) = await listed.articles.due_visits(section.id, 1000.0, 10)
    assert (visit.article_id, visit.withdrawn_at) == ("id-c", 200.0)


async def test_siblings_are_recent_articles_that_were_there(
    listed: Store, section: SectionState, samples: Samples
) -> None:
    await listed.articles.missed("id-a", 200.0, 1e9)
    await listed.articles.withdraw("id-b", 200.0, alert=False)
    await listed.articles.store(samples.write(section.id, "g", next_visit_at=1e9, form="file", body=None))
    await listed.articles.postpone("id-f", 2e9)
    found = [visit.article_id for visit in await listed.articles.siblings(section.id, 10)]
    assert found[0] == "id-f"
    assert set(found) == {"id-c", "id-d", "id-e", "id-f"}
    assert len(await listed.articles.siblings(section.id, 2)) == 2


async def test_a_visit_of_one_article(listed: Store) -> None:
    visit = await listed.articles.visit_of("id-a")
    assert visit is not None
    assert (visit.portal, visit.section, visit.form, visit.has_body) == ("shanxi", "news", "article", True)
    assert await listed.articles.visit_of("nothing") is None
    await listed.articles.postpone("nothing", 5.0)
