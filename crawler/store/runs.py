"""Runs: what each section job came to; the newest of each section are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, delete, func, insert, select

from crawler.store.encode import REASON_LIMIT, storable, to_json
from crawler.store.schema import run
from crawler.store.values import Run

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from crawler.store.backend import Backend

KEPT = 2_000
"""Runs kept a section: two weeks at one every ten minutes."""

_FIELDS = (
    "section_id",
    "started_at",
    "finished_at",
    "kind",
    "requests",
    "not_modified",
    "entries",
    "new",
    "revised",
    "failed",
    "bytes",
    "pages",
    "error",
    "verdict",
    "fill",
)
_LAST_NUMBER = select(func.max(run.c.number)).where(run.c.section_id == bindparam("section_id"))
_ADD = insert(run)
_FORGET = delete(run).where(run.c.section_id == bindparam("in_section"), run.c.number <= bindparam("up_to"))
_RECENT = (
    select(*(run.c[name] for name in _FIELDS))
    .where(run.c.section_id == bindparam("section_id"))
    .order_by(run.c.number.desc())
    .limit(bindparam("limit"))
)
_READS = (
    select(*(run.c[name] for name in _FIELDS))
    .where(run.c.section_id == bindparam("section_id"), run.c.entries > 0, run.c.error.is_(None))
    .order_by(run.c.number.desc())
    .limit(bindparam("limit"))
)


def add_run(conn: Connection, given: Run, kept: int | None = None) -> None:
    """Append a run and forget the oldest; `kept` is how many stay."""
    kept = KEPT if kept is None else kept
    number = (conn.execute(_LAST_NUMBER, {"section_id": given.section_id}).scalar() or 0) + 1
    values: dict[str, Any] = {name: getattr(given, name) for name in _FIELDS}
    values["error"] = None if given.error is None else storable(given.error, REASON_LIMIT)
    values["fill"] = to_json(given.fill)
    conn.execute(_ADD, {**values, "number": number})
    if number > kept:
        conn.execute(_FORGET, {"in_section": given.section_id, "up_to": number - kept})


def _read(row: Row[*tuple[Any, ...]]) -> Run:
    return Run(**{**row._mapping, "fill": orjson.loads(row.fill)})  # noqa: SLF001 - public by SQLAlchemy's documentation


def recent_runs(conn: Connection, section_id: int, limit: int) -> list[Run]:
    """A section's runs, newest first."""
    return [_read(row) for row in conn.execute(_RECENT, {"section_id": section_id, "limit": limit})]


def full_reads(conn: Connection, section_id: int, limit: int) -> list[Run]:
    """A section's runs that read its list in full, newest first."""
    return [_read(row) for row in conn.execute(_READS, {"section_id": section_id, "limit": limit})]


class RunStore:
    """The runs of every section; `kept` is how many of each stay, None for `KEPT`."""

    kept: int | None = None

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def add(self, run: Run) -> None:
        """Keep a run."""
        await self._backend.write_brief(add_run, run, self.kept)

    async def last(self, section_id: int) -> Run | None:
        """A section's newest run, or None."""
        return next(iter(await self.recent(section_id, 1)), None)

    async def full_reads(self, section_id: int, limit: int) -> list[Run]:
        """A section's runs that read its list, neither failed nor told that nothing changed, newest first."""
        return await self._backend.read(full_reads, section_id, limit)

    async def recent(self, section_id: int, limit: int) -> list[Run]:
        """A section's runs, newest first."""
        return await self._backend.read(recent_runs, section_id, limit)
