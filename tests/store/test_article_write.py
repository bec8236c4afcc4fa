from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from crawler.items import Attachment, Policy
from crawler.store import Validators

if TYPE_CHECKING:
    from crawler.store import SectionState, Store
    from tests.store.conftest import Samples

SAME = hashlib.sha256(b"the same text").hexdigest()


@pytest.fixture
async def section(store: Store) -> SectionState:
    return await store.sections.open("shanxi", "news")


async def test_a_new_article_is_published_with_its_event(store: Store, section: SectionState, samples: Samples) -> None:
    stored = await store.articles.store(samples.write(section.id, "a"))
    assert (stored.article_id, stored.outcome, stored.revision, stored.changes) == ("id-a", "published", 1, ())
    (event,) = await store.events.after(0, 10)
    assert (event.seq, event.type, event.at, event.alert) == (stored.seq, "published", 100.0, True)
    assert event.record == samples.record("a", id="id-a", seq=stored.seq)
    assert await store.articles.get("id-a") == event.record


async def test_known_by_any_address_it_is_unchanged_and_all_addresses_become_aliases(
    store: Store, section: SectionState, samples: Samples
) -> None:
    await store.articles.store(samples.write(section.id, "a", "a", "a-slb"))
    stored = await store.articles.store(
        samples.write(section.id, "a", "a-slb", "a-gzk", article_id="other", fetched_at="2026-11-23T00:00:00Z")
    )
    assert (stored.article_id, stored.outcome, stored.seq, stored.revision) == ("id-a", "unchanged", None, 1)
    for name in ("a", "a-slb", "a-gzk"):
        found = await store.articles.by_url(samples.key(name))
        assert found is not None
        assert found.id == "id-a"
    assert await store.events.last_seq() == 1


async def test_the_first_key_that_is_known_decides(store: Store, section: SectionState, samples: Samples) -> None:
    await store.articles.store(samples.write(section.id, "a"))
    await store.articles.store(samples.write(section.id, "b"))
    stored = await store.articles.store(samples.write(section.id, "b", "new", "b", "a", url="https://portal.example/n"))
    assert stored.article_id == "id-b"
    both = [await store.articles.by_url(samples.key(name)) for name in ("a", "b", "new")]
    assert [record.id for record in both if record] == ["id-a", "id-b", "id-b"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "改过的标题"),
        ("title", None),
        ("published_at", "2026-11-02"),
        ("source", "山西日报"),
        ("authors", ("张三", "李四")),
        ("body", "改过的正文。"),
        ("policy", Policy(doc_number="晋政发〔2026〕1号", keywords=("教育",))),
        ("attachments", (Attachment(url="https://portal.example/a.pdf", name="附件"),)),
    ],
)
async def test_a_difference_that_matters_is_a_revision(
    store: Store, section: SectionState, samples: Samples, field: str, value: object
) -> None:
    await store.articles.store(samples.write(section.id, "a"))
    changed = samples.write(
        section.id,
        "a",
        now=200.0,
        canonical_url="https://portal.example/elsewhere.html",
        kind="policy",
        first_seen_at="2026-11-23T00:00:00Z",
        **{field: value},
    )
    stored = await store.articles.store(changed)
    assert (stored.outcome, stored.revision, stored.changes) == ("revised", 2, (field,))
    first, event = await store.events.after(0, 10)
    assert (event.seq, event.type, event.changes) == (stored.seq, "revised", (field,))
    expected = samples.record("a", id="id-a", event="revised", revision=2, seq=event.seq, **{field: value})
    assert event.record == expected
    assert await store.articles.get("id-a") == expected
    assert await store.articles.revisions("id-a") == [first.record, expected]
    again = await store.articles.store(changed)
    assert (again.outcome, again.revision) == ("unchanged", 2)


