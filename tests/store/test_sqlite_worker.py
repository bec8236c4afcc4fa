from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from crawler.exceptions import StorageError
from crawler.store.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from sqlalchemy import Connection


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _add(conn: Connection, name: str) -> None:
    conn.execute(text("INSERT INTO section (portal, section) VALUES (:name, 'news')"), {"name": name})


def _portals(conn: Connection) -> list[str]:
    return list(conn.execute(text("SELECT portal FROM section ORDER BY id")).scalars())


class Hold:
    """An operation that keeps the connection that writes until it is let go."""

    def __init__(self) -> None:
        self._busy, self._go_on = threading.Event(), threading.Event()

    def __call__(self, conn: Connection) -> None:
        del conn
        self._busy.set()
        self._go_on.wait(30)

    async def taken(self, database: SqliteDatabase) -> asyncio.Task[None]:
        """Start it, and wait until it has the connection."""
        task = asyncio.create_task(database.write(self))
        await asyncio.to_thread(self._busy.wait, 30)
        return task

    def let_go(self) -> None:
        self._go_on.set()


async def test_operations_queued_during_a_commit_share_the_next_one(sqlite_url: str) -> None:
    """What fails among them fails alone, and nobody is told of a commit before it happened."""
    database = SqliteDatabase(_path(sqlite_url))
    await database.open()
    hold = Hold()

    def add(conn: Connection, name: str) -> int:
        conn.execute(text("INSERT INTO section (portal, section) VALUES (:name, 'news')"), {"name": name})
        if name == "bad":
            raise ZeroDivisionError
        if name == "twice":
            conn.execute(text("INSERT INTO section (portal, section) VALUES ('a', 'news')"))
        return transactions(conn)

    def transactions(conn: Connection) -> int:
        return int(conn.execute(text("SELECT count(*) FROM section")).scalar_one())

    blocked = await hold.taken(database)
    tasks = [asyncio.create_task(database.write(add, name)) for name in ("a", "bad", "b", "twice", "c", "dropped")]
    await asyncio.sleep(0)
    tasks[-1].cancel()
    await asyncio.sleep(0)
    assert not any(task.done() for task in tasks[:-1])
    hold.let_go()
    await blocked
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [results[0], results[2], results[4]] == [1, 2, 3]
    assert isinstance(results[1], ZeroDivisionError)
    assert isinstance(results[3], StorageError)
    assert isinstance(results[5], asyncio.CancelledError)

    def portals(conn: Connection) -> list[str]:
        return list(conn.execute(text("SELECT portal FROM section ORDER BY portal")).scalars())

    assert await database.read(portals) == ["a", "b", "c"]
    await database.close()


async def test_a_group_of_operations_is_one_transaction(sqlite_url: str) -> None:
    database = SqliteDatabase(_path(sqlite_url))
    await database.open()
    hold = Hold()
    seen: list[str] = []

    def look_inside(conn: Connection, name: str) -> None:
        conn.execute(text("INSERT INTO section (portal, section) VALUES (:name, 'news')"), {"name": name})
        with sqlite3.connect(_path(sqlite_url)) as other:
            seen.extend(row[0] for row in other.execute("SELECT portal FROM section"))
        other.close()

    blocked = await hold.taken(database)
    tasks = [asyncio.create_task(database.write(look_inside, name)) for name in ("a", "b", "c")]
    await asyncio.sleep(0)
    hold.let_go()
    await asyncio.gather(blocked, *tasks)
    assert seen == []  # none of the three was visible before all three were committed
    await database.close()


