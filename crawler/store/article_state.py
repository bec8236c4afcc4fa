"""What the article transactions share: an article's row, its newest revision, and the events that add no revision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, select, update

from crawler.store import events
from crawler.store.encode import decode_content
from crawler.store.prepared import Prepared
from crawler.store.schema import article, article_section, revision, section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from crawler.items import Record


class Known(NamedTuple):
    """The state of an article that decides what a page means for it."""

    id: int
    public_id: str
    form: str
    revision: int
    fingerprint: bytes
    duplicate_of: int | None
    withdrawn_at: float | None
    edition: int


STATE = (
    article.c.id,
    article.c.public_id,
    article.c.form,
    article.c.revision,
    article.c.fingerprint,
    article.c.duplicate_of,
    article.c.withdrawn_at,
    article.c.edition,
)
THIS = article.c.id == bindparam("article_id")
VISITED: dict[str, Any] = {
    "visited_at": bindparam("now"),
    "next_visit_at": bindparam("next_visit"),
    "visits": article.c.visits + 1,
}
FOUND = Prepared(update(article).where(THIS).values(misses=0, withdrawn_at=None, **VISITED))

_PUBLIC_ID = select(article.c.public_id).where(THIS)
_CONTENT = select(revision.c.id, revision.c.content).where(
    revision.c.article_id == bindparam("article_id"),
    revision.c.number == bindparam("number"),
    revision.c.edition == bindparam("edition"),
)
_SECTIONS = (
    select(section.c.section)
    .join(article_section, article_section.c.section_id == section.c.id)
    .where(article_section.c.article_id == bindparam("article_id"))
    .order_by(article_section.c.at, section.c.id)
)


def public_id(conn: Connection, article_id: int | None) -> str | None:
    """The id by which an article is known outside."""
    if article_id is None:
        return None
    found: str | None = conn.execute(_PUBLIC_ID, {"article_id": article_id}).scalar()
    return found


def section_names(conn: Connection, article_id: int) -> list[str]:
    """The sections that list an article, in the order in which they did."""
    return list(conn.execute(_SECTIONS, {"article_id": article_id}).scalars())


def newest(conn: Connection, known: Known) -> tuple[int, Record]:
    """The newest revision's row id and what it said."""
    row = conn.execute(_CONTENT, {"article_id": known.id, "number": known.revision, "edition": known.edition}).one()
    return row.id, decode_content(row.content, sections=())


def append_event(
    conn: Connection,
    known: Known,
    type_: str,
    now: float,
    *,
    alert: bool,
    changes: Sequence[str] = (),
    withdrawn_at: str | None = None,
) -> int:
    """An event over the newest revision: nothing was edited, but the article's state has changed."""
    revision_id, _ = newest(conn, known)
    return events.append(
        conn,
        type_,
        now,
        alert=alert,
        article_id=known.id,
        revision_id=revision_id,
        sections=section_names(conn, known.id),
        changes=changes,
        duplicate_of=public_id(conn, known.duplicate_of),
        withdrawn_at=withdrawn_at,
    )


def append_reappeared(conn: Connection, known: Known, now: float, *, alert: bool) -> int:
    """A withdrawn page is back as it was."""
    return append_event(conn, known, "revised", now, alert=alert, changes=("withdrawn_at",))
