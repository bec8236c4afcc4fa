"""Hours of a watch's life in a time-lapse, with all that goes wrong in one: every section is polled in time, every post
is stored, written and told, none twice.

Each hour ends with kill -9. PORTALWATCH_HOURS=24 PORTALWATCH_SECTIONS=200 PORTALWATCH_SPEED=200 make it a whole day of
a watch as large as they get, in eight minutes.
"""

import itertools
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from crawler.replica import ReceiverProcess, ReplicaProcess
from crawler.text.dates import SHANGHAI
from crawler.watch.pacing import CAP, FLOOR
from crawler.watch.workdays import day_number, start_of
from tests.watch.commanding import CHANNEL, PATIENCE, Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOURS = int(os.environ.get("PORTALWATCH_HOURS", "2"))
SECTIONS = int(os.environ.get("PORTALWATCH_SECTIONS", "9"))
SPEED = float(os.environ.get("PORTALWATCH_SPEED", "1500"))
OPENING = min(SPEED, 20.0 * 300 / SECTIONS)
"""The speed of the first passes, which store all that is there."""
PER_PORTAL = 10 if SECTIONS > 30 else 3
TIMEOUT = max(60 / SPEED, 0.3)
"""Seconds of the machine's that an answer may take; the 60 that a real one has do not fit into the time-lapse."""

# What a wait between two polls may be, in seconds of the watch's clock.
DOWN = 60.0
"""From a kill to the next start."""
BUSY = 3 * SPEED
"""The passes of the portal's other sections, and the machine's own slowness: three of its seconds."""
MOST = CAP + FLOOR + DOWN + BUSY
"""The cap, the five minutes over which what is overdue at a start is spread, and these two. The time in which the
database refused, or the process was stopped, does not count."""
TURN = 3 * TIMEOUT * SPEED * PER_PORTAL
"""More where the portal answers nothing: its sections come one after the other, each with three tries."""

CONFIG = """
[politeness]
delay = 0
timeout = {timeout}
[revisit]
per_poll = 0
[watch]
budget = "30m"
job_timeout = {limit}
targets = [{targets}]
"""
DAYS = 10
"""Working days of which the posts come in one day: real sections publish one every few days."""
RATES = (0.011, 0.047, 0.088, 0.173, 0.215, 0.232, 0.269, 0.325, 0.381, 0.658, 1.661)
"""Posts a working day of real sections, least to most by tenths of them."""
STAMPS = {6: 1, 7: 1, 8: 4, 9: 5, 10: 7, 11: 3, 12: 1, 13: 1, 14: 3, 15: 6, 16: 9, 17: 7, 18: 1, 19: 1, 20: 1, 23: 1}
"""Posts by hour in Shanghai among fifty-two real ones."""
BEGIN = 6 * 3600.0


def posts_of(names: list[str], chance: random.Random) -> list[tuple[float, str]]:
    """What is published when, in seconds since the beginning at 6:00."""
    found = []
    for place, name in enumerate(names):
        tenths = 10 * (place + 0.5) / len(names)
        low, share = int(tenths), tenths % 1
        rate = DAYS * (RATES[low] + share * (RATES[low + 1] - RATES[low]))
        for _ in range(int(rate) + (chance.random() < rate % 1)):
            hour = chance.choices(list(STAMPS), list(STAMPS.values()))[0]
            found.append(((hour + chance.random()) * 3600 - BEGIN, name))
    return sorted(found)


