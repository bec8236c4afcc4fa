from __future__ import annotations

import asyncio
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from crawler.items import Record
from crawler.store import ArticleWrite, Listed, Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence

    from crawler.store.values import Candidate


@dataclass
class Likeness:
    """Hashes as a test gives them; keeps the bodies it was offered and chooses the wanted one, by default the first."""

    sample: tuple[int, ...]
    wanted: str | None = ""
    more: tuple[int, ...] = ()
    offered: list[str | None] = field(default_factory=list)
    remembered: bytes | None = None

    def details(self, common: Collection[int]) -> Sequence[int]:
        assert set(common) <= set(self.sample)
        return self.more

    def choose(self, candidates: Iterable[Candidate]) -> Candidate | None:
        for candidate in candidates:
            _, body = candidate.read()
            self.offered.append(body)
            if self.wanted in {"", body}:
                return candidate
        return None

    def remember(self, content: bytes) -> None:
        self.remembered = content


class Samples:
    """Builds what the tests store; every value is derived from short names, so that tests read as stories."""

    likeness = Likeness

    @staticmethod
    def key(name: str) -> bytes:
        return hashlib.sha256(name.encode()).digest()[:16]

    def listed(self, name: str, **changes: Any) -> Listed:
        url = f"https://portal.example/{name}.html"
        given = Listed(key=self.key(name), url=url, canonical_url=url, title=f"标题 {name}", published_at="2026-11-01")
        return replace(given, **changes)

    @staticmethod
    def record(name: str, **changes: Any) -> Record:
        body = changes.get("body", f"关于{name}的正文。")
        url = f"https://portal.example/{name}.html"
        values: dict[str, Any] = {
            "made_by": "portalwatch test",
            "id": name,
            "url": url,
            "canonical_url": url,
            "portal": "shanxi",
            "portal_name": "山西省人民政府",
            "region": "140000",
            "sections": ("news",),
            "kind": "news",
            "title": f"标题 {name}",
            "published_at": "2026-11-01",
            "first_seen_at": "2026-11-22T00:00:00Z",
            "fetched_at": "2026-11-22T00:00:00Z",
            "body": body,
            "content_sha256": hashlib.sha256((body or name).encode("utf-8", "replace")).hexdigest(),
        }
        return Record(**{**values, **changes})

    def write(self, section_id: int, name: str, *keys: str, now: float = 100.0, **changes: Any) -> ArticleWrite:
        """A write of the article `name`; keyword arguments of ArticleWrite go there, all others into the record."""
        own = {"article_id", "entry_key", "alert", "validators", "next_visit_at", "likeness", "pages"}
        given = {key: changes.pop(key) for key in own & changes.keys()}
        values: dict[str, Any] = {"article_id": f"id-{name}", "entry_key": self.key(name), "alert": True, **given}
        return ArticleWrite(
            section_id=section_id,
            keys=tuple(self.key(key) for key in keys or (name,)),
            record=self.record(name, **changes),
            now=now,
            **values,
        )


@pytest.fixture(scope="session")
def samples() -> Samples:
    return Samples()


def _postgres_tools() -> Path | None:
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return versions[-1].parent if versions else None


def _postgres_user() -> str | None:
    """Who runs the server: PostgreSQL refuses to be root. None is ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        pytest.skip("PostgreSQL refuses to run as root, and there is no user postgres to run it as")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The folder of the socket of a server made for this session, reachable as user postgres without a password."""
    tools = _postgres_tools()
    if tools is None:
        pytest.skip("no PostgreSQL is installed: neither initdb on PATH nor /usr/lib/postgresql/*/bin")
    user = _postgres_user()
    folder = Path(tempfile.mkdtemp(prefix="pw-pg-"))  # short: a socket's path holds about 100 bytes
    try:
        if user is not None:
            shutil.chown(folder, user)

        def run(*command: str | Path) -> None:
            # The server keeps what it inherits open, so output goes to a file and not into a pipe.
            with (folder.parent / f"{folder.name}.log").open("ab") as log:
                subprocess.run(
                    command, check=True, user=user, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/"
                )

        run(tools / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        settings = "listen_addresses='' fsync=off full_page_writes=off max_connections=80 deadlock_timeout=50ms"
        options = f"-k {folder} " + " ".join(f"-c {setting}" for setting in settings.split())
        run(tools / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "server.log", "-o", options, "start")
        try:
            yield str(folder)
        finally:
            run(tools / "pg_ctl", "-D", folder / "data", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        (folder.parent / f"{folder.name}.log").unlink(missing_ok=True)


async def _make(url: str) -> None:
    store = await Store.open(url)
    await store.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database to copy: migrating one for every test would take most of the time."""
    path = tmp_path_factory.mktemp("template") / "portalwatch.db"
    asyncio.run(_make(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> tuple[str, str]:
    """A migrated database's URL, and the statement that empties it."""
    url = f"postgresql://postgres@/postgres?host={postgres_server}"
    asyncio.run(_make(url))
    with psycopg.connect(url) as conn:
        tables = conn.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchone()
    assert tables is not None
    return url, f"TRUNCATE {tables[0]} RESTART IDENTITY"


@pytest.fixture
def postgres_url(migrated_postgres: tuple[str, str]) -> str:
    """The URL of the session's migrated database, emptied: a database of its own would cost each test half a second."""
    url, empty = migrated_postgres
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(empty)
    return url


@pytest.fixture
def empty_postgres(postgres_server: str) -> Iterator[str]:
    """The URL of a new database without any table."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(f"postgresql://postgres@/postgres?host={postgres_server}", autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
        yield f"postgresql://postgres@/{name}?host={postgres_server}"
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a migrated SQLite database."""
    path = tmp_path / "portalwatch.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database, of each kind in turn."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with await Store.open(database_url) as opened:
        yield opened
