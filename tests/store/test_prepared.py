from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import bindparam, insert, literal_column, select, update

from crawler.store.prepared import Prepared
from crawler.store.schema import job

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from crawler.store import Store

ADD = Prepared(insert(job))
RENAME = Prepared(
    update(job)
    .where(job.c.command == bindparam("old"), job.c.state != "done")
    .values(command=job.c.command + bindparam("more"), state="running", result=None)
)
FIND = Prepared(
    select(job.c.id, job.c.command, job.c.state, literal_column("7"))
    .where(job.c.submitted_at >= bindparam("at"))
    .order_by(job.c.id)
    .limit(bindparam("limit"))
)


def _row(command: str, at: float) -> dict[str, Any]:
    return {"command": command, "arguments": "{}", "state": "queued", "submitted_at": at}


async def test_statements_give_the_same_on_both_databases(store: Store) -> None:
    def work(conn: Connection) -> list[Any]:
        keys = [ADD.insert(conn, _row("a", 1.0)), ADD.insert(conn, _row("b", 2.0))]
        ADD.run_many(conn, [_row("c", 3.0), _row("d", 4.0)])
        RENAME.run(conn, {"old": "b", "more": "!"})
        RENAME.run_many(conn, [{"old": "c", "more": "?"}, {"old": "nothing", "more": "?"}])
        return [keys, [tuple(row) for row in FIND.rows(conn, {"at": 2.0, "limit": 2})]]

    for _ in range(2):  # compiled the first time, found compiled the second
        keys, rows = await store._backend.write(work)
        assert rows == [(keys[1], "b!", "running", 7), (keys[1] + 1, "c?", "running", 7)]

        def forget(conn: Connection) -> None:
            conn.execute(job.delete())

        await store._backend.write(forget)


async def test_a_forgotten_parameter_is_an_error(store: Store) -> None:
    def work(conn: Connection) -> object:
        return FIND.rows(conn, {"at": 1.0})

    with pytest.raises(Exception, match="limit"):
        await store._backend.read(work)
