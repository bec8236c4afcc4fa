from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.store import Store
    from tests.store.conftest import Samples


async def test_unknown_ids_and_keys_are_none_or_empty(store: Store, samples: Samples) -> None:
    assert await store.articles.get("nothing") is None
    assert await store.articles.get(samples.key("nothing")) is None
    assert await store.articles.by_url(samples.key("nothing")) is None
    assert await store.articles.revisions("nothing") == []
    assert await store.articles.sections_of("nothing") == ()


async def test_get_shows_the_present_state(store: Store, samples: Samples) -> None:
    news = await store.sections.open("shanxi", "news")
    policy = await store.sections.open("shanxi", "policy")
    await store.articles.store(samples.write(news.id, "a", now=1.0))
    await store.articles.store(samples.write(policy.id, "a", now=2.0))
    seq = await store.articles.withdraw("id-a", 1_700_000_000.9, alert=True)
    record = await store.articles.get("id-a")
    assert record == samples.record(
        "a",
        id="id-a",
        event="withdrawn",
        seq=seq,
        sections=("news", "policy"),
        withdrawn_at="2023-11-14T22:13:20Z",
    )
    assert await store.articles.get(samples.key("a")) == record
    (published,) = await store.articles.revisions("id-a")
    assert (published.event, published.sections, published.withdrawn_at) == ("published", ("news",), None)


async def test_an_address_in_two_portals_is_found_where_it_was_read(store: Store, samples: Samples) -> None:
    shanxi = await store.sections.open("shanxi", "news")
    national = await store.sections.open("national", "news")
    await store.articles.store(samples.write(shanxi.id, "link", "x", form="external", body=None, now=1.0))
    await store.articles.store(samples.write(national.id, "page", "x", portal="national", now=2.0))
    found = await store.articles.by_url(samples.key("x"))
    assert found is not None
    assert (found.id, found.portal) == ("id-page", "national")
