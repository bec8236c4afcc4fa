"""Rows whose column has one of many values, and rows inserted in numbers: statements that cost little an article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, insert

from crawler.store.prepared import raw_connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ClauseElement, ColumnElement, Connection, Executable, Select, Table


class Among:
    """A SELECT of rows whose column, of whole numbers, has one of several values.

    Compiled once for each of a few lengths of the list, which is filled up by its last value. On SQLite it goes to the
    driver by position: half the time that binding 24 names takes.
    """

    def __init__(self, statement: Select[Any], column: ColumnElement[int], lengths: Sequence[int]) -> None:
        """`lengths` ascend; no list of values may be longer than the last."""
        self._names = tuple(f"v{number}" for number in range(lengths[-1]))
        bound = [bindparam(name, type_=BigInteger()) for name in self._names]
        self._statements = [(length, statement.where(column.in_(bound[:length]))) for length in lengths]
        self._sql: list[tuple[int, str]] = []

    def statement(self, count: int) -> Select[Any]:
        """The SELECT that serves so many values."""
        return next(statement for length, statement in self._statements if length >= count)

    def rows(self, conn: Connection, values: Sequence[int]) -> Sequence[tuple[Any, ...]]:
        """The rows, each once, in no order."""
        if not values:
            return []
        count = len(values)
        if conn.dialect.name != "sqlite":
            length, statement = next(one for one in self._statements if one[0] >= count)
            filled = _filled(values, length)
            return [tuple(row) for row in conn.execute(statement, dict(zip(self._names, filled, strict=False)))]
        if not self._sql:
            self._sql = [(length, _sqlite_text(one)) for length, one in self._statements]
        length, sql = next(one for one in self._sql if one[0] >= count)
        found: list[tuple[Any, ...]] = raw_connection(conn).execute(sql, _filled(values, length)).fetchall()
        return found


class AddAll:
    """An INSERT of many rows into a table of whole numbers; those that are there already stay as they are."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._sql: str | None = None
        self._insert: Executable | None = None

    def run(self, conn: Connection, rows: Sequence[tuple[int, ...]]) -> None:
        """Insert rows; each gives every column, in the order of the table."""
        if not rows:
            return
        if conn.dialect.name == "sqlite":
            if self._sql is None:
                self._sql = _sqlite_text(insert(self._table).prefix_with("OR IGNORE"))
            raw_connection(conn).executemany(self._sql, rows)
            return
        if self._insert is None:
            from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - only the dialect in use is loaded

            self._insert = postgresql.insert(self._table).on_conflict_do_nothing()
        names = self._table.columns.keys()
        conn.execute(self._insert, [dict(zip(names, row, strict=True)) for row in rows])


def _filled(values: Sequence[int], length: int) -> list[int]:
    return [*values, *[values[-1]] * (length - len(values))]


def _sqlite_text(statement: ClauseElement) -> str:
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - only the dialect in use is loaded

    return str(statement.compile(dialect=sqlite.dialect(paramstyle="qmark")))
