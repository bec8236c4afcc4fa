"""Statements of the busiest transactions, compiled once.

SQLAlchemy takes 10 to 20 µs a statement to find its compiled form, bind, and wrap the result; SQLite itself takes 2. On
SQLite these go to the driver's connection as compiled text (measured: 0.36 ms of CPU an article instead of 0.72);
elsewhere the way to the server costs more than that, and SQLAlchemy executes them. Values and results are numbers, text
and bytes, which no driver needs converted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Insert

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Executable

Parameters = dict[str, Any]


def raw_connection(conn: Connection) -> sqlite3.Connection:
    """SQLite's own connection under SQLAlchemy's."""
    return cast("sqlite3.Connection", conn.connection.dbapi_connection)


class Prepared:
    """A SELECT, INSERT or UPDATE with bound parameters only, always given the same ones; no IN lists."""

    __slots__ = ("_constants", "_sql", "statement")

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._sql: str | None = None
        self._constants: Mapping[str, Any] = {}

    def rows(self, conn: Connection, parameters: Parameters) -> Sequence[tuple[Any, ...]]:
        """All rows of a SELECT."""
        if conn.dialect.name == "sqlite":
            found: list[tuple[Any, ...]] = self._execute(conn, parameters).fetchall()
            return found
        return [tuple(row) for row in conn.execute(self.statement, parameters)]

    def run(self, conn: Connection, parameters: Parameters) -> None:
        """Execute an INSERT or UPDATE."""
        if conn.dialect.name == "sqlite":
            self._execute(conn, parameters)
        else:
            conn.execute(self.statement, parameters)

    def run_many(self, conn: Connection, rows: Sequence[Parameters]) -> None:
        """Execute an INSERT or UPDATE for each row."""
        if conn.dialect.name == "sqlite":
            for row in rows:
                self._execute(conn, row)
        else:
            conn.execute(self.statement, rows)

    def insert(self, conn: Connection, parameters: Parameters) -> int:
        """Execute an INSERT into a table whose key the database counts; gives that key."""
        if conn.dialect.name == "sqlite":
            return cast("int", self._execute(conn, parameters).lastrowid)
        key = cast("Any", conn.execute(self.statement, parameters)).inserted_primary_key
        return cast("int", key[0])

    def _execute(self, conn: Connection, parameters: Parameters) -> sqlite3.Cursor:
        if self._sql is None:
            self._compile(parameters)
        if self._constants:
            parameters = {**self._constants, **parameters}
        return raw_connection(conn).execute(cast("str", self._sql), parameters)

    def _compile(self, parameters: Parameters) -> None:
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - only the dialect in use is loaded

        dialect = sqlite.dialect(paramstyle="named")
        columns = list(parameters) if isinstance(self.statement, Insert) else None
        compiled = cast("Any", self.statement).compile(dialect=dialect, column_keys=columns)
        self._constants = {
            name: bound.effective_value
            for name, bound in compiled.binds.items()
            if name not in parameters and not bound.required
        }
        self._sql = str(compiled)
