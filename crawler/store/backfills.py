"""Backfills: the cursor of a long walk, what it still has to fetch, and what its entries came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import and_, bindparam, case, func, insert, or_, select, update

from crawler.store.encode import to_json
from crawler.store.ledger import begin_walk, complete_walk, record_page
from crawler.store.prepared import Prepared
from crawler.store.schema import IS_NOT_STORED, IS_PENDING, STORED, backfill, entry
from crawler.store.statements import pieces
from crawler.store.values import Backfill, Month, PageOutcome, Pending, Unfinished, Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from crawler.store.backend import Backend
    from crawler.store.values import Listed

_FIELDS = select(
    backfill.c.section_id,
    backfill.c.number,
    backfill.c.since,
    backfill.c.until,
    backfill.c.started_at,
    backfill.c.walked_at,
    backfill.c.finished_at,
    backfill.c.state,
    backfill.c.report,
).where(backfill.c.section_id == bindparam("section_id"))
_OPEN = Prepared(
    _FIELDS.where(
        backfill.c.finished_at.is_(None),
        func.coalesce(backfill.c.since, "") == bindparam("lower"),
        func.coalesce(backfill.c.until, "") == bindparam("upper"),
    )
    .order_by(backfill.c.number.desc())
    .limit(1)
)
_LATEST = Prepared(_FIELDS.order_by(backfill.c.number.desc()).limit(1))
_GET = Prepared(_FIELDS.where(backfill.c.number == bindparam("number")))
_ADD = Prepared(insert(backfill))
_THIS = (backfill.c.section_id == bindparam("in_section"), backfill.c.number == bindparam("of_number"))
_SAVE = Prepared(update(backfill).where(*_THIS).values(state=bindparam("json")))
_WALKED = Prepared(update(backfill).where(*_THIS).values(walked_at=bindparam("now"), state=bindparam("json")))
_FINISH = Prepared(
    update(backfill)
    .where(*_THIS)
    .values(
        finished_at=case((bindparam("done") > 0, bindparam("now")), else_=backfill.c.finished_at),
        report=bindparam("json"),
    )
)

_DAY = func.substr(entry.c.published_at, 1, 10)
_IN_SECTION = entry.c.section_id == bindparam("section_id")
# An entry without a date may lie within any span.
_IN_SPAN = or_(entry.c.published_at.is_(None), and_(bindparam("lower") <= _DAY, bindparam("upper") >= _DAY))
_TO_FETCH = (
    IS_PENDING,
    _IN_SECTION,
    entry.c.first_walk >= 0,  # always true: the index meant is the one of pending entries, in this order
    entry.c.alert == 0,
    or_(entry.c.attempted_at.is_(None), entry.c.attempted_at < bindparam("before")),
    _IN_SPAN,
)
_DUE = Prepared(
    select(
        entry.c.section_id,
        entry.c.key,
        entry.c.url,
        func.coalesce(entry.c.canonical_url, entry.c.url),
        entry.c.title,
        entry.c.published_at,
        entry.c.form,
        entry.c.attempts,
    )
    .where(*_TO_FETCH)
    .order_by(entry.c.first_walk.desc(), entry.c.id)
    .limit(bindparam("limit"))
)
_DUE_COUNT = Prepared(select(func.count()).select_from(entry).where(*_TO_FETCH))
_LEFT = Prepared(
    select(func.count())
    .select_from(entry)
    .where(IS_PENDING, _IN_SECTION, entry.c.first_walk >= 0, entry.c.alert > 0, _IN_SPAN)
)
_MONTH = func.substr(entry.c.published_at, 1, 7)
_STORED = entry.c.state == STORED


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


_MONTHS = Prepared(
    select(
        _MONTH,
        func.count(),
        func.sum(entry.c.fetched),
        _count(and_(_STORED, entry.c.duplicate == 0)),
        _count(and_(_STORED, entry.c.duplicate > 0)),
        _count(entry.c.state == "rejected"),
        _count(entry.c.state == "gone"),
        _count(entry.c.state == "pending"),
    )
    .where(_IN_SECTION, _IN_SPAN)
    .group_by(_MONTH)
    .order_by(_MONTH.desc())
)
_SEEN = Prepared(
    select(func.count()).select_from(entry).where(_IN_SECTION, _IN_SPAN, entry.c.last_walk >= bindparam("number"))
)
_SEEN_KEYS = select(entry.c.key).where(
    _IN_SECTION, entry.c.key.in_(bindparam("keys", expanding=True)), entry.c.last_walk >= bindparam("number")
)
_UNFINISHED = Prepared(
    select(entry.c.url, entry.c.state, entry.c.reason, entry.c.attempted_at)
    .where(IS_NOT_STORED, _IN_SECTION, _IN_SPAN, or_(entry.c.state != "pending", entry.c.reason.is_not(None)))
    .order_by(entry.c.state.desc(), entry.c.published_at.desc(), entry.c.id)
    .limit(bindparam("limit"))
)


def _span(since: str | None, until: str | None) -> dict[str, str]:
    return {"lower": since or "", "upper": until or "9"}


def _read(row: Sequence[Any]) -> Backfill:
    section_id, number, since, until, started_at, walked_at, finished_at, state, report = row
    return Backfill(
        section_id=section_id,
        number=number,
        since=since,
        until=until,
        started_at=started_at,
        walked_at=walked_at,
        finished_at=finished_at,
        state=orjson.loads(state),
        report=None if report is None else orjson.loads(report),
    )


def open_backfill(
    conn: Connection, section_id: int, since: str | None, until: str | None, now: float
) -> tuple[Backfill, bool]:
    """The section's unfinished backfill of a span, or a new one; and whether it is new."""
    which = {"section_id": section_id, "lower": since or "", "upper": until or ""}
    for row in _OPEN.rows(conn, which):
        return _read(row), False
    walk = begin_walk(conn, section_id, now, "backfill")
    values = {
        "section_id": section_id,
        "number": walk.id,
        "since": since,
        "until": until,
        "started_at": now,
        "state": to_json({"completed_before": walk.completed_before}),
    }
    _ADD.run(conn, values)
    return _read(_OPEN.rows(conn, which)[0]), True


