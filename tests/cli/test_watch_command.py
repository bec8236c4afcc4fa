"""`portalwatch watch` where its output goes nowhere, and its log as data."""

import json
import os
import subprocess
import sys
from pathlib import Path

from crawler.replica import ReplicaProcess
from tests.watch.commanding import Command

VARIABLES = {
    "PORTALWATCH_POLITENESS__DELAY": "0",
    "PORTALWATCH_WATCH__EVERY": "0.2",
    "PORTALWATCH_REVISIT__PER_POLL": "0",
}


def test_logs_are_json_lines_where_asked_for(tmp_path: Path) -> None:
    replica = ReplicaProcess("--articles", "json/yaowen=4", "--portals-dir", str(tmp_path / "portals"))
    with replica, Command(tmp_path, "replica-json/yaowen", "--log-format", "json", "--json", **VARIABLES) as watch:
        assert json.loads(watch.out.until("new"))["new"] == 4
        replica.post("/switch", portal="json", switches={"status": 404})
        said = json.loads(watch.err.until("moved"))
        assert watch.end() == 0
    assert (said["level"], said["logger"]) == ("warning", "crawler.watch.outages")
    assert said["message"].startswith("replica-json/yaowen: moved since ")


def test_a_reader_that_goes_away_does_not_end_the_watch(tmp_path: Path) -> None:
    """As in `portalwatch watch | head -1`."""
    with ReplicaProcess("--articles", "json/yaowen=4", "--portals-dir", str(tmp_path / "portals")) as replica:
        watch = [sys.executable, "-m", "crawler.cli.main", "watch", "replica-json/yaowen", "-v"]
        child = subprocess.Popen(
            watch, cwd=tmp_path, env={**os.environ, **VARIABLES}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert child.stdout is not None
        assert b"4 new" in child.stdout.readline()
        child.stdout.close()
        asked = 0
        while asked < 12:  # passes go on
            asked = replica.get("/requests")["total"]
        child.terminate()
        _, said = child.communicate(timeout=60)
    assert child.returncode == 0
    assert b"Broken" not in said, said.decode()
