from __future__ import annotations

import asyncio
import logging
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

import crawler.store.migrations
from crawler.exceptions import StorageError
from crawler.store import Store
from crawler.store.migrate import REVISIONS, migrate, upgrade
from crawler.store.schema import metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(crawler.store.migrations.__file__).parent))
    return ScriptDirectory.from_config(config)


def _engine_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


def _run(url: str, statement: str) -> None:
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
            file.execute(statement)
        file.close()
    else:
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(statement)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'portalwatch.db'}"
    url: str = request.getfixturevalue("empty_postgres")
    return url


def test_the_revisions_known_at_start_are_the_migrations_in_order() -> None:
    history = [script.revision for script in _script().walk_revisions()]
    assert tuple(reversed(history)) == REVISIONS
    assert _script().get_heads() == [REVISIONS[-1]]


async def test_an_empty_database_gets_the_schema_that_statements_are_built_from(empty_url: str) -> None:
    async with await Store.open(empty_url) as store:
        assert (await store.sections.open("shanxi", "news")).id == 1
    engine = create_engine(_engine_url(empty_url))

    def compare(conn: Connection) -> list[object]:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_object": lambda _, __, kind, *___: kind != "index",
        }
        context = MigrationContext.configure(conn, opts=options)
        return list(compare_metadata(context, metadata))

    with engine.connect() as conn:
        assert compare(conn) == []
    engine.dispose()
    async with await Store.open(empty_url) as store:
        assert len(await store.sections.all()) == 1


def test_a_new_database_is_what_the_migrations_make(empty_url: str) -> None:
    def described(conn: Connection) -> object:
        if conn.dialect.name == "sqlite":
            rows = conn.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master").all()
            return sorted((*row[:3], "".join((row[3] or "").split())) for row in rows)
        columns = (
            "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns "
            "WHERE table_schema = current_schema()"
        )
        indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
        constraints = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0"
        return [sorted(map(str, conn.exec_driver_sql(query))) for query in (columns, indexes, constraints)]

    if empty_url.startswith("sqlite"):
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir()
    engine = create_engine(_engine_url(empty_url))
    made = []
    for way in (upgrade, migrate):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("BEGIN")
            way(conn)
            made.append(described(conn))
            conn.exec_driver_sql("ROLLBACK")
    engine.dispose()
    assert made[0] == made[1]
    assert "entry_pending" in str(made[0])


async def test_a_database_made_by_a_newer_version_is_refused(database_url: str, request: pytest.FixtureRequest) -> None:
    request.addfinalizer(lambda: _run(database_url, f"UPDATE alembic_version SET version_num = '{REVISIONS[-1]}'"))  # noqa: S608 - our own constant
    _run(database_url, "UPDATE alembic_version SET version_num = '9f00'")
    for read_only in (False, True):
        with pytest.raises(StorageError, match=r"9f00.*upgrade portalwatch") as error:
            await Store.open(database_url, read_only=read_only)
        assert REVISIONS[-1] in str(error.value)
        assert "\n" not in str(error.value)


async def test_an_empty_database_is_not_filled_by_reading(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        path = Path(empty_url.removeprefix("sqlite:///"))
        await asyncio.to_thread(path.parent.mkdir)
        await asyncio.to_thread(path.touch)
    with pytest.raises(StorageError, match="run `portalwatch crawl TARGET`"):
        await Store.open(empty_url, read_only=True)


async def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    _run(url, "CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(StorageError, match="another program"):
        await Store.open(url)
    with sqlite3.connect(tmp_path / "other.db") as file:
        assert [row[0] for row in file.execute("SELECT name FROM sqlite_master")] == ["bookmarks"]
    file.close()


async def test_a_migration_that_fails_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "portalwatch.db"

    def fail_at_the_end(conn: Connection) -> None:
        conn.exec_driver_sql("CREATE TABLE section (id INTEGER)")
        conn.exec_driver_sql("CREATE TABLE section (id INTEGER)")

    monkeypatch.setattr("crawler.store.sqlite.upgrade", fail_at_the_end)
    with pytest.raises(StorageError, match="already exists"):
        await Store.open(f"sqlite:///{path}")
    monkeypatch.undo()
    async with await Store.open(f"sqlite:///{path}") as store:
        assert await store.sections.all() == []


async def test_migrating_is_quiet(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with await Store.open(f"sqlite:///{tmp_path / 'portalwatch.db'}"):
        assert [record for record in caplog.records if record.name.startswith("alembic")] == []


def test_a_database_that_is_up_to_date_costs_no_alembic(sqlite_url: str) -> None:
    script = (
        "import asyncio, sys\n"
        "from crawler.store import Store\n"
        "assert 'sqlalchemy' not in sys.modules\n"
        "async def main():\n"
        "    async with await Store.open(sys.argv[1]) as store:\n"
        "        await store.sections.open('shanxi', 'news')\n"
        "asyncio.run(main())\n"
        "heavy = ('alembic', 'mako', 'sqlalchemy.orm', 'psycopg', 'sqlalchemy.dialects.postgresql')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script, sqlite_url], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
