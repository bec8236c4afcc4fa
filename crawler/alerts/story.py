"""What rules would have told, worked out from the events of a story: for a preview, which writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.store import Event, Store


class Supposed:
    """A `Told` in memory; `join` says which articles are of one story."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], int] = {}
        self._stories: dict[str, frozenset[str]] = {}

    def join(self, articles: Iterable[str]) -> None:
        """These articles, by their ids, tell one story."""
        story = frozenset(articles)
        self._stories.update(dict.fromkeys(story, story))

    def before(self, rule: str, article_id: str, seq: int) -> bool:
        """Whether a rule told an article's story by another article of it, before `seq` and before this article."""
        limit = min(seq, self._first.get((rule, article_id), seq))
        others = self._stories.get(article_id, frozenset()) - {article_id}
        return any(self._first.get((rule, other), limit) < limit for other in others)

    def tell(self, rule: str, article_id: str, seq: int) -> None:
        """Note that a rule tells an article by an event; the first one stays."""
        self._first.setdefault((rule, article_id), seq)


async def article_events(store: Store, article_id: str) -> list[Event]:
    """The events by which an article's revisions came to be, oldest first; none for an unknown id.

    Raises:
        StorageError: the database refused.

    """
    found: list[Event] = []
    for record in await store.articles.revisions(article_id):
        found += [event for event in await store.events.after(record.seq - 1, 1) if event.record.id == article_id]
    return found
