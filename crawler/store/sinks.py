"""Sinks: how far each file was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from crawler.store.schema import sink
from crawler.store.statements import Upsert
from crawler.store.values import SinkState

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from crawler.store.backend import Backend

_GET = select(
    sink.c.path, sink.c.device, sink.c.inode, sink.c.offset, sink.c.last_seq, sink.c.tail_sha256, sink.c.name
).where(sink.c.path == bindparam("path"))
_OF_NAME = (
    select(sink.c.path)
    .where(sink.c.name == bindparam("name"))
    .order_by(sink.c.last_seq.desc(), sink.c.at.desc())
    .limit(1)
)
_LATEST = select(func.max(sink.c.last_seq)).where(sink.c.name == bindparam("name"))
_PUT = Upsert(sink, ("path",), ("name", "device", "inode", "offset", "last_seq", "tail_sha256", "at"))


def get_sink(conn: Connection, path: str) -> SinkState | None:
    """The state of a file."""
    row = conn.execute(_GET, {"path": path}).first()
    if row is None:
        return None
    return SinkState(
        row.path, int(row.device), int(row.inode), row.offset, row.last_seq, row.tail_sha256, name=row.name
    )


def latest(conn: Connection, name: str) -> SinkState | None:
    """The state of the file that a sink wrote last."""
    path = conn.execute(_OF_NAME, {"name": name}).scalar()
    return None if path is None else get_sink(conn, path)


def latest_seq(conn: Connection, name: str) -> int:
    """The newest seq that any file of a sink holds."""
    return conn.execute(_LATEST, {"name": name}).scalar() or 0


def put_sink(conn: Connection, state: SinkState, now: float) -> None:
    """Replace the state of a file."""
    row = {
        "path": state.path,
        "name": state.name,
        "device": str(state.device),
        "inode": str(state.inode),
        "offset": state.offset,
        "last_seq": state.last_seq,
        "tail_sha256": state.tail_sha256,
        "at": now,
    }
    _PUT.run(conn, row)


class SinkStore:
    """Sinks by name, and their files by path."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def get(self, path: str) -> SinkState | None:
        """How far a file was written, or None for one never written."""
        return await self._backend.read_brief(get_sink, path)

    async def latest(self, name: str = "articles") -> SinkState | None:
        """How far a sink's newest file was written; None for a sink never used."""
        return await self._backend.read(latest, name)

    async def latest_seq(self, name: str = "articles") -> int:
        """The newest seq written to any file of a sink; 0 where there is none."""
        return await self._backend.read_brief(latest_seq, name)

    async def put(self, state: SinkState, now: float) -> None:
        """Keep how far a file was written."""
        await self._backend.write_brief(put_sink, state, now)
