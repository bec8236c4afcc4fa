"""A look at portals that no file describes, on servers whose pages stand here."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from crawler.config import Config
from crawler.crawl.add import MAX_REQUESTS, look
from crawler.crawl.add_draft import Survey
from crawler.crawl.add_fixture import save_fixture
from crawler.crawl.fetch import Fetcher
from crawler.crawl.resident import resident_crawler
from crawler.exceptions import FetchError, StorageError, UnreadablePageError, UsageError
from crawler.listing import read_list
from crawler.portals import load_portals
from crawler.portals.writer import read_back, write_portal
from crawler.replica import Replica
from crawler.replica.plans import family_plans

Pages = dict[str, str | bytes | web.Response]
SITE = '<meta name="SiteName" content="青石县人民政府"><meta name="SiteIDCode" content="1409990001">'
TOPICS = (
    "春灌用水",
    "校舍修缮",
    "防汛值守",
    "秋粮收购",
    "集中供热",
    "道路养护",
    "湿地保护",
    "农机检修",
    "就业培训",
    "义诊下乡",
)


def page(title: str, body: str, head: str = SITE) -> str:
    nav = "".join(f'<li><a href="{path}">{name}</a></li>' for name, path in NAV.items())
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}-青石县人民政府</title>{head}</head><body>'
        f'<div><a href="/">首页</a><ul>{nav}</ul></div>{body}<div><a href="/map/">网站地图</a></div></body></html>'
    )


NAV = {"新闻中心": "/xwzx/", "政务公开": "/zwgk/", "互动交流": "/hdjl/", "办事服务": "/bsfw/"}


def rows(folder: str, word: str, count: int = 10, *, dated: bool = True) -> str:
    found = []
    for i in range(count):
        day = f"<span>2026-11-{20 - i:02}</span>" if dated else ""
        link = f'<a href="{folder}202611/t202611{20 - i:02}_{88000 + i}.html">{word}{TOPICS[i % 10]}工作的安排之{i}</a>'
        found.append(f"<li>{link}{day}</li>")
    return f"<ul>{''.join(found)}</ul>"


def column(name: str, folder: str, word: str, **options: Any) -> str:
    head = f'{SITE}<meta name="ColumnName" content="{name}">'
    pager = '<script>createPageHTML(3, 0, "index", "html");</script>'
    return page(name, f"<h2>{name}</h2>{rows(folder, word, **options)}{pager}", head)


def block(name: str, folder: str, word: str) -> str:
    return f'<div><h3>{name}</h3><a href="{folder}">更多&gt;&gt;</a>{rows(folder, word, 6)}</div>'


ARTICLE = page(
    "关于春灌用水工作的安排",
    '<div>您现在的位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a>'
    ' &gt; <a href="/zwgk/tzgg/">通知公告</a></div>'
    "<h1>关于春灌用水工作的安排</h1><p>发布时间：2026-11-20 来源：青石县水务局</p><div>"
    + "<p>全县各乡镇要提前检修渠道和泵站，安排专人轮流值守，确保春灌期间每一块农田都能按时浇上水。</p>" * 6
    + "</div>",
    SITE + '<meta name="ArticleTitle" content="关于春灌用水工作的安排"><meta name="PubDate" content="2026-11-20">',
)
COUNTY: Pages = {
    "/": page(
        "首页",
        block("青石要闻", "/xwzx/qsyw/", "全县推进")
        + block("通知公告", "/zwgk/tzgg/", "关于")
        + block("图片新闻", "/tpxw/", "图说"),
    ),
    "/xwzx/": page(
        "新闻中心", block("青石要闻", "/xwzx/qsyw/", "全县推进") + block("乡镇动态", "/xwzx/xzdt/", "乡镇开展")
    ),
    "/xwzx/qsyw/": column("青石要闻", "/xwzx/qsyw/", "全县推进"),
    "/xwzx/xzdt/": column("乡镇动态", "/xwzx/xzdt/", "乡镇开展", count=4),
    "/zwgk/": page(
        "政务公开",
        "<div><h3>政府信息公开</h3>"
        '<a href="/zwgk/zcwj/">政策文件</a><a href="/zwgk/zcjd/">政策解读</a>'
        '<a href="/zwgk/gb/list.html">政府公报</a></div>',
    ),
    "/zwgk/tzgg/": column("通知公告", "/zwgk/tzgg/", "关于"),
    "/zwgk/zcwj/": page(
        "政策文件",
        '<div id="list"></div><script>$.getJSON("/api/zcwj/list.json", function (d) { renderList(d); });</script>',
    ),
    "/zwgk/zcjd/": page("政策解读", "<div>暂无数据</div>"),
    "/zwgk/gb/list.html": web.Response(status=404),
    "/tpxw/": column("图片新闻", "/tpxw/", "图说", dated=False),
}  # fmt: skip
DOCUMENTS = [
    {"title": f"青石县人民政府关于{topic}的意见", "url": f"/zwgk/zcwj/content_{i}.html", "date": f"2026-10-{i + 10}"}
    for i, topic in enumerate(TOPICS)
]


class Server:
    def __init__(self, pages: Pages, robots: str | None, base: str) -> None:
        self.pages, self.robots, self.base = pages, robots, base
        self.asked: list[str] = []


Serve = Callable[..., Awaitable[Server]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serves pages by path; unknown ones are 404, articles of any list one and the same."""
    async with AsyncExitStack() as stack:

        async def start(pages: Pages, robots: str | None = None, host: str = "127.0.0.1", port: int = 0) -> Server:
            server = Server(pages, robots, "")

            async def handle(request: web.BaseRequest) -> web.StreamResponse:
                if request.path == "/robots.txt":
                    return web.Response(text=robots) if robots is not None else web.Response(status=404)
                server.asked.append(request.path)
                found = pages.get(request.path)
                if found is None and "/t2026" in request.path:
                    found = ARTICLE
                if request.path == "/api/zcwj/list.json":
                    return web.json_response({"list": DOCUMENTS})
                if isinstance(found, web.Response):
                    return web.Response(status=found.status, headers=found.headers, body=found.body)
                if found is None:
                    return web.Response(status=404)
                body = found if isinstance(found, bytes) else found.encode()
                return web.Response(body=body, headers={"Content-Type": "text/html"})

            runner = web.ServerRunner(web.Server(handle, access_log=None), shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, host, port).start()
            server.base = f"http://{host}:{runner.addresses[0][1]}"
            return server

        yield start


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with resident_crawler(Config(politeness={"timeout": 5, "delay": 0})) as made:
        yield made


