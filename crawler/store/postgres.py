"""PostgreSQL: the same operations over psycopg, each in a transaction of its own, in a few threads.

Threads rather than SQLAlchemy's asyncio engine: that one runs each statement through a greenlet and needs one more
package; an operation here makes ten short round trips, for which one hop to a thread and back is the cheaper way.
Several processes may share the database: see `lock_events` for what is serialised.
"""

from __future__ import annotations

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from crawler.exceptions import StorageError, UsageError
from crawler.store.errors import storage_error
from crawler.store.migrate import needs_upgrade, upgrade

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection

P = ParamSpec("P")
T = TypeVar("T")

WRITERS = 4
READERS = 2
CONNECT_TIMEOUT = 10
"""Seconds until a server that does not answer is given up."""
LOCK_TIMEOUT = 30
"""Seconds to wait for a lock that another transaction holds."""
ATTEMPTS = 5
"""How often an operation is begun again that the server undid before it was committed."""
_UNDONE = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
_MIGRATION_LOCK = text("SELECT pg_advisory_xact_lock(31651892842456173)")  # any constant of our own


class PostgresDatabase:
    """A PostgreSQL database as a Backend."""

    def __init__(self, url: URL, *, read_only: bool) -> None:
        # Errors name the server, the user and the database, the password never.
        self.where = url.set(query={}).render_as_string(hide_password=True)
        self._read_only = read_only
        try:
            self._engine = create_engine(
                url.set(drivername="postgresql+psycopg"),
                pool_size=WRITERS + READERS,
                max_overflow=0,
                connect_args={} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_TIMEOUT},
            )
        except ModuleNotFoundError as error:
            raise UsageError("PostgreSQL needs an extra: pip install 'portalwatch[postgres]'") from error
        event.listen(self._engine, "connect", _set_lock_timeout)
        self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writers = ThreadPoolExecutor(WRITERS, "store-writer")
        self._readers = ThreadPoolExecutor(READERS, "store-reader")
        self._closed = False

    async def open(self) -> None:
        """Connect, and migrate unless the database is only to be read.

        Raises:
            StorageError: the server does not answer or refuses, or its schema does not fit this version.

        """
        try:
            await self._submit(self._readers, self._check_schema)
        except BaseException:
            await self.close()
            raise

    async def write(
        self, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """See Backend."""
        if self._read_only:
            raise StorageError(f"{self.where}: was opened to be read only")
        return await self._submit(self._writers, functools.partial(self._run, self._engine, operation, *args, **kwargs))

    async def read(self, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See Backend."""
        return await self._submit(
            self._readers, functools.partial(self._run, self._reading, operation, *args, **kwargs)
        )

    write_brief = write
    read_brief = read

    async def _submit(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        if self._closed:
            raise StorageError(f"{self.where}: has been closed")
        return await asyncio.get_running_loop().run_in_executor(threads, work)

    def _run(
        self, engine: Engine, operation: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run an operation and commit; begin again what the server undid, or lost before the commit was sent."""
        attempt = 1
        while True:
            try:
                with engine.connect() as conn:
                    try:
                        result = operation(conn, *args, **kwargs)
                    except DBAPIError as error:
                        if attempt >= ATTEMPTS or not _may_repeat(error):
                            raise
                    else:
                        conn.commit()
                        return result
            except SQLAlchemyError as error:
                raise storage_error(error, self.where) from error
            attempt += 1

    def _check_schema(self) -> None:
        try:
            with self._engine.connect() as conn:
                if not needs_upgrade(conn, self.where, read_only=self._read_only):
                    return
                conn.execute(_MIGRATION_LOCK)
                if needs_upgrade(conn, self.where, read_only=False):  # another process may have been first
                    upgrade(conn)
                conn.commit()
        except SQLAlchemyError as error:
            raise storage_error(error, self.where) from error

    async def close(self) -> None:
        """See Backend."""
        if self._closed:
            return
        self._closed = True
        for threads in (self._writers, self._readers):
            await asyncio.to_thread(threads.shutdown)
        self._engine.dispose()


def _set_lock_timeout(raw: DBAPIConnection, record: object) -> None:
    del record
    cursor = raw.cursor()
    cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}s'")
    cursor.close()
    raw.commit()


def _may_repeat(error: DBAPIError) -> bool:
    """Whether nothing of the transaction can have been committed and another attempt may go better."""
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _UNDONE
