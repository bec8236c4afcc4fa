"""Stories: an original and its reprints, which all name it. Who was first decides, and may turn out later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from crawler.store.article_state import STATE, THIS, Known, append_event
from crawler.store.prepared import Prepared
from crawler.store.reprints import candidates, find, keep
from crawler.store.schema import IS_REPRINT, article
from crawler.text.dates import SHANGHAI, rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from crawler.items import Record
    from crawler.store.values import ArticleWrite

_DATE = len("2025-06-18")
_LAST_SECOND = timedelta(days=1, seconds=-1)

_ROOT = Prepared(select(article.c.duplicate_of).where(THIS))
_TIMES = Prepared(select(article.c.published_at, article.c.first_seen_at).where(THIS))
_STATE = Prepared(select(*STATE).where(THIS))
_FOLLOW = (
    update(article)
    .where(IS_REPRINT, article.c.duplicate_of == bindparam("loser"))
    .values(duplicate_of=bindparam("winner"))
)
REPRINTS = (
    select(article.c.id, article.c.published_at, article.c.first_seen_at)
    .where(IS_REPRINT, article.c.duplicate_of == bindparam("root"))
    .order_by(article.c.first_seen_at)
    .limit(bindparam("limit"))
)
_YIELD = update(article).where(THIS).values(duplicate_of=bindparam("winner"))


def moment(published_at: str | None, first_seen_at: float) -> float:
    """When an article appeared, as UTC epoch seconds, as far as is known.

    The time that it prints; of a printed day alone the moment at which it was first seen, within that day; without a
    date the moment at which it was first seen.
    """
    if not published_at:
        return first_seen_at
    try:
        printed = datetime.fromisoformat(published_at)
    except ValueError:
        return first_seen_at
    if printed.tzinfo is None:
        printed = printed.replace(tzinfo=SHANGHAI)
    start = printed.timestamp()
    if len(published_at) > _DATE:
        return start
    return min(max(first_seen_at, start), start + _LAST_SECOND.total_seconds())


def root_of(conn: Connection, article_id: int) -> int:
    """The original of the story that an article is of."""
    ((original,),) = _ROOT.rows(conn, {"article_id": article_id})
    return article_id if original is None else int(original)


def precedes(conn: Connection, root: int, published_at: str | None, first_seen_at: float) -> bool:
    """Whether an article appeared before the one that is taken for its original."""
    (times,) = _TIMES.rows(conn, {"article_id": root})
    return (moment(published_at, first_seen_at), first_seen_at) < (moment(*times), times[1])


def original_of(conn: Connection, write: ArticleWrite) -> tuple[int | None, list[int]]:
    """The original of the story that a new article tells again, if it does, and the hashes to keep for the article."""
    likeness = write.likeness
    if likeness is None or not likeness.sample:
        return None, []
    found = find(conn, likeness)
    chosen = likeness.choose(candidates(conn, found.articles)) if found.articles else None
    if chosen is None:
        likeness.remember(bytes.fromhex(write.record.content_sha256))
        return None, found.own()
    return root_of(conn, chosen.row), found.own(found.articles)


def take_over(conn: Connection, winner: int, loser: int, now: float) -> None:
    """An earlier original was found: the story's articles name it, and the one that was the original tells so."""
    conn.execute(_FOLLOW, {"winner": winner, "loser": loser})
    conn.execute(_YIELD, {"winner": winner, "article_id": loser})
    (row,) = _STATE.rows(conn, {"article_id": loser})
    known = Known(*row)
    withdrawn = None if known.withdrawn_at is None else rfc3339(known.withdrawn_at)
    append_event(conn, known, "relinked", now, alert=False, changes=("duplicate_of",), withdrawn_at=withdrawn)


def reconsider(conn: Connection, write: ArticleWrite, known: Known, record: Record) -> None:
    """A body was edited: what it says now is looked up, and an original that it now reprints is linked."""
    likeness = write.likeness
    if likeness is None or not likeness.sample:
        return
    found = find(conn, likeness)
    keep(conn, known.id, found.own((known.id, known.duplicate_of or known.id)))
    others = [article_id for article_id in found.articles if article_id != known.id]
    if known.duplicate_of is not None or not others:
        return
    chosen = likeness.choose(candidates(conn, others))
    root = known.id if chosen is None else root_of(conn, chosen.row)
    if root == known.id:
        return
    ((_, first_seen_at),) = _TIMES.rows(conn, {"article_id": known.id})
    if precedes(conn, root, record.published_at, first_seen_at):
        take_over(conn, known.id, root, write.now)
    else:
        take_over(conn, root, known.id, write.now)
