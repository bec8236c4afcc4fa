"""Raw responses: what a portal answered when an article was read, in packs, and in the database where and when.

A reading is one visit whose bytes differ from those of the visit before it: one row for each page of the article. The
bytes go into a pack before the article's transaction commits, so that a row never names what is not on disk; a record
that no row names is left behind by a transaction that failed, and harmless.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, func, insert, select

from crawler.exceptions import NotKeptError
from crawler.store.encode import storable
from crawler.store.prepared import Prepared
from crawler.store.rawframes import digest
from crawler.store.rawpacks import MAX_HEAD, Place
from crawler.store.schema import article, page
from crawler.store.values import KeptPage, RawPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from crawler.store.backend import Backend
    from crawler.store.rawpacks import Packs

OTHER_ADDRESS = 0
"""The revision of a reading of another address with the same content: it says nothing about the article's own page."""
_BY_DIGEST = Prepared(
    select(page.c.pack, page.c.offset)
    .where(page.c.digest == bindparam("digest"))
    .order_by(page.c.pack.desc(), page.c.offset.desc())
    .limit(1)
)
_LAST_READING = Prepared(
    select(page.c.reading, page.c.part, page.c.pack, page.c.offset, page.c.status)
    .where(page.c.article_id == bindparam("article_id"))
    .order_by(page.c.reading.desc(), page.c.part.desc())
    .limit(bindparam("limit"))
)
_ADD = Prepared(insert(page))
_KEPT: tuple[ColumnElement[Any], ...] = (
    article.c.public_id,
    page.c.reading,
    page.c.part,
    page.c.revision,
    page.c.at,
    page.c.status,
    page.c.url,
    page.c.pack,
    page.c.offset,
    page.c.head,
)
_PAGES = (
    select(*_KEPT)
    .join(article, article.c.id == page.c.article_id)
    .where(article.c.public_id == bindparam("public_id"))
    .order_by(page.c.reading, page.c.part)
)
_COUNT = select(func.count()).select_from(page)


class Located(NamedTuple):
    """An answer whose bytes are in a pack."""

    page: RawPage
    digest: bytes
    place: Place
    shared: bool
    """Whether the bytes were there before: the head is then this answer's own."""


def put(conn: Connection, packs: Packs | None, pages: Sequence[RawPage]) -> list[Located]:
    """Bring the bytes of answers into a pack, unless the same bytes are in one.

    On SQLite they are synced before the commit that they share with others; elsewhere at once, since other processes
    would wait for the sync in the article's transaction.
    """
    if packs is None or not pages:
        return []
    located = []
    for one in pages:
        key = digest(one.body)
        place = None
        for row in _BY_DIGEST.rows(conn, {"digest": key}):
            place = Place(*row) if packs.holds(Place(*row), one.body) else None
        shared = place is not None
        host = one.url.split("/", 3)[2:3]
        located.append(Located(one, key, place or packs.append(one.head, one.body, "".join(host)), shared))
    if conn.dialect.name != "sqlite":
        packs.sync()
    return located


def note(
    conn: Connection, article_id: int, revision: int, located: Sequence[Located], now: float, *, new: bool
) -> None:
    """Write the rows of a reading, unless the one before it brought the same bytes."""
    if not located:
        return
    reading = 0
    if not new:
        last = _LAST_READING.rows(conn, {"article_id": article_id, "limit": len(located) + 1})
        reading = last[0][0] if last else 0
        before = [tuple(row[1:]) for row in reversed(last) if row[0] == reading]
        if before == [(part, *one.place, one.page.status) for part, one in enumerate(located, 1)]:
            return
    for part, one in enumerate(located, 1):
        row = {
            "article_id": article_id,
            "reading": reading + 1,
            "part": part,
            "revision": revision,
            "at": now,
            "status": one.page.status,
            "digest": one.digest,
            "pack": one.place.pack,
            "offset": one.place.offset,
            "url": storable(one.page.url),
            "head": one.page.head[:MAX_HEAD] if one.shared else None,
        }
        _ADD.run(conn, row)


def pages_of(conn: Connection, article_id: str) -> list[KeptPage]:
    """The answers kept of an article, oldest first."""
    return [KeptPage(*row) for row in conn.execute(_PAGES, {"public_id": article_id})]


def count(conn: Connection) -> int:
    """How many answers are kept."""
    return conn.execute(_COUNT).scalar() or 0


class RawStore:
    """Answers as they came. They are kept with the articles that were read from them (`ArticleWrite.pages`)."""

    def __init__(self, backend: Backend, packs: Packs | None) -> None:
        self._backend = backend
        self._packs = packs

    async def pages(self, article_id: str) -> list[KeptPage]:
        """The answers kept of an article by id, oldest first; empty if unknown."""
        return await self._backend.read(pages_of, article_id)

    async def count(self) -> int:
        """How many answers are kept."""
        return await self._backend.read(count)

    def read(self, kept: KeptPage) -> RawPage:
        """An answer with its bytes; reads a file, so large ones belong into a thread.

        Raises:
            NotKeptError: its pack is not here (a retention removed it, or another host has it), or it is damaged.

        """
        if self._packs is None:
            raise NotKeptError("this store was opened without its folder of raw responses")
        head, body = self._packs.read(Place(kept.pack, kept.offset))
        return RawPage(kept.url, kept.status, head if kept.head is None else kept.head, body)

    def expire(self, now: float) -> int:
        """Remove what the retention no longer keeps; gives the number of packs."""
        return self._packs.expire(now) if self._packs is not None else 0