@pytest.mark.parametrize("way", ["write", "write_brief"])
async def test_an_operation_that_ends_the_transaction_fails_and_the_next_one_works(sqlite_url: str, way: str) -> None:
    database = SqliteDatabase(_path(sqlite_url))
    await database.open()
    write = getattr(database, way)

    def end(conn: Connection) -> None:
        conn.exec_driver_sql("ROLLBACK")

    results = await asyncio.gather(write(_add, "a"), write(end), write(_add, "b"), return_exceptions=True)
    alone = await asyncio.gather(write(end), return_exceptions=True)
    assert isinstance(alone[0], StorageError)
    await write(_add, "c")
    told = [name for name, result in zip("a-b", results, strict=True) if result is None]
    assert await database.read(_portals) == [*told, "c"]  # exactly what was told to be stored is stored
    await database.close()


async def test_brief_operations_of_one_round_share_a_commit_in_their_order(sqlite_url: str) -> None:
    path, commits = _path(sqlite_url), 0

    def committing() -> None:
        nonlocal commits
        commits += 1

    database = SqliteDatabase(path, before_commit=committing)
    await database.open()
    opened = commits
    names = [f"{number:02}" for number in range(40)]
    tasks = [
        asyncio.create_task((database.write if number == 20 else database.write_brief)(_add, name))
        for number, name in enumerate(names)
    ]
    await asyncio.gather(*tasks)
    assert await database.read_brief(_portals) == names
    assert 1 <= commits - opened <= 3  # those before the long one with it, those after it together
    await database.close()


async def test_a_brief_operation_waits_its_turn_and_for_the_commit(sqlite_url: str) -> None:
    database = SqliteDatabase(_path(sqlite_url))
    await database.open()
    hold = Hold()

    blocked = await hold.taken(database)
    wanted = asyncio.create_task(database.write_brief(_add, "wanted"))
    dropped = asyncio.create_task(database.write_brief(_add, "dropped"))
    await asyncio.sleep(0)
    dropped.cancel()
    await asyncio.sleep(0)
    assert not wanted.done()
    assert await database.read_brief(_portals) == []  # the loop goes on
    hold.let_go()
    await asyncio.gather(blocked, wanted)
    assert await database.read_brief(_portals) == ["wanted"]
    await database.close()


async def test_a_lock_of_another_process_holds_up_no_loop(sqlite_url: str) -> None:
    database = SqliteDatabase(_path(sqlite_url))
    await database.open()
    held = sqlite3.connect(_path(sqlite_url), isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(database.write_brief(_add, "a"))
    for _ in range(100):
        await asyncio.sleep(0)
        assert await database.read_brief(_portals) == []
    assert not waiting.done()
    held.execute("COMMIT")
    await waiting
    held.close()
    assert await database.read_brief(_portals) == ["a"]
    await database.close()


async def test_a_caller_that_only_reads_lets_the_loop_go_round(sqlite_url: str) -> None:
    database = SqliteDatabase(_path(sqlite_url))
    await database.open()
    others = asyncio.create_task(asyncio.sleep(0))
    for _ in range(100):
        await database.read_brief(_portals)
    assert others.done()
    await database.close()


async def test_closing_commits_brief_operations_that_were_handed_over(sqlite_url: str) -> None:
    database = SqliteDatabase(_path(sqlite_url))
    await database.open()
    tasks = [asyncio.create_task(database.write_brief(_add, name)) for name in "abc"]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*tasks)
    again = SqliteDatabase(_path(sqlite_url))
    await again.open()
    assert await again.read(_portals) == ["a", "b", "c"]
    await again.close()


def test_a_loop_that_ended_does_not_stop_the_threads(sqlite_url: str) -> None:
    database = SqliteDatabase(_path(sqlite_url))
    go_on = threading.Event()

    def slow(conn: Connection) -> None:
        go_on.wait(30)
        conn.execute(text("INSERT INTO section (portal, section) VALUES ('a', 'news')"))

    async def abandon() -> None:
        await database.open()
        task = asyncio.create_task(database.write(slow))
        await asyncio.sleep(0)
        task.cancel()

    async def later() -> int:
        try:
            return await database.read(lambda conn: int(conn.execute(text("SELECT 7")).scalar_one()))
        finally:
            await database.close()

    asyncio.run(abandon())
    go_on.set()
    assert asyncio.run(later()) == 7
