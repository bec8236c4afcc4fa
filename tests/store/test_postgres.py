from __future__ import annotations

import asyncio
import hashlib
import threading
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import make_url, text

from crawler.exceptions import StorageError
from crawler.store import Store
from crawler.store.postgres import PostgresDatabase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection

    from tests.store.conftest import Samples


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    opened = PostgresDatabase(make_url(postgres_url), read_only=False)
    await opened.open()
    yield opened
    await opened.close()


def _add(conn: Connection, portal: str) -> None:
    conn.execute(text("INSERT INTO section (portal, section) VALUES (:portal, 'news')"), {"portal": portal})


def _portals(conn: Connection) -> list[str]:
    return list(conn.execute(text("SELECT portal FROM section ORDER BY portal")).scalars())


async def test_a_server_that_does_not_answer_is_one_line_without_the_password() -> None:
    with pytest.raises(StorageError) as error:
        await Store.open("postgresql://user:geheim@127.0.0.1:1/portalwatch?options=-csearch_path%3Dx")
    assert str(error.value).startswith("postgresql://user:***@127.0.0.1:1/portalwatch: ")
    assert "geheim" not in str(error.value)
    assert "\n" not in str(error.value)


async def test_an_operation_that_fails_undoes_itself_and_is_passed_on(database: PostgresDatabase) -> None:
    def fail(conn: Connection) -> None:
        _add(conn, "a")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(fail)
    await database.write(_add, "b")
    with pytest.raises(StorageError, match="duplicate key"):
        await database.write(_add, "b")
    assert await database.read(_portals) == ["b"]


async def test_reading_cannot_write(database: PostgresDatabase) -> None:
    with pytest.raises(StorageError, match="read-only"):
        await database.read(_add, "a")
    assert await database.read(_portals) == []


async def test_a_store_that_is_only_read_refuses_to_write(postgres_url: str) -> None:
    async with await Store.open(postgres_url, read_only=True) as store:
        assert await store.sections.all() == []
        with pytest.raises(StorageError, match="read only"):
            await store.sections.open("shanxi", "news")


async def test_a_deadlock_is_begun_again(database: PostgresDatabase) -> None:
    """Two transactions take two rows in opposite order: the server undoes one of them, and it is repeated."""
    for portal in ("a", "b"):
        await database.write(_add, portal)
    both = threading.Barrier(2)
    attempts: list[str] = []

    def update(conn: Connection, first: str, second: str) -> None:
        attempts.append(first)
        statement = text("UPDATE section SET entries = entries + 1 WHERE portal = :portal")
        conn.execute(statement, {"portal": first})
        if len(attempts) <= 2:
            both.wait(30)
        conn.execute(statement, {"portal": second})

    await asyncio.gather(database.write(update, "a", "b"), database.write(update, "b", "a"))
    assert len(attempts) >= 3

    def entries(conn: Connection) -> list[int]:
        return list(conn.execute(text("SELECT entries FROM section")).scalars())

    assert await database.read(entries) == [2, 2]


async def test_a_connection_lost_before_the_commit_is_replaced(database: PostgresDatabase, postgres_url: str) -> None:
    def hang_up() -> None:
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'"
            )

    attempts: list[str] = []

    def interrupted(conn: Connection, portal: str) -> None:
        attempts.append(portal)
        _add(conn, portal)
        if len(attempts) == 1:
            hang_up()
        conn.execute(text("SELECT 1"))

    await database.write(interrupted, "a")
    await asyncio.to_thread(hang_up)
    await database.write(interrupted, "b")
    assert await database.read(_portals) == ["a", "b"]
    assert attempts.count("a") == 2


async def test_what_cannot_be_repaired_by_beginning_again_ends(database: PostgresDatabase) -> None:
    attempts: list[int] = []

    def always_lost(conn: Connection) -> None:
        attempts.append(1)
        conn.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StorageError):
        await database.write(always_lost)
    assert 1 < len(attempts) <= 5


async def test_events_become_visible_in_the_order_of_their_seq(postgres_url: str, samples: Samples) -> None:
    """Several processes store at once; whoever follows the events with a cursor misses none."""
    content = hashlib.sha256(b"one story").hexdigest()
    stores = [await Store.open(postgres_url) for _ in range(3)]
    reader = await Store.open(postgres_url, read_only=True)
    places = [await stores[0].sections.open(f"portal-{number}", "news") for number in range(3)]

    async def write(which: int) -> None:
        place = places[which]
        for number in range(30):
            name = f"{which}-{number}"
            own = hashlib.sha256(name.encode()).hexdigest()
            write = samples.write(place.id, name, portal=place.portal, content_sha256=own if number else content)
            await stores[which].articles.store(write)

    seen: list[int] = []

    async def follow() -> None:
        while len(seen) < 90:
            seen.extend(event.seq for event in await reader.events.after(seen[-1] if seen else 0, 100))

    await asyncio.wait_for(asyncio.gather(follow(), *(write(which) for which in range(3))), 60)
    assert len(set(seen)) == 90
    assert seen == sorted(seen)
    originals = [await reader.articles.get(f"id-{which}-0") for which in range(3)]
    assert sorted(record.duplicate_of is None for record in originals if record) == [False, False, True]
    for store in (*stores, reader):
        await store.close()


async def test_two_processes_listing_one_section_at_once_agree(postgres_url: str, samples: Samples) -> None:
    stores = [await Store.open(postgres_url) for _ in range(2)]
    section = await stores[0].sections.open("shanxi", "news")
    page = [samples.listed(str(number)) for number in range(40)]

    async def walk(store: Store) -> int:
        mine = await store.ledger.begin_walk(section.id, 1.0, "poll")
        outcomes = [await store.ledger.record_page(mine, page[start : start + 10], 1.0) for start in range(0, 40, 10)]
        return sum(outcome.new for outcome in outcomes)

    assert sum(await asyncio.gather(*(walk(store) for store in stores))) == 40
    assert await stores[0].ledger.counts(section.id) == {"pending": 40, "stored": 0, "rejected": 0, "gone": 0}
    for store in stores:
        await store.close()


async def test_many_processes_may_migrate_one_database_at_once(empty_postgres: str) -> None:
    stores = await asyncio.gather(*(Store.open(empty_postgres) for _ in range(4)))
    for store in stores:
        assert await store.sections.all() == []
        await store.close()


async def test_a_closed_store_says_so(postgres_url: str) -> None:
    store = await Store.open(postgres_url)
    await store.close()
    await store.close()
    with pytest.raises(StorageError, match="closed"):
        await store.sections.all()
