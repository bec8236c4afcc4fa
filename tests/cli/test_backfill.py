"""`portalwatch backfill` as a user runs it."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.replica import ReplicaProcess

CONFIG = "[politeness]\ndelay = 0\n"


class Shell:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "crawler.cli.main", *arguments],
            cwd=self.folder,
            capture_output=True,
            check=False,
            timeout=120,
            env={**os.environ, "COLUMNS": "200", **variables},
        )

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        done = self(*arguments, "--json")
        assert b"Traceback" not in done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def records(self) -> list[dict[str, Any]]:
        data = (self.folder / "data" / "articles.jsonl").read_bytes()
        return [json.loads(line) for line in data.splitlines()]


@pytest.fixture(scope="module")
def replica(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaProcess]:
    folder = tmp_path_factory.mktemp("replica")
    arguments = ["--articles", "trs/news=45,trs/policy=30,hanweb/news=20", "--portals-dir", str(folder / "portals")]
    with ReplicaProcess(*arguments) as process:
        process.ready["portals_dir"] = str(folder / "portals")
        yield process


@pytest.fixture
def place(tmp_path: Path, replica: ReplicaProcess) -> Shell:
    (tmp_path / "portalwatch.toml").write_text(CONFIG, "utf-8")
    (tmp_path / "portals").symlink_to(replica.ready["portals_dir"])
    return Shell(tmp_path)


def test_several_sections_end_with_reports_that_are_kept(place: Shell) -> None:
    done = place("backfill", "replica-trs/news", "replica-hanweb/news")
    assert done.returncode == 0, done.stderr.decode()
    said = done.stdout.decode()
    assert "replica-trs/news complete · 45 listed · 45 fetched · 45 extracted" in said
    assert "the site counts 20" in said
    assert said.splitlines()[-1].startswith("total: 2 of 2 sections complete · 65 listed")
    assert len(place.records()) == 65
    again = place("backfill", "replica-trs/news", "replica-hanweb/news", "--report")
    assert again.returncode == 0
    assert again.stdout.decode() == said
    (report,) = place.json("backfill", "replica-trs/news", "--report")
    assert (report["complete"], report["rejections"], report["error"]) == (True, [], None)


def test_a_plan_stores_nothing_and_makes_no_folder(place: Shell, replica: ReplicaProcess) -> None:
    replica.post("/requests/clear")
    (plan,) = place.json("backfill", "replica-hanweb/news", "--plan")
    assert not (place.folder / "data").exists()
    asked = [url for url in replica.get("/requests")["counts"] if "robots" not in url]
    assert len(asked) == 1, "page 1 of the list alone"
    assert (plan["entries"], plan["known"], plan["error"]) == (20, 0, None)
    assert plan["requests"] == plan["pages"] + 1 + 20
    place("backfill", "replica-hanweb/news", "-q")
    (plan,) = place.json("backfill", "replica-hanweb/news", "--plan")
    assert (plan["known"], plan["requests"]) == (20, plan["pages"] + 1)
    text = place("backfill", "replica-hanweb/news", "replica-trs/policy", "--plan").stdout.decode()
    assert "about 20 entries" in text
    assert text.splitlines()[-1].startswith("total: ")


def test_attachments_lie_under_their_hash_and_records_say_so(place: Shell) -> None:
    assert place("backfill", "replica-trs/policy", "-q").returncode == 0
    plain = [a for record in place.records() for a in record["attachments"]]
    assert plain
    assert {a["sha256"] for a in plain} == {None}
    (report,) = place.json("backfill", "replica-trs/policy", "--attachments")
    assert report["attachments"]["fetched"] == len({a["url"] for a in plain})
    last = {record["id"]: record for record in place.records()}
    assert {record["event"] for record in last.values() if record["attachments"]} == {"reprocessed"}
    kept = {path.name for path in (place.folder / "data" / "attachments").rglob("*") if path.is_file()}
    for record in last.values():
        assert record["revision"] == 1
        for attachment in record["attachments"]:
            name = attachment["sha256"]
            path = place.folder / "data" / "attachments" / name[:2] / name
            assert len(path.read_bytes()) == attachment["size"]
            assert hashlib.sha256(path.read_bytes()).hexdigest() == name
            kept.discard(name)
    assert kept == set(), "nothing else lies there"
    lines = len(place.records())
    (report,) = place.json("backfill", "replica-trs/policy", "--attachments")
    assert report["attachments"]["fetched"] == 0
    assert len(place.records()) == lines


def test_an_attachment_over_the_limit_is_left_and_counted(place: Shell) -> None:
    (place.folder / "portalwatch.toml").write_text(f"{CONFIG}[attachments]\nmax_megabytes = 0.0001\n", "utf-8")
    (report,) = place.json("backfill", "replica-trs/policy", "--attachments")
    assert report["attachments"]["fetched"] == 0
    assert report["attachments"]["failed"] > 0
    assert not (place.folder / "data" / "attachments").exists()


def test_a_second_backfill_is_handed_to_the_process_that_holds_the_folder(place: Shell) -> None:
    watching = subprocess.Popen(
        [sys.executable, "-m", "crawler.cli.main", "watch", "replica-trs/news"],
        cwd=place.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert watching.stdout is not None
        assert watching.stdout.readline().startswith(b"replica-trs/news 20 new")
        done = place("backfill", "replica-hanweb/news", "replica-trs/news")
        assert done.returncode == 0, done.stderr.decode()
        assert "takes this backfill over" in done.stderr.decode()
        assert "replica-hanweb/news complete · 20 listed" in done.stdout.decode()
        assert "replica-trs/news complete · 45 listed" in done.stdout.decode()
        polled = place("crawl", "replica-trs/news")
        assert polled.returncode == 0
    finally:
        watching.terminate()
        status = watching.wait(30)
        told = watching.communicate()[1].decode()
    assert status == 0, told
    records = place.records()
    assert len(records) == len({record["id"] for record in records}) == 65


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("replica-trs/news", "--report"), "no such data folder"),
        (("replica-trs/news", "--plan", "--report"), "exclude each other"),
        (("replica-trs/news", "--since", "2026-02-01", "--until", "2026-01-01"), "exchange"),
        (("replica-trs/nws",), "replica-trs/news"),
    ],
)
def test_a_usage_mistake_is_one_line(place: Shell, arguments: tuple[str, ...], says: str) -> None:
    done = place("backfill", *arguments)
    (line,) = done.stderr.decode().splitlines()
    assert done.returncode == 2
    assert says in line


def test_a_report_of_a_section_without_backfill_names_the_command(place: Shell) -> None:
    place("crawl", "replica-trs/news", "-q")
    done = place("backfill", "replica-trs/news", "--report")
    assert done.returncode == 2
    assert "`portalwatch backfill replica-trs/news` begins one" in done.stderr.decode()


def test_a_page_that_is_gone_is_named(place: Shell, replica: ReplicaProcess) -> None:
    for _ in range(10):
        (post,) = replica.post("/publish", portal="trs", section="conference")
    replica.post("/withdraw", article=post["url"], delist=False)
    done = place("backfill", "replica-trs/conference")
    assert f"gone {post['url']}: http-404" in done.stdout.decode()
    assert "10 listed · 9 fetched · 9 extracted · 0 duplicate · 0 rejected · 1 gone" in done.stdout.decode()
    assert done.returncode == 0
