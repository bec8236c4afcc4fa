"""SQLite: one connection that writes, with group commit, and others that read; the loop waits for no lock and no fsync.

Operations that come while a commit is under way share the next transaction, each in a savepoint of its own, so that one
that fails does not undo its neighbours. A future resolves after COMMIT has returned (WAL, synchronous=FULL: the log has
been flushed to disk by then).
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import time
from functools import partial
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from crawler.exceptions import StorageError
from crawler.store.errors import result_code, storage_error
from crawler.store.migrate import needs_upgrade, upgrade
from crawler.store.sqlite_session import DATABASE_ERRORS, BlockedError, Call, Session, wrapped
from crawler.store.sqlite_worker import BatchQueue, Worker, Writing, settle_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT = 10.0
"""Seconds to wait for another process that writes; `?timeout=` in the URL says otherwise."""
YIELD = 16
"""Brief reads after which the loop is let go round: whoever only reads would keep it to himself."""
READERS = 2
"""Threads that read; they open their connection when first needed."""


class SqliteDatabase:
    """A SQLite file as a Backend, for one event loop."""

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
        self._writing: Writing | None = None
        if not read_only:
            self._writing = Writing(self._session(writes=True, before_commit=before_commit))
        self._reads: BatchQueue = queue.SimpleQueue()
        self._readers = [
            Worker("store-reader", self._session(writes=False), self._reads, settle_all) for _ in range(READERS)
        ]
        self._glance = self._session(writes=False)
        self._glances = 0
        self._closed = False

    async def open(self) -> None:
        """Start the threads, open the file, and migrate it unless it is only to be read.

        Raises:
            StorageError: the file is missing (when only to be read), locked, damaged, newer, or not to be opened.

        """
        for worker in self._readers:
            worker.start()
        if self._writing is not None:
            self._writing.thread.start()
        try:
            await (self.read(_nothing) if self._read_only else self.write(_nothing))
        except BaseException:
            await self.close()
            raise

    async def write(
        self, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """See Backend."""
        return await self._write(Call(partial(_apply, operation, args, kwargs)))

    async def write_brief(
        self, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """See Backend."""
        return await self._write(Call(partial(_apply, operation, args, kwargs), brief=True))

    async def read(self, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See Backend."""
        self._check_open()
        call = Call(partial(_apply, operation, args, kwargs))
        self._reads.put([call])
        result: T = await call.future
        return result

    async def read_brief(
        self, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """See Backend."""
        self._glances += 1
        if self._glances % YIELD == 0:
            await asyncio.sleep(0)
        self._check_open()
        try:
            result: T = self._glance.look(partial(_apply, operation, args, kwargs))
        except BlockedError:
            return await self.read(operation, *args, **kwargs)
        return result

    async def _write(self, call: Call[T]) -> T:
        if self._writing is None:
            raise StorageError(f"{self.where}: was opened to be read only")
        self._check_open()
        self._writing.submit(call)
        return await call.future

    def _check_open(self) -> None:
        if self._closed:
            raise StorageError(f"{self.where}: has been closed")

    async def close(self) -> None:
        """See Backend."""
        if self._closed:
            return
        self._closed = True
        for _ in self._readers:
            self._reads.put(None)
        for worker in self._readers:
            await asyncio.to_thread(worker.join)
        self._glance.close()
        # the writer last: only a connection that may write takes the log into the file and removes it
        if self._writing is not None:
            self._writing.finish()
            await asyncio.to_thread(self._writing.thread.join)

    def _session(self, *, writes: bool, before_commit: Callable[[], None] | None = None) -> Session:
        connect = partial(self._connect, writes=writes)
        return Session(connect, self.where, writes=writes, timeout=self._timeout, before_commit=before_commit)

    def _connect(self, *, writes: bool) -> Connection:
        """A connection; the first one that writes brings the schema up to date.

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
            conn = wrapped(raw)
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
        # Session sees to it that one thread at a time uses it
        raw = sqlite3.connect(uri, uri=True, timeout=self._timeout, isolation_level=None, check_same_thread=False)
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
                if result_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
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
