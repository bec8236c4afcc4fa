"""Visits to articles that are known: when they are due, and what they found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, literal_column, select, update

from crawler.store import raw
from crawler.store.article_state import FOUND, STATE, THIS, VISITED, Known, append_event, append_reappeared
from crawler.store.schema import TO_VISIT, alias, article, event, front, section
from crawler.store.statements import Upsert, lock_events, pieces
from crawler.store.validators import put_validators
from crawler.store.values import KEY_BYTES, Visit
from crawler.text.dates import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from crawler.store.rawpacks import Packs
    from crawler.store.values import RawPage, Validators

_BY_ID = select(*STATE).where(article.c.public_id == bindparam("public_id"))
# A first miss is looked into soon: it takes no turn of the schedule.
_MISSED = (
    update(article)
    .where(THIS)
    .values(**VISITED)
    .values(misses=article.c.misses + 1, visits=article.c.visits + case((article.c.misses > 0, 1), else_=0))
)
_POSTPONE = update(article).where(THIS).values(next_visit_at=bindparam("next_visit"))
_MISSES = select(article.c.misses).where(THIS)
_WITHDRAW = update(article).where(THIS).values(withdrawn_at=bindparam("now"))
_LAST_ALERT = (
    select(event.c.alert).where(event.c.article_id == bindparam("article_id")).order_by(event.c.seq.desc()).limit(1)
)
_VISIT: tuple[ColumnElement[Any], ...] = (
    article.c.public_id,
    article.c.url,
    article.c.key,
    article.c.first_seen_at,
    article.c.visits,
    article.c.misses,
    article.c.title,
    article.c.published_at,
    article.c.content_sha256.is_not(None),
    article.c.visited_at,
    article.c.withdrawn_at,
    article.c.form,
    section.c.section,
    article.c.portal,
)
_FROM_SECTION = section.c.id == article.c.section_id
_VISITS = (
    select(*_VISIT)
    .join(section, _FROM_SECTION)
    .where(TO_VISIT, article.c.section_id == bindparam("section_id"), article.c.next_visit_at <= bindparam("now"))
    .order_by(article.c.next_visit_at)
    .limit(bindparam("limit"))
)
_VISIT_OF = select(*_VISIT).join(section, _FROM_SECTION).where(article.c.public_id == bindparam("public_id"))
# Those to be visited are the recent ones, and there is an index of them.
_SIBLINGS = (
    select(*_VISIT)
    .join(section, _FROM_SECTION)
    .where(
        TO_VISIT,
        article.c.section_id == bindparam("section_id"),
        article.c.misses == 0,
        article.c.withdrawn_at.is_(None),
        article.c.form == literal_column("'article'"),
    )
    .order_by(article.c.next_visit_at.desc())
    .limit(bindparam("limit"))
)
_FRONT = select(front.c["keys"]).where(front.c.section_id == bindparam("section_id"))
_SET_FRONT = Upsert(front, ("section_id",), ("keys",))
_PORTAL = select(section.c.portal).where(section.c.id == bindparam("section_id"))
_LISTED = select(alias.c.article_id).where(
    alias.c.portal == bindparam("portal"), alias.c.key.in_(bindparam("keys", expanding=True))
)
_LOOK_NOW = (
    update(article)
    .where(article.c.id.in_(bindparam("articles", expanding=True)), article.c.form == literal_column("'article'"))
    .values(next_visit_at=0.0)  # before all that are due by their age
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


def visit_of(conn: Connection, article_id: str) -> Visit | None:
    """An article as one to be visited, whenever its time is."""
    row = conn.execute(_VISIT_OF, {"public_id": article_id}).first()
    return None if row is None else Visit(*row)


def siblings(conn: Connection, section_id: int, limit: int) -> list[Visit]:
    """Recent articles of a section that were there when they were last visited."""
    return [Visit(*row) for row in conn.execute(_SIBLINGS, {"section_id": section_id, "limit": limit})]


def postpone(conn: Connection, article_id: str, next_visit_at: float | None) -> None:
    """A visit told nothing: it is made again."""
    known = _by_public_id(conn, article_id)
    if known is not None:
        conn.execute(_POSTPONE, {"article_id": known.id, "next_visit": next_visit_at})


def look_at_front(conn: Connection, section_id: int, keys: Sequence[bytes]) -> int:
    """Note the first page of a list; articles that vanished from its midst are to be visited now.

    What stood below all that is still listed may have been pushed off the page's end by as many new ones, unless older
    entries slid up.
    Withdrawn articles that are listed again are to be visited too. Gives how many articles.
    """
    stored = conn.execute(_FRONT, {"section_id": section_id}).scalar()
    now_listed = b"".join(keys)
    if stored == now_listed:
        return 0
    _SET_FRONT.run(conn, {"section_id": section_id, "keys": now_listed})
    if stored is None:
        return 0
    before = [stored[at : at + KEY_BYTES] for at in range(0, len(stored), KEY_BYTES)]
    known, shown = set(before), set(keys)
    last = max((place for place, key in enumerate(keys) if key in known), default=-1)
    if last < 0:
        return 0
    slid_up = last + 1 < len(keys)
    above = sum(key not in known for key in keys[:last])
    lowest = max(place for place, key in enumerate(before) if key in shown)
    if slid_up or len(before) - lowest - 1 > above:
        lowest = len(before)  # not all that is missing at the end can have been pushed off it
    vanished = {key for key in before[:lowest] if key not in shown}
    portal = conn.execute(_PORTAL, {"section_id": section_id}).scalar_one()
    chosen = _articles_of(conn, portal, tuple(vanished))
    back = _articles_of(conn, portal, tuple(shown - known))
    if back:
        gone = select(article.c.id).where(article.c.id.in_(back), article.c.withdrawn_at.is_not(None))
        chosen += list(conn.execute(gone).scalars())
    for start in range(0, len(chosen), 500):
        conn.execute(_LOOK_NOW, {"articles": chosen[start : start + 500]})
    return len(chosen)


def _articles_of(conn: Connection, portal: str, keys: Sequence[bytes]) -> list[int]:
    found: list[int] = []
    for some in pieces(keys):
        found += conn.execute(_LISTED, {"portal": portal, "keys": list(some)}).scalars()
    return found


def missed(
    conn: Connection,
    article_id: str,
    now: float,
    next_visit_at: float | None,
    packs: Packs | None = None,
    pages: Sequence[RawPage] = (),
) -> int:
    """A visit did not find the page; gives how many in a row."""
    located = raw.put(conn, packs, pages)
    known = _by_public_id(conn, article_id)
    if known is None:
        return 0
    if located:
        raw.note(conn, known.id, known.revision, located, now, new=False)
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


def _by_public_id(conn: Connection, article_id: str) -> Known | None:
    row = conn.execute(_BY_ID, {"public_id": article_id}).first()
    return None if row is None else Known(*row)
