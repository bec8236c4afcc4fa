from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from crawler.store.story import moment

if TYPE_CHECKING:
    from crawler.store import Store


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("printed", "seen", "expected"),
    [
        ("2026-11-01T09:30:00+08:00", "2026-11-01T12:00:00+08:00", "2026-11-01T09:30:00+08:00"),
        ("2026-11-01", "2026-11-01T12:00:00+08:00", "2026-11-01T12:00:00+08:00"),
        ("2026-11-01", "2026-11-05T12:00:00+08:00", "2026-11-01T23:59:59+08:00"),
        ("2026-11-07", "2026-11-05T12:00:00+08:00", "2026-11-07T00:00:00+08:00"),
        (None, "2026-11-05T12:00:00+08:00", "2026-11-05T12:00:00+08:00"),
        ("no date", "2026-11-05T12:00:00+08:00", "2026-11-05T12:00:00+08:00"),
    ],
)
def test_the_moment_an_article_appeared(printed: str | None, seen: str, expected: str) -> None:
    assert moment(printed, at(seen)) == at(expected)


async def add(
    store: Store, samples: Any, portal: str, name: str, hashes: tuple[int, ...], day: str, **more: Any
) -> Any:
    section = await store.sections.open(portal, "news")
    write = samples.write(section.id, name, portal=portal, published_at=day, likeness=samples.likeness(hashes), **more)
    return await store.articles.store(write)


async def test_a_reprint_names_the_first_article_of_its_story(store: Store, samples: Any) -> None:
    await add(store, samples, "shanxi", "a", (1, 2, 3), "2026-11-02")
    await add(store, samples, "govcn", "b", (2, 3, 4), "2026-11-03")
    await add(store, samples, "hebei", "c", (4, 9), "2026-11-04")
    records = [await store.articles.get(f"id-{name}") for name in "abc"]
    # c shares nothing with a, but with its reprint b
    assert [record.duplicate_of for record in records if record] == [None, "id-a", "id-a"]


async def test_an_earlier_original_found_later_takes_the_story_over(store: Store, samples: Any) -> None:
    await add(store, samples, "shanxi", "a", (1, 2, 3), "2026-11-02")
    await add(store, samples, "hebei", "b", (1, 2, 3), "2026-11-03")
    await add(store, samples, "govcn", "c", (1, 2, 3), "2026-11-01")
    records = [await store.articles.get(f"id-{name}") for name in "abc"]
    assert [record.duplicate_of for record in records if record] == ["id-c", "id-c", None]
    told = [(e.type, e.record.id, e.record.duplicate_of) for e in await store.events.after(0, 10)]
    assert told == [
        ("published", "id-a", None),
        ("published", "id-b", "id-a"),
        ("relinked", "id-a", "id-c"),
        ("published", "id-c", None),
    ]


async def test_equal_words_of_another_portal_move_the_root_too(store: Store, samples: Any) -> None:
    await add(store, samples, "shanxi", "a", (), "2026-11-02", body="同样的话。")
    await add(store, samples, "govcn", "b", (), "2026-11-01", body="同样的话。")
    records = [await store.articles.get(f"id-{name}") for name in "ab"]
    assert [record.duplicate_of for record in records if record] == ["id-b", None]


async def test_an_edit_that_makes_an_article_a_reprint_is_told(store: Store, samples: Any) -> None:
    await add(store, samples, "shanxi", "a", (1, 2, 3), "2026-11-01")
    await add(store, samples, "govcn", "b", (7, 8), "2026-11-02")
    await add(store, samples, "govcn", "b", (1, 2, 3), "2026-11-02", body="改过的正文。")
    types = [(e.type, e.record.id, e.record.duplicate_of) for e in await store.events.after(2, 10)]
    assert types == [("revised", "id-b", None), ("relinked", "id-b", "id-a")]


async def test_an_edit_that_makes_an_article_the_original_is_told_by_the_other(store: Store, samples: Any) -> None:
    await add(store, samples, "govcn", "b", (7, 8), "2026-11-01")
    await add(store, samples, "shanxi", "a", (1, 2, 3), "2026-11-02")
    await add(store, samples, "govcn", "b", (1, 2, 3), "2026-11-01", body="改过的正文。")
    types = [(e.type, e.record.id, e.record.duplicate_of) for e in await store.events.after(2, 10)]
    assert types == [("revised", "id-b", None), ("relinked", "id-a", "id-b")]
