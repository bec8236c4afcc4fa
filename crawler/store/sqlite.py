"""SQLite: one thread that writes, with group commit, and threads that read; the event loop never waits for a disk.

Operations that are queued while a commit is under way share the next transaction, each in a savepoint of its own, so
that one that fails does not undo its neighbours. A future resolves after COMMIT has returned (WAL, synchronous=FULL:
the log has been flushed to disk by then).
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import time
from functools import partial
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from crawler.exceptions import StorageError
from crawler.store.errors import storage_error
from crawler.store.migrate import needs_upgrade, upgrade
from crawler.store.sqlite_worker import DATABASE_ERRORS, Call, CallQueue, Worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT = 10.0
"""Seconds to wait for another process that writes; `?timeout=` in the URL says otherwise."""
READERS = 2
"""Threads that read; they open their connection when first needed."""


class SqliteDatabase:
    """A SQLite file as a Backend."""

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool = False,
        timeout: float = BUSY_TIMEOUT,
        before_commit: Callable[[], None] | None = None,
    ) -> None:
        self.path = path
        self.where = str(path)
        self._read_only = read_only
        self._timeout = timeout
        self._writes: CallQueue = queue.SimpleQueue()
        self._reads: CallQueue = queue.SimpleQueue()
        self._writers: list[Worker] = []
        if not read_only:
            connect = partial(self._connect, writes=True)
            self._writers = [Worker(connect, self._writes, self.where, writes=True, before_commit=before_commit)]
        self._readers = [
            Worker(partial(self._connect, writes=False), self._reads, self.where, writes=False) for _ in range(READERS)
        ]
        self._closed = False

    async def open(self) -> None:
        """Start the threads, open the file, and migrate it unless it is only to be read.

        Raises:
            StorageError: the file is missing (when only to be read), locked, damaged, newer, or not to be opened.

        """
        for worker in (*self._writers, *self._readers):
            worker.start()
        try:
            await (self.read(_nothing) if self._read_only else self.write(_nothing))
        except BaseException:
            await self.close()
            raise

    async def write(
        self, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """See Backend."""
        if self._read_only:
            raise StorageError(f"{self.where}: was opened to be read only")
        return await self._submit(self._writes, partial(_apply, operation, args, kwargs))

    async def read(self, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See Backend."""
        return await self._submit(self._reads, partial(_apply, operation, args, kwargs))

    async def _submit(self, calls: CallQueue, operation: Callable[[Connection], T]) -> T:
        if self._closed:
            raise StorageError(f"{self.where}: has been closed")
        call = Call(operation)
        calls.put(call)
        result: T = await call.future
        return result

    async def close(self) -> None:
        """See Backend."""
        if self._closed:
            return
        self._closed = True
        # the writer last: only a connection that may write takes the log into the file and removes it
        for calls, workers in ((self._reads, self._readers), (self._writes, self._writers)):
            for _ in workers:
                calls.put(None)
            for worker in workers:
                await asyncio.to_thread(worker.join)

    def _connect(self, *, writes: bool) -> Connection:
        """A connection for the calling thread; the first one brings the schema up to date.

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
        except DATABASE_ERRORS as error:
            raw.close()
            raise storage_error(error, self.where) from error
        except BaseException:
            raw.close()
            raise
        return conn

    def _connect_raw(self, *, writes: bool) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode={'rwc' if writes else 'ro'}"
        raw = sqlite3.connect(uri, uri=True, timeout=self._timeout, isolation_level=None)
        try:
            if writes:
                self._set_wal(raw)
                raw.execute("PRAGMA synchronous=FULL")
                raw.execute("PRAGMA foreign_keys=ON")
                raw.execute("PRAGMA journal_size_limit=67108864")  # the log is cut to 64 MiB after a long backfill
                raw.execute("PRAGMA cache_size=-8192")  # KiB
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
