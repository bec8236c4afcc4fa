"""Another reading of the same bytes: an event of its own, an edition of the revision, the old one unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from crawler.store import RawPage, Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.store.conftest import Samples


@pytest.fixture
async def kept(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(database_url, raw=tmp_path / "raw") as store:
        yield store


def answer(name: str, text: str = "") -> RawPage:
    return RawPage(f"https://portal.example/{name}.html", 200, b"", f"{name}{text}".encode())


async def put(store: Store, samples: Samples, name: str, **changes: Any) -> None:
    section = await store.sections.open("shanxi", changes.pop("section", "news"))
    changes.setdefault("pages", (answer(name),))
    await store.articles.store(samples.write(section.id, name, **changes))


async def test_another_reading_is_an_edition_and_no_revision(kept: Store, samples: Samples) -> None:
    await put(kept, samples, "a")
    stored = await kept.rereading.keep(
        samples.write(0, "a", now=200.0, body="读得更好的正文。", fetched_at="2030-01-01T00:00:00Z", made_by="later")
    )
    assert stored is not None
    assert (stored.outcome, stored.revision, stored.changes) == ("reprocessed", 1, ("body",))
    first, second = await kept.events.after(0, 10)
    assert (second.seq, second.type, second.alert, second.at) == (stored.seq, "reprocessed", False, 200.0)
    assert (first.record.body, second.record.body) == (samples.record("a").body, "读得更好的正文。")
    assert second.record.fetched_at == first.record.fetched_at, "nobody asked for the page"
    now = await kept.articles.get("id-a")
    assert now is not None
    assert (now.body, now.made_by, now.revision) == ("读得更好的正文。", "later", 1)
    assert [one.body for one in await kept.articles.revisions("id-a")] == [first.record.body]
    assert [event.type for event in await kept.articles.history("id-a")] == ["published", "reprocessed"]


async def test_the_same_reading_changes_nothing(kept: Store, samples: Samples) -> None:
    await put(kept, samples, "a")
    stored = await kept.rereading.keep(samples.write(0, "a", breadcrumbs=("首页",), made_by="later"))
    assert stored is not None
    assert (stored.outcome, stored.seq) == ("unchanged", None)
    assert await kept.events.last_seq() == 1
    assert await kept.rereading.keep(samples.write(0, "nothing")) is None


async def test_the_next_page_is_compared_with_the_newest_edition(kept: Store, samples: Samples) -> None:
    await put(kept, samples, "a")
    for number in range(2):
        await kept.rereading.keep(samples.write(0, "a", body=f"第{number}次读得的正文。"))
    await put(kept, samples, "a", body="第1次读得的正文。", now=300.0)
    assert [event.type for event in await kept.events.after(0, 10)] == ["published", "reprocessed", "reprocessed"]
    await put(kept, samples, "a", body="改过的正文。", now=400.0)
    revised = (await kept.events.after(0, 10))[-1]
    assert (revised.type, revised.changes, revised.record.revision) == ("revised", ("body",), 2)
    await kept.rereading.keep(samples.write(0, "a", body="改过的正文，读得更好。"))
    now = await kept.articles.get("id-a")
    assert now is not None
    assert (now.body, now.revision) == ("改过的正文，读得更好。", 2)


async def test_what_another_version_read_is_to_be_read_again_before_it_is_revised(
    kept: Store, samples: Samples
) -> None:
    await put(kept, samples, "a", made_by="earlier")
    section = await kept.sections.open("shanxi", "news")
    write = samples.write(section.id, "a", body="不同的正文。", made_by="later", pages=(answer("a", "!"),), now=200.0)
    stale = await kept.articles.store(write)
    assert (stale.outcome, stale.article_id, stale.seq) == ("stale", "id-a", None)
    assert len(await kept.raw.pages("id-a")) == 1
    visit = await kept.articles.visit_of("id-a")
    assert visit is not None
    assert visit.visits == 0, "nothing was stored"
    await kept.rereading.keep(samples.write(0, "a", body="不同的正文。", made_by="later"))
    assert (await kept.articles.store(write)).outcome == "unchanged"
    assert len(await kept.raw.pages("id-a")) == 2


async def test_a_reading_of_a_withdrawn_reprint_says_so(kept: Store, samples: Samples) -> None:
    body = "一段足够长的正文，用来认出转载。" * 3
    await put(kept, samples, "a", body=body)
    other = await kept.sections.open("hebei", "news")
    same = samples.record("a", body=body)
    await kept.articles.store(
        samples.write(
            other.id, "b", portal="hebei", body=body, title=same.title, content_sha256=same.content_sha256, now=150.0
        )
    )
    await kept.articles.withdraw("id-b", 1_700_000_000.0, alert=False)
    await kept.rereading.keep(samples.write(0, "b", portal="hebei", body=body, title="读得更好的标题"))
    event = (await kept.events.after(0, 10))[-1]
    assert (event.record.duplicate_of, event.record.withdrawn_at) == ("id-a", "2023-11-14T22:13:20Z")


async def test_articles_with_answers_follow_each_other(kept: Store, samples: Samples) -> None:
    for name in ("a", "b", "c"):
        await put(kept, samples, name)
    await put(kept, samples, "d", pages=())
    await put(kept, samples, "e", section="policy")
    found = await kept.rereading.following(None, 0, 3)
    assert [name for _, name in found] == ["id-a", "id-b", "id-c"]
    assert [name for _, name in await kept.rereading.following(None, found[-1][0], 9)] == ["id-e"]
    assert [name for _, name in await kept.rereading.following([("shanxi", "policy")], 0, 9)] == ["id-e"]
    assert await kept.rereading.following([("shanxi", "nothing")], 0, 9) == []
    assert await kept.rereading.count(None, 0) == 4
    assert await kept.rereading.count([("shanxi", "news")], found[0][0]) == 2


async def test_a_run_remembers_where_it_was(kept: Store) -> None:
    assert await kept.rereading.at("one") == 0
    await kept.rereading.move("one", 5)
    await kept.rereading.move("one", 9)
    assert (await kept.rereading.at("one"), await kept.rereading.at("other")) == (9, 0)
    await kept.rereading.move("one", None)
    assert await kept.rereading.at("one") == 0
