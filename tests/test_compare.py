from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from crawler.compare import compare
from crawler.dedup import Fingerprint
from crawler.items import Article, Record
from crawler.reading import read_text
from crawler.replica.pollution import pollute
from crawler.store import ArticleWrite, Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

TITLE = "岚口市启动老旧码头改造"
BODY = (
    "岚口市交通运输局9月12日宣布,全市6座老旧码头的改造工程正式启动,总投资3.2亿元,计划用18个月完成。\n"
    "市交通运输局局长祁望舒介绍,改造后的码头将增加岸电设施,船舶靠港时不再烧油发电,每年可以减少排放约4000吨。"
    "施工期间,客运航线由北岸临时泊位接替,班次不变,票价不变。\n"
    "家住东渡口的居民章惟安每天乘船上班,他说最盼望的是候船厅里能有一处挡风的地方。"
    "设计单位已经在方案中加入封闭式候船廊,并把无障碍坡道延长到了栈桥尽头。\n"
    "工程分三期推进,首期的东渡口、青石矶两座码头将在明年春汛之前交付使用。"
)
ORIGINAL = Article(title=TITLE, body=BODY, published_at="2026-09-12", source="岚口日报")


def write_of(section_id: int, article: Article, name: str, now: float = 1_790_000_000.0) -> ArticleWrite:
    url = f"https://www.lankou.example/{name}.html"
    content = hashlib.sha256(f"{article.title}\0{article.body}".encode()).hexdigest()
    record = Record(
        made_by="test", id=name, url=url, canonical_url=url, portal="lankou", portal_name="岚口市人民政府",
        region="990100", sections=("news",), kind="news", title=article.title, source=article.source,
        published_at=article.published_at, first_seen_at="2026-09-12T01:00:00Z", fetched_at="2026-09-12T01:00:00Z",
        body=article.body, content_sha256=content,
    )  # fmt: skip
    return ArticleWrite(
        section_id=section_id,
        entry_key=None,
        article_id=name,
        keys=(hashlib.md5(url.encode(), usedforsecurity=False).digest(),),
        record=record,
        alert=False,
        now=now,
        likeness=Fingerprint(article.title, article.body),
    )


class Archive:
    def __init__(self, store: Store, section_id: int) -> None:
        self.store = store
        self.section_id = section_id

    async def add(self, article: Article, name: str = "original", now: float = 1_790_000_000.0) -> None:
        await self.store.articles.store(write_of(self.section_id, article, name, now))

    async def altered(self, copy: Article) -> list[tuple[Any, ...]]:
        found = await compare(self.store, copy)
        assert found is not None
        return [(one.kind, one.where, one.original, one.copy) for one in found.alterations]


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    async with await Store.open(f"sqlite:///{tmp_path / 'portalwatch.db'}") as store:
        section = await store.sections.open("lankou", "news")
        yield Archive(store, section.id)


@pytest.mark.parametrize("style", ["none", "spaced", "toned", "random", "torn"])
async def test_a_polluted_copy_is_true(archive: Archive, style: str) -> None:
    await archive.add(ORIGINAL)
    text = f"{TITLE}\n2026-09-12 来源:岚口日报\n{BODY}"
    assert await archive.altered(read_text(pollute(text, style, "a"))) == []


async def test_width_of_marks_and_digits_is_no_alteration(archive: Archive) -> None:
    await archive.add(ORIGINAL)
    wide = BODY.replace(",", "，").replace("9月12日", "９月１２日").replace("\n", "\n　　")
    assert await archive.altered(replace(ORIGINAL, body=wide)) == []


async def test_every_alteration_is_shown(archive: Archive) -> None:
    await archive.add(ORIGINAL)
    body = (
        BODY.replace("3.2亿元", "3.8亿元")
        .replace("祁望舒", "褚明霁")
        .replace("班次不变,", "")
        .replace("封闭式候船廊", "封闭式豪华候船廊")
        .replace("分三期", "分五期")
    )
    copy = replace(ORIGINAL, title=TITLE.replace("启动", "叫停"), body=body, source="汀原网", published_at=None)
    assert await archive.altered(copy) == [
        ("replaced", "title", "启动", "叫停"),
        ("number", "body", "3.2", "3.8"),
        ("replaced", "body", "祁望舒", "褚明霁"),
        ("removed", "body", "班次不变", None),
        ("inserted", "body", None, "豪华"),
        ("number", "body", "三", "五"),
        ("source", "source", "岚口日报", "汀原网"),
        ("date", "date", "2026-09-12", None),
    ]


