"""Faults: what is wrong, since when; one event when it is told, one when it is over, none in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, func, insert, select, update

from crawler.store.encode import REASON_LIMIT, storable, to_json
from crawler.store.events import append_notice
from crawler.store.schema import IS_OPEN_FAULT, fault
from crawler.store.statements import lock_events
from crawler.store.values import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row

    from crawler.store.backend import Backend
    from crawler.store.values import FaultScope

_FIELDS = select(
    fault.c.id,
    fault.c.scope,
    fault.c.name,
    fault.c.verdict,
    fault.c.reason,
    fault.c.since,
    fault.c.opened_at,
    fault.c.ended_at,
    fault.c.data,
)
_OPEN = _FIELDS.where(IS_OPEN_FAULT).order_by(fault.c.id)
_ONE_OPEN = _FIELDS.where(IS_OPEN_FAULT, fault.c.scope == bindparam("scope"), fault.c.name == bindparam("name"))
_BY_ID = _FIELDS.where(fault.c.id == bindparam("fault_id"))
_CHANGE = (
    update(fault)
    .where(fault.c.id == bindparam("fault_id"))
    .values(verdict=bindparam("became"), reason=bindparam("because"), data=bindparam("with_data"))
)
_END = update(fault).where(fault.c.id == bindparam("fault_id")).values(ended_at=bindparam("at"))
_LAST_END = select(func.max(fault.c.ended_at)).where(fault.c.scope == bindparam("scope"))

EVENT_TYPES: Mapping[FaultScope, str] = {"section": "section.fault", "portal": "portal.fault", "watch": "watch.offline"}
"""The event that tells of a fault, by its scope; `.recovered` is added when it is over."""


def _read(row: Row[*tuple[Any, ...]]) -> Fault:
    return Fault(**{**row._mapping, "data": orjson.loads(row.data)})  # noqa: SLF001 - public by SQLAlchemy's documentation


def open_fault(
    conn: Connection,
    scope: FaultScope,
    name: str,
    verdict: str,
    reason: str,
    since: float,
    now: float,
    data: Mapping[str, Any],
) -> tuple[Fault, bool]:
    """The open fault of a name, made and told if there is none; whether it was."""
    lock_events(conn)
    known = conn.execute(_ONE_OPEN, {"scope": scope, "name": name}).first()
    if known is not None:
        return _read(known), False
    values: dict[str, Any] = {
        "scope": scope,
        "name": name,
        "verdict": verdict,
        "reason": storable(reason, REASON_LIMIT),
        "since": since,
        "opened_at": now,
        "data": to_json(dict(data)),
    }
    conn.execute(insert(fault), values)
    append_notice(conn, EVENT_TYPES[scope], now, dict(data))
    return _read(conn.execute(_ONE_OPEN, {"scope": scope, "name": name}).one()), True


def change_fault(conn: Connection, fault_id: int, verdict: str, reason: str, data: Mapping[str, Any]) -> None:
    """Say otherwise what an open fault is; nothing is told."""
    values = {"became": verdict, "because": storable(reason, REASON_LIMIT), "with_data": to_json(dict(data))}
    conn.execute(_CHANGE, {"fault_id": fault_id, **values})


def end_fault(conn: Connection, fault_id: int, now: float, data: Mapping[str, Any]) -> bool:
    """End an open fault and tell it; False where it had ended."""
    lock_events(conn)
    row = conn.execute(_BY_ID, {"fault_id": fault_id}).first()
    if row is None or row.ended_at is not None:
        return False
    conn.execute(_END, {"fault_id": fault_id, "at": now})
    append_notice(conn, f"{EVENT_TYPES[row.scope]}.recovered", now, {**orjson.loads(row.data), **data})
    return True


def open_faults(conn: Connection) -> list[Fault]:
    """Every open fault, oldest first."""
    return [_read(row) for row in conn.execute(_OPEN)]


def last_end(conn: Connection, scope: FaultScope) -> float | None:
    """When the last fault of a scope ended."""
    found: float | None = conn.execute(_LAST_END, {"scope": scope}).scalar()
    return found


class FaultStore:
    """What is wrong, and what was."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def open(
        self,
        scope: FaultScope,
        name: str,
        *,
        verdict: str,
        reason: str,
        since: float,
        now: float,
        data: Mapping[str, Any],
    ) -> tuple[Fault, bool]:
        """The open fault of a name and whether this call opened it; the event, with `data`, is written with it."""
        return await self._backend.write(open_fault, scope, name, verdict, reason, since, now, data)

    async def change(self, fault_id: int, *, verdict: str, reason: str, data: Mapping[str, Any]) -> None:
        """Say otherwise what an open fault is, without an event."""
        await self._backend.write(change_fault, fault_id, verdict, reason, data)

    async def end(self, fault_id: int, now: float, data: Mapping[str, Any]) -> bool:
        """End a fault; its event holds the fault's own data with `data` over it. False where it had ended."""
        return await self._backend.write(end_fault, fault_id, now, data)

    async def open_ones(self) -> list[Fault]:
        """Every open fault, oldest first."""
        return await self._backend.read(open_faults)

    async def last_end(self, scope: FaultScope) -> float | None:
        """When the last fault of a scope ended, or None."""
        return await self._backend.read(last_end, scope)
