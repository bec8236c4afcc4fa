from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from crawler.store.reprints import FIRST, FIRST_BRIEF, LIST, NEAR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.store import Store


async def add(
    store: Store,
    samples: Any,
    name: str,
    sample: Iterable[int],
    wanted: str | None = None,
    more: Iterable[int] = (),
    portal: str = "shanxi",
) -> list[str | None]:
    """Store an article that says its name; gives the bodies that it was compared with."""
    section = await store.sections.open(portal, "news")
    likeness = samples.likeness(tuple(sample), wanted, tuple(more))
    await store.articles.store(samples.write(section.id, name, portal=portal, body=name, likeness=likeness))
    return list(likeness.offered)


async def test_without_a_common_hash_no_text_is_read(store: Store, samples: Any) -> None:
    await add(store, samples, "a", range(12))
    assert await add(store, samples, "b", range(100, 112)) == []


async def test_the_article_that_shares_most_of_what_is_rare_comes_first(store: Store, samples: Any) -> None:
    await add(store, samples, "a", [1, 2, 10, 11])
    await add(store, samples, "b", [1, 3, 4, 12])
    assert await add(store, samples, "c", [1, 2, 3, 4]) == ["b", "a"]


async def test_lists_of_a_family_stay_short(store: Store, samples: Any) -> None:
    family = range(1000, 1012)
    for number in range(3 * LIST):
        offered = await add(store, samples, f"notice {number}", family, more=[5000 + number])
        assert len(offered) <= NEAR + FIRST_BRIEF
    # what is common does not tell any more; what is its own finds a notice that the common lists do not hold
    assert (await add(store, samples, "copy", family, more=[5000 + 2 * LIST]))[0] == f"notice {2 * LIST}"


async def test_not_all_articles_that_share_a_hash_are_read(store: Store, samples: Any) -> None:
    for number in range(NEAR + FIRST + 4):
        own = range(100 * (number + 1), 100 * (number + 1) + 11)
        await add(store, samples, f"part {number}", [number % 24, *own])
    assert len(await add(store, samples, "all of them", range(24))) == NEAR + FIRST


async def test_a_reprint_keeps_only_what_its_original_lacks(store: Store, samples: Any) -> None:
    await add(store, samples, "a", [1, 2, 3, 4])
    for number in range(2 * LIST):
        await add(store, samples, f"b{number}", [1, 2, 3, 4, 9], "a", portal=f"portal{number}")
    # had the reprints been kept under the hashes of their original, these would be common by now
    assert await add(store, samples, "c", [2, 21, 22]) == ["a"]
    assert await add(store, samples, "d", [9, 31, 32]) == ["b0"]


async def test_reprints_in_flight_at_once_are_found(store: Store, samples: Any) -> None:
    portals = [f"portal{number}" for number in range(8)]
    sections = {portal: await store.sections.open(portal, "news") for portal in portals}
    writes = [
        samples.write(
            sections[portal].id,
            portal,
            portal=portal,
            body="story",
            content_sha256=f"{number:064x}",
            likeness=samples.likeness((1, 2, 3)),
        )
        for number, portal in enumerate(portals)
    ]
    await asyncio.gather(*(store.articles.store(write) for write in writes))
    records = [event.record for event in await store.events.after(0, 100)]
    assert len([r for r in records if r.event == "published" and r.duplicate_of is None]) == 1