def walk_of(given: Backfill) -> Walk:
    """The walk over the list that a backfill makes."""
    return Walk(given.number, given.section_id, given.state.get("completed_before"))


def record(
    conn: Connection,
    given: Backfill,
    entries: Sequence[Listed],
    ahead: Sequence[Listed],
    now: float,
    state: dict[str, Any],
) -> PageOutcome:
    """Commit a list page and the cursor that leads to the next one."""
    walk = walk_of(given)
    outcome = record_page(conn, walk, entries, now, alert=False, validators=None)
    if ahead:
        further = record_page(conn, walk, ahead, now, alert=True, validators=None)
        outcome = PageOutcome(
            outcome.new + further.new,
            outcome.known + further.known,
            all_known_before=False,
            linked=outcome.linked + further.linked,
            repeated=outcome.repeated + further.repeated,
        )
    save(conn, given, state)
    return outcome


def save(conn: Connection, given: Backfill, state: dict[str, Any]) -> None:
    """Keep the cursor and the counts."""
    _SAVE.run(conn, {"in_section": given.section_id, "of_number": given.number, "json": to_json(state)})


def walked(
    conn: Connection, given: Backfill, now: float, state: dict[str, Any], *, completes: bool, whole: bool
) -> None:
    """The list has been read; with `completes` a poll may take what it held for known."""
    _WALKED.run(conn, {"in_section": given.section_id, "of_number": given.number, "now": now, "json": to_json(state)})
    if completes:
        complete_walk(conn, walk_of(given), now, whole=whole)


def finish(conn: Connection, given: Backfill, report: dict[str, Any], now: float, *, done: bool) -> None:
    """Keep the report; with `done` nothing is left to do."""
    values = {"in_section": given.section_id, "of_number": given.number, "now": now, "json": to_json(report)}
    _FINISH.run(conn, {**values, "done": int(done)})


def get_backfill(conn: Connection, section_id: int, number: int) -> Backfill:
    """A backfill that there is."""
    return _read(_GET.rows(conn, {"section_id": section_id, "number": number})[0])


def latest(conn: Connection, section_id: int) -> Backfill | None:
    """A section's newest backfill."""
    return next((_read(row) for row in _LATEST.rows(conn, {"section_id": section_id})), None)


def due(conn: Connection, given: Backfill, before: float, limit: int) -> list[Pending]:
    """What is left to fetch, newest first."""
    values = {"section_id": given.section_id, "before": before, "limit": limit, **_span(given.since, given.until)}
    return [
        Pending(section, key, url, canonical_url, title, published_at, form, attempts, alert=False)
        for section, key, url, canonical_url, title, published_at, form, attempts in _DUE.rows(conn, values)
    ]


def due_count(conn: Connection, given: Backfill, before: float) -> int:
    """How many are left to fetch."""
    values = {"section_id": given.section_id, "before": before, **_span(given.since, given.until)}
    count: int = _DUE_COUNT.rows(conn, values)[0][0]
    return count


def left_to_polls(conn: Connection, given: Backfill) -> int:
    """Pending entries that alert."""
    count: int = _LEFT.rows(conn, {"section_id": given.section_id, **_span(given.since, given.until)})[0][0]
    return count


