"""SQLite: one thread that writes, with group commit, and threads that read; the event loop never waits for a disk.

Operations that are queued while a commit is under way share the next transaction, each in a savepoint of its own, so
that one that fails does not undo its neighbours. A future resolves after COMMIT has returned (WAL, synchronous=FULL:
the log has been flushed to disk by then).
"""

from __future__ import annotations

import asyncio
import functools
import queue
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from crawler.exceptions import StorageError
from crawler.store.errors import storage_error
from crawler.store.migrate import needs_upgrade, upgrade

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT = 10.0
"""Seconds to wait for another process that writes; `?timeout=` in the URL says otherwise."""
BATCH = 64
"""Operations that share a commit: enough to spread an fsync thin, little enough to hold the write lock briefly."""
READERS = 2
"""Threads that read; they open their connection when first needed."""
_DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error)


class _Call:
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


def _settle_all(calls: list[_Call]) -> None:
    for call in calls:
        call.settle()


def _report(calls: list[_Call]) -> None:
    """Wake each loop once for all calls that came from it."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Call]] = {}
    for call in calls:
        by_loop.setdefault(call.loop, []).append(call)
    for loop, own in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle_all, own)
        except RuntimeError:  # the loop was closed: nobody awaits these any more
            continue


class _Worker(threading.Thread):
    """A thread with a connection of its own that takes calls from a queue until it takes None."""

    def __init__(self, database: SqliteDatabase, calls: queue.SimpleQueue[_Call | None], *, writes: bool) -> None:
        super().__init__(name=f"store-{'writer' if writes else 'reader'}", daemon=True)
        self._database = database
        self._calls = calls
        self._writes = writes
        self._conn: Connection | None = None

    def run(self) -> None:
        """Serve until told to end."""
        try:
            ending = False
            while not ending:
                batch, ending = self._next()
                if not batch:
                    continue
                try:
                    if self._conn is None:
                        self._conn = self._database.connect(writes=self._writes)
                except StorageError as error:
                    for call in batch:
                        call.error = error
                else:
                    self._serve(batch)
                _report(batch)
        finally:
            if self._conn is not None:
                self._conn.engine.dispose()
                _raw(self._conn).close()

    def _next(self) -> tuple[list[_Call], bool]:
        first = self._calls.get()
        if first is None:
            return [], True
        batch = [first]
        while self._writes and len(batch) < BATCH:
            try:
                call = self._calls.get_nowait()
            except queue.Empty:
                break
            if call is None:
                return batch, True
            batch.append(call)
        return [call for call in batch if not call.future.cancelled()], False

    def _serve(self, batch: list[_Call]) -> None:
        """Run a batch in one transaction; each call ends with a result or an error, all of them if COMMIT fails."""
        assert self._conn is not None  # noqa: S101 - run() has connected
        raw = _raw(self._conn)
        try:
            raw.execute("BEGIN IMMEDIATE" if self._writes else "BEGIN")
            for call in batch:
                self._run(call, raw, alone=len(batch) == 1)
                if not raw.in_transaction:  # a full disk, for one, ends the whole transaction
                    break
            if raw.in_transaction:
                raw.execute("COMMIT")
                return
            failure = next((call.error for call in batch if call.error is not None), None)
            error: BaseException = failure or StorageError(f"{self._database.path}: the transaction was lost")
        except _DATABASE_ERRORS as caught:
            error = storage_error(caught, self._database.where)
        self._abandon(raw)
        for call in batch:
            call.error = call.error or error

    def _run(self, call: _Call, raw: sqlite3.Connection, *, alone: bool) -> None:
        assert self._conn is not None  # noqa: S101 - run() has connected
        if not alone:
            raw.execute("SAVEPOINT one")
        try:
            call.result = call.operation(self._conn)
        except _DATABASE_ERRORS as error:
            call.error = storage_error(error, self._database.where)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to whoever awaits this call
            call.error = error
        if alone:
            if call.error is not None:
                self._abandon(raw)
        elif raw.in_transaction:
            if call.error is not None:
                raw.execute("ROLLBACK TO one")
            raw.execute("RELEASE one")

    @staticmethod
    def _abandon(raw: sqlite3.Connection) -> None:
        if raw.in_transaction:
            raw.execute("ROLLBACK")


def _raw(conn: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", conn.connection.dbapi_connection)


class SqliteDatabase:
    """A SQLite file as a Backend."""

    def __init__(self, path: Path, *, read_only: bool, timeout: float = BUSY_TIMEOUT) -> None:
        self.path = path
        self.where = str(path)
        self._read_only = read_only
        self._timeout = timeout
        self._writes: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._reads: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._writer = None if read_only else _Worker(self, self._writes, writes=True)
        self._readers = [_Worker(self, self._reads, writes=False) for _ in range(READERS)]
        self._closed = False

    async def open(self) -> None:
        """Start the threads, open the file, and migrate it unless it is only to be read.

        Raises:
            StorageError: the file is missing (when only to be read), locked, damaged, newer, or not to be opened.

        """
        if self._writer is not None:
            self._writer.start()
        for reader in self._readers:
            reader.start()
        try:
            await (self.read(_nothing) if self._read_only else self.write(_nothing))
        except BaseException:
            await self.close()
            raise

    async def write(
        self, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """See Backend."""
        if self._writer is None:
            raise StorageError(f"{self.where}: was opened to be read only")
        return await self._submit(self._writes, operation, args, kwargs)

    async def read(self, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See Backend."""
        return await self._submit(self._reads, operation, args, kwargs)

    async def _submit(
        self,
        calls: queue.SimpleQueue[_Call | None],
        operation: Callable[..., T],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> T:
        if self._closed:
            raise StorageError(f"{self.where}: has been closed")
        call = _Call(functools.partial(_apply, operation, args, kwargs))
        calls.put(call)
        result: T = await call.future
        return result

    async def close(self) -> None:
        """See Backend."""
        if self._closed:
            return
        self._closed = True
        for calls, workers in ((self._writes, [self._writer] if self._writer else []), (self._reads, self._readers)):
            for _ in workers:
                calls.put(None)
            for worker in workers:
                await asyncio.to_thread(worker.join)

    def connect(self, *, writes: bool) -> Connection:
        """A connection for the calling thread, its schema up to date.

        Raises:
            StorageError: see open().

        """
        try:
            if self._read_only and not self.path.is_file():
                raise StorageError(f"{self.where}: no database here: run `portalwatch crawl TARGET` first")
            if writes:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            raw = self._connect_raw(writes=writes)
        except sqlite3.Error as error:
            raise storage_error(error, self.where) from error
        except OSError as error:
            raise StorageError(f"{self.where}: cannot be opened: {error.strerror}") from error
        try:
            engine = create_engine("sqlite://", poolclass=StaticPool, creator=lambda: raw)
            conn = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if writes or self._read_only:
                self._check_schema(conn, raw)
        except _DATABASE_ERRORS as error:
            raw.close()
            raise storage_error(error, self.where) from error
        except BaseException:
            raw.close()
            raise
        return conn

    def _connect_raw(self, *, writes: bool) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode={'rwc' if writes else 'ro'}"
        raw = sqlite3.connect(uri, uri=True, timeout=self._timeout, isolation_level=None, check_same_thread=False)
        try:
            if writes:
                self._set_wal(raw)
                raw.execute("PRAGMA synchronous=FULL")
                raw.execute("PRAGMA foreign_keys=ON")
                raw.execute("PRAGMA journal_size_limit=67108864")
                raw.execute("PRAGMA cache_size=-8192")
            raw.execute("PRAGMA temp_store=MEMORY")
        except BaseException:
            raw.close()
            raise
        return raw

    def _set_wal(self, raw: sqlite3.Connection) -> None:
        """Two processes that make one database at once: SQLite refuses one of them without waiting, so wait here."""
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                raw.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def _check_schema(self, conn: Connection, raw: sqlite3.Connection) -> None:
        if not needs_upgrade(conn, self.where, read_only=self._read_only):
            return
        raw.execute("BEGIN IMMEDIATE")
        try:
            if needs_upgrade(conn, self.where, read_only=False):  # another process may have been first
                upgrade(conn)
            raw.execute("COMMIT")
        finally:
            if raw.in_transaction:
                raw.execute("ROLLBACK")


def _apply(operation: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object], conn: Connection) -> T:
    return operation(conn, *args, **kwargs)


def _nothing(conn: Connection) -> None:
    del conn
