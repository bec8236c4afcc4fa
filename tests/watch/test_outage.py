"""A database that refuses and comes back, under a watch that runs: real processes, a real lock, a real server.

The parts of the watch must have tried in vain PORTALWATCH_OUTAGE_TRIES times before the database comes back, and
PORTALWATCH_OUTAGE_SECONDS must have gone by; with PORTALWATCH_OUTAGE_SECTIONS so many are watched instead of three:
PORTALWATCH_OUTAGE_SECONDS=600 PORTALWATCH_OUTAGE_SECTIONS=200.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from crawler.replica import ReceiverProcess, ReplicaProcess
from tests.store.conftest import _postgres_tools, _postgres_user
from tests.watch.commanding import CHANNEL, Command

TRIES = int(os.environ.get("PORTALWATCH_OUTAGE_TRIES", "3"))
SECONDS = float(os.environ.get("PORTALWATCH_OUTAGE_SECONDS", "0"))
MANY = int(os.environ.get("PORTALWATCH_OUTAGE_SECTIONS", "0"))
SECTIONS = ("replica-trs/news", "replica-hanweb/news", "replica-json/yaowen")
ARTICLES = "trs/news=8,hanweb/news=6,json/yaowen=8"
TICKS = os.sysconf("SC_CLK_TCK")


class Database(Protocol):
    url: str

    def fail(self) -> None: ...
    def mend(self) -> None: ...


class Locked:
    """SQLite, held by another process; the watch does not wait long for the lock, so that it notices at once."""

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}?timeout=0.1"
        self._path = path

    def fail(self) -> None:
        self._held = sqlite3.connect(self._path, isolation_level=None)
        self._held.execute("BEGIN EXCLUSIVE")

    def mend(self) -> None:
        self._held.execute("ROLLBACK")
        self._held.close()


class Server:
    """A PostgreSQL that is stopped as by a power failure, and started again."""

    def __init__(self, tools: Path, folder: Path) -> None:
        self._tools, self._folder, self._user = tools, folder, _postgres_user()
        self.url = f"postgresql://postgres@/postgres?host={folder}"
        if self._user is not None:
            shutil.chown(folder, self._user)
        self._run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")

    def _run(self, tool: str, *arguments: str) -> None:
        with (self._folder.parent / f"{self._folder.name}.log").open("ab") as log:
            subprocess.run(
                [self._tools / tool, *arguments],
                check=True,
                user=self._user,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )

    def mend(self) -> None:
        options = f"-k {self._folder} -c listen_addresses='' -c fsync=off"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "server.log", "-o", options, "start")

    def fail(self) -> None:
        self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def remove(self) -> None:
        if (self._folder / "data" / "postmaster.pid").exists():
            self.fail()
        shutil.rmtree(self._folder, ignore_errors=True)
        (self._folder.parent / f"{self._folder.name}.log").unlink(missing_ok=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        yield Locked(tmp_path / "data" / "portalwatch.db")
        return
    tools = _postgres_tools()
    if tools is None:
        pytest.skip("no PostgreSQL is installed: neither initdb on PATH nor /usr/lib/postgresql/*/bin")
    server = Server(tools, Path(tempfile.mkdtemp(prefix="pw-pg-")))
    server.mend()
    try:
        yield server
    finally:
        server.remove()


def start(
    folder: Path, database: Database, *options: str, targets: Sequence[str] = SECTIONS, every: float = 0.3
) -> Command:
    return Command(
        folder,
        *targets,
        *options,
        PORTALWATCH_DATABASE=database.url,
        PORTALWATCH_POLITENESS__DELAY="0",
        PORTALWATCH_WATCH__EVERY=str(every),
        PORTALWATCH_REVISIT__PER_POLL="0",
    )


def cpu(pid: int) -> float:
    """User and system seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def replica_of(folder: Path) -> ReplicaProcess:
    served = ["--sections", str(MANY), "--makes", "trs,hanweb,json", "--articles", str(4 * MANY)]
    return ReplicaProcess(*(served if MANY else ["--articles", ARTICLES]), "--portals-dir", str(folder / "portals"))