class Day:
    """The world around the watch: portals that publish, a receiver, and everything that goes wrong.

    `age` is how long it has lasted, in seconds of the watch's clock, which may be set to something else.
    """

    def __init__(self, folder: Path, replica: ReplicaProcess) -> None:
        """The replica has started."""
        self.folder, self.replica = folder, replica
        self.chance = random.Random(5)
        self.names = [f"{each['id']}/{name}" for each in replica.get("/portals") for name in each["sections"]]
        self.chance.shuffle(self.names)
        self.to_come = posts_of(self.names, self.chance)
        self.posts: list[str] = []
        self.begun = start_of(day_number("2023-06-14") or 0) + BEGIN
        self.age = self._born = self.set_by = 0.0
        self.open = False
        """Whether anything is published yet."""
        self.excused: list[tuple[float, float]] = []
        """Ages between which nobody could poll."""
        self.hanging: list[tuple[float, float, str]] = []
        """Ages between which a portal answered nothing."""
        self.kills = 0
        self.polls: dict[str, list[float]] = {name: [] for name in self.names}
        self.child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def begin(self, speed: float = SPEED) -> None:
        self._born = self.age
        at = self.begun + self.age + self.set_by
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tests.watch.lapse", str(self.folder), str(at), str(speed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.child.stdout is not None
        self.lines = Lines(self.child.stdout)
        self.pass_until(self.age)

    def first_passes(self) -> None:
        """Read what is there before the day; it is no news, and no matter of speed."""
        self.begin(OPENING)
        self.lines.each_of(*(f"polled {name} " for name in self.names))
        self.tick()
        self.kill()
        self.polls = {name: [self.age] for name in self.names}
        self.to_come = [post for post in self.to_come if post[0] > self.age]
        self.open = True

    def kill(self) -> None:
        self.end()
        self.kills += 1
        for line in self.lines.rest():
            if line.startswith("polled "):
                _, name, age = line.split()
                self.polls[name].append(self._born + float(age))
        self.age += DOWN

    def end(self) -> None:
        if self.child is None:
            return
        self.child.kill()
        self.child.wait(PATIENCE)
        self.lines.rest()
        for pipe in (self.child.stdin, self.child.stdout):
            assert pipe is not None
            pipe.close()
        self.child = None

    def pass_until(self, age: float) -> None:
        """Let time go by; what is to be published is."""
        while True:
            self.tick()
            if self.age >= age:
                return

    def tick(self) -> None:
        self.age = self._born + float(self.lines.until("tick").split()[1])
        while self.open and self.to_come and self.to_come[0][0] <= self.age:
            self.publish(self.to_come.pop(0)[1])

    def publish(self, name: str, count: int = 1) -> None:
        portal, _, section = name.partition("/")
        at = datetime.fromtimestamp(self.begun + self.age, SHANGHAI).isoformat(timespec="seconds")
        lines = self.replica.post("/publish", portal=portal, section=section, published_at=at, count=count)
        self.posts += [line["url"] for line in lines]

    # What goes wrong.

    def outage(self) -> None:
        """The database is held by another process for ten minutes."""
        before = self.age
        held = sqlite3.connect(self.folder / "data" / "portalwatch.db", isolation_level=None, timeout=PATIENCE)
        held.execute("BEGIN IMMEDIATE")
        self.publish(self.chance.choice(self.names))
        self.pass_until(self.age + 600)
        held.execute("ROLLBACK")
        held.close()
        self.excused.append((before, self.age))

    def stopped(self) -> None:
        """The process stands still for twenty minutes while its polls fall due: misfires."""
        assert self.child is not None
        self.tick()
        self.child.send_signal(signal.SIGSTOP)
        since, before = time.monotonic(), self.age
        for name in self.chance.sample(self.names, len(self.names) // 3):
            self.publish(name)
        while time.monotonic() - since < 1200 / SPEED:
            self.replica.get("/requests", limit=1)
        self.child.send_signal(signal.SIGCONT)
        self.lines.skip()
        self.pass_until(self.age)
        self.excused.append((before, self.age))

    def outlasts(self) -> None:
        """A pass takes longer than the shortest interval: many posts on a slow portal."""
        name = self.chance.choice(self.names)
        portal = name.partition("/")[0]
        answers = 2 * FLOOR / SPEED / (TIMEOUT / 2)
        self.replica.post("/switch", portal=portal, switches={"delay": TIMEOUT / 2})
        self.publish(name, count=min(4 * int(answers) + 4, 60))  # four requests at a time
        self.pass_until(self.age + 1200)
        self.replica.post("/switch", portal=portal, heal=True)

    def jump(self, seconds: float) -> None:
        """Somebody sets the clock."""
        assert self.child is not None
        assert self.child.stdin is not None
        self.child.stdin.write(b"jump %d\n" % seconds)
        self.child.stdin.flush()
        self.set_by += seconds

    def hung(self) -> None:
        """A portal takes every request and answers none."""
        portal, before = self.chance.choice(self.names).partition("/")[0], self.age
        self.replica.post("/switch", portal=portal, switches={"delay": 3600})
        self.pass_until(self.age + 1200)
        self.replica.post("/switch", portal=portal, heal=True)
        self.hanging.append((before, self.age, portal))

    # What may be said of it.

    def worst(self) -> tuple[float, float]:
        """The longest wait between two polls of a section; and by how much one stays below what it may be, at least."""
        longest, left = 0.0, MOST
        for name, moments in self.polls.items():
            for earlier, later in itertools.pairwise([*moments, self.age]):
                wait = later - earlier - _overlap(earlier, later, self.excused)
                hung = any(
                    name.startswith(f"{portal}/") and start < later and earlier < end
                    for start, end, portal in self.hanging
                )
                longest, left = max(longest, wait), min(left, MOST + hung * TURN - wait)
        return longest, left


def _overlap(start: float, end: float, spans: list[tuple[float, float]]) -> float:
    return sum(max(0.0, min(end, until) - max(start, since)) for since, until in spans)


@pytest.mark.timeout(180 + 2 * (HOURS + 3) * (3600 / SPEED + 10))
def test_hours_of_a_watch_with_all_that_goes_wrong(tmp_path: Path) -> None:
    replica = ReplicaProcess(
        *("--sections", str(SECTIONS), "--per-portal", str(PER_PORTAL), "--makes", "trs,hanweb,json"),
        *("--articles", str(4 * SECTIONS), "--portals-dir", str(tmp_path / "portals"), "--today", "2023-06-14"),
    )
    with replica, ReceiverProcess() as receiver, Day(tmp_path, replica) as day:
        config = CONFIG.format(
            timeout=TIMEOUT,
            limit=max(1800 / SPEED, 30.0),
            targets=", ".join(f'"{portal}"' for portal in replica.ready["portals"]),
        )
        url = f'database = "sqlite:///{tmp_path}/data/portalwatch.db?timeout=0.2"\n'
        (tmp_path / "portalwatch.toml").write_text(url + config + CHANNEL.format(url=receiver.ready["url"]), "utf-8")
        incidents: Iterator[Callable[[], None]] = itertools.cycle(
            [day.outage, day.hung, day.stopped, lambda: day.jump(5400), day.outlasts, lambda: day.jump(-3600)]
        )
        day.first_passes()
        for hour in range(HOURS):
            day.begin()
            ends = day.age + 3600
            day.pass_until(day.age + 900)
            for _ in range(3 if HOURS < 12 else 1):
                next(incidents)()
            day.pass_until(max(ends, day.age + 900))
            if hour < HOURS - 1:
                day.kill()
        day.to_come.clear()  # nothing new from here on, so that
        day.pass_until(day.age + CAP + 900)  # whatever came last is found by now
        day.kill()
        subprocess.run(  # what a kill left to be written and told
            [sys.executable, "-m", "crawler.cli.main", "crawl", day.names[0]],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
        check(tmp_path, day, replica, receiver)


def check(folder: Path, day: Day, replica: ReplicaProcess, receiver: ReceiverProcess) -> None:
    longest, left = day.worst()
    polls = sum(len(moments) - 1 for moments in day.polls.values())
    sys.stderr.write(
        f"{polls} polls of {len(day.names)} sections in {day.age / 3600:.1f} hours at {SPEED:.0f} times their speed,"
        f" {len(day.posts)} posts, {day.kills} kills; longest wait {longest:.0f} s, {left:.0f} s below its bound\n"
    )
    expected = Counter(article["url"] for article in replica.ledger()["articles"])
    lines = [json.loads(line) for line in (folder / "data" / "articles.jsonl").read_bytes().splitlines()]
    written = Counter(line["url"] for line in lines if line["event"] == "published")
    assert written == expected, f"missing {expected - written}, doubled {written - expected}"
    with sqlite3.connect(folder / "data" / "portalwatch.db") as conn:
        events = conn.execute(
            "SELECT article.url FROM event JOIN article ON article.id = event.article_id WHERE event.type = 'published'"
        ).fetchall()
    conn.close()
    assert Counter(address for (address,) in events) == expected
    told: dict[str, set[str]] = {}
    for one in receiver.deliveries():
        event = json.loads(one["body"])
        if event["type"] == "article.published":
            told.setdefault(event["data"]["url"], set()).add(one["headers"]["webhook-id"])
    assert told.keys() == set(day.posts)
    assert {len(ids) for ids in told.values()} == {1}, "an attempt may be repeated, but under its own id"
    assert left >= 0
