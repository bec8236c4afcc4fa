"""`portalwatch add` as a user runs it, on every portal of the replica: its home, its lists, an article."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from crawler.listing import read_list
from crawler.portals import load_portals
from crawler.reading import read
from crawler.replica import ReplicaProcess

ARTICLES = (
    "trs/news=45,trs/policy=12,trs/notice=12,trs/interpretation=12,trs/conference=12,trs/mirror=12,"
    "hanweb/news=30,hanweb/policy=12,hanweb/interpretation=12,json/yaowen=12,json/bumen=12"
)
KNOWN = ("replica-trs", "replica-hanweb", "replica-json")


class Shell:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "crawler.cli.main", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**os.environ, "PORTALWATCH_POLITENESS__DELAY": "0", "PORTALWATCH_POLITENESS__TIMEOUT": "5"},
        )

    def line(self, *arguments: str, status: int) -> str:
        done = self(*arguments)
        assert done.returncode == status, done.stderr
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        (line,) = [line for line in done.stderr.splitlines() if not line.startswith("looking at ")]
        return line

    def json(self, *arguments: str) -> dict[str, Any]:
        done = self(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found


@pytest.fixture(scope="module")
def replica(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaProcess]:
    folder = tmp_path_factory.mktemp("replica")
    with ReplicaProcess("--articles", ARTICLES, "--portals-dir", str(folder)) as process:
        process.ready["files"] = str(folder)
        yield process


@pytest.fixture(autouse=True)
def _healed(replica: ReplicaProcess) -> Iterator[None]:
    yield
    for portal in KNOWN:
        replica.post("/switch", portal=portal, heal=True)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "portalwatch.toml").write_text("[politeness]\ndelay = 0\n", "utf-8")
    return Shell(tmp_path)


def home(replica: ReplicaProcess, portal: str) -> str:
    return str(replica.ready["portals"][portal]) + "/"


def true_sections(replica: ReplicaProcess, portal: str) -> dict[str, tuple[str, str]]:
    """Address to name and kind, as the replica's own portal file says."""
    known = load_portals(Path(replica.ready["files"])).portals[portal]
    return {str(section.url): (section.name, section.kind) for section in known.sections}


@pytest.mark.parametrize("portal", KNOWN)
def test_a_home_page_gives_every_section_and_the_portal_can_then_be_crawled(
    shell: Shell, replica: ReplicaProcess, portal: str
) -> None:
    found = shell.json("add", home(replica, portal), "--id", "mine")
    want = true_sections(replica, portal)
    assert {s["url"]: (s["name"], s["kind"]) for s in found["sections"]} == want
    assert all(s["enabled"] and s["confidence"] > 0.9 and s["entries"] for s in found["sections"])
    known = load_portals(Path(replica.ready["files"])).portals[portal]
    assert (found["cms"], found["region"], found["hosts"]) == (known.cms, known.region, list(known.hosts))
    assert found["article"]["title"] == found["sections"][0]["entries"][0]["title"]
    assert found["article"]["body"]
    assert found["file"] == str(shell.folder / "portals" / "mine.toml")
    written = load_portals(shell.folder / "portals").portals["mine"]
    assert {str(s.url) for s in written.sections if s.enabled} == set(want)
    assert all(s.evidence == f"linked from {home(replica, portal)}" and s.basis == "live" for s in written.sections)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", written.seen)
    assert not (shell.folder / "data").exists()
    target = f"mine/{found['sections'][-1]['id']}"
    done = shell("crawl", target)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{target} ")
    assert " 0 new" not in done.stdout


@pytest.mark.parametrize("portal", KNOWN)
def test_a_list_and_an_article_lead_to_the_same_portal(shell: Shell, replica: ReplicaProcess, portal: str) -> None:
    want = true_sections(replica, portal)
    url = list(want)[1]
    found = shell.json("add", url, "--id", "by-list")
    assert found["sections"][0]["url"] == url
    assert {s["url"] for s in found["sections"]} == set(want)
    article = found["sections"][0]["entries"][1]
    found = shell.json("add", article["url"], "--id", "by-article")
    assert (found["article"]["url"], found["article"]["title"]) == (article["url"], article["title"])
    assert {s["url"] for s in found["sections"]} == set(want)


def test_a_person_sees_what_was_found_and_what_is_unsure(shell: Shell, replica: ReplicaProcess) -> None:
    done = shell("add", home(replica, "replica-trs"), "--id", "lanjiang")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].endswith("lanjiang.toml: 岚江省人民政府 · region 990001 · cms trs · 6 sections on, 0 off")
    assert any(re.match(r"lanjiang/notice 通知公告 \[notice\] http\S+ · 12 entries", line) for line in lines)
    assert lines[-1] == "next: portalwatch crawl lanjiang"
    unsure = [line for line in done.stderr.splitlines() if line.startswith("unsure: ")]
    assert unsure == ["unsure: region: GB/T 2260 has no province 99"]
    text = (shell.folder / "portals" / "lanjiang.toml").read_text("utf-8")
    assert 'region = "990001"  # unsure: GB/T 2260 has no province 99' in text
    assert f"looking at {home(replica, 'replica-trs')}" in done.stderr