async def survey(fetcher: Fetcher, url: str, portal_id: str = "qingshi") -> Survey:
    found = await look(fetcher, url, portal_id, load_portals().portals.values(), "2026-11-22")
    portal = read_back(portal_id, write_portal(found.draft))
    assert [(str(s.url), s.enabled) for s in portal.sections] == [
        (s.url, s.reason is None) for s in found.draft.sections
    ]
    return found


def by_name(found: Survey) -> dict[str, Any]:
    return {section.name: section for section in found.draft.sections}


def doubts(found: Survey) -> dict[str, str]:
    return dict(found.unsure)


async def test_a_front_page_gives_the_lists_that_it_and_its_channels_name(serve: Serve, fetcher: Fetcher) -> None:
    server = await serve(COUNTY)
    found = await survey(fetcher, server.base + "/")
    draft, sections = found.draft, by_name(found)
    assert (draft.name, draft.region, draft.home, draft.hosts, draft.cms) == (
        "青石县人民政府", "140999", server.base + "/", ("127.0.0.1",), "trs",
    )  # fmt: skip
    assert {name: section.kind for name, section in sections.items() if section.reason is None} == {
        "青石要闻": "news", "乡镇动态": "news", "通知公告": "notice", "政策文件": "policy",
    }  # fmt: skip
    assert "; region: its SiteIDCode is 1409990001; cms: createPageHTML" in draft.evidence
    assert sections["青石要闻"].url == server.base + "/xwzx/qsyw/"
    assert sections["青石要闻"].evidence == f"linked from {server.base}/"
    assert sections["青石要闻"].basis == "live"
    assert sections["政策文件"].url == server.base + "/api/zcwj/list.json"
    assert f"{server.base}/zwgk/zcwj/" in sections["政策文件"].evidence
    assert found.sample is not None
    assert found.sample.article.title == "关于春灌用水工作的安排"
    assert any("/zwgk/gb/list.html: answered 404" in problem for problem in found.problems)
    assert "/hdjl/" not in server.asked
    assert "/bsfw/" not in server.asked
    assert found.requests == len(server.asked) <= MAX_REQUESTS
    assert len(set(server.asked)) == len(server.asked), "each page is asked for once"


