"""Hours of a watch's life in a time-lapse, with all that goes wrong in one: every section is polled in time, every post
is stored, written and told, none twice.

PORTALWATCH_HOURS=24 makes it a whole day; each hour ends with kill -9.
"""

import itertools
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.replica import ReceiverProcess, ReplicaProcess
from crawler.watch.pacing import CAP
from crawler.watch.workdays import day_number, start_of
from tests.watch.commanding import CHANNEL, PATIENCE, Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOURS = int(os.environ.get("PORTALWATCH_HOURS", "2"))
SPEED = float(os.environ.get("PORTALWATCH_SPEED", "1500"))
SLACK = 3 * SPEED + 900.0
"""Seconds of the watch's clock that a poll may be late: what is overdue at a start is spread over five minutes, and a
busy machine counts `SPEED` times."""
ARTICLES = "trs/news=20,trs/policy=12,hanweb/news=15,hanweb/policy=8,json/yaowen=12"
TARGETS = (
    '["replica-trs/news", "replica-trs/policy", "replica-hanweb/news", "replica-hanweb/policy", "replica-json/yaowen"]'
)
CONFIG = """
[politeness]
delay = 0
timeout = 0.5
[revisit]
per_poll = 0
[watch]
budget = "30m"
job_timeout = 5
targets = {targets}
"""
SECTIONS = (("trs", "news"), ("trs", "policy"), ("hanweb", "news"), ("hanweb", "policy"), ("json", "yaowen"))


class Day:
    """The world around the watch: portals that publish, a receiver, and everything that goes wrong."""

    def __init__(self, folder: Path, replica: ReplicaProcess) -> None:
        self.folder, self.replica = folder, replica
        self.chance = random.Random(5)
        self.posts: list[str] = []
        self.now = start_of(day_number("2023-06-14") or 0) + 6 * 3600
        self.open = False
        """Whether every section has been polled once: what is there before is no news."""
        self.excused: list[tuple[float, float]] = []
        """Spans of the watch's clock that do not count: it was set, or stood."""
        self.child: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tests.watch.lapse", str(self.folder), str(self.now), str(SPEED)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.child.stdout is not None
        self.lines = Lines(self.child.stdout)
        self.pass_until(self.now)
        if not self.open:
            self.lines.each_of(*(f"replica-{portal}/{section}" for portal, section in SECTIONS))
            self.open = True

    def kill(self) -> None:
        assert self.child is not None
        self.child.kill()
        self.child.wait(PATIENCE)
        self.lines.rest()
        for pipe in (self.child.stdin, self.child.stdout):
            assert pipe is not None
            pipe.close()
        self.now += 60.0

    def pass_until(self, moment: float) -> None:
        """Let the watch's clock reach a moment; something is published now and then."""
        while True:
            self.now = float(self.lines.until("tick").split()[1])
            if self.now >= moment:
                return
            if self.open and self.chance.random() < 0.05:
                self.publish()

    def publish(self) -> None:
        portal, section = self.chance.choice(SECTIONS)
        (line,) = self.replica.post("/publish", portal=portal, section=section)
        self.posts.append(line["url"])

    # What goes wrong.

    def outage(self) -> None:
        """The database is held by another process for ten minutes."""
        before = self.now
        held = sqlite3.connect(self.folder / "data" / "portalwatch.db", isolation_level=None, timeout=PATIENCE)
        held.execute("BEGIN IMMEDIATE")
        self.publish()
        self.pass_until(self.now + 600)
        held.execute("ROLLBACK")
        held.close()
        self.excused.append((before, self.now + 20 * SPEED))  # its waits between two tries are the machine's seconds

    def stopped(self) -> None:
        """The process stands still while its polls fall due: misfires."""
        assert self.child is not None
        before = self.now
        self.child.send_signal(signal.SIGSTOP)
        for _ in range(30):
            self.publish()
        self.child.send_signal(signal.SIGCONT)
        self.pass_until(self.now + 60)
        self.excused.append((before, self.now))

    def jump(self, seconds: float) -> None:
        """Somebody sets the clock."""
        assert self.child is not None
        assert self.child.stdin is not None
        before = self.now
        self.child.stdin.write(b"jump %d\n" % seconds)
        self.child.stdin.flush()
        after = before + seconds
        while not abs(float(self.lines.until("tick").split()[1]) - after) < abs(seconds) / 2:
            pass
        # it is noticed with the next look, every ten seconds of the machine's
        self.excused.append((min(before, after), max(before, after) + 15 * SPEED))
        self.now = after

    def hung(self) -> None:
        """A portal takes every request and answers none."""
        self.replica.post("/switch", portal="hanweb", switches={"delay": 3600})
        self.pass_until(self.now + 1200)
        self.replica.post("/switch", portal="hanweb", switches={"delay": 0})


