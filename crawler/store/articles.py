"""Articles by id or address, and the noun that gathers everything about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, bindparam, func, literal_column, select

from crawler.store import events, reprints, story, visits
from crawler.store.article_state import THIS, public_id, section_names
from crawler.store.article_write import store
from crawler.store.encode import decode_content
from crawler.store.schema import HAS_BODY, IS_NEWEST, alias, article, event, revision
from crawler.text.dates import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from crawler.items import Record
    from crawler.store.backend import Backend
    from crawler.store.rawpacks import Packs
    from crawler.store.values import ArticleWrite, Event, Likeness, RawPage, Stored, Validators, Visit

LARGE = 1_000_000
"""Bytes of answers from which storing an article takes tens of milliseconds, and a thread's."""

_ARTICLE_OF_KEY = (
    select(alias.c.article_id)
    .join(article, article.c.id == alias.c.article_id)
    .where(alias.c.key == bindparam("key"))
    .order_by(article.c.form != literal_column("'article'", Text), article.c.first_seen_at, article.c.id)
    .limit(1)
)
_ARTICLE_OF_ID = select(article.c.id).where(article.c.public_id == bindparam("key"))
_LATEST = (
    select(
        func.coalesce(
            select(func.max(event.c.seq)).where(event.c.article_id == article.c.id).scalar_subquery(), 0
        ).label("seq"),
        article.c.duplicate_of,
        article.c.withdrawn_at,
        revision.c.number,
        revision.c.content,
    )
    .join(revision, IS_NEWEST)
    .where(THIS)
)
_OF_CONTENT = (
    select(article.c.id)
    .where(HAS_BODY, article.c.content_sha256 == bindparam("content"))
    .order_by(article.c.first_seen_at, article.c.id)
    .limit(bindparam("limit"))
)
_EVENT_TYPE = select(event.c.type).where(event.c.seq == bindparam("seq"))
_REVISIONS = events.EVENTS.where(
    event.c.article_id == bindparam("article_id"), event.c.type.in_(("published", "revised"))
).order_by(event.c.seq)


_HISTORY = events.EVENTS.where(event.c.article_id == bindparam("article_id")).order_by(event.c.seq)


def _find(conn: Connection, id_or_key: str | bytes) -> int | None:
    statement = _ARTICLE_OF_KEY if isinstance(id_or_key, bytes) else _ARTICLE_OF_ID
    found: int | None = conn.execute(statement, {"key": id_or_key}).scalar()
    return found


def get(conn: Connection, id_or_key: str | bytes) -> Record | None:
    """An article as it is known now."""
    article_id = _find(conn, id_or_key)
    if article_id is None:
        return None
    row = conn.execute(_LATEST, {"article_id": article_id}).one()
    return decode_content(
        row.content,
        seq=row.seq,
        event=conn.execute(_EVENT_TYPE, {"seq": row.seq}).scalar_one(),
        revision=row.number,
        sections=tuple(section_names(conn, article_id)),
        duplicate_of=public_id(conn, row.duplicate_of),
        withdrawn_at=None if row.withdrawn_at is None else rfc3339(row.withdrawn_at),
    )


def revisions(conn: Connection, article_id: str) -> list[Record]:
    """Every revision of an article as it was emitted, oldest first."""
    found = _find(conn, article_id)
    rows = [] if found is None else conn.execute(_REVISIONS, {"article_id": found}).all()
    by_number: dict[int, Record] = {}
    for row in rows:
        record = events.read_event(row).record
        by_number.setdefault(record.revision, record)
    return list(by_number.values())


def history(conn: Connection, article_id: str) -> list[Event]:
    """Every event of an article, oldest first."""
    found = _find(conn, article_id)
    rows = [] if found is None else conn.execute(_HISTORY, {"article_id": found}).all()
    return [events.read_event(row) for row in rows]


def sections_of(conn: Connection, article_id: str) -> tuple[str, ...]:
    """The sections that list an article, in the order in which they did."""
    found = _find(conn, article_id)
    return () if found is None else tuple(section_names(conn, found))


def alike(conn: Connection, likeness: Likeness, content_sha256: str, limit: int) -> list[Record]:
    """Articles with the same content, and those that share passages, the likeliest first."""
    same = conn.execute(_OF_CONTENT, {"content": bytes.fromhex(content_sha256), "limit": limit}).scalars()
    near = reprints.find(conn, likeness, every=True).articles
    records = [get(conn, public_id(conn, one) or "") for one in list(dict.fromkeys((*same, *near)))[:limit]]
    return [record for record in records if record is not None]


def members(conn: Connection, article_id: str, limit: int) -> list[Record]:
    """The articles of a story, the original first and its reprints in the order in which they appeared."""
    found = _find(conn, article_id)
    if found is None:
        return []
    root = story.root_of(conn, found)
    rows = sorted(conn.execute(story.REPRINTS, {"root": root, "limit": limit}), key=lambda row: story.moment(*row[1:]))
    records = [get(conn, public_id(conn, one) or "") for one in (root, *(row.id for row in rows))]
    return [record for record in records if record is not None]


