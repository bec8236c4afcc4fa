"""The threads in which SQLite works: they take operations from a queue and commit many of them at once."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sqlalchemy.exc import SQLAlchemyError

from crawler.exceptions import StorageError
from crawler.store.errors import storage_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

BATCH = 64
"""Operations that share a commit: enough to spread an fsync thin, little enough to hold the write lock briefly."""

DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error)


class Call:
    """An operation on its way through a thread, and the future of whoever awaits it."""

    __slots__ = ("error", "future", "loop", "operation", "result")

    def __init__(self, operation: Callable[[Connection], Any]) -> None:
        self.operation = operation
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.result: Any = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Hand the outcome over; in the loop's thread."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


CallQueue: TypeAlias = "queue.SimpleQueue[Call | None]"


def _settle_all(calls: list[Call]) -> None:
    for call in calls:
        call.settle()


def _report(calls: list[Call]) -> None:
    """Wake each loop once for all calls that came from it."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Call]] = {}
    for call in calls:
        by_loop.setdefault(call.loop, []).append(call)
    for loop, own in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle_all, own)
        except RuntimeError:  # the loop was closed: nobody awaits these any more
            continue


def raw_connection(conn: Connection) -> sqlite3.Connection:
    """The driver's connection: transactions are begun and ended on it, SQLAlchemy sees autocommit."""
    return cast("sqlite3.Connection", conn.connection.dbapi_connection)


class Worker(threading.Thread):
    """A thread with a connection of its own that takes calls from a queue until it takes None.

    The writing one takes all that are queued, at most `BATCH`, into one transaction. `before_commit` brings to disk
    what the transaction refers to.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        calls: CallQueue,
        where: str,
        *,
        writes: bool,
        before_commit: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(name=f"store-{'writer' if writes else 'reader'}", daemon=True)
        self._connect = connect
        self._calls = calls
        self._where = where
        self._writes = writes
        self._before_commit = before_commit
        self._conn: Connection | None = None

    def run(self) -> None:
        """Serve until told to end."""
        try:
            ending = False
            while not ending:
                batch, ending = self._next()
                batch = [call for call in batch if not call.future.cancelled()]
                if not batch:
                    continue
                try:
                    self._serve(batch)
                except BaseException as error:
                    for call in batch:
                        call.error = call.error or error
                    raise
                finally:
                    _report(batch)
        finally:
            self._disconnect()

    def _next(self) -> tuple[list[Call], bool]:
        """The calls to serve together, and whether they are the last ones."""
        batch: list[Call] = []
        # Never get(timeout=...): a SimpleQueue that is woken for nothing as its time runs out waits for ever (CPython
        # 3.11: what is left of the time is negative then, which its lock takes for no limit).
        call = self._calls.get()
        while call is not None:
            batch.append(call)
            if not self._writes or len(batch) == BATCH:
                return batch, False
            try:
                call = self._calls.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _serve(self, batch: list[Call]) -> None:
        """Run a batch in one transaction; each call ends with a result or an error, all with one if COMMIT fails."""
        error: BaseException = StorageError(f"{self._where}: the transaction was lost")
        try:
            if self._conn is None:
                self._conn = self._connect()
            raw = raw_connection(self._conn)
            raw.execute("BEGIN IMMEDIATE" if self._writes else "BEGIN")
            if self._run_all(self._conn, raw, batch):
                if self._before_commit is not None:
                    self._before_commit()
                raw.execute("COMMIT")
                return
            error = next((call.error for call in batch if call.error is not None), error)
        except DATABASE_ERRORS as caught:
            error = storage_error(caught, self._where)
        except StorageError as caught:  # from connecting, or from what was to be on disk before
            error = caught
        self._roll_back()
        for call in batch:
            call.error = call.error or error

    def _run_all(self, conn: Connection, raw: sqlite3.Connection, batch: list[Call]) -> bool:
        """Run each call, in a savepoint unless it is alone; False if the transaction is over (a full disk ends it)."""
        if len(batch) == 1:
            self._run_one(conn, batch[0])
            return batch[0].error is None
        for call in batch:
            raw.execute("SAVEPOINT one")
            self._run_one(conn, call)
            if not raw.in_transaction:
                return False
            if call.error is not None:
                raw.execute("ROLLBACK TO one")
            raw.execute("RELEASE one")
        return True

    def _run_one(self, conn: Connection, call: Call) -> None:
        try:
            call.result = call.operation(conn)
        except DATABASE_ERRORS as error:
            call.error = storage_error(error, self._where)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to whoever awaits this call
            call.error = error

    def _roll_back(self) -> None:
        if self._conn is None:
            return
        try:
            raw = raw_connection(self._conn)
            if raw.in_transaction:
                raw.execute("ROLLBACK")
        except sqlite3.Error:  # the connection is of no more use; closing it rolls back too
            self._disconnect()

    def _disconnect(self) -> None:
        if self._conn is not None:
            raw = raw_connection(self._conn)
            self._conn.engine.dispose()
            self._conn = None
            raw.close()
