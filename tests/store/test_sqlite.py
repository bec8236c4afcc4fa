from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from crawler.exceptions import StorageError
from crawler.store import Store
from crawler.store.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.store.conftest import Samples


_HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""
_MAKE = """
import asyncio, sys
from crawler.store import Store
async def main():
    async with await Store.open(sys.argv[1]) as store:
        for number in range(5):
            await store.sections.open(sys.argv[2], str(number))
asyncio.run(main())
"""
_FILL = """
import asyncio, resource, sys
from crawler.exceptions import StorageError
from crawler.store import Store
async def main():
    async with await Store.open(sys.argv[1]) as store:
        await store.sections.open("shanxi", "news")
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
        try:
            for number in range(100_000):
                await store.sections.open("shanxi", str(number))
        except StorageError as error:
            print(error)
            print(number)
        print(len(await store.sections.all()))
asyncio.run(main())
"""


def _start(script: str, *arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _one_line(error: pytest.ExceptionInfo[StorageError], path: Path) -> str:
    message = str(error.value)
    assert "\n" not in message
    assert str(path) in message
    assert error.value.exit_status == 3
    return message


async def test_a_commit_is_flushed_and_foreign_keys_hold(sqlite_url: str) -> None:
    database = SqliteDatabase(_path(sqlite_url))
    await database.open()

    def pragmas(conn: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [conn.execute(text(f"PRAGMA {name}")).scalar() for name in names]

    assert await database.write(pragmas) == ["wal", 2, 1]
    with pytest.raises(StorageError, match="FOREIGN KEY"):
        await database.write(
            lambda conn: conn.execute(text("INSERT INTO walk (section_id, number, kind, started_at) VALUES (9,1,'',1)"))
        )
    await database.close()


async def test_a_database_that_another_process_holds_is_one_line(sqlite_url: str) -> None:
    path = _path(sqlite_url)
    holder = _start(_HOLD, path)
    try:
        assert holder.stdout is not None
        assert await asyncio.to_thread(holder.stdout.readline) == b"held\n"
        with pytest.raises(StorageError, match="locked by another process") as error:
            await Store.open(f"{sqlite_url}?timeout=0.1")
        _one_line(error, path)
        # readers do not mind
        async with await Store.open(f"{sqlite_url}?timeout=0.1", read_only=True) as reader:
            assert await reader.sections.all() == []
    finally:
        await asyncio.to_thread(holder.communicate)
    async with await Store.open(f"{sqlite_url}?timeout=0.1") as store:
        assert (await store.sections.open("shanxi", "news")).id == 1


async def test_a_lock_that_is_let_go_in_time_is_waited_for(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    held = sqlite3.connect(_path(sqlite_url), isolation_level=None)
    held.execute("BEGIN EXCLUSIVE")
    waiting = asyncio.create_task(store.sections.open("shanxi", "news"))
    assert await store.sections.all() == []  # reads go on
    held.execute("COMMIT")
    held.close()
    assert (await waiting).id == 1
    await store.close()


async def test_a_full_disk_is_one_line_and_loses_nothing(sqlite_url: str, samples: Samples) -> None:
    path = _path(sqlite_url)
    database = SqliteDatabase(path)
    await database.open()
    store = Store(database)
    section = await store.sections.open("shanxi", "news")
    await database.write(lambda conn: conn.exec_driver_sql("PRAGMA max_page_count = 120").scalar())
    stored = []

    async def fill() -> None:
        for number in range(1_000):
            await store.articles.store(samples.write(section.id, str(number), body=f"{number}" + "正文" * 1_000))
            stored.append(f"id-{number}")

    with pytest.raises(StorageError, match="disk is full") as error:
        await fill()
    _one_line(error, path)
    assert stored
    results = await asyncio.gather(
        *(store.articles.store(samples.write(section.id, f"more-{n}", body=f"{n}" + "正文" * 9_000)) for n in range(5)),
        return_exceptions=True,
    )
    assert all(isinstance(result, StorageError) for result in results)
    assert [event.record.id for event in await store.events.after(0, 10_000)] == stored
    # there is room again: the same store goes on
    await database.write(lambda conn: conn.exec_driver_sql("PRAGMA max_page_count = 100000").scalar())
    assert (await store.articles.store(samples.write(section.id, "last"))).outcome == "published"
    await store.close()


@pytest.mark.skipif(os.name != "posix", reason="limits of file size are POSIX")
def test_a_disk_that_refuses_to_write_is_one_line(sqlite_url: str) -> None:
    done = _start(_FILL, sqlite_url)
    out, _ = done.communicate(timeout=60)
    line, number, count = out.decode().splitlines()
    assert done.returncode == 0
    assert str(_path(sqlite_url)) in line
    assert "disk" in line
    assert int(count) == int(number) + 1  # all that were reported stored, and the first section


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to look like a file\n" * 100, b"SQLite"])
async def test_a_file_that_is_no_database_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "portalwatch.db"
    path.write_bytes(content)
    for read_only in (False, True):
        with pytest.raises(StorageError, match="not a database") as error:
            await Store.open(f"sqlite:///{path}", read_only=read_only)
        _one_line(error, path)
    assert path.read_bytes() == content


async def test_damage_found_while_reading_is_one_line(sqlite_url: str, samples: Samples) -> None:
    path = _path(sqlite_url)
    async with await Store.open(sqlite_url) as store:
        section = await store.sections.open("shanxi", "news")
        for number in range(50):
            await store.articles.store(samples.write(section.id, str(number), body=f"{number}" + "正文" * 500))
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event'").fetchone()[0]
        size = raw.execute("PRAGMA page_size").fetchone()[0]
    raw.close()
    with path.open("r+b") as file:
        file.seek((pages - 1) * size)
        file.write(b"\xff" * size)
    async with await Store.open(sqlite_url) as store:
        with pytest.raises(StorageError, match="damaged") as error:
            await store.events.after(0, 100)
        _one_line(error, path)


async def test_a_missing_database_is_not_made_by_reading(tmp_path: Path) -> None:
    path = tmp_path / "data" / "portalwatch.db"
    with pytest.raises(StorageError, match="run `portalwatch crawl TARGET` first") as error:
        await Store.open(f"sqlite:///{path}", read_only=True)
    _one_line(error, path)
    assert not path.parent.exists()


async def test_a_path_that_cannot_be_a_database_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be opened"):
        await Store.open(f"sqlite:///{tmp_path}")
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(StorageError, match="cannot be opened"):
        await Store.open(f"sqlite:///{file}/portalwatch.db")


async def test_read_only_reads_beside_a_writer_and_writes_nothing(sqlite_url: str, samples: Samples) -> None:
    async with await Store.open(sqlite_url) as writer, await Store.open(sqlite_url, read_only=True) as reader:
        section = await writer.sections.open("shanxi", "news")
        await writer.articles.store(samples.write(section.id, "a"))
        assert await reader.events.last_seq() == 1
        with pytest.raises(StorageError, match="read only"):
            await reader.sections.open("shanxi", "policy")


async def test_closing_leaves_one_file(tmp_path: Path) -> None:
    path = tmp_path / "portalwatch.db"
    async with await Store.open(f"sqlite:///{path}") as store:
        await store.sections.open("shanxi", "news")
        assert len(await store.sections.all()) == 1
    assert not list(await asyncio.to_thread(lambda: [*tmp_path.glob("*-wal"), *tmp_path.glob("*-shm")]))


async def test_a_closed_store_says_so(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    pending = asyncio.create_task(store.sections.open("shanxi", "news"))
    await asyncio.sleep(0)
    await store.close()
    assert (await pending).id == 1  # what was handed over was committed
    await store.close()
    for call in (store.sections.all(), store.sections.open("shanxi", "policy")):
        with pytest.raises(StorageError, match="closed"):
            await call


async def test_the_folder_is_made_and_names_may_hold_anything(tmp_path: Path) -> None:
    path = tmp_path / "数据 100% & ?#" / "portalwatch.db"
    database = SqliteDatabase(path)
    await database.open()
    await Store(database).sections.open("shanxi", "news")
    await database.close()
    assert path.is_file()
    assert list(path.parent.iterdir()) == [path]


async def test_many_processes_may_make_one_database_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'portalwatch.db'}"
    makers = [_start(_MAKE, url, number) for number in range(4)]
    for maker in makers:
        await asyncio.to_thread(maker.communicate)
    assert [maker.returncode for maker in makers] == [0, 0, 0, 0]
    async with await Store.open(url, read_only=True) as store:
        assert len(await store.sections.all()) == 20


async def test_a_copy_of_the_three_files_is_a_backup(sqlite_url: str, tmp_path: Path) -> None:
    """As long as nothing writes: the log beside the database belongs to it."""
    async with await Store.open(sqlite_url) as store:
        await store.sections.open("shanxi", "news")
        folder = tmp_path / "copy"
        folder.mkdir()
        for file in _path(sqlite_url).parent.glob("portalwatch.db*"):
            shutil.copy(file, folder)
    async with await Store.open(f"sqlite:///{folder / 'portalwatch.db'}") as copied:
        assert len(await copied.sections.all()) == 1