class ArticleStore:
    """Articles, their addresses, revisions and visits."""

    def __init__(self, backend: Backend, packs: Packs | None = None) -> None:
        self._backend = backend
        self._packs = packs

    async def store(self, write: ArticleWrite) -> Stored:
        """Store an article in one serialised transaction, with its event and its entries' state.

        Known by any of its keys in the same portal: `revised` if the compared fields differ (see
        `crawler.store.encode.COMPARED`), else `unchanged`; id, canonical URL, kind and first sight stay those of the
        first revision. A withdrawn article that is back gives a `revised` event too, without a new revision if it
        says the same. Else, with a body, equal content in the same portal: `linked` to that article, no event. Else
        `published`; the oldest article of another portal with equal content becomes its `duplicate_of`. Every key
        becomes an alias, the article gains the section, and the portal's entries of these keys become stored. The
        answers it was read from are kept, if the store has a folder for them. `stale`: see Stored.
        """
        large = sum(len(page.body) for page in write.pages) > LARGE
        run = self._backend.write if large else self._backend.write_brief
        return await run(store, write, self._packs)

    async def unchanged(
        self, article_id: str, now: float, next_visit_at: float | None, validators: Validators | None
    ) -> None:
        """A visit found the page as it was (304 or the same bytes); new validators are kept if given."""
        await self._backend.write_brief(visits.unchanged, article_id, now, next_visit_at, validators)

    async def withdraw(self, article_id: str, now: float, alert: bool) -> int | None:  # noqa: FBT001 - as every event
        """The article was taken down: the seq of its event, or None if it is unknown or withdrawn already."""
        return await self._backend.write(visits.withdraw, article_id, now, alert=alert)

    async def missed(
        self, article_id: str, now: float, next_visit_at: float | None, pages: tuple[RawPage, ...] = ()
    ) -> int:
        """A visit found the article gone: the count of such visits in a row, 0 for an unknown article.

        `pages` are the answers that show it; they are kept.
        """
        return await self._backend.write(visits.missed, article_id, now, next_visit_at, self._packs, pages)

    async def postpone(self, article_id: str, next_visit_at: float | None) -> None:
        """A visit told nothing about the article: it is made again."""
        await self._backend.write_brief(visits.postpone, article_id, next_visit_at)

    async def look_at_front(self, section_id: int, keys: Sequence[bytes]) -> int:
        """The first page of a list as it is now, by keys in its order; gives how many articles are to be visited now.

        Those are articles that are no longer listed though nothing pushed them off the page, and withdrawn ones that
        are listed again.
        """
        return await self._backend.write(visits.look_at_front, section_id, keys)

    async def siblings(self, section_id: int, limit: int) -> list[Visit]:
        """Recent articles of a section that were there when last visited."""
        return await self._backend.read(visits.siblings, section_id, limit)

    async def visit_of(self, article_id: str) -> Visit | None:
        """An article as one to be visited now; None if unknown."""
        return await self._backend.read(visits.visit_of, article_id)

    async def due_visits(self, section_id: int, now: float, limit: int) -> list[Visit]:
        """Articles that this section brought first and whose visit is due, the longest due first."""
        return await self._backend.read_brief(visits.due_visits, section_id, now, limit)

    async def get(self, id_or_key: str | bytes) -> Record | None:
        """An article as known now, by id or by the key of any of its addresses; None if unknown."""
        return await self._backend.read(get, id_or_key)

    async def by_url(self, key: bytes) -> Record | None:
        """An article by the key of any of its addresses; if several portals list it, of one that read the page."""
        return await self._backend.read(get, key)

    async def revisions(self, article_id: str) -> list[Record]:
        """Every revision as it was emitted, oldest first; empty if unknown."""
        return await self._backend.read(revisions, article_id)

    async def history(self, article_id: str) -> list[Event]:
        """Every event of an article, oldest first; empty if unknown."""
        return await self._backend.read(history, article_id)

    async def alike(self, likeness: Likeness, content_sha256: str, limit: int = 20) -> list[Record]:
        """Articles that say the same as a text or share passages with it, the likeliest first; no text is compared."""
        return await self._backend.read(alike, likeness, content_sha256, limit)

    async def story(self, article_id: str, limit: int = 200) -> list[Record]:
        """The articles of a story, by the id of any: the original, then reprints as they appeared, at most `limit`."""
        return await self._backend.read(members, article_id, limit)

    async def sections_of(self, article_id: str) -> tuple[str, ...]:
        """The names of the sections that list an article, the first one first; empty if unknown."""
        return await self._backend.read(sections_of, article_id)