def test_hours_of_a_watch_with_all_that_goes_wrong(tmp_path: Path) -> None:
    replica = ReplicaProcess(
        "--articles", ARTICLES, "--portals-dir", str(tmp_path / "portals"), "--today", "2023-06-14"
    )
    with replica, ReceiverProcess() as receiver:
        config = CONFIG.format(targets=TARGETS) + CHANNEL.format(url=receiver.ready["url"])
        url = f'database = "sqlite:///{tmp_path}/data/portalwatch.db?timeout=0.2"\n'
        (tmp_path / "portalwatch.toml").write_text(url + config, "utf-8")
        day = Day(tmp_path, replica)
        incidents: Iterator[Callable[[], None]] = itertools.cycle(
            [day.outage, day.hung, day.stopped, lambda: day.jump(5400), lambda: day.jump(-3600), lambda: None]
        )
        begun = day.now
        for hour in range(HOURS):
            day.begin()
            ends = day.now + 3600
            day.pass_until(day.now + 900)
            for _ in range(2 if HOURS < 12 else 1):
                next(incidents)()
            day.pass_until(max(ends, day.now + 900))
            if hour < HOURS - 1:
                day.kill()
        day.pass_until(day.now + CAP + 900)  # whatever came last is found by now
        day.kill()
        with sqlite3.connect(tmp_path / "data" / "portalwatch.db") as conn:
            runs = conn.execute("SELECT section_id, started_at FROM run ORDER BY section_id, number").fetchall()
        conn.close()
        subprocess.run(  # what a kill left to be written and told
            [sys.executable, "-m", "crawler.cli.main", "crawl", "replica-json/yaowen"],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
        check(tmp_path, day, replica, receiver, runs, begun)


def check(
    folder: Path,
    day: Day,
    replica: ReplicaProcess,
    receiver: ReceiverProcess,
    runs: list[tuple[int, float]],
    begun: float,
) -> None:
    lines = [json.loads(line) for line in (folder / "data" / "articles.jsonl").read_bytes().splitlines()]
    written = Counter(line["url"] for line in lines if line["event"] == "published")
    expected = Counter(article["url"] for article in replica.ledger()["articles"])
    assert written == expected, f"missing {expected - written}, doubled {written - expected}"
    told: dict[str, set[str]] = {}
    for one in receiver.deliveries():
        event = json.loads(one["body"])
        if event["type"] == "article.published":
            told.setdefault(event["data"]["url"], set()).add(one["headers"]["webhook-id"])
    assert told.keys() == set(day.posts)
    assert {len(ids) for ids in told.values()} == {1}, "an attempt may be repeated, but under its own id"
    sections = {section for section, _ in runs}
    assert len(sections) == len(SECTIONS)
    worst = 0.0
    for section in sections:
        moments = [begun, *(at for of, at in runs if of == section)]
        for earlier, later in itertools.pairwise(moments):
            excused = sum(max(0.0, min(later, end) - max(earlier, start)) for start, end in day.excused)
            worst = max(worst, later - earlier - excused)
    said = f"{len(runs)} polls of {len(sections)} sections in {HOURS} hours, {len(day.posts)} posts, longest wait"
    sys.stderr.write(f"{said} {worst:.0f} s\n")
    assert worst <= CAP + SLACK
