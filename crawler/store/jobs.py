"""Jobs: work that one process hands to the one that holds the data folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, insert, select, update

from crawler.store.encode import to_json
from crawler.store.schema import job
from crawler.store.values import HandedJob

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from crawler.store.backend import Backend

_SUBMIT = insert(job)
_FIELDS = select(job.c.id, job.c.command, job.c.arguments, job.c.state, job.c.progress, job.c.result)
_GET = _FIELDS.where(job.c.id == bindparam("job_id"))
_NEXT = select(job.c.id).where(job.c.state == "queued").order_by(job.c.id).limit(1).with_for_update(skip_locked=True)
_ONE = update(job).where(job.c.id == bindparam("job_id"))
_START = _ONE.values(state="running", started_at=bindparam("now"))
_PROGRESS = _ONE.values(progress=bindparam("json"))
_FINISH = _ONE.values(state="done", result=bindparam("json"), finished_at=bindparam("now"))
_RELEASE = update(job).where(job.c.state == "running").values(state="queued", started_at=None)


def submit(conn: Connection, command: str, arguments: dict[str, Any], now: float) -> int:
    """Queue a job."""
    values = {"command": command, "arguments": to_json(arguments), "state": "queued", "submitted_at": now}
    key = conn.execute(_SUBMIT, values).inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    number: int = key[0]
    return number


def get_job(conn: Connection, job_id: int) -> HandedJob | None:
    """A job by its number."""
    row = conn.execute(_GET, {"job_id": job_id}).first()
    if row is None:
        return None
    progress, result = (None if value is None else orjson.loads(value) for value in (row.progress, row.result))
    return HandedJob(row.id, row.command, orjson.loads(row.arguments), row.state, progress, result)


def claim(conn: Connection, now: float) -> HandedJob | None:
    """The oldest queued job, running from now on."""
    job_id = conn.execute(_NEXT).scalar()
    if job_id is None:
        return None
    conn.execute(_START, {"job_id": job_id, "now": now})
    return get_job(conn, job_id)


def progress_job(conn: Connection, job_id: int, data: dict[str, Any]) -> None:
    """Replace a job's progress."""
    conn.execute(_PROGRESS, {"job_id": job_id, "json": to_json(data)})


def finish(conn: Connection, job_id: int, result: dict[str, Any], now: float) -> None:
    """End a job."""
    conn.execute(_FINISH, {"job_id": job_id, "json": to_json(result), "now": now})


def release_running(conn: Connection) -> int:
    """Queue what a holder left behind."""
    return conn.execute(_RELEASE).rowcount


class JobStore:
    """Jobs handed from process to process."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def submit(self, command: str, arguments: dict[str, Any], now: float) -> int:
        """Queue a job; gives its number."""
        return await self._backend.write(submit, command, arguments, now)

    async def claim(self, now: float) -> HandedJob | None:
        """Take the oldest queued job, or None; no two callers get the same one."""
        return await self._backend.write_brief(claim, now)

    async def progress(self, job_id: int, data: dict[str, Any], now: float) -> None:
        """Say how far a job is."""
        del now
        await self._backend.write(progress_job, job_id, data)

    async def finish(self, job_id: int, result: dict[str, Any], now: float) -> None:
        """End a job with its result."""
        await self._backend.write(finish, job_id, result, now)

    async def get(self, job_id: int) -> HandedJob | None:
        """A job by its number, or None."""
        return await self._backend.read(get_job, job_id)

    async def release_running(self) -> int:
        """At the start of a holder: jobs that an earlier one left running are queued again; gives how many."""
        return await self._backend.write(release_running)