@pytest.mark.parametrize(
    "furniture",
    [
        {"breadcrumbs": ("首页", "要闻")},
        {"made_by": "portalwatch 2"},
        {"fetched_at": "2026-11-23T00:00:00Z"},
        {"url": "https://portal.example/a_slb.html"},
        {"portal_name": "山西"},
    ],
)
async def test_furniture_is_not_a_revision(
    store: Store, section: SectionState, samples: Samples, furniture: dict[str, Any]
) -> None:
    await store.articles.store(samples.write(section.id, "a"))
    assert (await store.articles.store(samples.write(section.id, "a", **furniture))).outcome == "unchanged"


async def test_sizes_of_attachments_that_were_fetched_are_not_a_revision(
    store: Store, section: SectionState, samples: Samples
) -> None:
    plain = Attachment(url="https://portal.example/a.pdf", name="附件")
    sized = Attachment(url=plain.url, name=plain.name, size=10, sha256="ab")
    await store.articles.store(samples.write(section.id, "a", attachments=(plain,)))
    assert (await store.articles.store(samples.write(section.id, "a", attachments=(sized,)))).outcome == "unchanged"


async def test_the_same_content_within_a_portal_is_the_same_article(
    store: Store, section: SectionState, samples: Samples
) -> None:
    other = await store.sections.open("shanxi", "policy")
    await store.articles.store(samples.write(section.id, "a", content_sha256=SAME))
    stored = await store.articles.store(samples.write(other.id, "copy", content_sha256=SAME, now=101.0))
    assert (stored.article_id, stored.outcome, stored.seq, stored.revision) == ("id-a", "linked", None, 1)
    found = await store.articles.by_url(samples.key("copy"))
    assert found is not None
    assert (found.id, found.sections) == ("id-a", ("news", "policy"))
    assert await store.events.last_seq() == 1


async def test_the_same_content_elsewhere_is_a_reprint_of_the_oldest(
    store: Store, section: SectionState, samples: Samples
) -> None:
    gansu = await store.sections.open("gansu", "news")
    hunan = await store.sections.open("hunan", "news")
    await store.articles.store(samples.write(section.id, "a", content_sha256=SAME, now=1.0))
    for place, name in ((gansu, "b"), (hunan, "c")):
        stored = await store.articles.store(
            samples.write(place.id, name, content_sha256=SAME, portal=place.portal, now=2.0)
        )
        assert stored.outcome == "published"
    records = [event.record for event in await store.events.after(0, 10)]
    assert [(r.id, r.duplicate_of) for r in records] == [("id-a", None), ("id-b", "id-a"), ("id-c", "id-a")]
    # and a copy within the second portal is the second portal's article
    again = await store.articles.store(samples.write(gansu.id, "d", content_sha256=SAME, portal="gansu", now=3.0))
    assert (again.article_id, again.outcome) == ("id-b", "linked")
    revised = await store.articles.store(samples.write(gansu.id, "b", title="新", portal="gansu", now=4.0))
    assert revised.outcome == "revised"
    assert (await store.events.after(revised.seq - 1 if revised.seq else 0, 1))[0].record.duplicate_of == "id-a"


@pytest.mark.parametrize("form", ["file", "external"])
async def test_files_and_links_are_never_matched_by_content(
    store: Store, section: SectionState, samples: Samples, form: str
) -> None:
    for name in ("a", "b"):
        write = samples.write(section.id, name, form=form, body=None, content_sha256=SAME)
        assert (await store.articles.store(write)).outcome == "published"
    bodiless = samples.write(section.id, "c", body=None, content_sha256=SAME)
    assert (await store.articles.store(bodiless)).outcome == "published"


