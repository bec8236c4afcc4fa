"""Readings of stored answers by a later version: what changes by our doing is an event of its own, and no revision."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select, update

from crawler.store import events, story
from crawler.store.article_state import STATE, THIS, Known, newest, public_id, section_names
from crawler.store.encode import TITLE_LIMIT, changed_fields, encode_content, fingerprint, storable_or_none
from crawler.store.schema import article, cursor, page, revision, section
from crawler.store.statements import Upsert, lock_events
from crawler.store.values import Stored
from crawler.text.dates import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from crawler.store.backend import Backend
    from crawler.store.values import ArticleWrite

_BY_ID = select(*STATE).where(article.c.public_id == bindparam("public_id"))
_KEEP = (
    update(article)
    .where(THIS)
    .values(
        edition=bindparam("new_edition"),
        title=bindparam("new_title"),
        published_at=bindparam("new_date"),
        content_sha256=bindparam("new_content"),
        fingerprint=bindparam("new_fingerprint"),
    )
)
_HAS_PAGES = select(page.c.article_id).where(page.c.article_id == article.c.id, page.c.revision > 0).exists()
_AT = select(cursor.c.seq).where(cursor.c.name == bindparam("cursor"))
_SET = Upsert(cursor, ("name",), ("seq",))
_FORGET = delete(cursor).where(cursor.c.name == bindparam("cursor"))


def reprocess(conn: Connection, write: ArticleWrite) -> Stored | None:
    """Keep another reading of the newest revision: see RereadingStore.keep."""
    lock_events(conn)
    row = conn.execute(_BY_ID, {"public_id": write.article_id}).first()
    if row is None:
        return None
    known = Known(*row)
    _, before = newest(conn, known)
    record = replace(
        write.record,
        id=known.public_id,
        url=before.url,
        canonical_url=before.canonical_url,
        kind=before.kind,
        first_seen_at=before.first_seen_at,
        fetched_at=before.fetched_at,
    )
    changes = changed_fields(before, record)
    if not changes:
        return Stored(known.public_id, "unchanged", None, known.revision)
    has_content = record.form == "article" and bool(record.body)
    conn.execute(
        _KEEP,
        {
            "article_id": known.id,
            "new_edition": known.edition + 1,
            "new_title": storable_or_none(record.title, TITLE_LIMIT),
            "new_date": storable_or_none(record.published_at),
            "new_content": bytes.fromhex(record.content_sha256) if has_content else None,
            "new_fingerprint": fingerprint(record),
        },
    )
    values = {
        "article_id": known.id,
        "number": known.revision,
        "edition": known.edition + 1,
        "at": write.now,
        "content": encode_content(record),
    }
    key = conn.execute(revision.insert(), values).inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    seq = events.append(
        conn,
        "reprocessed",
        write.now,
        alert=False,
        article_id=known.id,
        revision_id=key[0],
        sections=section_names(conn, known.id),
        changes=changes,
        duplicate_of=public_id(conn, known.duplicate_of),
        withdrawn_at=None if known.withdrawn_at is None else rfc3339(known.withdrawn_at),
    )
    if "body" in changes:
        story.reconsider(conn, write, known._replace(edition=known.edition + 1), record)
    return Stored(known.public_id, "reprocessed", seq, known.revision, changes)


def following(conn: Connection, sections: Sequence[tuple[str, str]] | None, after: int, limit: int) -> list[Any]:
    """The next articles that have answers kept, by row number, with that number."""
    query = select(article.c.id, article.c.public_id).where(article.c.id > after, _HAS_PAGES)
    if sections is not None:
        query = query.where(article.c.section_id.in_(_ids(conn, sections)))
    return [tuple(row) for row in conn.execute(query.order_by(article.c.id).limit(limit))]


def to_read(conn: Connection, sections: Sequence[tuple[str, str]] | None, after: int) -> int:
    """How many articles with answers follow."""
    query = select(func.count()).select_from(article).where(article.c.id > after, _HAS_PAGES)
    if sections is not None:
        query = query.where(article.c.section_id.in_(_ids(conn, sections)))
    return conn.execute(query).scalar() or 0


def _ids(conn: Connection, sections: Sequence[tuple[str, str]]) -> list[int]:
    rows = conn.execute(select(section.c.id, section.c.portal, section.c.section))
    wanted = set(sections)
    return [row.id for row in rows if (row.portal, row.section) in wanted]


def cursor_at(conn: Connection, name: str) -> int:
    """Where a run that was cut short had come to; 0 without one."""
    return conn.execute(_AT, {"cursor": name}).scalar() or 0


def move_cursor(conn: Connection, name: str, to: int | None) -> None:
    """Note how far a run is, or (None) that it is done."""
    if to is None:
        conn.execute(_FORGET, {"cursor": name})
    else:
        _SET.run(conn, {"name": name, "seq": to})


class RereadingStore:
    """Readings of stored answers by today's code."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def keep(self, write: ArticleWrite) -> Stored | None:
        """Keep how today's code reads an article's newest revision; None if the article is unknown.

        Where a compared field differs, `reprocessed`: an event that alerts nobody, and a further edition of the same
        revision; else `unchanged`. `write.keys`, its section and its visits do not matter.
        """
        return await self._backend.write(reprocess, write)

    async def following(
        self, sections: Sequence[tuple[str, str]] | None, after: int, limit: int
    ) -> list[tuple[int, str]]:
        """The next articles with answers kept, first seen in one of the sections (None: any): (row, id), by row."""
        return await self._backend.read(following, sections, after, limit)

    async def count(self, sections: Sequence[tuple[str, str]] | None, after: int) -> int:
        """How many articles with answers follow a row."""
        return await self._backend.read(to_read, sections, after)

    async def at(self, name: str) -> int:
        """The row that a run of that name had come to when it was cut short; 0 without one."""
        return await self._backend.read(cursor_at, name)

    async def move(self, name: str, to: int | None) -> None:
        """Note the row that a run has come to; None when it is done."""
        await self._backend.write(move_cursor, name, to)
