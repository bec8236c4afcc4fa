"""Events: immutable, in the order of their `seq`, which is the order in which they became visible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Select, and_, bindparam, func, insert, or_, select, tuple_

from crawler.store.encode import decode_content, to_json
from crawler.store.prepared import Prepared
from crawler.store.schema import article, article_section, event, revision, section
from crawler.store.values import Event, Notice

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection, Row

    from crawler.store.backend import Backend

_ADD = Prepared(insert(event))
EVENTS = select(
    event.c.seq,
    event.c.type,
    event.c.at,
    event.c.alert,
    event.c.changes,
    event.c.sections,
    event.c.duplicate_of,
    event.c.withdrawn_at,
    revision.c.number,
    revision.c.content,
).join(revision, revision.c.id == event.c.revision_id)
_AFTER = EVENTS.where(event.c.seq > bindparam("seq")).order_by(event.c.seq).limit(bindparam("limit"))
_NOTICES = (
    select(event.c.seq, event.c.type, event.c.at, event.c.alert, event.c.data)
    .where(event.c.seq > bindparam("seq"), event.c.seq <= bindparam("until"), event.c.article_id.is_(None))
    .order_by(event.c.seq)
    .limit(bindparam("limit"))
)
_THESE = EVENTS.where(event.c.seq.in_(bindparam("seqs", expanding=True)))
_THESE_NOTICES = select(event.c.seq, event.c.type, event.c.at, event.c.alert, event.c.data).where(
    event.c.seq.in_(bindparam("seqs", expanding=True)), event.c.article_id.is_(None)
)
_FAR = 2**62
_LAST = select(func.max(event.c.seq))


def append(
    conn: Connection,
    type_: str,
    at: float,
    *,
    alert: bool,
    article_id: int,
    revision_id: int,
    sections: Sequence[str],
    changes: Sequence[str] = (),
    duplicate_of: str | None = None,
    withdrawn_at: str | None = None,
) -> int:
    """Write an article's event; gives its seq. The caller holds `lock_events`."""
    values = {
        "type": type_,
        "at": at,
        "alert": int(alert),
        "article_id": article_id,
        "revision_id": revision_id,
        "sections": to_json(list(sections)),
        "changes": to_json(list(changes)) if changes else None,
        "duplicate_of": duplicate_of,
        "withdrawn_at": withdrawn_at,
    }
    return _ADD.insert(conn, values)


def append_notice(conn: Connection, type_: str, at: float, data: dict[str, Any]) -> int:
    """Write an event that is not of an article; gives its seq. The caller holds `lock_events`."""
    key = conn.execute(insert(event), {"type": type_, "at": at, "alert": 1, "data": to_json(data)}).inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    seq: int = key[0]
    return seq


def notices(conn: Connection, seq: int, limit: int, until: int = _FAR) -> list[Notice]:
    """Events of sections, portals and the watch that follow a seq, in order, none beyond another."""
    rows = conn.execute(_NOTICES, {"seq": seq, "limit": limit, "until": until})
    return [Notice(row.seq, row.type, row.at, bool(row.alert), orjson.loads(row.data)) for row in rows]


def read_event(row: Row[*tuple[Any, ...]]) -> Event:
    """An event of a row of EVENTS."""
    seq, type_, at, alert, changes, sections, duplicate_of, withdrawn_at, number, content = row
    record = decode_content(
        content,
        seq=seq,
        event=type_,
        revision=number,
        sections=tuple(orjson.loads(sections)),
        duplicate_of=duplicate_of,
        withdrawn_at=withdrawn_at,
    )
    return Event(seq, type_, at, bool(alert), record, tuple(orjson.loads(changes)) if changes else ())


def after(conn: Connection, seq: int, limit: int) -> list[Event]:
    """Events that follow a seq, in order."""
    return [read_event(row) for row in conn.execute(_AFTER, {"seq": seq, "limit": limit})]


def of(conn: Connection, seqs: Sequence[int]) -> list[Event | Notice]:
    """The events of these seqs, at most a few hundred, in order."""
    found: list[Event | Notice] = [read_event(row) for row in conn.execute(_THESE, {"seqs": seqs})]
    rows = conn.execute(_THESE_NOTICES, {"seqs": seqs})
    found += [Notice(row.seq, row.type, row.at, bool(row.alert), orjson.loads(row.data)) for row in rows]
    return sorted(found, key=lambda one: one.seq)


def last_seq(conn: Connection) -> int:
    """The newest event's seq, 0 without any."""
    return conn.execute(_LAST).scalar() or 0


def since(
    conn: Connection,
    at: float | None,
    portals: Collection[str] | None,
    sections: Collection[tuple[str, str]] | None,
    types: Collection[str] | None,
    limit: int,
) -> list[Event]:
    """Events from a time on, newest first."""
    query: Select[Any] = EVENTS.order_by(event.c.seq.desc()).limit(limit)
    if at is not None:
        # Backwards from the newest to the first that is older: as far as the answer reaches, and no index to keep.
        older = select(event.c.seq).where(event.c.at < at).order_by(event.c.seq.desc()).limit(1)
        query = query.where(event.c.seq > (conn.execute(older).scalar() or 0))
    if types is not None:
        query = query.where(event.c.type.in_(types))
    if portals is not None or sections is not None:
        query = query.join(article, article.c.id == event.c.article_id).where(
            or_(article.c.portal.in_(portals or ()), _in_sections(conn, sections or ()))
        )
    return [read_event(row) for row in conn.execute(query)]


def _in_sections(conn: Connection, sections: Collection[tuple[str, str]]) -> Any:
    ids = (
        [
            row.id
            for row in conn.execute(
                select(section.c.id).where(tuple_(section.c.portal, section.c.section).in_(sections))
            )
        ]
        if sections
        else []
    )
    return (
        select(article_section.c.article_id)
        .where(and_(article_section.c.article_id == event.c.article_id, article_section.c.section_id.in_(ids)))
        .exists()
    )


class EventStore:
    """Reads events; they are written by the transactions they tell of."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def after(self, seq: int, limit: int) -> list[Event]:
        """The events of articles that follow a seq, in order, at most `limit`."""
        return await self._backend.read(after, seq, limit)

    async def notices(self, seq: int, limit: int) -> list[Notice]:
        """The events of sections, portals and the watch itself that follow a seq, in order, at most `limit`."""
        return await self._backend.read(notices, seq, limit)

    async def last_seq(self) -> int:
        """The newest event's seq; 0 where there is none."""
        return await self._backend.read_brief(last_seq)

    async def since(
        self,
        at: float | None,
        *,
        portals: Collection[str] | None = None,
        sections: Collection[tuple[str, str]] | None = None,
        types: Collection[str] | None = None,
        limit: int = 100,
    ) -> list[Event]:
        """Events from a time on, newest first: of any of the portals or (portal, section) pairs, of any of the types.

        None means all; with both portals and sections an event needs to be in one of either.
        """
        return await self._backend.read(since, at, portals, sections, types, limit)