async def test_columns_on_a_sibling_host_are_named_and_not_asked_for(serve: Serve) -> None:
    links = (
        '<a href="http://zfxxgk.qingshi.example/zcwj/">政策文件</a><a href="http://rsj.qingshi.example/">县人社局</a>'
    )
    proxy = await serve({**COUNTY, "/": str(COUNTY["/"]).replace("</body>", links + "</body>")})
    async with resident_crawler(Config(proxy=proxy.base, politeness={"timeout": 5, "delay": 0})) as fetcher:
        found = await survey(fetcher, "http://www.qingshi.example/")
    assert found.passed_over == (("政策文件", "http://zfxxgk.qingshi.example/zcwj/"),)
    assert found.draft.hosts == ("www.qingshi.example",)
    assert "/zcwj/" not in proxy.asked


async def test_a_list_that_cannot_be_told_for_sure_is_off_with_the_reason(serve: Serve, fetcher: Fetcher) -> None:
    server = await serve(COUNTY)
    found = await survey(fetcher, server.base + "/")
    reason = by_name(found)["图片新闻"].reason or ""
    assert reason.startswith("its list cannot be told for sure (confidence 0.4")
    assert reason.endswith("most rows show no date")
    assert "enabled = false" in write_portal(found.draft)


async def test_a_list_that_was_given_comes_first(serve: Serve, fetcher: Fetcher) -> None:
    server = await serve(COUNTY)
    found = await survey(fetcher, server.base + "/zwgk/tzgg/")
    first = found.draft.sections[0]
    assert (first.id, first.name, first.kind) == ("notice", "通知公告", "notice")
    assert first.evidence == f"portalwatch add {server.base}/zwgk/tzgg/"
    assert "青石要闻" in by_name(found)
    assert not found.asked_for_failed


async def test_an_article_leads_to_its_list(serve: Serve, fetcher: Fetcher) -> None:
    server = await serve(COUNTY)
    url = server.base + "/zwgk/tzgg/202611/t20261120_88000.html"
    found = await survey(fetcher, url)
    first = found.draft.sections[0]
    assert (first.id, first.url, first.evidence) == ("notice", server.base + "/zwgk/tzgg/", f"linked from {url}")
    assert found.sample is not None
    assert found.sample.fetched.url == url
    assert server.asked.count("/zwgk/tzgg/202611/t20261120_88000.html") == 1


async def test_an_article_without_breadcrumbs_leads_to_its_folder_which_is_said(serve: Serve, fetcher: Fetcher) -> None:
    crumbs = ARTICLE.index("您现在的位置"), ARTICLE.index("<h1>")
    bare = ARTICLE[: crumbs[0]] + "</div>" + ARTICLE[crumbs[1] :]
    server = await serve({**COUNTY, "/": web.Response(status=404), "/zwgk/tzgg/202611/t20261120_1.html": bare})
    found = await survey(fetcher, server.base + "/zwgk/tzgg/202611/t20261120_1.html")
    first = found.draft.sections[0]
    assert first.url == server.base + "/zwgk/tzgg/"
    assert "no page links it" in doubts(found)[f"{first.id}.url"]
    assert any("answered 404" in problem for problem in found.problems)


