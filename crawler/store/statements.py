"""Statements that SQLAlchemy spells differently for each database, built once for the one in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawler.store.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Insert, Table

    from crawler.store.prepared import Parameters

IN_LIMIT = 500
"""Values in one IN list; longer lists of a hostile page go in pieces (SQLite takes 32766 at most)."""

_ARTICLE_LOCK = 0x706F7274616C77  # "portalw": any constant of our own


class Upsert:
    """INSERT of one or many rows that keeps, or updates the named columns of, a row whose key exists already."""

    def __init__(self, table: Table, keys: Sequence[str], update: Sequence[str] = ()) -> None:
        self._table = table
        self._keys = tuple(keys)
        self._update = tuple(update)
        self._built: dict[str, Prepared] = {}

    def run(self, conn: Connection, parameters: Parameters) -> None:
        """Execute it for one row; every row names the same columns."""
        self._for(conn).run(conn, parameters)

    def run_many(self, conn: Connection, rows: Sequence[Parameters]) -> None:
        """Execute it for each row."""
        self._for(conn).run_many(conn, rows)

    def _for(self, conn: Connection) -> Prepared:
        name = conn.dialect.name
        found = self._built.get(name)
        return found if found is not None else self._built.setdefault(name, Prepared(self._build(name)))

    def _build(self, dialect: str) -> Insert:
        insert: Any
        if dialect == "sqlite":
            from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415 - only the dialect in use is loaded
        else:
            from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415
        statement = insert(self._table)
        if not self._update:
            built: Insert = statement.on_conflict_do_nothing(index_elements=self._keys)
        else:
            excluded = {name: statement.excluded[name] for name in self._update}
            built = statement.on_conflict_do_update(index_elements=self._keys, set_=excluded)
        return built


def lock_events(conn: Connection) -> None:
    """Let no other transaction store articles or events until this one ends.

    So a lookup and the insert that rests on it are one step, and events become visible in the order of their `seq`.
    On SQLite the transaction is the only one that writes as it is.
    """
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ARTICLE_LOCK})")


def pieces(values: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """A long list in parts short enough for IN."""
    for start in range(0, len(values), IN_LIMIT):
        yield values[start : start + IN_LIMIT]
