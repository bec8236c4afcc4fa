"""`show`, `changes` and `compare` on a store that holds a story, as a user runs them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crawler.dedup import Fingerprint
from crawler.items import Record
from crawler.reading.record import content_sha256
from crawler.store import ArticleWrite, Store

if TYPE_CHECKING:
    from pathlib import Path

BODY = (
    "霁阳市水务局11月3日发布通报，今年前十个月全市完成供水管网改造126公里，惠及4.1万户居民。\n"
    "改造重点是使用超过二十年的老旧铸铁管，更换为球墨铸铁管之后，漏损率由百分之十八降到百分之九。\n"
    "水务局副局长卞若川表示，明年还要完成八十公里，并在二次供水泵房全部装上在线水质监测设备。"
)


def record(portal: str, name: str, **changes: str | None) -> Record:
    url = f"https://www.{portal}.example/{name}.html"
    seen = "2026-11-03T02:00:00Z"
    values = {
        "first_seen_at": seen,
        "title": "霁阳市改造供水管网一百余公里",
        "body": BODY,
        "published_at": "2026-11-03",
        "source": "霁阳日报",
        **changes,
    }
    return Record(
        made_by="test", id=name, url=url, canonical_url=url, portal=portal, portal_name=f"{portal}人民政府",
        region="990200", sections=("news",), kind="news", fetched_at=seen,
        content_sha256=content_sha256(values["title"], values["body"]), **values,  # type: ignore[arg-type]
    )  # fmt: skip


async def fill(url: str) -> None:
    async with await Store.open(url) as store:

        async def add(one: Record, now: float) -> None:
            section = await store.sections.open(one.portal, "news")
            key = hashlib.sha256(one.canonical_url.partition("://")[2].encode()).digest()[:16]
            await store.articles.store(
                ArticleWrite(
                    section_id=section.id, entry_key=None, article_id=one.id, keys=(key,), record=one, alert=True,
                    now=now, likeness=Fingerprint(one.title, one.body),
                )
            )  # fmt: skip

        start = 1_793_671_200.0  # 2026-11-03 02:00 UTC
        await add(record("jiyang", "first"), start)
        await add(
            record(
                "province",
                "second",
                title="供水管网改造惠及四万户",
                published_at="2026-11-04",
                first_seen_at="2026-11-04T03:00:00Z",
            ),
            start + 90_000,
        )
        await add(
            record(
                "other", "third", body=BODY.split("\n", 1)[0] + "\n" + BODY.split("\n")[1], published_at="2026-11-05"
            ),
            start + 200_000,
        )
        await add(
            record("jiyang", "old", title="旧闻", body="一条很早以前的消息。", published_at="2026-01-05"),
            start + 200_100,
        )
        revised = record("jiyang", "first", body=BODY.replace("126公里", "128公里") + "\n相关工程接受社会监督。")
        await add(replace(revised, fetched_at="2026-11-06T02:00:00Z"), start + 259_200)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    asyncio.run(fill(f"sqlite:///{tmp_path / 'data' / 'portalwatch.db'}"))
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crawler.cli.main", *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
        env={**os.environ, "PORTALWATCH_DATA": str(folder / "data")},
    )


def test_show_prints_the_reprint_tree(folder: Path) -> None:
    lines = run(folder, "show", "third").stdout.splitlines()
    at = lines.index("reprints: 2")
    assert lines[at + 1] == "  2026-11-03  jiyang人民政府 · first · https://www.jiyang.example/first.html  original"
    assert "+1 d 1 h  province人民政府 · second" in lines[at + 2]
    assert "another title" in lines[at + 2]
    assert lines[at + 3].startswith("*   └ +1 d 14 h  other人民政府")
    assert "of the original" in lines[at + 3]


def test_show_as_json_ends_with_the_article_as_known_now_and_its_story(folder: Path) -> None:
    *_, last = run(folder, "show", "third", "--json").stdout.splitlines()
    shown = json.loads(last)
    assert (shown["id"], shown["duplicate_of"], shown["answers"]) == ("third", "first", [])
    story = shown["story"]
    assert (story["original"]["id"], story["original"]["published_at"]) == ("first", "2026-11-03")
    assert [(one["id"], one["later"]) for one in story["reprints"]] == [("second", 90_000.0), ("third", 136_800.0)]
    assert "another title" in story["reprints"][0]["wording"]
    assert json.loads(run(folder, "show", "old", "--json").stdout.splitlines()[-1])["story"] is None


def test_show_diff_by_sentence_and_word(folder: Path) -> None:
    done = run(folder, "show", "first", "--diff", "2")
    assert done.returncode == 0, done.stderr
    assert "1 sentence changed, 1 sentence inserted, numbers among them" in done.stdout
    assert "管网改造[-126-]{+128+}公里" in done.stdout
    assert "+ {+相关工程接受社会监督。+}" in done.stdout
    data = json.loads(run(folder, "show", "first", "--diff", "2", "--json").stdout)
    assert [one["kind"] for one in data["body"]] == ["changed", "inserted"]
    refused = run(folder, "show", "second", "--diff", "2")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_changes_newest_first(folder: Path) -> None:
    lines = run(folder, "changes").stdout.splitlines()
    assert [line.split()[2:5] for line in lines] == [
        ["revised", "jiyang/news", "first"],
        ["back-dated", "jiyang/news", "old"],
        ["published", "other/news", "third"],
        ["published", "province/news", "second"],
        ["published", "jiyang/news", "first"],
    ]
    assert "(body)" in lines[0]
    assert "(dated 2026-01-05)" in lines[1]
    assert "(reprint of first)" in lines[2]
    only = run(folder, "changes", "--type", "back-dated", "--json").stdout.splitlines()
    assert [json.loads(line)["id"] for line in only] == ["old"]
    assert run(folder, "changes", "--since", "2026-11-06").stdout.splitlines() == lines[:1]
    assert run(folder, "changes", "--since", "soon").returncode == 2


def test_compare_says_so_by_its_exit_status(folder: Path) -> None:
    (folder / "true.txt").write_text(f"霁阳市改造供水管网一百余公里\n2026-11-03 来源：霁阳日报\n{BODY}", "utf-8")
    true = run(folder, "compare", "true.txt")
    assert true.returncode == 0, true.stdout + true.stderr
    assert true.stdout.startswith("true.txt: true\n")
    paragraphs = "".join(f"<p>{line}</p>" for line in BODY.replace("4.1万户", "9.1万户").split("\n"))
    head = "<h1>霁阳市改造供水管网一百余公里</h1><p>2026-11-03 来源：霁阳日报</p>"
    page = f"<!doctype html><html><head><title>x</title></head><body>{head}<div>{paragraphs}</div></body></html>"
    (folder / "altered.html").write_text(page, "utf-8")
    altered = run(folder, "compare", "altered.html")
    assert altered.returncode == 4, altered.stdout + altered.stderr
    assert "changed number, paragraph 1: …管网改造126公里，惠及[-4.1-]{+9.1+}万户居民。…" in altered.stdout
    data = json.loads(run(folder, "compare", "altered.html", "--json").stdout)
    assert (data["verdict"], data["original"]["id"], len(data["alterations"])) == ("altered", "first", 1)
    (folder / "other.txt").write_text(
        "渌川市文化馆\n" + "昨天晚上举行了一场露天音乐会，上千名市民冒雨到场。" * 3, "utf-8"
    )
    unknown = run(folder, "compare", "other.txt")
    assert (unknown.returncode, unknown.stdout.splitlines()[0]) == (5, "other.txt: no original known")
    assert run(folder, "compare", "missing.txt").returncode == 2