async def test_a_channel_page_gives_the_lists_below_it(serve: Serve, fetcher: Fetcher) -> None:
    server = await serve(COUNTY)
    found = await survey(fetcher, server.base + "/zwgk/")
    assert not found.asked_for_failed
    assert "政策文件" in by_name(found)


async def test_a_page_that_is_no_list_is_named_even_if_others_were_found(serve: Serve, fetcher: Fetcher) -> None:
    server = await serve({**COUNTY, "/about/": page("关于本站", "<p>本站由县政府办公室主办。</p>")})
    found = await survey(fetcher, server.base + "/about/")
    assert found.asked_for_failed
    assert found.problems[0] == f"{server.base}/about/: no list of articles: no list of articles on the page"


async def test_what_nobody_says_is_unsure(serve: Serve, fetcher: Fetcher) -> None:
    list_page = column("工作信息", "/gzxx/", "全县推进").replace(SITE, "").replace("createPageHTML(3, 0", "pages(3, 0")
    list_page = list_page.replace("202611/t2026", "content/a2026")
    server = await serve({"/gzxx/": list_page, "/": web.Response(status=404)})
    found = await survey(fetcher, server.base + "/gzxx/")
    assert {"name", "region", "cms", "other.kind"} <= set(doubts(found))
    text = write_portal(found.draft)
    assert 'region = "990000"  # unsure: neither its name nor a SiteIDCode tells' in text
    assert 'kind = "other"  # unsure: ' in text


async def test_a_bare_name_that_sends_everybody_to_another_host_of_its_site_is_followed_once(serve: Serve) -> None:
    there = "http://www.qingshi.example/"
    # One server is the proxy for every host: what it answers depends on the path alone.
    proxy = await serve({**COUNTY, "/gate/": web.Response(status=302, headers={"Location": there})})
    away = {"/away/": web.Response(status=302, headers={"Location": "http://www.shuixi.example/"})}
    proxy.pages.update(away)
    config = Config(proxy=proxy.base, politeness={"timeout": 5, "delay": 0})
    async with resident_crawler(config) as fetcher:
        found = await survey(fetcher, "http://qingshi.example/gate/")
        assert (found.draft.home, found.draft.hosts) == (there, ("www.qingshi.example",))
        with pytest.raises(FetchError, match=r"leads to another site: http://www\.shuixi"):
            await survey(fetcher, "http://qingshi.example/away/")


@pytest.mark.parametrize(
    ("pages", "says"),
    [
        ({"/": web.Response(status=503)}, "answered 503"),
        ({"/": page("首页", "<p>建设中，敬请期待。</p>", "")}, "no list of articles was found"),
        ({"/": "<p>" + "字" * 2_000_000}, "the answer is larger than allowed"),
        ({"/": web.Response(status=412, body=b"<script>$_ts=window['$_ts'];</script>")}, "blocked"),
        (
            {"/": "<html><head><title>访问被拦截</title></head><body>您的请求被拦截，网站防火墙</body></html>"},
            "blocked (firewall)",
        ),
    ],
)
async def test_what_cannot_be_looked_at_is_one_line(serve: Serve, fetcher: Fetcher, pages: Pages, says: str) -> None:
    server = await serve(pages)
    with pytest.raises(FetchError) as caught:
        await survey(fetcher, server.base + "/")
    assert says in str(caught.value)
    assert server.base in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_file_is_no_page(serve: Serve, fetcher: Fetcher) -> None:
    server = await serve({"/a.pdf": b"%PDF-1.7 \n1 0 obj"})
    with pytest.raises(UnreadablePageError, match=r"/a\.pdf: not a page but a PDF file"):
        await survey(fetcher, server.base + "/a.pdf")


async def test_robots_txt_is_obeyed_and_named(serve: Serve, fetcher: Fetcher) -> None:
    server = await serve(COUNTY, robots="User-agent: *\nDisallow: /\n")
    with pytest.raises(FetchError, match=r"robots\.txt forbids") as caught:
        await survey(fetcher, server.base + "/")
    assert caught.value.reason == "robots"
    assert server.asked == []
    other = await serve(COUNTY, robots="User-agent: *\nDisallow: /xwzx/\n")
    found = await survey(fetcher, other.base + "/")
    assert "青石要闻" not in by_name(found)
    assert not any(path.startswith("/xwzx/") for path in other.asked)
    assert any("robots.txt forbids" in problem for problem in found.problems)


