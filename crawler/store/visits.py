"""Visits to articles that are known: when they are due, and what they found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from crawler.store.article_state import FOUND, STATE, THIS, VISITED, Known, append_event, append_reappeared
from crawler.store.schema import TO_VISIT, article, event
from crawler.store.statements import lock_events
from crawler.store.validators import put_validators
from crawler.store.values import Visit

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from crawler.store.values import Validators

_BY_ID = select(*STATE).where(article.c.public_id == bindparam("public_id"))
_MISSED = update(article).where(THIS).values(misses=article.c.misses + 1, **VISITED)
_MISSES = select(article.c.misses).where(THIS)
_WITHDRAW = update(article).where(THIS).values(withdrawn_at=bindparam("now"))
_LAST_ALERT = (
    select(event.c.alert).where(event.c.article_id == bindparam("article_id")).order_by(event.c.seq.desc()).limit(1)
)
_VISITS = (
    select(
        article.c.public_id,
        article.c.url,
        article.c.key,
        article.c.first_seen_at,
        article.c.visits,
        article.c.misses,
        article.c.title,
        article.c.published_at,
    )
    .where(TO_VISIT, article.c.section_id == bindparam("section_id"), article.c.next_visit_at <= bindparam("now"))
    .order_by(article.c.next_visit_at)
    .limit(bindparam("limit"))
)


def due_visits(conn: Connection, section_id: int, now: float, limit: int) -> list[Visit]:
    """Articles first stored by a section whose next visit is due, the longest due first."""
    return [Visit(*row) for row in conn.execute(_VISITS, {"section_id": section_id, "now": now, "limit": limit})]


def unchanged(
    conn: Connection, article_id: str, now: float, next_visit_at: float | None, validators: Validators | None
) -> None:
    """A visit found the page as it was; one that had been withdrawn is back, and an event says so."""
    lock_events(conn)
    known = _by_public_id(conn, article_id)
    if known is None:
        return
    FOUND.run(conn, {"article_id": known.id, "now": now, "next_visit": next_visit_at})
    if known.withdrawn_at is not None:
        alert = bool(conn.execute(_LAST_ALERT, {"article_id": known.id}).scalar())
        append_reappeared(conn, known, now, alert=alert)
    if validators is not None:
        put_validators(conn, validators, now)


def missed(conn: Connection, article_id: str, now: float, next_visit_at: float | None) -> int:
    """A visit did not find the page; gives how many in a row."""
    known = _by_public_id(conn, article_id)
    if known is None:
        return 0
    conn.execute(_MISSED, {"article_id": known.id, "now": now, "next_visit": next_visit_at})
    count: int = conn.execute(_MISSES, {"article_id": known.id}).scalar_one()
    return count


def withdraw(conn: Connection, article_id: str, now: float, *, alert: bool) -> int | None:
    """Mark an article withdrawn, once."""
    lock_events(conn)
    known = _by_public_id(conn, article_id)
    if known is None or known.withdrawn_at is not None:
        return None
    conn.execute(_WITHDRAW, {"article_id": known.id, "now": now})
    return append_event(conn, known, "withdrawn", now, alert=alert, withdrawn_at=rfc3339(now))


def rfc3339(at: float) -> str:
    """A time as records show it: UTC, whole seconds."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _by_public_id(conn: Connection, article_id: str) -> Known | None:
    row = conn.execute(_BY_ID, {"public_id": article_id}).first()
    return None if row is None else Known(*row)
