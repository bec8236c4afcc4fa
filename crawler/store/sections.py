"""Sections: their rows, and whether they are paused."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from crawler.store.schema import section
from crawler.store.statements import Upsert
from crawler.store.values import SectionState

if TYPE_CHECKING:
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
)
_ONE = _STATE.where(section.c.portal == bindparam("portal"), section.c.section == bindparam("section"))
_ALL = _STATE.order_by(section.c.portal, section.c.section)
_PAUSE = update(section).where(section.c.id == bindparam("section_id")).values(paused_until=bindparam("until"))


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


def pause_section(conn: Connection, section_id: int, until: float | None) -> None:
    """Set or clear the pause of a section."""
    conn.execute(_PAUSE, {"section_id": section_id, "until": until})


class SectionStore:
    """Sections and their state."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def open(self, portal: str, section: str) -> SectionState:
        """A section's state; the first time it is inserted."""
        return await self._backend.write(open_section, portal, section)

    async def all(self) -> list[SectionState]:
        """Every section known, by portal and name."""
        return await self._backend.read(all_sections)

    async def pause(self, section_id: int, until: float | None) -> None:
        """Pause a section until a time, or without end for None."""
        await self._backend.write(pause_section, section_id, math.inf if until is None else until)

    async def resume(self, section_id: int) -> None:
        """End a section's pause."""
        await self._backend.write(pause_section, section_id, None)
