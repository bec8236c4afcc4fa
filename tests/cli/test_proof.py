"""`recheck`, `reprocess` and `show --evidence` as a user runs them, alone and beside a watch."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from crawler.replica import ReplicaProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TARGET = "replica-json/yaowen"


class Desk:
    """A folder with a configuration, and a replica of its own."""

    def __init__(self, folder: Path, replica: ReplicaProcess) -> None:
        self.folder, self.replica = folder, replica
        (folder / "portalwatch.toml").write_text("[politeness]\ndelay = 0\n", "utf-8")

    def __call__(self, *arguments: str, status: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "crawler.cli.main", *arguments],
            cwd=self.folder,
            capture_output=True,
            check=False,
            timeout=120,
            env={**os.environ, "COLUMNS": "200"},
        )
        self.said = done.stderr.decode()
        assert done.returncode == status, self.said
        assert "Traceback" not in self.said
        return done.stdout.decode()

    def lines(self) -> list[dict[str, Any]]:
        data = (self.folder / "data" / "articles.jsonl").read_bytes()
        return [json.loads(line) for line in data.splitlines()]

    def articles(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.replica.ledger()["articles"]
        return [one for one in found if one["portal"] == "replica-json"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with ReplicaProcess(
        "--articles", "json/yaowen=6,trs/policy=2", "--portals-dir", str(tmp_path / "portals")
    ) as replica:
        made = Desk(tmp_path, replica)
        made("crawl", TARGET)
        yield made


def test_recheck_says_what_has_changed_and_writes_the_record(desk: Desk) -> None:
    first, second = desk.articles()[:2]
    known = {line["url"]: line["id"] for line in desk.lines()}
    assert desk("recheck", first["url"]) == f"{known[first['url']]} unchanged\n"
    desk.replica.post("/edit", article=first["url"], title="改过的标题")
    assert desk("recheck", known[first["url"]]) == f"{known[first['url']]} revised: revision 2, title\n"
    assert "--diff 2" in desk.said
    assert [(line["event"], line["title"]) for line in desk.lines()][6:] == [("revised", "改过的标题")]
    desk.replica.post("/withdraw", article=second["url"])
    answer = json.loads(desk("recheck", second["url"], "--json"))
    assert (answer["outcome"], answer["id"]) == ("gone", known[second["url"]])
    desk.replica.post("/switch", portal="replica-json", switches={"status": 503})
    assert "failed: " in desk("recheck", first["url"], status=1)
    assert "no such article" in (desk("recheck", "nothing", status=1) or desk.said)


def test_recheck_is_handed_to_the_watch_that_holds_the_folder(desk: Desk) -> None:
    article = desk.articles()[0]
    watching = subprocess.Popen(
        [sys.executable, "-m", "crawler.cli.main", "watch", "replica-trs/policy"],
        cwd=desk.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert watching.stdout is not None
        assert watching.stdout.readline()
        desk.replica.post("/edit", article=article["url"], title="改过的标题")
        assert "revised: revision 2, title" in desk("recheck", article["url"])
        assert "takes this visit over" in desk.said
        assert desk.lines()[-1]["title"] == "改过的标题"
        assert desk("reprocess") == "8 read · 0 reprocessed · 0 failed\n"
    finally:
        watching.terminate()
        assert watching.wait(30) == 0
        watching.communicate()


def test_reprocess_writes_what_reads_otherwise_now(desk: Desk) -> None:
    assert desk("reprocess") == "6 read · 0 reprocessed · 0 failed\n"
    assert json.loads(desk("reprocess", TARGET, "--json"))["read"] == 6
    _read_by_an_earlier_version(desk.folder / "data" / "portalwatch.db")
    assert desk("reprocess", TARGET) == "6 read · 1 reprocessed · 0 failed\n"
    *_, last = desk.lines()
    (truth,) = (one for one in desk.articles() if one["url"] == last["url"])
    assert (last["event"], last["source"], last["revision"]) == ("reprocessed", truth["source"], 1)
    assert "reprocessed" in desk("changes", "--type", "reprocessed")


def test_an_evidence_pack_of_a_crawled_article(desk: Desk) -> None:
    article = desk.articles()[0]
    desk.replica.post("/edit", article=article["url"], title="改过的标题")
    desk("recheck", article["url"])
    said = desk("show", article["url"], "--evidence", "pack.zip")
    assert "2 answers, 2 revisions" in said
    with zipfile.ZipFile(desk.folder / "pack.zip") as pack:
        warc = pack.read("responses.warc")
        assert json.loads(pack.read("record.json"))["title"] == "改过的标题"
    assert warc.count(b"WARC-Type: response") == 2
    assert b"ETag: " in warc.replace(b"Etag", b"ETag")
    desk("show", article["url"], "--evidence", "pack.zip", status=2)
    assert "exists already" in desk.said
    shown = json.loads(desk("show", article["url"], "--json").splitlines()[-1])
    assert [one["revision"] for one in shown["answers"]] == [1, 2]
    assert shown["story"] is None


def _read_by_an_earlier_version(path: Path) -> None:
    """Make the store hold what an earlier version would have read of one article: no source."""
    with sqlite3.connect(path) as database:
        row, content = database.execute("SELECT article_id, content FROM revision ORDER BY id LIMIT 1").fetchone()
        old = {**json.loads(content), "source": None, "made_by": "portalwatch 0.0"}
        database.execute("UPDATE revision SET content = ? WHERE article_id = ?", (json.dumps(old), row))
    database.close()
