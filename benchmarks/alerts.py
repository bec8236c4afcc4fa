"""Delay from the list answer that shows new posts to the receiver of their alerts, with their texts.

    python -m benchmarks.alerts [--rounds N] [--posts N] [--every SECONDS]

`portalwatch watch` as a user runs it (politeness delay 0, a fixed interval) against a replica, whose pages have the
sizes of real ones, with one signed webhook. Each round publishes some posts at once at a random moment. The clock of a
post begins when the list request that shows it comes in, as the log of the replica says (so a little early), and ends when
the receiver has read the whole delivery; in between are the article's page, reading, storing with an fsync, the line
in the JSONL file with another, planning, signing, posting. Every post must arrive as one event with title, URL and text.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from crawler.replica.process import ReceiverProcess, ReplicaProcess

SECTION = "replica-trs/news"
PATIENCE = 60.0
CONFIG = """
[politeness]
delay = 0
concurrency = 4
[watch]
every = "{every}s"
[[rule]]
name = "all"
channels = ["desk"]
[[channel]]
name = "desk"
url = "{url}"
secret = "whsec_c2VjcmV0IG9mIHRoZSBiZW5jaG1hcmsuLi4uLi4u"
allow_private = true
allow_http = true
"""


def main() -> None:
    """Run the rounds and print the median and the 99th percentile."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--posts", type=int, default=3, help="posts at once")
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two polls")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        portals = folder / "portals"
        arguments = ("--articles", "trs/news=60", "--page-sizes", "real", "--portals-dir", str(portals))
        with ReplicaProcess(*arguments) as replica, ReceiverProcess() as receiver:
            (folder / "portalwatch.toml").write_text(
                CONFIG.format(every=options.every, url=receiver.ready["url"]), "utf-8"
            )
            command = [sys.executable, "-m", "crawler.cli.main"]
            subprocess.run([*command, "crawl", SECTION, "-q"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            with subprocess.Popen([*command, "watch", SECTION, "-q"], cwd=folder, stdout=subprocess.DEVNULL) as watch:
                try:
                    delays = rounds(replica, receiver, options.rounds, options.posts, options.every)
                finally:
                    watch.terminate()
    delays.sort()
    print(
        f"list answer to receiver, {len(delays)} posts, {options.posts} at once: median {statistics.median(delays):.3f} s,"
        f" p99 {delays[min(len(delays) * 99 // 100, len(delays) - 1)]:.3f} s, worst {delays[-1]:.3f} s"
    )


def rounds(replica: ReplicaProcess, receiver: ReceiverProcess, count: int, posts: int, every: float) -> list[float]:
    """The delays of all posts, in seconds."""
    chance = random.Random(1)
    delays: list[float] = []
    arrived = 0
    for number in range(count + 1):
        time.sleep(every * chance.random())
        published = time.time()
        made = replica.post("/publish", portal="trs", section="news", count=posts)
        new = wait_for(receiver, arrived + posts)[arrived:]
        arrived += posts
        shown = list_answer(replica, published)
        check(made, new)
        if number:  # the first round warms up
            delays += [one["at"] - shown for one in new]
    return delays


def wait_for(receiver: ReceiverProcess, count: int) -> list[dict[str, Any]]:
    """All deliveries, as soon as there are so many."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        made = receiver.deliveries()
        if len(made) >= count:
            return made
        time.sleep(0.05)
    raise SystemExit(f"{count} deliveries were expected")


def list_answer(replica: ReplicaProcess, published: float) -> float:
    """When the first list request after the publication was answered."""
    latest = replica.get("/requests", limit=200)["latest"]
    lists = [one for one in latest if one["at"] >= published and one["status"] == 200 and "/t20" not in one["url"]]
    return float(min(one["at"] for one in lists))


def check(made: list[dict[str, Any]], delivered: list[dict[str, Any]]) -> None:
    """Each post is one event with its title, address and text."""
    events = [json.loads(one["body"]) for one in delivered]
    wanted = {(post["url"], post["title"]) for post in made}
    found = {(event["data"]["url"], event["data"]["title"]) for event in events}
    if found != wanted or any(event["type"] != "article.published" for event in events):
        raise SystemExit(f"{wanted} were published, {found} arrived")
    if not all(event["data"]["body"] for event in events):
        raise SystemExit("an event has no text")


if __name__ == "__main__":
    main()
