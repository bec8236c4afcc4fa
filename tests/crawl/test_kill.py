"""kill -9 at random moments. PORTALWATCH_KILLS=100 and -s show the counts of a long run."""

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

from crawler.replica import ReceiverProcess, ReplicaProcess
from crawler.store import Store
from crawler.text.urls import url_key

KILLS = int(os.environ.get("PORTALWATCH_KILLS", "8"))
TARGETS = ("replica-trs/news", "replica-trs/policy", "replica-hanweb/news", "replica-json/yaowen")
CONFIG = """
[politeness]
delay = 0
[[rule]]
name = "all"
channels = ["desk"]
[[channel]]
name = "desk"
url = "{url}"
secret = "whsec_c2VjcmV0IG9mIHRoZSBraWxsIHRlc3QuLi4u"
allow_private = true
allow_http = true
"""


class Desk:
    """A folder, a replica and a receiver; the crawler is a process that gets killed."""

    def __init__(self, folder: Path, replica: ReplicaProcess, receiver: ReceiverProcess) -> None:
        self.folder, self.replica, self.receiver = folder, replica, receiver
        (folder / "portalwatch.toml").write_text(CONFIG.format(url=receiver.ready["url"]), "utf-8")
        self.random = random.Random(7)
        self.killed = 0

    def crawl(self, *options: str, within: float | None = None) -> int | None:
        """Run a pass; killed after `within` seconds, then null."""
        command = [sys.executable, "-m", "crawler.cli.main", "crawl", *TARGETS, *options]
        with (
            (self.folder / "stderr.log").open("ab") as errors,
            subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=errors) as child,
        ):
            try:
                return child.wait(within if within is not None else 120)
            except subprocess.TimeoutExpired:
                child.kill()
                self.killed += 1
                return None

    def finish(self, *options: str) -> None:
        """Passes until one ends with nothing failed: two in a hundred answers fail."""
        for _ in range(20):
            if self.crawl(*options) == 0:
                return
        pytest.fail(f"no clean pass: {(self.folder / 'stderr.log').read_text('utf-8')[-2000:]}")

    def publish(self, count: int) -> None:
        for _ in range(count):
            portal, section = self.random.choice([("trs", "news"), ("hanweb", "news"), ("json", "yaowen")])
            self.replica.post("/publish", portal=portal, section=section)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    replica = ReplicaProcess(
        "--articles", "trs/news=150,trs/policy=40,hanweb/news=60,json/yaowen=50",
        "--portals-dir", str(tmp_path / "portals"),
        "--switch", '{"fail_share": 0.02}', "--page-sizes", "20000",
    )  # fmt: skip
    with replica, ReceiverProcess("--jsonl", str(tmp_path / "received.jsonl"), "--mix", "ok=98,503=2") as receiver:
        yield Desk(tmp_path, replica, receiver)


@pytest.mark.timeout(60 + 6 * KILLS)
async def test_nothing_is_lost_doubled_or_torn(desk: Desk) -> None:
    while desk.killed < KILLS // 2:
        if desk.crawl("--max-pages", "100", within=desk.random.uniform(0.7, 2.2)) is not None:
            desk.publish(40)  # the whole past was fetched before the kill: give the next one something to interrupt
    desk.finish("--max-pages", "100")
    while desk.killed < KILLS:
        desk.publish(8)
        desk.crawl(within=desk.random.uniform(0.7, 1.9))
    desk.finish()
    desk.finish()

    lines = _lines(desk.folder / "data" / "articles.jsonl")
    ledger = desk.replica.ledger()["articles"]
    published = Counter(url_key(line["canonical_url"]) for line in lines)
    assert {key for key, count in published.items() if count > 1} == set()
    assert {line["url"] for line in ledger if url_key(line["url"]) not in published} == set()
    assert len(published) == len(ledger)

    data = desk.folder / "data"
    store = await Store.open(f"sqlite:///{data / 'portalwatch.db'}", read_only=True, raw=data / "raw")
    events = await store.events.after(0, 1_000_000)
    for event in events:
        kept = await store.raw.pages(event.record.id)
        assert kept, "what was read is kept"
        assert all(store.raw.read(page).body for page in kept), "no row names what is not there"
    pending = (await store.deliveries.counts()).get("pending", 0)
    await store.close()
    due = {event.record.id for event in events if event.alert}
    received = _lines(desk.folder / "received.jsonl")
    bodies: dict[str, set[str]] = {}
    arrived = set()
    for delivery in received:
        identity, body = _delivery(delivery)
        bodies.setdefault(identity, set()).add(body)
        arrived.add(json.loads(body)["data"]["id"])
    assert all(len(same) == 1 for same in bodies.values()), "one id never has two bodies"
    assert arrived == due
    told = (desk.folder / "stderr.log").read_text("utf-8")
    assert "Traceback" not in told
    sys.stdout.write(
        f"\n{desk.killed} kills: {len(ledger)} articles, each once in {len(lines)} lines; torn tails cut:"
        f" {told.count('was torn by a kill')}; {len(due)} alerts in {len(received)} attempts, {pending} pending\n"
    )


def _lines(path: Path) -> list[dict[str, Any]]:
    data = path.read_bytes()
    assert data.endswith(b"\n"), "the last line is whole"
    return [json.loads(line) for line in data.splitlines()]


def _delivery(line: dict[str, Any]) -> tuple[str, str]:
    headers = {name.lower(): value for name, value in line["headers"].items()}
    return headers["webhook-id"], line["body"]