async def test_an_alteration_says_where(archive: Archive) -> None:
    await archive.add(ORIGINAL)
    found = await compare(archive.store, replace(ORIGINAL, body=BODY.replace("4000吨", "400吨")))
    assert found is not None
    assert [(one.paragraph, one.before, one.after) for one in found.alterations] == [
        (2, "发电,每年可以减少排放约", "吨。施工期间,客运航线由")
    ]


async def test_lines_that_a_site_adds_alter_nothing(archive: Archive) -> None:
    await archive.add(ORIGINAL)
    body = f"来源：岚口日报 浏览次数：371\n{BODY}\n（责任编辑：邬同尘）\n版权声明：转载请注明出处"
    assert await archive.altered(replace(ORIGINAL, body=body)) == []
    assert (
        await archive.altered(
            replace(
                ORIGINAL,
                body=f"{BODY}\n责任编辑说这项工程早就停了。",
            )
        )
        != []
    )


async def test_a_true_copy_of_an_earlier_revision(archive: Archive) -> None:
    await archive.add(ORIGINAL)
    await archive.add(replace(ORIGINAL, body=BODY.replace("18个月", "24个月")), now=1_790_000_100.0)
    found = await compare(archive.store, ORIGINAL)
    assert found is not None
    assert found.true
    assert (found.revision, found.revisions) == (1, 2)
    assert any("revised since" in note for note in found.notes)


async def test_half_a_copy_is_an_altered_one(archive: Archive) -> None:
    await archive.add(ORIGINAL)
    first, second, _ = BODY.split("\n", 2)
    ((kind, where, original, copy),) = await archive.altered(replace(ORIGINAL, body=f"{first}\n{second}"))
    assert (kind, where, copy) == ("removed", "body", None)
    assert original.startswith("家住东渡口")


async def test_no_original_is_known(archive: Archive) -> None:
    other = (
        "雁泽市今天公布了新的垃圾分类办法,从明年一月起在全市范围内实行定时定点投放。"
        "办法规定,物业公司应当配备督导员,对居民进行现场指导,并建立台账备查。"
    )
    assert await compare(archive.store, Article(title="垃圾分类", body=other)) is None
    await archive.add(ORIGINAL)
    assert await compare(archive.store, Article(title="垃圾分类", body=other)) is None
    assert await compare(archive.store, Article(title=None, body=None)) is None


async def test_a_short_text_is_found_by_its_words(archive: Archive) -> None:
    short = Article(title="放假通知", body="十月一日至七日放假调休,共七天。")
    await archive.add(short)
    found = await compare(archive.store, short)
    assert found is not None
    assert found.true


@pytest.mark.parametrize("seed", ["mirror-toned", "mirror-toneless"])
async def test_the_seeds(archive: Archive, shared: Path, seed: str) -> None:
    expected = json.loads((shared / "seeds" / f"{seed}.expected.json").read_text("utf-8"))
    original = Article(
        title=expected["title"], body=expected["body"], source=expected["source"], published_at=expected["published_at"]
    )
    copy = read_text((shared / "seeds" / f"{seed}.txt").read_text("utf-8"))
    await archive.add(original)
    assert await archive.altered(copy) == []


@pytest.mark.parametrize("seed", ["mirror-toned", "mirror-toneless"])
async def test_the_seeds_tampered_in_three_places(archive: Archive, shared: Path, seed: str) -> None:
    expected = json.loads((shared / "seeds" / f"{seed}.expected.json").read_text("utf-8"))
    body: str = expected["body"]
    # the original that is in the store says something else in three places
    places = [at for at, character in enumerate(body) if character == "的"]
    spans = [places[len(places) // 4], places[len(places) // 2], places[-1]]
    for number, at in enumerate(reversed(spans)):
        body = body[:at] + ("鑫鑫", "", "的鑫")[number] + body[at + 1 :]
    await archive.add(
        Article(title=expected["title"], body=body, source=expected["source"], published_at=expected["published_at"])
    )
    found = await archive.altered(read_text((shared / "seeds" / f"{seed}.txt").read_text("utf-8")))
    assert [(original, copy) for _, _, original, copy in found] == [("鑫", None), (None, "的"), ("鑫鑫", "的")]
