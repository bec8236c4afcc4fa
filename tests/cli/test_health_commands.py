"""status, check, pause and resume as a user runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.replica import ReplicaProcess

TARGETS = ("replica-trs/news", "replica-json/yaowen")


class Shell:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "crawler.cli.main", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**os.environ, "PORTALWATCH_POLITENESS__DELAY": "0", "PORTALWATCH_POLITENESS__TIMEOUT": "3"},
        )

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self(*arguments, "--json").stdout.splitlines()]


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[ReplicaProcess]:
    arguments = ("--articles", "trs/news=25,json/yaowen=8", "--portals-dir", str(tmp_path / "portals"))
    with ReplicaProcess(*arguments) as process:
        yield process


@pytest.fixture
def shell(tmp_path: Path, replica: ReplicaProcess) -> Shell:
    assert replica.ready
    return Shell(tmp_path)


def test_check_says_what_is_healthy_and_what_is_not_without_storing_anything(
    shell: Shell, replica: ReplicaProcess
) -> None:
    well = shell("check", *TARGETS)
    assert well.returncode == 0, well.stderr
    lines = well.stdout.splitlines()
    assert sorted(line.split(" · ")[0] for line in lines) == [f"{name}: healthy" for name in sorted(TARGETS)]
    assert all("entries, the newest of 20" in line for line in lines)
    assert not (shell.folder / "data").exists()

    replica.post("/switch", portal="trs", switches={"block": "page"})
    replica.post("/switch", portal="json", switches={"down": True})
    ill = shell("check", *TARGETS)
    assert ill.returncode == 1
    said = {line.partition(":")[0]: line for line in ill.stdout.splitlines()}
    assert "blocked" in said["replica-trs/news"]
    assert "next: portalwatch pause replica-trs/news --for 1d" in said["replica-trs/news"]
    assert "unreachable from here" in said["replica-json/yaowen"]
    assert "its home page does not answer either" in said["replica-json/yaowen"]
    assert {one["verdict"] for one in shell.json("check", *TARGETS)} == {"blocked", "unreachable from here"}


def test_check_tells_what_robots_txt_forbids_from_what_is_out_of_order(shell: Shell, replica: ReplicaProcess) -> None:
    replica.post("/switch", portal="trs", switches={"robots": "User-agent: *\nDisallow: /ywdt/\n"})
    replica.post("/switch", portal="json", switches={"status": 503})
    done = shell("check", *TARGETS)
    assert done.returncode == 1
    said = {line.partition(":")[0]: line for line in done.stdout.splitlines()}
    assert said["replica-trs/news"].startswith("replica-trs/news: forbidden · ")
    assert "/robots.txt forbids http://" in said["replica-trs/news"]
    assert said["replica-trs/news"].endswith("next: portalwatch pause replica-trs/news")
    assert said["replica-json/yaowen"].startswith("replica-json/yaowen: site down · ")
    assert "answered 503" in said["replica-json/yaowen"]
    replica.post("/switch", portal="trs", switches={"robots": None, "robots_status": 503})
    (unread,) = shell.json("check", "replica-trs/news")
    assert unread["verdict"] == "site down", "a robots.txt that fails is a fault of the host, not its wish"


def test_check_tells_a_list_that_moved_and_where_to(shell: Shell, replica: ReplicaProcess) -> None:
    file = next(path for path in (shell.folder / "portals").iterdir() if "trs" in path.name)
    (there,) = [line for line in file.read_text("utf-8").splitlines() if line.startswith("url") and "ljyw" in line]
    file.write_text(file.read_text("utf-8").replace(there, there.replace("ljyw", "ljyw_old")), "utf-8")
    (found,) = shell.json("check", "replica-trs/news")
    assert found["verdict"] == "moved"
    assert found["new_url"] in there
    assert found["new_url"] in found["reason"]
    replica.post("/switch", portal="trs", section="news", switches={"status": 503})
    file.write_text(file.read_text("utf-8").replace("ljyw_old", "ljyw"), "utf-8")
    (found,) = shell.json("check", "replica-trs/news")
    assert found["verdict"] == "unreachable"
    assert "its home page answers" in found["reason"]


def test_status_ends_every_line_with_the_next_command(shell: Shell, replica: ReplicaProcess) -> None:
    assert shell("crawl", *TARGETS, "-q").returncode == 0
    replica.post("/switch", portal="trs", switches={"block": "page"})
    for _ in range(2):
        assert shell("crawl", "replica-trs/news", "-q").returncode == 1
    lines = shell("status").stdout.splitlines()
    said = {line.partition(":")[0]: line for line in lines}
    assert said["replica-json/yaowen"].startswith("replica-json/yaowen: healthy · last success 20")
    assert said["replica-json/yaowen"].endswith("next: portalwatch changes replica-json/yaowen --since 7d")
    assert "next poll none: no watch is running" in said["replica-json/yaowen"]
    assert said["replica-trs/news"].startswith("replica-trs/news: blocked since 20")
    assert said["replica-trs/news"].endswith("next: portalwatch pause replica-trs/news --for 1d")
    (state,) = shell.json("status")
    by_name = {section["section"]: section for section in state["sections"]}
    assert by_name["replica-trs/news"]["verdict"] == "blocked"
    assert by_name["replica-trs/news"]["since"]
    assert not state["watching"]
    assert state["faults"] == []


def test_pause_and_resume(shell: Shell) -> None:
    assert shell("crawl", *TARGETS, "-q").returncode == 0
    done = shell("pause", "replica-trs/news", "--for", "8h")
    assert done.stdout.startswith("replica-trs/news: paused until 20")
    assert shell("pause", "replica-json/yaowen").stdout.count("resume replica-json/yaowen") == 1
    lines = shell("status").stdout.splitlines()
    assert ["paused until" in line and "next: portalwatch resume replica-" in line for line in lines] == [True] * 2, (
        lines
    )
    assert shell("resume", *TARGETS).stdout.count("polled again") == 2
    assert "paused" not in shell("status").stdout
    wrong = shell("pause", "replica-trs/news", "--for", "a while")
    assert wrong.returncode == 2
    assert "8h" in wrong.stderr


def test_a_watch_tells_when_each_section_is_polled_next_and_leaves_paused_ones_alone(shell: Shell) -> None:
    assert shell("crawl", *TARGETS, "-q").returncode == 0
    assert shell("pause", "replica-json/yaowen").returncode == 0
    watching = subprocess.Popen(
        [sys.executable, "-m", "crawler.cli.main", "watch", *TARGETS, "-v"],
        cwd=shell.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert watching.stderr is not None
        assert "watching 2 sections, each every 30m on average" in watching.stderr.readline()
        sections: dict[str, dict[str, Any]] = {}
        while not all(section.get("next_poll_why") for section in sections.values()) or not sections:
            (state,) = shell.json("status")
            sections = {section["section"]: section for section in state["sections"]}
        assert state["watching"]
        news = sections["replica-trs/news"]
        assert news["next_poll_at"] > news["last_success_at"]
        assert "posts a working day expected" in news["next_poll_why"]
        assert sections["replica-json/yaowen"]["paused"]
    finally:
        watching.terminate()
        _, said = watching.communicate(timeout=30)
    assert watching.returncode == 0, said
