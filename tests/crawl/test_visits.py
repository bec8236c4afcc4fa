"""Visits: what is gone, what an outage hides, what comes back, and what is furniture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from crawler.crawl.emptied import is_emptied, is_left_over
from crawler.crawl.rechecking import recheck
from crawler.exceptions import PortalwatchError
from crawler.replica.models import Attachment

if TYPE_CHECKING:
    from crawler.replica.portal import Portal
    from crawler.replica.state import Article
    from tests.crawl.conftest import Bench, MakeBench

TARGET = "replica-trs/news"
AGES = {"revisit": {"ages": [3600, 7200, 86_400]}}
HOUR = 3600.0


@pytest.fixture
async def watched(make_bench: MakeBench) -> Bench:
    """Twelve articles, read once."""
    bench: Bench = await make_bench(AGES, articles={"trs/news": 12})
    await bench.poll(TARGET)
    return bench


def trs(bench: Bench) -> Portal:
    return bench.replica.portal("trs")


async def told(bench: Bench) -> list[tuple[str, str]]:
    """Events after the first pass: type and URL."""
    return [(event.type, event.record.url) for event in (await bench.events())[12:]]


async def later(bench: Bench, hours: float = 1.1) -> Any:
    bench.now += hours * HOUR
    return await bench.poll(TARGET)


@pytest.mark.parametrize("how", ["404", "410", "redirect", "emptied"])
@pytest.mark.parametrize("delist", [True, False])
async def test_gone_on_two_visits_is_withdrawn_and_its_answers_are_kept(
    watched: Bench, how: Any, *, delist: bool
) -> None:
    article = trs(watched).articles[3]
    article.withdraw(how, delist=delist)
    assert (await later(watched)).withdrawn == 0
    assert (await later(watched)).withdrawn == 1
    assert await told(watched) == [("withdrawn", article.url)]
    assert (await later(watched, 30)).withdrawn == 0, "once"
    event = (await watched.events())[-1]
    assert event.record.body, "the record says what was there"
    kept = await watched.store.raw.pages(event.record.id)
    status = int(how) if how.isdigit() else 200
    assert [one.status for one in kept] == [200, status]


async def test_a_soft_404_is_gone_too(watched: Bench) -> None:
    trs(watched).switch(soft_404=True)
    trs(watched).articles[3].withdraw("404")
    await later(watched)
    assert (await later(watched)).withdrawn == 1


async def test_a_page_that_says_that_it_was_deleted_is_gone(watched: Bench) -> None:
    trs(watched).articles[3].edit(paragraphs=("该信息已被删除。",))
    await later(watched)
    assert (await later(watched)).withdrawn == 1
    assert [type_ for type_, _ in await told(watched)] == ["withdrawn"]


async def test_one_visit_that_finds_it_gone_says_nothing(watched: Bench) -> None:
    article = trs(watched).articles[3]
    trs(watched).switch(path=article.path, status=404)
    await later(watched)
    trs(watched).heal()
    await later(watched)
    await later(watched, 30)
    assert await told(watched) == []


@pytest.mark.parametrize(
    "outage",
    [
        {"status": 404},
        {"status": 410},
        {"status": 503},
        {"status": 500},
        {"block": "page"},
        {"block": "412"},
        {"down": True},
        {"redirect": "home"},
        {"truncate": 0.3, "validators": "none"},
    ],
    ids=str,
)
async def test_an_outage_of_the_articles_withdraws_nothing(watched: Bench, outage: dict[str, Any]) -> None:
    """The list goes on as ever, and says that something has changed."""
    portal = trs(watched)
    switches = {**outage, "redirect": portal.base + "/"} if "redirect" in outage else outage
    portal.switch(path=portal.section("news").path + "20", **switches)
    for _ in range(4):
        portal.section("news").touch()
        await later(watched)
    portal.heal()
    await later(watched)
    await later(watched, 30)
    assert await told(watched) == []
    edited = portal.articles[0]
    edited.edit(title="停机以后改过的标题")
    await later(watched, 80)
    assert await told(watched) == [("revised", edited.url)]


@pytest.mark.parametrize("target", [TARGET, "replica-trs/policy"])
async def test_a_site_whose_pages_have_all_lost_their_text_withdraws_nothing(
    make_bench: MakeBench, target: str
) -> None:
    bench: Bench = await make_bench(AGES, articles={"trs/news": 12, "trs/policy": 12})
    await bench.poll(target)
    for article in trs(bench).articles:
        article.withdraw("emptied", delist=False)
    for _ in range(4):
        bench.now += 1.1 * HOUR
        await bench.poll(target)
    assert await told(bench) == []


async def test_a_list_that_fails_withdraws_nothing(watched: Bench) -> None:
    portal = trs(watched)
    portal.articles[3].withdraw("404")
    portal.switch(path=portal.section("news").path + "index", status=500)
    portal.section("news").switch(status=500)
    for article in portal.articles:
        portal.switch(path=article.path, status=None)
    for _ in range(3):
        report = await later(watched)
        assert report.error is not None
    assert await told(watched) == []
    portal.heal()
    portal.section("news").switch(status=None)
    await later(watched)
    assert (await later(watched)).withdrawn == 1


async def test_what_vanished_from_the_list_is_visited_at_once(make_bench: MakeBench) -> None:
    bench: Bench = await make_bench({"revisit": {"ages": [30 * 86_400]}}, articles={"trs/news": 40})
    await bench.poll(TARGET)
    await bench.poll(TARGET, max_pages=5)
    known = len(await bench.events())
    withdrawn, last = trs(bench).articles[30], trs(bench).articles[20]
    assert [entry.article for entry in trs(bench).section("news").page(1, 20, None)][-1] is last
    withdrawn.withdraw("404")
    last.withdraw("410")
    trs(bench).publish("news")
    await later(bench, 0.1)
    await later(bench, 1.1)
    events = (await bench.events())[known:]
    assert {(event.type, event.record.url) for event in events if event.type == "withdrawn"} == {
        ("withdrawn", withdrawn.url),
        ("withdrawn", last.url),
    }
    assert sum(event.type == "published" for event in events) == 1, "what slid up is not new"


async def test_what_new_posts_pushed_off_the_page_is_not_visited(make_bench: MakeBench) -> None:
    bench: Bench = await make_bench({"revisit": {"ages": [30 * 86_400]}}, articles={"trs/news": 40})
    await bench.poll(TARGET)
    for _ in range(7):
        trs(bench).publish("news")
    bench.replica.requests.clear()
    assert (await later(bench, 0.1)).new == 7
    asked = {article.number for article in trs(bench).articles if bench.requests(article.path)}
    assert asked == {article.number for article in trs(bench).articles[-7:]}


async def test_a_withdrawn_article_that_is_back_is_told(watched: Bench) -> None:
    article = trs(watched).articles[3]
    article.withdraw("404", delist=False)
    await later(watched)
    await later(watched)
    article.withdrawn = None
    article.redress()
    await later(watched, 30)
    assert await told(watched) == [("withdrawn", article.url), ("revised", article.url)]
    event = (await watched.events())[-1]
    assert (event.changes, event.record.revision, event.record.withdrawn_at) == (("withdrawn_at",), 1, None)


async def test_a_withdrawn_article_that_is_listed_again_is_visited_at_once(make_bench: MakeBench) -> None:
    bench: Bench = await make_bench({"revisit": {"ages": [3600]}}, articles={"trs/news": 12})
    await bench.poll(TARGET)
    article = trs(bench).articles[3]
    entry = _entry(bench, article)
    article.withdraw("404")
    await later(bench)
    await later(bench)
    await later(bench, 100)
    article.withdrawn = None
    trs(bench).section("news").enlist(entry)
    article.redress()
    await later(bench, 0.1)
    assert await told(bench) == [("withdrawn", article.url), ("revised", article.url)]


async def test_a_post_that_is_dated_back_is_new(make_bench: MakeBench) -> None:
    bench: Bench = await make_bench(articles={"trs/news": 200})
    await bench.poll(TARGET)
    known = len(await bench.events())
    listed = trs(bench).section("news").page(1, 20, None)
    post = trs(bench).publish("news", published_at=listed[10].article.published)
    assert trs(bench).section("news").page(1, 20, None).index(_entry(bench, post)) > 5
    assert (await bench.poll(TARGET)).new == 1
    (event,) = (await bench.events())[known:]
    assert (event.type, event.record.url, event.alert) == ("published", post.url, True)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"title": "另一个标题"}, {"title"}),
        ({"source": "另一个来源"}, {"source"}),
        ({"paragraphs": ("全文改写为这一段，说明事情的经过和处理的结果，供读者了解。" * 3,)}, {"body"}),
        ({"attachments": (Attachment(name="补充材料.pdf"),)}, {"attachments"}),
    ],
)
async def test_each_field_that_is_compared_makes_a_revision(
    watched: Bench, change: dict[str, Any], names: set[str]
) -> None:
    article = trs(watched).articles[2]
    article.edit(**change)
    assert (await later(watched)).revised == 1
    event = (await watched.events())[-1]
    assert set(event.changes) >= names
    assert event.record.revision == 2


async def test_furniture_is_no_revision_and_is_kept(watched: Bench) -> None:
    article: Article = trs(watched).articles[2]
    for _ in range(3):
        article.redress()
        await later(watched, 9)
    assert await told(watched) == []
    record = await watched.store.articles.get((await watched.records())[_canonical(article.url)].id)
    assert record is not None
    assert len(await watched.store.raw.pages(record.id)) > 1


async def test_a_page_that_fails_for_ever_does_not_take_the_turn_of_others(make_bench: MakeBench) -> None:
    bench: Bench = await make_bench({"revisit": {"ages": [3600], "per_poll": 2}}, articles={"trs/news": 6})
    await bench.poll(TARGET)
    for article in trs(bench).articles[:2]:
        trs(bench).switch(path=article.path, status=500)
    edited = trs(bench).articles[5]
    edited.edit(title="排在后面也会被看到的标题")
    for _ in range(4):
        await later(bench)
    assert (await bench.events())[-1].record.url == edited.url
    bench.replica.requests.clear()
    for _ in range(30):
        await later(bench, 2)
    assert bench.requests(trs(bench).articles[0].path) == 0, "given up in the end"


# Asked for by hand.


async def check(bench: Bench, article: Article) -> dict[str, Any]:
    record = (await bench.records())[_canonical(article.url)]
    return await recheck(bench.fetcher, bench.store, bench.config, bench.registry, record.id, clock=lambda: bench.now)


async def test_recheck_tells_unchanged_revised_gone_withdrawn_and_back(watched: Bench) -> None:
    article = trs(watched).articles[5]
    assert (await check(watched, article))["outcome"] == "unchanged"
    article.edit(title="改过的标题")
    answer = await check(watched, article)
    assert (answer["outcome"], answer["changes"], answer["revision"], answer["back"]) == (
        "revised",
        ["title"],
        2,
        False,
    )
    article.withdraw("404")
    assert (await check(watched, article))["outcome"] == "gone"
    watched.now += 60
    again = await check(watched, article)
    assert (again["outcome"], "another one counts in 9 min" in again["reason"]) == ("gone", True)
    watched.now += 600
    answer = await check(watched, article)
    assert (answer["outcome"], answer["new"]) == ("withdrawn", True)
    answer = await check(watched, article)
    assert (answer["outcome"], answer["new"]) == ("withdrawn", False)
    article.withdrawn = None
    answer = await check(watched, article)
    assert (answer["outcome"], answer["changes"], answer["back"]) == ("revised", [], True)
    assert [type_ for type_, _ in await told(watched)] == ["revised", "withdrawn", "revised"]


async def test_recheck_in_an_outage_says_so(watched: Bench) -> None:
    portal = trs(watched)
    portal.switch(path=portal.section("news").path + "20", status=404)
    answer = await check(watched, portal.articles[5])
    assert (answer["outcome"], "an outage" in answer["reason"]) == ("failed", True)
    portal.switch(path=portal.section("news").path + "20", status=503)
    assert (await check(watched, portal.articles[5]))["outcome"] == "failed"


async def test_recheck_of_what_is_no_page_is_refused(watched: Bench) -> None:
    document = trs(watched).publish("news", form="file", title="一份文件")
    await watched.poll(TARGET)
    with pytest.raises(PortalwatchError, match="is listed as file"):
        await check(watched, document)
    with pytest.raises(PortalwatchError, match="no such article"):
        await recheck(watched.fetcher, watched.store, watched.config, watched.registry, "nothing")


@pytest.mark.parametrize(
    ("body", "emptied"),
    [
        (None, True),
        ("  \n", True),
        ("内容已删除", True),
        ("您访问的文章不存在或已被删除。", True),
        ("该信息已下线", True),
        ("已删除", True),
        ("县水务局删除了一批过期的文件目录，" * 5, False),
    ],
)
def test_an_emptied_page_is_told(body: str | None, *, emptied: bool) -> None:
    assert is_emptied(body) is emptied


BEFORE = "云雀县今日公布防汛方案，防汛方案共十二条。各乡镇要在汛期前完成检查，发现问题及时整改，确保安全度汛。" * 3
TABLE = "<tr><td>索引号：</td><td>云雀〔2026〕7号</td></tr><tr><td>标题：</td><td>发布日期：2026年6月1日</td></tr>"
PAGE = f"<h1>云雀县公布防汛方案</h1><p>{BEFORE}</p><div><a>网站地图</a> | <a>关于我们</a> | <a>联系我们</a></div>"


@pytest.mark.parametrize(
    ("body", "page", "left_over"),
    [
        ("网站地图 | 关于我们 | 联系我们", PAGE, True),
        ("网站地图 | 关于我们 | 联系我们", None, True),
        ("网站地图 | 关于我们 | 联系我们 12", PAGE, True),
        ("防汛方案共十二条。", PAGE, False),
        ("索引号：云雀〔2026〕7号\n标题：云雀县今日公布防汛方案\n发布日期：2026年6月1日，关于我们", TABLE + PAGE, True),
        ("云雀县今日公布防汛方案，防汛方案共十二条。关于我们", TABLE + PAGE, False),
        ("全文改写为这一段，说明事情的经过。", PAGE, False),
        ("另外一段话，说的是完全不同的事情，但是它很长。" * 40, PAGE, False),
        ("全文改写为这一段，说明事情的经过和处理的结果，供读者了解。" * 3, None, False),
    ],
)
def test_what_is_left_of_an_emptied_page_is_told_from_an_edit(body: str, page: str | None, *, left_over: bool) -> None:
    assert is_left_over(body, BEFORE, page) is left_over


def _entry(bench: Bench, article: Article) -> Any:
    return next(one for one in trs(bench).section("news").entries if one.article is article)


def _canonical(url: str) -> str:
    from crawler.text.urls import canonical_url

    return canonical_url(url)
