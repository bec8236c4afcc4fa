"""What the store knows of a story: the events of an article that came first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.store import Event, Store


async def article_events(store: Store, article_id: str) -> list[Event]:
    """The events by which an article's revisions came to be, oldest first; none for an unknown id.

    Raises:
        StorageError: the database refused.

    """
    found: list[Event] = []
    for record in await store.articles.revisions(article_id):
        found += [event for event in await store.events.after(record.seq - 1, 1) if event.record.id == article_id]
    return found
