"""A connection to SQLite and the transactions on it; the loop and a thread may use it in turn, never at once."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from crawler.exceptions import StorageError
from crawler.store.errors import result_code, storage_error
from crawler.store.prepared import raw_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

T = TypeVar("T")

DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error)
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class Call(Generic[T]):
    """An operation on its way through the database, and the future of whoever awaits it; made in the loop's thread."""

    __slots__ = ("brief", "error", "future", "loop", "operation", "ran", "result")

    def __init__(self, operation: Callable[[Connection], T], *, brief: bool = False) -> None:
        self.operation = operation
        self.brief = brief
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self.ran = False
        self.result: T | None = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Hand the outcome over; in the loop's thread."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(cast("T", self.result))


def wrapped(raw: sqlite3.Connection) -> Connection:
    """SQLAlchemy's connection over one of SQLite's, for a Session.

    Transactions are begun and ended on `raw`, which may be closed before SQLAlchemy's wrapper is collected: it sees
    autocommit and resets nothing.
    """
    engine = create_engine(
        "sqlite://",
        poolclass=StaticPool,
        creator=lambda: raw,
        pool_reset_on_return=None,
        isolation_level="AUTOCOMMIT",
    )
    return engine.connect()


class Session:
    """A connection that is opened when first needed, and opened anew after it broke.

    `timeout` is how many seconds `serve` waits for another process that writes; `before_commit` brings to disk what a
    transaction refers to.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        where: str,
        *,
        writes: bool,
        timeout: float,
        before_commit: Callable[[], None] | None = None,
    ) -> None:
        self._connect = connect
        self._where = where
        self._begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
        self._timeout = timeout
        self._before_commit = before_commit
        self._conn: Connection | None = None
        self._raw: sqlite3.Connection | None = None
        self._waits: float | None = None
        self._began = False

    def look(self, operation: Callable[[Connection], T]) -> T:
        """Run an operation that reads, without waiting for a lock.

        Raises:
            BlockedError: another process holds the database at this moment.
            StorageError: the database refused.

        """
        conn, raw = self._open()
        try:
            self._start(raw, 0.0)
            result = operation(conn)
            raw.execute("COMMIT")
        except DATABASE_ERRORS as error:
            self._roll_back()
            if result_code(error) in _BUSY:
                raise BlockedError from error
            raise storage_error(error, self._where) from error
        except BaseException:
            self._roll_back()
            raise
        return result

    def try_run(self, call: Call[Any]) -> bool:
        """Run an operation in the transaction under way, or in one begun at once; False if that would have to wait."""
        raw = self._raw
        if raw is None:  # a thread opens it, since that may take its time
            return False
        if not self._began:
            try:
                self._start(raw, 0.0)
            except sqlite3.Error:  # `serve` waits, or says what is wrong
                return False
        elif not raw.in_transaction:  # a full disk ended it: all that has run is lost, which `serve` tells
            return False
        try:
            self._run(call)
        except sqlite3.Error as error:  # of a savepoint: what it held can no longer be told from the rest
            call.error = storage_error(error, self._where)
            self._roll_back()
        return True

    def serve(self, calls: Sequence[Call[Any]]) -> None:
        """Run what has not run yet and commit; each call has a result or an error then, all one if COMMIT failed."""
        error: BaseException = StorageError(f"{self._where}: the transaction was lost")
        try:
            _, raw = self._open()
            if not self._began:
                self._start(raw, self._timeout)
            for call in calls:
                if not call.ran and raw.in_transaction:
                    self._run(call)
            if raw.in_transaction:
                if self._before_commit is not None:
                    self._before_commit()
                raw.commit()  # not execute("COMMIT"): that takes the interpreter back and lets it go five times
                self._began = False
                return
            error = next((call.error for call in calls if call.error is not None), error)
        except DATABASE_ERRORS as caught:
            error = storage_error(caught, self._where)
        except StorageError as caught:  # from connecting, or from what was to be on disk before
            error = caught
        self._roll_back()
        self._began = False
        for call in calls:
            call.error = call.error or error

    def close(self) -> None:
        """Close the connection; what it has not committed is undone."""
        conn, raw = self._conn, self._raw
        self._conn = self._raw = self._waits = None
        if conn is not None and raw is not None:
            conn.engine.dispose()
            raw.close()

    def _open(self) -> tuple[Connection, sqlite3.Connection]:
        if self._conn is None or self._raw is None:
            self._conn = self._connect()
            self._raw = raw_connection(self._conn)
        return self._conn, self._raw

    def _start(self, raw: sqlite3.Connection, wait: float) -> None:
        """Begin; `wait` is in seconds."""
        if self._waits != wait:
            raw.execute(f"PRAGMA busy_timeout={wait * 1000:.0f}")
            self._waits = wait
        raw.execute(self._begin)
        self._began = True

    def _run(self, call: Call[Any]) -> None:
        """Run an operation in a savepoint of its own; a full disk may end the transaction under it."""
        conn, raw = self._open()
        call.ran = True
        raw.execute("SAVEPOINT one")
        try:
            call.result = call.operation(conn)
        except DATABASE_ERRORS as error:
            call.error = storage_error(error, self._where)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to whoever awaits this call
            call.error = error
        except BaseException as error:  # an interruption, which is the loop's: nothing of a half operation may stay
            call.error = error
            raise
        finally:
            if raw.in_transaction:
                if call.error is not None:
                    raw.execute("ROLLBACK TO one")
                raw.execute("RELEASE one")

    def _roll_back(self) -> None:
        if self._raw is None:
            return
        try:
            if self._raw.in_transaction:
                self._raw.execute("ROLLBACK")
        except sqlite3.Error:  # the connection is of no more use; closing it rolls back too
            self.close()


class BlockedError(Exception):
    """A lock would have to be waited for."""