def months(conn: Connection, section_id: int, since: str | None, until: str | None) -> list[Month]:
    """Entries by month and state."""
    rows = _MONTHS.rows(conn, {"section_id": section_id, **_span(since, until)})
    names = ("month", "listed", "fetched", "extracted", "duplicate", "rejected", "gone", "pending")
    found = [Month(**dict(zip(names, (row[0], *map(int, row[1:])), strict=True))) for row in rows]
    return sorted(found, key=lambda month: month.month or "", reverse=True)


def seen(conn: Connection, given: Backfill) -> int:
    """Entries that the list has shown since the backfill began."""
    values = {"section_id": given.section_id, "number": given.number, **_span(given.since, given.until)}
    count: int = _SEEN.rows(conn, values)[0][0]
    return count


def seen_keys(conn: Connection, given: Backfill, keys: Sequence[bytes]) -> set[bytes]:
    """Which of these entries the list has shown since the backfill began."""
    found: set[bytes] = set()
    for some in pieces(tuple(keys)):
        values = {"section_id": given.section_id, "number": given.number, "keys": some}
        found.update(conn.execute(_SEEN_KEYS, values).scalars())
    return found


def unfinished(conn: Connection, section_id: int, since: str | None, until: str | None, limit: int) -> list[Unfinished]:
    """Entries that are no articles, with their reasons."""
    rows = _UNFINISHED.rows(conn, {"section_id": section_id, "limit": limit, **_span(since, until)})
    return [Unfinished(url, state, reason or "", at) for url, state, reason, at in rows]


class BackfillStore:
    """Backfills of every section."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def open(self, section_id: int, since: str | None, until: str | None, now: float) -> tuple[Backfill, bool]:
        """Resume the section's unfinished backfill of this span, or begin one; and whether it is a new one."""
        return await self._backend.write(open_backfill, section_id, since, until, now)

    async def record(
        self,
        backfill: Backfill,
        entries: Sequence[Listed],
        now: float,
        state: dict[str, Any],
        ahead: Sequence[Listed] = (),
    ) -> PageOutcome:
        """Commit a list page and the cursor behind it in one transaction.

        `entries` never alert; those `ahead` are newer than what a poll knows, and are left pending for the next poll.
        """
        return await self._backend.write(record, backfill, entries, ahead, now, state)

    async def save(self, backfill: Backfill, state: dict[str, Any]) -> None:
        """Keep the cursor and the counts."""
        await self._backend.write(save, backfill, state)

    async def walked(
        self, backfill: Backfill, now: float, state: dict[str, Any], *, completes: bool, whole: bool
    ) -> None:
        """The list has been read to its end, or to that of the span.

        With `completes` the walk becomes the section's last completed one, with `whole` of its whole list.
        """
        await self._backend.write(walked, backfill, now, state, completes=completes, whole=whole)

    async def finish(self, backfill: Backfill, report: dict[str, Any], now: float, *, done: bool) -> None:
        """Keep the report of a backfill; one that is `done` is not resumed again."""
        await self._backend.write(finish, backfill, report, now, done=done)

    async def get(self, section_id: int, number: int) -> Backfill:
        """A backfill that was opened, as it is now."""
        return await self._backend.read(get_backfill, section_id, number)

    async def left_to_polls(self, backfill: Backfill) -> int:
        """Pending entries that a poll will fetch, with an alert."""
        return await self._backend.read(left_to_polls, backfill)

    async def latest(self, section_id: int) -> Backfill | None:
        """A section's newest backfill, or None."""
        return await self._backend.read(latest, section_id)

    async def due(self, backfill: Backfill, before: float, limit: int) -> list[Pending]:
        """What a backfill has still to fetch and has not tried since `before`, newest first."""
        return await self._backend.read_brief(due, backfill, before, limit)

    async def due_count(self, backfill: Backfill, before: float) -> int:
        """How many entries `due` would give without a limit."""
        return await self._backend.read(due_count, backfill, before)

    async def months(self, section_id: int, since: str | None, until: str | None) -> list[Month]:
        """Entries of a span by month and state, newest first; those without a date last."""
        return await self._backend.read(months, section_id, since, until)

    async def seen(self, backfill: Backfill) -> int:
        """How many entries of its span the list has shown since the backfill began."""
        return await self._backend.read(seen, backfill)

    async def seen_keys(self, backfill: Backfill, keys: Sequence[bytes]) -> set[bytes]:
        """Which of these entries the list has shown since the backfill began."""
        return await self._backend.read(seen_keys, backfill, keys)

    async def unfinished(self, section_id: int, since: str | None, until: str | None, limit: int) -> list[Unfinished]:
        """Entries of a span that were rejected, are gone, or failed and wait; in this order of states."""
        return await self._backend.read(unfinished, section_id, since, until, limit)
