from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.store import Event, Planned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.store import Notice, Store, Told
    from tests.store.conftest import Samples


async def test_what_a_rule_told_of_a_story_is_known_by_every_article_of_it(store: Store, samples: Samples) -> None:
    """a is reprinted by b; c is another story. The rule tells b, then is asked about all."""
    news, other = await store.sections.open("shanxi", "news"), await store.sections.open("anhui", "news")
    await store.articles.store(samples.write(news.id, "a"))
    await store.articles.store(samples.write(other.id, "b", body=samples.write(news.id, "a").record.body))
    await store.articles.store(samples.write(news.id, "c"))
    asked: list[tuple[str, bool, bool]] = []

    def planner(event: Event | Notice, told: Told) -> Sequence[Planned]:
        assert isinstance(event, Event)
        if event.record.id == "id-b":
            told.tell("rule", "id-b", 2)
            told.tell("rule", "id-b", 9)
        if event.seq == 3:
            for name in ("id-a", "id-b", "id-c", "unknown"):
                asked.append((name, told.before("rule", name, 5), told.before("rule", name, 2)))  # noqa: PERF401
        return []

    assert await store.deliveries.plan(planner, 1.0) == 3
    assert asked == [
        ("id-a", True, False),
        ("id-b", False, False),
        ("id-c", False, False),
        ("unknown", False, False),
    ]
