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
        self._known: dict[str, tuple[int, int | None] | None] = {}

    def before(self, rule: str, article_id: str, seq: int) -> bool:
        """Whether a rule told an article's story by another article of it, before `seq` and before this article."""
        found = self._find(article_id)
        if found is None:
            return False
        own, original = found
        where = {"rule": rule, "article_id": own}
        others = [*_BY_A_REPRINT.rows(self._conn, {**where, "root": original or own})]
        if original is not None:
            others += _OWN.rows(self._conn, {"rule": rule, "article_id": original})
        times: list[int] = [at for (at,) in others if at is not None]
        if not times:
            return False
        limit: int = min([seq, *(at for (at,) in _OWN.rows(self._conn, where))])
        return min(times) < limit

    def tell(self, rule: str, article_id: str, seq: int) -> None:
        """Note that a rule tells an article by this event; the first one stays."""
        found = self._find(article_id)
        if found is not None:
            _TELL.run(self._conn, {"rule": rule, "article_id": found[0], "seq": seq})

    def _find(self, article_id: str) -> tuple[int, int | None] | None:
        """An article's row and that of its original, which do not change within the transaction."""
        if article_id not in self._known:
            rows = _ARTICLE.rows(self._conn, {"public_id": article_id})
            self._known[article_id] = (rows[0][0], rows[0][1]) if rows else None
        return self._known[article_id]
