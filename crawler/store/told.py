"""What each rule has told: the first event of an article that it sent, written in the transaction that plans it.

Who belongs to a story is asked anew each time, so an original that is found later (`relinked`) belongs to it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from crawler.store.prepared import Prepared
from crawler.store.schema import IS_REPRINT, article, told
from crawler.store.statements import Upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ARTICLE = Prepared(select(article.c.id, article.c.duplicate_of).where(article.c.public_id == bindparam("public_id")))
_OWN = Prepared(
    select(told.c.seq).where(told.c.rule == bindparam("rule"), told.c.article_id == bindparam("article_id"))
)
_BY_A_REPRINT = Prepared(
    select(func.min(told.c.seq))
    .join(article, article.c.id == told.c.article_id)
    .where(
        IS_REPRINT,
        article.c.duplicate_of == bindparam("root"),
        told.c.rule == bindparam("rule"),
        told.c.article_id != bindparam("article_id"),
    )
)
_TELL = Upsert(told, ("rule", "article_id"))


class ToldByRules:
    """The `Told` of a transaction that plans."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def before(self, rule: str, article_id: str, seq: int) -> bool:
        """Whether a rule told an article's story by another article of it, before `seq` and before this article."""
        for own, original in _ARTICLE.rows(self._conn, {"public_id": article_id}):
            where = {"rule": rule, "article_id": own}
            limit = min([seq, *(at for (at,) in _OWN.rows(self._conn, where))])
            found = _BY_A_REPRINT.rows(self._conn, {**where, "root": original or own})
            if original is not None:
                found = [*found, *_OWN.rows(self._conn, {"rule": rule, "article_id": original})]
            return any(at is not None and at < limit for (at,) in found)
        return False

    def tell(self, rule: str, article_id: str, seq: int) -> None:
        """Note that a rule tells an article by this event; the first one stays."""
        for own, _ in _ARTICLE.rows(self._conn, {"public_id": article_id}):
            _TELL.run(self._conn, {"rule": rule, "article_id": own, "seq": seq})
