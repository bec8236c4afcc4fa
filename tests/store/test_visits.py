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
