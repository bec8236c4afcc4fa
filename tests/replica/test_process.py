"""The replica and the receiver as processes, told what to do over HTTP."""

from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from crawler.replica import ReceiverProcess, ReplicaProcess


def read(url: str) -> str:
    with urlopen(url, timeout=30) as answer:  # noqa: S310 - loopback
        return str(answer.read().decode())


def test_the_replica_is_driven_over_http(tmp_path: Path) -> None:
    with ReplicaProcess(
        "--articles", "trs/news=12,json/yaowen=3", "--seed", "7", "--portals-dir", str(tmp_path)
    ) as replica:
        portals = {portal["id"]: portal for portal in replica.get("/portals")}
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"{name}.toml" for name in portals)
        assert (tmp_path / "replica-trs.toml").read_text(encoding="utf-8") == portals["replica-trs"]["toml"]

        [made] = replica.post(
            "/publish",
            portal="trs",
            section="news",
            title="进程里的新闻",
            paragraphs=["一。", "二。"],
            published_at="2026-11-20T09:30:00",
            attachments=["表.pdf"],
        )
        assert (made["published_at"], made["body"]) == ("2026-11-20T09:30:00+08:00", "一。\n二。")
        assert "进程里的新闻" in read(made["url"])
        assert len(replica.post("/publish", portal="json", section="yaowen", count=5)) == 5

        edited = replica.post("/edit", article=made["url"], title="改了")
        assert (edited["title"], edited["revision"]) == ("改了", 2)
        assert replica.post("/redress", article=made["key"])["dressing"] == 1
        assert replica.post("/withdraw", article=made["key"], how="410")["withdrawn_how"] == "410"

        book = replica.ledger()
        assert len(book["articles"]) == 21
        assert [event["type"] for event in book["events"]] == ["published"] * 6 + ["edited", "redressed", "withdrawn"]
        assert len(replica.ledger(portal="json")["articles"]) == 8

        replica.post("/switch", portal="trs", section="news", switches={"status": 404})
        with pytest.raises(OSError, match="404"):
            read(portals["replica-trs"]["sections"]["news"])
        replica.post("/switch", heal=True)
        assert read(portals["replica-trs"]["sections"]["news"])

        log = replica.get("/requests", limit=1)
        assert (log["total"], log["statuses"]) == (3, {"200": 2, "404": 1})
        assert len(log["latest"]) == 1
        replica.post("/requests/clear")
        assert replica.get("/requests")["total"] == 0


def test_what_the_control_interface_cannot_do_is_said() -> None:
    with ReplicaProcess("--articles", "0") as replica:
        for path, body, reason in (
            ("/publish", {"portal": "x", "section": "news"}, "no portal"),
            ("/publish", {"portal": "trs", "section": "x"}, "no section"),
            ("/publish", {"portal": "trs", "section": "news", "colour": 1}, "colour"),
            ("/publish", {"portal": "trs", "section": "news", "count": 0}, "count"),
            ("/edit", {"article": "http://nowhere/"}, "no article"),
            ("/switch", {"switches": {"speed": 1}}, "no switch"),
        ):
            with pytest.raises(ValueError, match=reason):
                replica.post(path, **body)


def test_a_module_that_does_not_start_says_so() -> None:
    with pytest.raises(RuntimeError, match="ended with status 2"):
        ReplicaProcess("--no-such-option").start()


def test_the_receiver_keeps_its_lines_when_it_is_ended(tmp_path: Path) -> None:
    file = tmp_path / "deliveries.jsonl"
    with ReceiverProcess("--jsonl", str(file), "--mix", "ok=1") as receiver:
        with urlopen(Request(receiver.ready["url"], data=b"{}", method="POST"), timeout=30) as answer:  # noqa: S310 - loopback
            assert answer.status == 204
        assert [one["body"] for one in receiver.deliveries()] == ["{}"]
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1
