"""A backfill killed with -9 at random moments while two answers in a hundred fail.

PORTALWATCH_BACKFILL_KILLS=50 PORTALWATCH_BACKFILL_ARTICLES=20000 and -s show the counts of a long run.
"""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.replica import ReplicaProcess
from crawler.text.urls import url_key

KILLS = int(os.environ.get("PORTALWATCH_BACKFILL_KILLS", "4"))
ARTICLES = int(os.environ.get("PORTALWATCH_BACKFILL_ARTICLES", "400"))
CONCURRENCY = 16
TARGET = "replica-trs/news"


class Archive:
    """A folder and a replica; the backfill is a process that gets killed."""

    def __init__(self, folder: Path, replica: ReplicaProcess) -> None:
        self.folder, self.replica = folder, replica
        (folder / "portalwatch.toml").write_text("[politeness]\ndelay = 0\n", "utf-8")
        portal = folder / "portals" / "replica-trs.toml"
        portal.write_text(portal.read_text("utf-8").replace("concurrency = 4", f"concurrency = {CONCURRENCY}"), "utf-8")

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "crawler.cli.main", "backfill", TARGET, "--json", "-q", *options]

    def run_and_kill(self, within: float) -> bool:
        """Run for so many seconds, then kill; False if it ended before."""
        with (
            (self.folder / "stderr.log").open("ab") as errors,
            subprocess.Popen(self.command(), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=errors) as child,
        ):
            try:
                child.wait(within)
            except subprocess.TimeoutExpired:
                child.kill()
                return True
        return False

    def finish(self) -> dict[str, Any]:
        done = subprocess.run(self.command(), cwd=self.folder, capture_output=True, check=False, timeout=3000)
        assert done.returncode == 0, (done.stdout[-2000:], done.stderr.decode()[-2000:])
        report: dict[str, Any] = json.loads(done.stdout)
        return report


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    replica = ReplicaProcess(
        "--articles", f"trs/news={ARTICLES}", "--portals-dir", str(tmp_path / "portals"),
        "--switch", '{"fail_share": 0.02}',
    )  # fmt: skip
    with replica:
        yield Archive(tmp_path, replica)


@pytest.mark.timeout(120 + 20 * KILLS + ARTICLES // 20)
def test_nothing_is_lost_doubled_or_fetched_again(archive: Archive) -> None:
    chance = random.Random(11)
    longest = 0.7 + 2 * ARTICLES / 200 / KILLS  # seconds: start-up, and twice an even share of the work
    killed = sum(archive.run_and_kill(chance.uniform(0.6, longest)) for _ in range(KILLS))
    report = archive.finish()

    ledger = [a for a in archive.replica.ledger()["articles"] if "news" in a["sections"]]
    months = Counter(line["published_at"][:7] for line in ledger)
    assert {month["month"]: month["extracted"] for month in report["months"]} == dict(months)
    assert (report["complete"], report["listed"], report["pending"]) == (True, len(ledger), 0)
    data = (archive.folder / "data" / "articles.jsonl").read_bytes()
    written = Counter(url_key(json.loads(line)["canonical_url"]) for line in data.splitlines())
    assert set(written) == {url_key(line["url"]) for line in ledger}
    assert set(written.values()) == {1}

    log = archive.replica.get("/requests", limit=0)
    answered = Counter({url: number for url, number in log["counts"].items() if "/t20" in url})
    failed = int(log["statuses"].get("503", 0))
    again = answered.total() - len(ledger)
    assert again <= failed + killed * CONCURRENCY
    assert "Traceback" not in (archive.folder / "stderr.log").read_text("utf-8")
    sys.stdout.write(
        f"\n{killed} kills, {failed} of {log['total']} answers failed: {len(ledger)} articles, each once; asked again"
        f" {again} times, up to {failed} of them failures; list requests {log['total'] - answered.total()}\n"
    )