async def test_a_host_that_starts_to_block_is_left_alone(serve: Serve, fetcher: Fetcher) -> None:
    wall = web.Response(status=412, body=b"<script>$_ts=window['$_ts'];</script>")
    server = await serve({**COUNTY, "/xwzx/": wall, "/xwzx/qsyw/": wall, "/zwgk/tzgg/": wall})
    with pytest.raises(FetchError, match="no list of articles was found"):
        await survey(fetcher, server.base + "/")
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "url", ["", "foo", "ftp://a.cn/", "http://", "http://[::1", "http://a b/", "http://x:99999999/", "file:///etc"]
)
async def test_what_is_no_address_is_refused(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(UsageError, match="not an address"):
        await survey(fetcher, url)


async def test_hostile_pages_keep_to_the_number_of_requests(serve: Serve, fetcher: Fetcher) -> None:
    links = "".join(f'<a href="/c{i}/">第{i}号政策文件</a>' for i in range(500))
    maze: Pages = {f"/c{i}/": page("政策", links) for i in range(500)}
    server = await serve({**maze, "/": page("首页", links)})
    with pytest.raises(FetchError, match="no list of articles was found"):
        await survey(fetcher, server.base + "/")
    assert len(server.asked) <= MAX_REQUESTS


FAMILIES = {
    "igs": "trs", "was5-xml": "trs", "named-pages": "trs", "jpage": "hanweb", "jpaas": "hanweb", "catalogue": "hanweb",
    "common-search": "ucap", "gkmlpt": "gkmlpt", "uuid-blocks": "other", "labels": "other", "henan": "other",
}  # fmt: skip


async def test_lists_of_every_family_that_a_front_page_links_are_found(fetcher: Fetcher) -> None:
    plans = family_plans(*FAMILIES)
    articles = {f"{plan.id}/{section['id']}": 15 for plan in plans for section in plan.sections}
    async with Replica(plans=plans, articles=articles) as replica:
        for portal in replica.portals:
            found = await survey(fetcher, portal.base + "/")
            on = {section.url for section in found.draft.sections if section.reason is None}
            assert on == {portal.list_url(section) for section in portal.sections}, portal.id
            assert len(found.draft.sections) == len(on), portal.id
            assert found.draft.cms == FAMILIES[portal.id.removeprefix("replica-")], portal.id
            assert found.sample is not None, portal.id
            titles = {line.title for line in replica.ledger.articles(portal.id, next(iter(portal.sections)))}
            assert {entry.title for entry in found.sections[0].listed.entries} & titles or len(on) > 1, portal.id


async def test_fixtures_are_pages_and_what_the_tests_would_read_from_them(
    serve: Serve, fetcher: Fetcher, tmp_path: Path
) -> None:
    server = await serve(COUNTY)
    found = await survey(fetcher, server.base + "/")
    written = save_fixture(found, tmp_path / "fixtures")
    names = {path.relative_to(tmp_path / "fixtures").as_posix() for path in written}
    assert names == {
        *pairs("lists/qingshi-news", ".html"), *pairs("lists/qingshi-notice", ".html"),
        *pairs("lists/qingshi-news-xzdt", ".html"), *pairs("lists/qingshi-policy", ".json"),
        *pairs("pages/qingshi-article", ".html"),
    }  # fmt: skip
    news = found.sections[0]
    assert (tmp_path / "fixtures/lists/qingshi-news.html").read_bytes() == news.fetched.body
    assert read_list(news.fetched.body, news.url).entries == news.listed.entries
    with pytest.raises(StorageError, match="File exists"):
        save_fixture(found, tmp_path / "fixtures")


def pairs(stem: str, suffix: str) -> Iterable[str]:
    return stem + suffix, stem + ".golden.json"
