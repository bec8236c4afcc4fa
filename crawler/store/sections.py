"""Sections: their rows, and whether they are paused."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update

from crawler.store.prepared import Prepared
from crawler.store.schema import entry, section
from crawler.store.statements import Upsert
from crawler.store.values import SectionState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from crawler.store.backend import Backend

_ADD = Upsert(section, ("portal", "section"))
_STATE = select(
    section.c.id,
    section.c.portal,
    section.c.section,
    section.c.completed_walk,
    section.c.first_walk_at,
    section.c.last_success_at,
    section.c.last_new_at,
    section.c.paused_until,
    section.c.whole_list,
    section.c.next_poll_at,
    section.c.next_poll_why,
)
_ONE = _STATE.where(section.c.portal == bindparam("portal"), section.c.section == bindparam("section"))
_ALL = _STATE.order_by(section.c.portal, section.c.section)
_COMPLETED = select(section.c.completed_walk).where(section.c.id == bindparam("section_id"))
_PAUSE = update(section).where(section.c.id == bindparam("section_id")).values(paused_until=bindparam("until"))
_PLAN = Prepared(
    update(section)
    .where(section.c.id == bindparam("section_id"))
    .values(next_poll_at=bindparam("at"), next_poll_why=bindparam("why"))
)
_DAY = func.substr(entry.c.published_at, 1, 10)
_DAYS = (
    select(_DAY, func.count())
    .where(entry.c.section_id == bindparam("section_id"), entry.c.published_at >= bindparam("since"))
    .group_by(_DAY)
)
_SEEN = entry.c.section_id == bindparam("section_id"), entry.c.alert == 1, entry.c.first_seen_at >= bindparam("since")
_UNDATED = select(entry.c.first_seen_at).where(*_SEEN, entry.c.published_at.is_(None))
_ARRIVALS = select(entry.c.first_seen_at).where(*_SEEN).order_by(entry.c.id.desc()).limit(bindparam("limit"))


def _state(row: Any) -> SectionState:
    return replace(SectionState(*row), whole_list=bool(row.whole_list))


def open_section(conn: Connection, portal: str, name: str) -> SectionState:
    """A section's row, made if there is none."""
    which = {"portal": portal, "section": name}
    row = conn.execute(_ONE, which).first()
    if row is None:
        _ADD.run(conn, which)
        row = conn.execute(_ONE, which).one()
    return _state(row)


def all_sections(conn: Connection) -> list[SectionState]:
    """Every section, by portal and name."""
    return [_state(row) for row in conn.execute(_ALL)]


def completed_walk(conn: Connection, section_id: int) -> int | None:
    """The newest walk that came to its end."""
    found: int | None = conn.execute(_COMPLETED, {"section_id": section_id}).scalar()
    return found


def pause_section(conn: Connection, section_id: int, until: float | None) -> None:
    """Set or clear the pause of a section."""
    conn.execute(_PAUSE, {"section_id": section_id, "until": until})


def get_section(conn: Connection, portal: str, name: str) -> SectionState | None:
    """A section's row, if there is one."""
    row = conn.execute(_ONE, {"portal": portal, "section": name}).first()
    return None if row is None else _state(row)


def plan_sections(conn: Connection, plans: Sequence[tuple[int, float, str]]) -> None:
    """Note when sections are polled next."""
    _PLAN.run_many(conn, [{"section_id": section_id, "at": at, "why": why} for section_id, at, why in plans])


def posting_days(conn: Connection, section_id: int, since: str) -> dict[str, int]:
    """Days on which a section's entries were published, and how many."""
    which = {"section_id": section_id, "since": since}
    return {row[0]: row[1] for row in conn.execute(_DAYS, which)}


def undated(conn: Connection, section_id: int, since: float) -> list[float]:
    """When entries without a date were first seen, those of the first pass left out."""
    return [row[0] for row in conn.execute(_UNDATED, {"section_id": section_id, "since": since})]


def arrivals(conn: Connection, section_id: int, since: float, limit: int) -> list[float]:
    """When entries were first seen, newest first, those of the first pass left out."""
    return [row[0] for row in conn.execute(_ARRIVALS, {"section_id": section_id, "since": since, "limit": limit})]


class SectionStore:
    """Sections and their state."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def open(self, portal: str, section: str) -> SectionState:
        """A section's state; the first time it is inserted."""
        return await self._backend.write(open_section, portal, section)

    async def get(self, portal: str, section: str) -> SectionState | None:
        """A section's state, or None if it was never crawled."""
        return await self._backend.read_brief(get_section, portal, section)

    async def plan(self, plans: Sequence[tuple[int, float, str]]) -> None:
        """Note when sections (their ids) are polled next and why then, for those who ask from another process."""
        if plans:
            await self._backend.write_brief(plan_sections, plans)

    async def posting_days(self, section_id: int, since: str) -> dict[str, int]:
        """Days `YYYY-MM-DD` from one on, on which the section's list says that something was published: how much."""
        return await self._backend.read(posting_days, section_id, since)

    async def undated(self, section_id: int, since: float) -> list[float]:
        """When entries that show no date were first seen, except by the section's first pass."""
        return await self._backend.read(undated, section_id, since)

    async def arrivals(self, section_id: int, since: float, limit: int) -> list[float]:
        """When entries were first seen, except by the section's first pass, newest first."""
        return await self._backend.read(arrivals, section_id, since, limit)

    async def all(self) -> list[SectionState]:
        """Every section known, by portal and name."""
        return await self._backend.read(all_sections)

    async def completed_walk(self, section_id: int) -> int | None:
        """A section's newest walk that came to its end."""
        return await self._backend.read_brief(completed_walk, section_id)

    async def pause(self, section_id: int, until: float | None) -> None:
        """Pause a section until a time, or without end for None."""
        await self._backend.write(pause_section, section_id, math.inf if until is None else until)

    async def resume(self, section_id: int) -> None:
        """End a section's pause."""
        await self._backend.write(pause_section, section_id, None)
