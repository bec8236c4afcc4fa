"""An evidence pack is checked with the tools that others have: sha256sum, unzip, a reader of WARC."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.exceptions import StorageError, UsageError
from crawler.items import Record
from crawler.output.evidence import Evidence, write_evidence
from crawler.store import ArticleWrite, RawPage, Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

URL = "https://www.yunque.example/2026/t1.html"
HEAD = (
    b"Content-Type: text/html; charset=gbk\r\nContent-Length: 17\r\nContent-Encoding: gzip\r\n"
    b"Server: nginx\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2"
)
FIRST = "<html><body><p>云雀县今日公布防汛方案，共十二条。</p></body></html>".encode("gbk")
SECOND = "<html><body><p>云雀县今日公布防汛方案，共十三条。</p></body></html>".encode("gbk")


def record(body: str) -> Record:
    return Record(
        made_by="test", id="yunque", url=URL, canonical_url=URL, portal="yunque", portal_name="云雀县人民政府",
        region="990300", sections=("news",), kind="news", title="云雀县公布防汛方案", source="云雀发布",
        published_at="2026-06-01", first_seen_at="2026-06-01T01:00:00Z", fetched_at="2026-06-01T01:00:00Z", body=body,
        content_sha256=hashlib.sha256(body.encode()).hexdigest(),
    )  # fmt: skip


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(f"sqlite:///{tmp_path / 'portalwatch.db'}", raw=tmp_path / "raw") as opened:
        section = await opened.sections.open("yunque", "news")
        for number, (page, body) in enumerate(((FIRST, "共十二条。"), (SECOND, "共十三条。"))):
            await opened.articles.store(
                ArticleWrite(
                    section_id=section.id, entry_key=None, article_id="yunque", keys=(b"k" * 16,),
                    record=record(f"云雀县今日公布防汛方案，{body}"), alert=True, now=1_780_275_600.0 + 3600 * number,
                    pages=(RawPage(URL, 200, HEAD, page),),
                )
            )  # fmt: skip
        for number in range(2):
            now = 1_780_300_000.0 + 3600 * number
            await opened.articles.missed("yunque", now, None, (RawPage(URL, 404, b"Server: nginx", b"<h1>404</h1>"),))
        await opened.articles.withdraw("yunque", 1_780_303_600.0, alert=True)
        yield opened


async def make(store: Store, path: Path) -> list[str]:
    known = await store.articles.get("yunque")
    assert known is not None
    evidence = Evidence(
        known,
        await store.articles.revisions("yunque"),
        await store.articles.history("yunque"),
        await store.raw.pages("yunque"),
    )
    return write_evidence(path, evidence, store.raw.read, 1_790_000_000.0)


@pytest.fixture
async def unpacked(store: Store, tmp_path: Path) -> Path:
    assert await make(store, tmp_path / "evidence.zip") == []
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "evidence.zip") as pack:
        assert pack.testzip() is None
        pack.extractall(folder)
    return folder


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_sha256sum_checks_every_file_and_finds_a_changed_one(unpacked: Path) -> None:
    done = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=unpacked, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    checked = {line.split(b": ")[0].decode() for line in done.stdout.splitlines()}
    files = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert checked == files - {"SHA256SUMS"}
    page = unpacked / "responses.warc"
    page.write_bytes(page.read_bytes().replace(b"nginx", b"nginy", 1))
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=unpacked, capture_output=True, check=False)
    assert done.returncode == 1


def test_a_reader_of_warc_finds_the_answers_as_they_came(unpacked: Path) -> None:
    found: list[tuple[str, str, str, bytes, list[tuple[str, str]]]] = []
    with (unpacked / "responses.warc").open("rb") as file:
        for one in ArchiveIterator(file, check_digests="raise"):
            assert one.rec_headers.protocol == "WARC/1.1"
            if one.rec_type == "response":
                headers = one.rec_headers
                found.append(
                    (
                        headers.get_header("WARC-Date"),
                        headers.get_header("WARC-Target-URI"),
                        one.http_headers.get_statuscode(),
                        one.content_stream().read(),
                        one.http_headers.headers,
                    )
                )
    assert [(when, url, status, body) for when, url, status, body, _ in found] == [
        ("2026-06-01T01:00:00Z", URL, "200", FIRST),
        ("2026-06-01T02:00:00Z", URL, "200", SECOND),
        ("2026-06-01T07:46:40Z", URL, "404", b"<h1>404</h1>"),
    ]
    headers = found[0][4]
    assert ("Set-Cookie", "a=1") in headers
    assert ("Set-Cookie", "b=2") in headers
    assert ("Content-Length", str(len(FIRST))) in headers
    assert ("X-Archive-Orig-Content-Encoding", "gzip") in headers
    done = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "responses.warc"], cwd=unpacked, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_rest_says_what_was_read_and_when(unpacked: Path) -> None:
    def lines(name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (unpacked / name).read_bytes().splitlines()]

    known = json.loads((unpacked / "record.json").read_bytes())
    assert (known["id"], known["revision"], known["withdrawn_at"]) == ("yunque", 2, "2026-06-01T08:46:40Z")
    assert [line["revision"] for line in lines("revisions.jsonl")] == [1, 2]
    assert [(line["type"], line["changes"]) for line in lines("events.jsonl")] == [
        ("published", []),
        ("revised", ["body"]),
        ("withdrawn", []),
    ]
    assert "十[-二-]{+三+}条" in (unpacked / "diffs" / "2.txt").read_text("utf-8")
    times = json.loads((unpacked / "times.json").read_bytes())
    assert [(one["revision"], one["status"], one["sha256"]) for one in times["answers"]] == [
        (1, 200, hashlib.sha256(FIRST).hexdigest()),
        (2, 200, hashlib.sha256(SECOND).hexdigest()),
        (2, 404, hashlib.sha256(b"<h1>404</h1>").hexdigest()),
    ]
    assert "sha256sum -c SHA256SUMS" in (unpacked / "README.txt").read_text("utf-8")


async def test_a_file_that_exists_is_left_as_it_is(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    path.write_bytes(b"somebody's")
    with pytest.raises(UsageError, match="exists already and is left as it is"):
        await make(store, path)
    assert path.read_bytes() == b"somebody's"


async def test_a_folder_that_is_not_there_is_one_line(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written: No such file"):
        await make(store, tmp_path / "nowhere" / "evidence.zip")


async def test_an_answer_that_is_no_longer_kept_is_named(store: Store, tmp_path: Path) -> None:
    await store.close()
    for path in (tmp_path / "raw").glob("*.pack"):
        path.unlink()
    async with await Store.open(f"sqlite:///{tmp_path / 'portalwatch.db'}", raw=tmp_path / "raw") as later:
        lacks = await make(later, tmp_path / "evidence.zip")
    assert len(lacks) == 3
    assert "removed by the retention" in lacks[0]
    with zipfile.ZipFile(tmp_path / "evidence.zip") as pack:
        assert json.loads(pack.read("times.json"))["lacking"] == lacks
        assert lacks[0] in pack.read("README.txt").decode()


async def test_a_missing_extra_is_one_line_with_its_command(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "warcio", None)
    with pytest.raises(UsageError, match=r"pip install 'portalwatch\[archive\]'"):
        await make(store, tmp_path / "evidence.zip")
    assert not (tmp_path / "evidence.zip").exists()