@pytest.mark.timeout(180 + 2 * SECONDS + MANY)
def test_a_database_that_fails_and_returns_costs_nothing(tmp_path: Path, database: Database) -> None:
    with replica_of(tmp_path) as replica, ReceiverProcess() as receiver:
        (tmp_path / "portalwatch.toml").write_text(CHANNEL.format(url=receiver.ready["url"]), "utf-8")
        names = list(SECTIONS)
        if MANY:
            names = [f"{portal['id']}/{name}" for portal in replica.get("/portals") for name in portal["sections"]]
        posts: list[str] = []

        def publish(*names: str) -> None:
            for name in names:
                portal, _, section = name.partition("/")
                (line,) = replica.post("/publish", portal=portal, section=section)
                posts.append(line["url"])

        with start(tmp_path, database, "-v", targets=names, every=0.05 * MANY or 0.3) as watch:
            watch.out.each_of(*names)
            publish(names[0])
            watch.out.until(" 1 new")
            database.fail()
            since, used = time.monotonic(), cpu(watch.pid) if SECONDS else 0.0
            try:
                publish(*names[:: len(names) // 3])
                watch.err.until("waits and tries again")
                tries = 0
                while tries < TRIES or time.monotonic() < since + SECONDS:
                    watch.err.until("still:")
                    tries += 1
                publish(*names[1 :: len(names) // 3])
                lasted, used = time.monotonic() - since, cpu(watch.pid) - used if SECONDS else 0.0
            finally:
                database.mend()
            watch.err.until("stored again after")
            publish(names[1])
            for _ in range(3):  # a pass that had begun before, and one that began afterwards
                watch.out.each_of(*names)
            assert watch.end() == 0
            said = watch.err.rest()
        assert sum("tries again" in line for line in said) == sum("stored again" in line for line in said) == 1, said
        lines = [json.loads(line) for line in (tmp_path / "data" / "articles.jsonl").read_bytes().splitlines()]
        written = Counter(line["url"] for line in lines)
        watched = {name.partition("/")[2] for name in names}
        everything = [line["url"] for line in replica.ledger()["articles"] if set(line["sections"]) & watched]
        assert written == Counter(everything), "every article once, none lost"
        assert [line["seq"] for line in lines] == sorted(line["seq"] for line in lines)
        told = Counter(json.loads(made["body"])["data"]["url"] for made in receiver.deliveries())
        assert set(told) == set(posts), "each post has been told"
        assert len({made["headers"]["webhook-id"] for made in receiver.deliveries()}) == len(posts)
    if SECONDS:
        sys.stderr.write(
            f"{lasted:.0f} s without a database, {len(names)} sections, {tries} tries, {used:.1f} s of CPU meanwhile;"
            f" {len(posts)} posts, each stored, written and told once\n"
        )


def test_a_watch_ends_in_seconds_while_its_database_refuses(tmp_path: Path) -> None:
    database = Locked(tmp_path / "data" / "portalwatch.db")
    with ReplicaProcess("--articles", ARTICLES, "--portals-dir", str(tmp_path / "portals")):
        with start(tmp_path, database) as watch:
            for _ in SECTIONS:
                watch.out.until(" new")
            database.fail()
            watch.err.until("waits and tries again")
            assert watch.end() == 0
            assert "goes out at the next start" in watch.err.rest()[-1]
        database.mend()
        with start(tmp_path, database) as watch:
            watch.err.until("watching 3 sections")
            assert watch.end() == 0
    assert len((tmp_path / "data" / "articles.jsonl").read_bytes().splitlines()) == 22


def test_a_database_that_is_damaged_ends_the_watch_with_one_line(tmp_path: Path) -> None:
    """No waiting mends it: whoever runs the watch has to know."""
    database = Locked(tmp_path / "data" / "portalwatch.db")
    with ReplicaProcess("--articles", ARTICLES, "--portals-dir", str(tmp_path / "portals")):
        with start(tmp_path, database) as watch:
            for _ in SECTIONS:
                watch.out.until(" new")
            watch.kill()
        path = tmp_path / "data" / "portalwatch.db"
        with sqlite3.connect(path) as conn:
            conn.execute("PRAGMA journal_mode=DELETE")
            (page,) = conn.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'run'").fetchone()
            (size,) = conn.execute("PRAGMA page_size").fetchone()
        conn.close()
        with path.open("r+b") as file:
            file.seek((page - 1) * size)
            file.write(b"\xff" * size)
        with start(tmp_path, database) as watch:
            assert watch.wait() == 3
            said = watch.err.rest()
    assert said[-1].startswith("portalwatch: ")
    assert "is damaged" in said[-1]