def test_fixtures_pass_the_tests_that_they_are_meant_for(shell: Shell, replica: ReplicaProcess) -> None:
    found = shell.json("add", home(replica, "replica-hanweb"), "--id", "tingyuan", "--fixture")
    folder = shell.folder / "fixtures" / "tingyuan"
    assert sorted(map(str, folder.glob("*/*"))) == sorted(found["fixture"])
    goldens = sorted(folder.glob("lists/*.golden.json"))
    assert len(goldens) == 3
    for golden in goldens:
        want = json.loads(golden.read_text("utf-8"))
        page = read_list(golden.with_name(golden.name.replace(".golden.json", ".html")).read_bytes(), want["url"])
        assert [asdict(entry) for entry in page.entries] == want["entries"]
        assert (page.next_url, page.total) == (want["next_url"], want["total"])
    want = json.loads((folder / "pages" / "tingyuan-article.golden.json").read_text("utf-8"))
    article = read((folder / "pages" / "tingyuan-article.html").read_bytes(), want["url"])
    assert json.loads(json.dumps(asdict(article))) == want["article"]


def test_nothing_is_ever_replaced(shell: Shell, replica: ReplicaProcess) -> None:
    (shell.folder / "portals").mkdir()
    file = shell.folder / "portals" / "mine.toml"
    text = Path(replica.ready["files"], "replica-trs.toml").read_text("utf-8").replace("replica-trs", "mine")
    file.write_text(text, "utf-8")
    assert f"{file}: exists already" in shell.line("add", home(replica, "replica-trs"), "--id", "mine", status=2)
    assert file.read_text("utf-8") == text
    assert "taken by 山西省人民政府" in shell.line("add", home(replica, "replica-trs"), "--id", "shanxi", status=2)
    assert "--id" in shell.line("add", "https://www.shanxi.gov.cn/ywdt/", status=2)
    (shell.folder / "fixtures" / "other").mkdir(parents=True)
    line = shell.line("add", home(replica, "replica-trs"), "--id", "other", "--fixture", status=2)
    assert "fixtures/other: exists already" in line
    assert not (shell.folder / "portals" / "other.toml").exists()


def test_a_folder_that_cannot_be_made_is_status_3(shell: Shell, replica: ReplicaProcess) -> None:
    (shell.folder / "portals").write_text("", "utf-8")
    line = shell.line("add", home(replica, "replica-json"), "--id", "mine", "-q", status=3)
    assert "portals: cannot be made: File exists" in line


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("www.qingshi.example",), 2, "not an address: write it as in https://"),
        (("http://127.0.0.1:9/",), 1, "http://127.0.0.1:9/: cannot be reached from here: no connection"),
        (("{trs}nowhere/",), 1, "nowhere/: answered 404"),
        (("{trs}", "--id", "Neu"), 2, "--id Neu: may hold only a-z"),
        (("{trs}", "--id", "all"), 2, "--id all: means something else"),
        ((), 2, "Missing argument 'URL'"),
    ],
)
def test_wrong_inputs_are_one_line(
    shell: Shell, replica: ReplicaProcess, arguments: tuple[str, ...], status: int, says: str
) -> None:
    filled = [argument.replace("{trs}", home(replica, "replica-trs")) for argument in arguments]
    assert says in shell.line("add", *filled, status=status)
    assert not (shell.folder / "portals").exists()


@pytest.mark.parametrize(
    ("switches", "says"),
    [
        ({"block": "page"}, "blocked ("),
        ({"robots": "User-agent: *\nDisallow: /\n"}, "robots.txt forbids"),
        ({"down": True}, "cannot be reached from here"),
        (
            {"shell": True},
            "no list of articles was found, looking at it and at 12 more",
        ),
    ],
)
def test_portals_that_cannot_be_looked_at_are_one_line(
    shell: Shell, replica: ReplicaProcess, switches: dict[str, Any], says: str
) -> None:
    replica.post("/switch", portal="replica-trs", switches=switches)
    line = shell.line("add", home(replica, "replica-trs"), "--id", "mine", status=1)
    assert says in line
    assert not (shell.folder / "portals").exists()


def test_lists_that_only_a_script_fills_are_taken_from_the_interface_that_it_names(
    shell: Shell, replica: ReplicaProcess
) -> None:
    replica.post("/switch", portal="replica-hanweb", switches={"shell": True})
    found = shell.json("add", home(replica, "replica-hanweb"), "--id", "tingyuan")
    want = true_sections(replica, "replica-hanweb")
    assert {(s["name"], s["kind"]) for s in found["sections"]} == set(want.values())
    assert all("/module/web/jpage/dataproxy.jsp?" in s["url"] for s in found["sections"])
    assert all(any(url in s["evidence"] for url in want) for s in found["sections"])


def test_a_pdf_is_told(shell: Shell, replica: ReplicaProcess) -> None:
    (article,) = replica.post("/publish", portal="replica-trs", section="notice", title="公示名单", form="file")
    assert "not a page but a PDF file" in shell.line("add", article["url"], "--id", "mine", status=1)
