from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from crawler.exceptions import StorageError
from crawler.store.sqlite_session import BlockedError, Call, Session, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "some.db"
    with closing(_other(found)) as raw:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("CREATE TABLE named (name TEXT PRIMARY KEY)")
    return found


@pytest.fixture
def session(path: Path) -> Iterator[Session]:
    made = _session(path)
    yield made
    made.close()


def _other(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def _session(path: Path, *, writes: bool = True, timeout: float = 30.0) -> Session:
    def connect() -> Connection:
        raw = sqlite3.connect(path, isolation_level=None, timeout=0)
        return wrapped(raw)

    return Session(connect, str(path), writes=writes, timeout=timeout)


def _add(name: str) -> Call[None]:
    def run(conn: Connection) -> None:
        conn.execute(text("INSERT INTO named VALUES (:name)"), {"name": name})

    return Call(run, brief=True)


def _names(path: Path) -> list[str]:
    with closing(_other(path)) as raw:
        return [row[0] for row in raw.execute("SELECT name FROM named ORDER BY name")]


async def _outcome(call: Call[None]) -> object:
    call.settle()
    return (await asyncio.gather(call.future, return_exceptions=True))[0]


async def test_what_was_run_stays_unseen_until_it_is_served(session: Session, path: Path) -> None:
    session.serve([_add("opens")])
    calls = [_add("a"), _add("b")]
    assert [session.try_run(call) for call in calls] == [True, True]
    assert _names(path) == ["opens"]
    session.serve([*calls, _add("c")])
    assert _names(path) == ["a", "b", "c", "opens"]
    assert [await _outcome(call) for call in calls] == [None, None]


async def test_nothing_is_run_before_a_connection_was_opened(session: Session) -> None:
    assert not session.try_run(_add("a"))


async def test_what_fails_fails_alone(session: Session, path: Path) -> None:
    session.serve([_add("a")])
    calls = [_add("b"), _add("a"), _add("c")]
    for call in calls:
        assert session.try_run(call)
    session.serve(calls)
    outcomes = [await _outcome(call) for call in calls]
    assert [outcomes[0], outcomes[2]] == [None, None]
    assert isinstance(outcomes[1], StorageError)
    assert _names(path) == ["a", "b", "c"]


async def test_another_that_writes_is_waited_for_by_serve_alone(session: Session, path: Path) -> None:
    session.serve([_add("a")])
    with closing(_other(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        call = _add("b")
        assert not session.try_run(call)
        assert not call.ran
        impatient = _session(path, timeout=0)
        impatient.serve([refused := _add("c")])
        impatient.close()
        assert "locked by another process" in str(await _outcome(refused))
        other.execute("COMMIT")
    session.serve([call])
    assert _names(path) == ["a", "b"]


async def test_an_operation_that_ends_the_transaction_takes_all_of_it_along(session: Session, path: Path) -> None:
    session.serve([_add("a")])

    def roll_back(conn: Connection) -> None:
        conn.exec_driver_sql("ROLLBACK")

    before, end, after = _add("b"), Call(roll_back), _add("c")
    assert session.try_run(before)
    assert session.try_run(end)
    assert not session.try_run(after)  # in a transaction of its own it would be told as one with what is lost
    session.serve([before, end, after])
    for call in (before, after):
        assert isinstance(await _outcome(call), StorageError)
    assert _names(path) == ["a"]
    assert not after.ran


async def test_an_interruption_leaves_nothing_of_a_half_operation(session: Session, path: Path) -> None:
    session.serve([_add("a")])

    class Interruption(BaseException):
        """What Ctrl-C is, which would end the tests too."""

    def half(conn: Connection) -> None:
        conn.execute(text("INSERT INTO named VALUES ('half')"))
        raise Interruption

    whole, broken = _add("b"), Call(half, brief=True)
    assert session.try_run(whole)
    with pytest.raises(Interruption):
        session.try_run(broken)
    session.serve([whole, broken])
    assert _names(path) == ["a", "b"]


async def test_a_look_sees_what_is_committed_and_waits_for_nobody(path: Path) -> None:
    writer, reader = _session(path), _session(path, writes=False)

    def count(conn: Connection) -> int:
        return int(conn.execute(text("SELECT count(*) FROM named")).scalar_one())

    writer.serve([_add("a")])
    pending = _add("b")
    assert writer.try_run(pending)
    assert reader.look(count) == 1
    writer.serve([pending])
    assert reader.look(count) == 2
    with pytest.raises(StorageError, match="no such table"):
        reader.look(lambda conn: conn.execute(text("SELECT * FROM missing")).all())
    with pytest.raises(ZeroDivisionError):
        reader.look(lambda _conn: 1 // 0)
    assert reader.look(count) == 2
    reader.close()
    writer.close()
    with closing(_other(path)) as alone:
        alone.execute("PRAGMA locking_mode=EXCLUSIVE")
        alone.execute("INSERT INTO named VALUES ('c')")
        with pytest.raises(BlockedError):
            reader.look(count)
    assert reader.look(count) == 3
    reader.close()