async def test_a_link_to_an_article_that_was_read_does_not_empty_it(
    store: Store, section: SectionState, samples: Samples
) -> None:
    other = await store.sections.open("shanxi", "policy")
    await store.articles.store(samples.write(section.id, "a", next_visit_at=500.0))
    stored = await store.articles.store(
        samples.write(other.id, "a", form="external", body=None, title="链接", now=101.0)
    )
    assert (stored.article_id, stored.outcome) == ("id-a", "linked")
    found = await store.articles.get("id-a")
    assert found is not None
    assert (found.body, found.sections) == (samples.record("a").body, ("news", "policy"))
    # while a link whose page is read later becomes an article
    await store.articles.store(samples.write(section.id, "b", form="external", body=None))
    assert (await store.articles.store(samples.write(section.id, "b"))).changes == ("body",)


async def test_entries_of_all_sections_of_the_portal_become_stored(
    store: Store, section: SectionState, samples: Samples
) -> None:
    other = await store.sections.open("shanxi", "policy")
    elsewhere = await store.sections.open("gansu", "news")
    for place in (section, other, elsewhere):
        walk = await store.ledger.begin_walk(place.id, 1.0, "poll")
        await store.ledger.record_page(walk, [samples.listed("a"), samples.listed("b")], 1.0)
    await store.ledger.rejected(other.id, samples.key("a"), 2.0, "once")
    await store.articles.store(samples.write(section.id, "a"))
    states = [await store.ledger.counts(place.id) for place in (section, other, elsewhere)]
    assert [(state["pending"], state["stored"], state["rejected"]) for state in states] == [
        (1, 1, 0),
        (1, 1, 0),
        (2, 0, 0),
    ]


async def test_an_entry_that_led_to_another_address_becomes_stored_too(
    store: Store, section: SectionState, samples: Samples
) -> None:
    walk = await store.ledger.begin_walk(section.id, 1.0, "poll")
    await store.ledger.record_page(walk, [samples.listed("listed")], 1.0)
    write = samples.write(section.id, "a", "canonical", entry_key=samples.key("listed"))
    await store.articles.store(write)
    assert (await store.ledger.counts(section.id))["stored"] == 1


async def test_validators_are_committed_with_the_article(store: Store, section: SectionState, samples: Samples) -> None:
    given = Validators(samples.key("a"), '"v1"')
    await store.articles.store(samples.write(section.id, "a", validators=given))
    assert await store.validators.get(samples.key("a")) == given


async def test_two_reprints_in_flight_find_each_other(store: Store, samples: Samples) -> None:
    places = [await store.sections.open(f"portal-{number}", "news") for number in range(8)]
    await asyncio.gather(
        *(
            store.articles.store(
                samples.write(place.id, place.portal, content_sha256=SAME, portal=place.portal, now=100.0)
            )
            for place in places
        )
    )
    events = await store.events.after(0, 100)
    originals = [event.record for event in events if event.record.duplicate_of is None]
    assert len(events) == 8
    assert len(originals) == 1
    assert {event.record.duplicate_of for event in events} == {None, originals[0].id}
    assert events[0].record.id == originals[0].id


async def test_one_page_stored_many_times_at_once_is_one_article(
    store: Store, section: SectionState, samples: Samples
) -> None:
    writes = [samples.write(section.id, "a", article_id=f"id-{number}") for number in range(20)]
    outcomes = await asyncio.gather(*(store.articles.store(write) for write in writes))
    assert sorted(stored.outcome for stored in outcomes) == ["published", *["unchanged"] * 19]
    assert len({stored.article_id for stored in outcomes}) == 1


async def test_a_hostile_record_is_stored_and_read_back_harmlessly(
    store: Store, section: SectionState, samples: Samples
) -> None:
    write = samples.write(section.id, "a", title="标\x00题\ud800", body="正\x00文\udfff", source="\ud83d\ude00")
    await store.articles.store(write)
    (event,) = await store.events.after(0, 1)
    assert event.record.body == "正\x00文\N{REPLACEMENT CHARACTER}"
    assert event.record.title == "标\x00题\N{REPLACEMENT CHARACTER}"
    assert event.record.source == "\N{GRINNING FACE}"
    assert (await store.articles.store(write)).outcome == "unchanged"
