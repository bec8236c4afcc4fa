"""`portalwatch alerts` as a user runs it."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from crawler.cli.init import TEMPLATE
from crawler.config import load_config
from crawler.replica.process import ReceiverProcess
from crawler.store import ArticleWrite, Store
from crawler.text.urls import url_key
from tests.cli.test_commands import Shell
from tests.store.conftest import Samples

CHANNELS = """
[[rule]]
name = "all"
channels = ["desk"]
[[rule]]
name = "daily"
channels = ["paper"]
digest = "daily"
[[channel]]
name = "desk"
url = "{url}/t0ken"
secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
allow_private = true
allow_http = true
[[channel]]
name = "paper"
url = "env:PAPER_URL"
secret = "env:PAPER_SECRET"
"""
PAPER: dict[str, Any] = {"PAPER_URL": "https://hooks.example.com/t0ken", "PAPER_SECRET": "whsec_" + "QUJD" * 10}


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


async def fill(shell: Shell) -> None:
    """Two articles of today, in the store as a crawl leaves them."""
    (shell.folder / "data").mkdir()
    store = await Store.open(f"sqlite:///{shell.folder / 'data' / 'portalwatch.db'}")
    section = await store.sections.open("shanxi", "news")
    for name in ("a", "b"):
        record = Samples.record(name, id=f"id-{name}", published_at=time.strftime("%Y-%m-%d"))
        key = url_key(record.url)
        await store.articles.store(
            ArticleWrite(
                section_id=section.id,
                entry_key=key,
                article_id=record.id,
                keys=(key,),
                record=record,
                alert=True,
                now=time.time(),
            )
        )
    await store.close()


def test_a_test_event_is_sent_to_the_channels_named(shell: Shell) -> None:
    with ReceiverProcess("--mix", "ok=1") as receiver:
        (shell.folder / "portalwatch.toml").write_text(CHANNELS.format(url=receiver.ready["url"]), "utf-8")
        done = shell("alerts", "test", "desk", **PAPER)
        assert (done.returncode, done.stdout.decode()) == (0, "desk: delivered\n")
        receiver.post("/behave", next=[503])
        done = shell("alerts", "test", "desk", "--json", **PAPER)
        assert done.returncode == 1
        assert json.loads(done.stdout) == {
            "channel": "desk",
            "delivered": False,
            "status": 503,
            "reason": "HTTP 503: answer 503 as told",
        }
        assert len(receiver.deliveries()) == 2
    assert "known: desk, paper" in shell.line("alerts", "test", "fax", status=2, **PAPER)
    line = shell.line("alerts", "test", "paper", status=2)
    assert "'paper'" in line
    assert "PAPER_URL" in line
    assert "t0ken" not in line


async def test_what_waits_fails_and_is_retried_is_said(shell: Shell) -> None:
    await fill(shell)
    with ReceiverProcess("--mix", "410=1") as receiver:
        (shell.folder / "portalwatch.toml").write_text(CHANNELS.format(url=receiver.ready["url"]), "utf-8")
        assert "no delivery is pending or dead" in shell("alerts", "list").stdout.decode()
        await deliver(shell)
        done = shell("alerts", "list", **PAPER)
        first, second, *rows = done.stdout.decode().splitlines()
        assert re.fullmatch(
            r"channel desk is disabled since \S+: HTTP 410: answer 410 as told · next: portalwatch alerts retry", first
        )
        assert re.fullmatch(r"channel paper: 2 events wait for the digest of \S+", second)
        assert len(rows) == 2
        assert any(re.match(r"\d+ dead desk article.published .+ · 1 attempts · HTTP 410", row) for row in rows)
        shown = [json.loads(line) for line in shell("alerts", "list", "--json", **PAPER).stdout.splitlines()]
        assert [one["state"] for one in shown][:3] == ["disabled", "gathered", "dead"]
        (dead,) = [one["id"] for one in shown if one["state"] == "dead"]
        done = shell("alerts", "retry", str(dead), "999", **PAPER)
        assert done.returncode == 1
        assert done.stdout.decode().splitlines() == [
            "1 deliveries are due again",
            "channel desk is enabled again",
        ]
        assert "999: no such delivery, or delivered" in done.stderr.decode()
        said = done.stdout + done.stderr + shell("status", **PAPER).stdout
    assert b"t0ken" not in said


async def deliver(shell: Shell) -> None:
    """What a crawl does at its end."""
    from crawler.alerts import Deliverer

    config = load_config(shell.folder / "portalwatch.toml")
    channels = tuple(one for one in config.channels if one.name == "desk")
    store = await Store.open(f"sqlite:///{shell.folder / 'data' / 'portalwatch.db'}")
    async with Deliverer(store, config.model_copy(update={"channels": channels}), per_channel=1) as deliverer:
        await deliverer.plan()
        await deliverer.deliver_due()
    await store.close()


async def test_a_preview_says_which_rules_would_have_sent_what_and_how(shell: Shell) -> None:
    await fill(shell)
    (shell.folder / "portalwatch.toml").write_text(CHANNELS.format(url="http://127.0.0.1:1"), "utf-8")
    done = shell("alerts", "preview", "--since", "7d", **PAPER)
    assert done.returncode == 0
    lines = done.stdout.decode().splitlines()
    assert lines[0].startswith("published ")
    assert lines[1] == "  rules all, daily to desk, paper"
    assert len(lines) == 4
    rows = [json.loads(line) for line in shell("alerts", "preview", "--since", "7d", "--json").stdout.splitlines()]
    assert [(row["type"], row["rules"], row["silent"]) for row in rows] == [
        ("article.published", ["all", "daily"], False)
    ] * 2


def test_a_service_without_a_name_that_apprise_knows_is_one_line(shell: Shell) -> None:
    text = '[[channel]]\nname = "x"\ntype = "apprise"\nurl = "nonsense://t0ken-t0ken"\n'
    (shell.folder / "portalwatch.toml").write_text(text, "utf-8")
    line = shell.line("alerts", "test", status=2)
    assert "channel 'x'" in line
    assert "t0ken" not in line


def test_every_line_of_the_template_works_when_its_mark_is_taken_away(tmp_path: Path) -> None:
    rules = TEMPLATE[TEMPLATE.index("# A rule says") :]
    lines = [re.sub(r"^# (?=[a-z_]+ = |\[\[)", "", line) for line in rules.splitlines()]
    path = tmp_path / "portalwatch.toml"
    path.write_text("\n".join(lines), "utf-8")
    config = load_config(path)
    assert [rule.digest for rule in config.rules] == ["daily"]
    assert [channel.type for channel in config.channels] == ["webhook", "apprise"]
    assert all(value == "**********" for channel in config.channels for value in (str(channel.url),))
