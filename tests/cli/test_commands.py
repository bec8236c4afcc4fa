"""The commands as a user runs them: a process, its exit status, its one line."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.replica import ReplicaProcess

CONFIG = "[politeness]\ndelay = 0\n"


class Shell:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, stdin: bytes = b"", **variables: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "crawler.cli.main", *arguments],
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            check=False,
            timeout=120,
            env={**os.environ, "COLUMNS": "200", **variables},
        )

    def line(self, *arguments: str, status: int, **variables: Any) -> str:
        """The one line that a command that fails says."""
        done = self(*arguments, **variables)
        said = done.stderr.decode()
        assert done.returncode == status, said
        assert "Traceback" not in said
        lines = [line for line in said.splitlines() if line.startswith("portalwatch: ")]
        assert len(lines) == 1, said
        return lines[0]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture(scope="module")
def replica(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaProcess]:
    folder = tmp_path_factory.mktemp("replica")
    with ReplicaProcess("--articles", "trs/news=30,json/yaowen=8", "--portals-dir", str(folder / "portals")) as process:
        process.ready["portals_dir"] = str(folder / "portals")
        yield process


@pytest.fixture
def place(shell: Shell, replica: ReplicaProcess) -> Shell:
    (shell.folder / "portalwatch.toml").write_text(CONFIG, "utf-8")
    (shell.folder / "portals").symlink_to(replica.ready["portals_dir"])
    return shell


def records(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


def test_a_pass_ends_with_a_line_a_section_and_writes_the_records(place: Shell) -> None:
    done = place("crawl", "replica-trs/news", "replica-json/yaowen")
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().splitlines() == [
        "replica-trs/news 20 new · 0 revised · 0 failed",
        "replica-json/yaowen 8 new · 0 revised · 0 failed",
    ]
    assert "page 1 only" in done.stderr.decode()
    lines = records((place.folder / "data" / "articles.jsonl").read_bytes())
    assert [line["seq"] for line in lines] == list(range(1, 29))
    assert {line["schema"] for line in lines} == {"portalwatch.article/1"}


def test_json_status_show_and_a_second_output(place: Shell) -> None:
    done = place("crawl", "replica-json/yaowen", "--json", "-o", "out.jsonl")
    (report,) = records(done.stdout)
    assert (report["section"], report["new"], report["failed"]) == ("replica-json/yaowen", 8, 0)
    lines = records((place.folder / "out.jsonl").read_bytes())
    assert len(lines) == 8
    (state,) = json.loads(place("status", "--json").stdout)["sections"]
    assert (state["section"], state["verdict"], state["entries"]["stored"]) == ("replica-json/yaowen", "healthy", 8)
    by_id, by_url = place("show", lines[0]["id"], "--json"), place("show", lines[0]["url"], "--json")
    assert by_id.stdout == by_url.stdout
    assert records(by_id.stdout)[0]["body"] == lines[0]["body"]
    assert lines[0]["title"] in place("show", lines[0]["id"]).stdout.decode()


def test_records_on_stdout_are_data_alone(place: Shell) -> None:
    done = place("crawl", "replica-json/yaowen", "-o", "-", "-q")
    found = [line for line in done.stdout.splitlines() if line.startswith(b"{")]
    assert len(records(b"\n".join(found))) == 8


def test_a_second_pass_is_handed_to_the_process_that_holds_the_folder(place: Shell) -> None:
    watching = subprocess.Popen(
        [sys.executable, "-m", "crawler.cli.main", "watch", "replica-trs/news"],
        cwd=place.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert watching.stdout is not None
        assert watching.stdout.readline() == b"replica-trs/news 20 new \xc2\xb7 0 revised \xc2\xb7 0 failed\n"
        second = place("crawl", "replica-json/yaowen")
        assert second.returncode == 0
        assert second.stdout.decode() == "replica-json/yaowen 8 new · 0 revised · 0 failed\n"
        assert "takes this pass over" in second.stderr.decode()
        assert "already held by `watch`" in place.line("watch", "replica-trs/news", status=2)
        unknown = place.line("crawl", "replica-trs/nws", status=2)
        assert "replica-trs/news" in unknown
    finally:
        watching.terminate()
        assert watching.wait(30) == 0
        watching.communicate()
    assert len(records((place.folder / "data" / "articles.jsonl").read_bytes())) == 28


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("crawl", "shanxii"), "shanxi"),
        (("crawl", "shanxi/nwes"), "shanxi/news"),
        (("crawl", "kind:polcy"), "kind:policy"),
        (("crwal", "shanxi"), "crawl"),
        (("crawl", "shanxi", "--since", "yesterday"), "2025-06-01"),
        (("crawl",), "TARGET"),
        (("status",), "no such data folder"),
        (("show", "abc"), "no such data folder"),
        (("crawl", "shanxi", "--config", "missing.toml"), "missing.toml"),
        (("portals", "--portals", "nowhere"), "nowhere"),
        (("crawl", "shanxi", "--max-pages", "0"), "--max-pages"),
        (("alerts", "test"), "no channel"),
        (("alerts", "preview", "--since", "7d"), "no [[rule]]"),
    ],
)
def test_a_usage_mistake_is_one_line_that_says_what_would_be_right(
    shell: Shell, arguments: tuple[str, ...], says: str
) -> None:
    assert says in shell.line(*arguments, status=2)
    assert not (shell.folder / "data").exists(), "a command that was refused makes nothing"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[politness]\ndelay = 1\n", "politness"),
        ("[politeness]\ndelay = 'soon'\n", "politeness.delay"),
        ("[politeness\n", "is not TOML"),
        ("[[rule]]\nname = 'a'\nchannels = ['desk']\n", "unknown channel 'desk'"),
        ("[watch]\nevery = '5 parsecs'\n", "watch.every"),
        ("\xff", "portalwatch.toml"),
    ],
)
def test_a_mistake_in_the_configuration_names_the_file_and_the_key(shell: Shell, text: str, says: str) -> None:
    (shell.folder / "portalwatch.toml").write_text(text, "latin-1")
    line = shell.line("crawl", "shanxi", status=2)
    assert "portalwatch.toml" in line
    assert says in line


def test_a_rule_with_an_unknown_target_is_refused_before_anything_is_fetched(place: Shell) -> None:
    channel = "[[channel]]\nname = 'desk'\nurl = 'https://hooks.example.org/'\nsecret = 'whsec_" + "QUJD" * 8 + "'\n"
    rule = "[[rule]]\nname = 'mine'\nchannels = ['desk']\ntargets = ['replica-trs/nwes']\n"
    (place.folder / "portalwatch.toml").write_text(CONFIG + channel + rule, "utf-8")
    line = place.line("crawl", "replica-json/yaowen", status=2)
    assert "rule 'mine'" in line
    assert "replica-trs/news" in line


def test_an_environment_variable_overrides_a_key(shell: Shell) -> None:
    assert "watch.every" in shell.line("crawl", "shanxi", status=2, PORTALWATCH_WATCH__EVERY="often")


def test_a_mistake_in_a_portal_file_names_the_file_and_the_key(shell: Shell) -> None:
    (shell.folder / "portals").mkdir()
    (shell.folder / "portals" / "demo.toml").write_text('id = "demo"\nnmae = "x"\n', "utf-8")
    line = shell.line("portals", status=2)
    assert "demo.toml" in line
    assert "nmae" in line


def test_unusable_files_are_named_and_the_rest_goes_on(shell: Shell) -> None:
    (shell.folder / "empty.html").write_bytes(b"")
    (shell.folder / "binary.html").write_bytes(bytes(range(256)) * 50)
    page = "<html><head><meta charset=utf-8><title>一</title></head><body><h1>山谷里的小站</h1>"
    page += "<div><p>" + "列车每天清晨从这里经过，站台上只有一位工作人员。" * 12 + "</p></div></body></html>"
    (shell.folder / "page.html").write_text(page, "utf-8")
    done = shell("extract", "empty.html", "missing.html", "binary.html", "page.html")
    assert done.returncode == 1
    said = done.stderr.decode().splitlines()
    assert [line.split(":")[1].strip() for line in said] == ["empty.html", "missing.html", "binary.html"]
    (record,) = records(done.stdout)
    assert (record["input"], record["title"]) == ("page.html", "山谷里的小站")


def test_clean_reads_standard_input_and_gives_the_whole_text(shell: Shell) -> None:
    polluted = "山西省發(fā)布的轉(zhuǎn)型方案，今後將(jiāng)分三年實(shí)施。"
    done = shell("clean", "--text", stdin=polluted.encode())
    assert done.stdout.decode() == "山西省发布的转型方案，今后将分三年实施。\n"


def test_a_list_page_without_entries_says_why(shell: Shell) -> None:
    (shell.folder / "list.html").write_text("<html><body><p>没有列表</p></body></html>", "utf-8")
    line = shell.line("listing", "list.html", "--url", "http://www.example.gov.cn/", status=1)
    assert "list.html: no entries" in line


def test_a_database_that_is_locked_is_one_line_and_safe_to_repeat(place: Shell) -> None:
    assert place("crawl", "replica-json/yaowen").returncode == 0
    database = place.folder / "data" / "portalwatch.db"
    with sqlite3.connect(database, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        said = place.line("crawl", "replica-trs/news", status=3)
        other.execute("ROLLBACK")
    other.close()
    assert "portalwatch.db" in said
    assert place("crawl", "replica-trs/news").returncode == 0


def test_a_data_folder_that_cannot_be_made_is_status_3(shell: Shell) -> None:
    (shell.folder / "file").write_text("", "utf-8")
    assert "cannot be made" in shell.line("crawl", "shanxi", "--data", "file/data", status=3)


def test_the_schema_describes_the_records(place: Shell) -> None:
    schema = json.loads(place("schema").stdout)
    place("crawl", "replica-json/yaowen")
    for line in records((place.folder / "data" / "articles.jsonl").read_bytes()):
        assert list(line) == schema["record"]["required"]


def test_init_writes_a_file_that_loads_and_never_replaces_one(shell: Shell) -> None:
    assert shell("init").returncode == 0
    assert shell("portals", "shanxi").returncode == 0
    assert "--force" in shell.line("init", status=2)


def test_the_file_that_init_writes_needs_nothing_more_to_crawl(place: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTALWATCH_POLITENESS__DELAY", "0")
    place("init", "--force")
    key = place.folder / "webhook.secret"
    before = key.read_text("utf-8")
    assert before.startswith("whsec_")
    assert os.name != "posix" or key.stat().st_mode & 0o077 == 0
    assert place("crawl", "replica-json/yaowen").returncode == 0
    assert place("init", "--force").returncode == 0
    assert key.read_text("utf-8") == before, "a secret that receivers know stays"


def test_scrapy_lists_the_portals_and_crawls_one_section(place: Shell) -> None:
    (place.folder / "scrapy.cfg").write_text("[settings]\ndefault = crawler.settings\n", "utf-8")

    def scrapy(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "scrapy", *arguments]
        return subprocess.run(command, cwd=place.folder, capture_output=True, check=False, timeout=120)

    names = scrapy("list").stdout.decode().split()
    assert {"shanxi", "govcn", "zhejiang", "replica-trs"} <= set(names)
    done = scrapy("crawl", "replica-trs", "-a", "section=news", "-O", "out.jsonl")
    assert done.returncode == 0, done.stderr.decode()
    lines = records((place.folder / "out.jsonl").read_bytes())
    assert len(lines) == 30
    assert len({line["id"] for line in lines}) == 30
    assert not (place.folder / "data").exists()
