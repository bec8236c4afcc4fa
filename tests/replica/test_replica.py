"""The portals over real HTTP: lists lead to every article, articles say what the ledger says."""

import json
import re
import tomllib
from datetime import date, datetime
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import aiohttp
import pytest
from parsel import Selector

from crawler.portals.models import Portal as PortalFile
from crawler.replica import Attachment, Plan, Replica
from crawler.replica.plans import PLANS
from crawler.replica.state import BEIJING

TODAY = date(2026, 11, 20)


async def text(client: aiohttp.ClientSession, url: str, status: int = 200) -> str:
    async with client.get(url, allow_redirects=False) as answer:
        assert answer.status == status, url
        return (await answer.read()).decode("utf-8")


def rows(page: str, url: str) -> list[tuple[str, str, str]]:
    """URL, title, date of each row of a TRS list page."""
    found = []
    for row in Selector(page).css("ul.common-list > li, dl.sxinfo-pubfiles-item, table.list-table tr"):
        shown = " ".join(row.css("span::text, td::text, dd::text").getall())
        year, month, day = re.findall(r"(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})", shown)[0]
        link = row.css("a")[0]
        found.append((urljoin(url, link.attrib["href"]), link.attrib["title"], f"{year}-{int(month):02}-{int(day):02}"))
    return found


@pytest.mark.parametrize("section", ["news", "conference", "policy", "notice", "mirror"])
async def test_trs_pages_list_every_article_once_newest_first(client: aiohttp.ClientSession, section: str) -> None:
    async with Replica(seed=3, articles={f"trs/{section}": 47}, today=TODAY) as replica:
        first = replica.portal("trs").list_url(section)
        further = 2 if section == "conference" else 1  # the pager whose index counts from 1 goes with `_2`
        pages = [first, *(urljoin(first, f"index_{further + i}.shtml") for i in range(2))]
        found = [row for url in pages for row in rows(await text(client, url), url)]
        await text(client, urljoin(first, f"index_{further + 2}.shtml"), 404)
        lines = replica.ledger.articles("trs", section)
        assert len(found) == len(lines) == 47
        assert {url for url, _, _ in found} == {line.url for line in lines}
        days = {line.url: line.published_at[:10] for line in lines}
        assert [day for _, _, day in found] == sorted((days[url] for url, _, _ in found), reverse=True)
        if section != "mirror":
            titles = {line.url: line.title for line in lines}
            assert all(titles[url] == title for url, title, _ in found)


@pytest.mark.parametrize(
    ("section", "pager"),
    [
        ("news", r'createPageHTML\(3, 0, "index", "shtml"\);'),
        ("conference", r"createPageHTML\('page_div', 3, 1, 'index', 'shtml', 47\);"),
        ("policy", r"var countPage = 3//"),
        ("notice", r'href="index_1\.shtml">下一页.*共47条'),
        ("mirror", r'createPageHTML\(3, 0, "index", "shtml", "47"\);'),
    ],
)
async def test_trs_pagers_are_those_seen_on_portals(client: aiohttp.ClientSession, section: str, pager: str) -> None:
    async with Replica(articles={f"trs/{section}": 47}) as replica:
        assert re.search(pager, await text(client, replica.portal("trs").list_url(section)))


async def test_the_second_page_can_be_index_2(client: aiohttp.ClientSession) -> None:
    sections = ({**PLANS[0].sections[0], "first_further": 2},)
    plan = Plan(
        id="off-by-one", cms="trs", province=PLANS[0].province, region="990009", site_name="试", sections=sections
    )
    async with Replica(plans=[plan], articles={"off-by-one/news": 30}) as replica:
        first = replica.portal("off-by-one").list_url("news")
        await text(client, urljoin(first, "index_1.shtml"), 404)
        assert len(rows(await text(client, urljoin(first, "index_2.shtml")), first)) == 10


async def test_hanweb_embeds_the_first_records_and_answers_for_the_rest(client: aiohttp.ClientSession) -> None:
    async with Replica(seed=3, articles={"hanweb/news": 100}) as replica:
        portal = replica.portal("hanweb")
        lines = {line.url for line in replica.ledger.articles("hanweb")}
        column = await text(client, portal.list_url("news"))
        embedded = re.findall(r'<record><!\[CDATA\[<li><a target="_blank" href="([^"]+)"', column)
        assert len(embedded) == 45
        more = portal.base + unescape(re.search(r'<nextgroup><!\[CDATA\[<a href="([^"]+)"', column)[1])  # type: ignore[index]
        later = re.findall(r'href="([^"]+)"', await text(client, more))
        assert len(later) == 45
        assert {urljoin(portal.base, href) for href in embedded + later} < lines

        proxy = f"{portal.base}/module/web/jpage/dataproxy.jsp"
        form = {"col": "1", "columnid": "1101", "unitid": "3301"}
        found: list[str] = []
        for start in range(1, 131, 30):
            where = {"startrecord": str(start), "endrecord": str(start + 29), "perpage": "15"}
            async with client.post(proxy, params=where, data=form) as answer:
                page = await answer.text()
            assert "<totalrecord>100</totalrecord><totalpage>7</totalpage>" in page
            found += [urljoin(portal.base, href) for href in re.findall(r'href="([^"]+)"', page)]
        assert set(found) == lines
        assert len(found) == 100
        assert "<recordset></recordset>" in page


async def test_the_json_list_is_one_array_newest_first(client: aiohttp.ClientSession) -> None:
    async with Replica(articles={"json/yaowen": 25}) as replica:
        items = json.loads(await text(client, replica.portal("json").list_url("yaowen")))
        assert [set(item) for item in items] == [{"TITLE", "SUB_TITLE", "URL", "DOCRELPUBTIME"}] * 25
        assert [item["URL"] for item in items] == [line.url for line in replica.ledger.articles()[::-1]]
        shell = await text(client, replica.portal("json").base + "/yaowen/liebiao/index.htm")
        assert "YAOWENLIEBIAO.json" in shell


async def test_every_article_prints_what_the_ledger_says(replica: Replica, client: aiohttp.ClientSession) -> None:
    bodies = {"trs": ".trs_editor_view", "hanweb": "#zoom", "json": "#UCAP-CONTENT"}
    for line in replica.ledger.articles():
        if line.pollution:
            continue
        page = Selector(await text(client, line.url))
        assert " ".join(page.css("h1::text").getall()) == line.title
        body = page.css(bodies[line.portal.removeprefix("replica-")])
        paragraphs = [part.xpath("string()").get("").strip("　") for part in body.xpath(".//p | .//tr/td")]
        assert line.body is not None
        assert paragraphs == re.split("[\n\t]", line.body)
        shown = page.xpath("string(//body)").get("")
        assert line.published_at[:10] in shown
        assert line.published_at[11:16] in shown
        assert line.source is not None
        assert f"来源：{line.source}" in shown
        assert all(name in shown for name in line.authors)
        assert "".join(f"{name}" for name in line.breadcrumbs) in re.sub(r"\s|>", "", shown)


async def test_policy_documents_have_their_table_and_files(client: aiohttp.ClientSession) -> None:
    async with Replica(articles={"trs/policy": 6}) as replica:
        line = next(line for line in replica.ledger.articles() if "公共浴室" in line.title)
        cells = Selector(await text(client, line.url)).css("table.affairs-detail-head td::text").getall()
        assert dict(zip(cells[::2], cells[1::2], strict=True))["发文字号："] == "岚政办发〔2026〕47号"
        assert line.policy is not None
        assert line.policy["written_on"] == "2026-10-16"
        assert [file["name"] for file in line.attachments] == [
            "岚江省乡村公共浴室建设补助申请表.pdf",
            "公共浴室卫生抽检记录表.pdf",
        ]
        for file in line.attachments:
            async with client.get(file["url"]) as answer:
                assert (answer.status, answer.content_type) == (200, "application/pdf")
                assert (await answer.read()).startswith(b"%PDF-1.4")


async def test_publishing_puts_a_post_on_top_of_its_list(replica: Replica, client: aiohttp.ClientSession) -> None:
    section = replica.portal("trs").section("news")
    before = await text(client, section.portal.list_url("news"))
    article = section.publish(title="新闻一则", paragraphs="第一段。\n第二段。", source="某报", authors=["卞若川"])
    after = await text(client, section.portal.list_url("news"))
    url, title, day = rows(after, section.portal.list_url("news"))[0]
    assert (url, title, day) == (article.url, "新闻一则", f"{datetime.now(BEIJING):%Y-%m-%d}")
    assert article.url not in before
    line = replica.ledger.articles("trs", "news")[-1]
    assert (line.body, line.authors, line.revision) == ("第一段。\n第二段。", ("卞若川",), 1)
    assert [(event.type, event.url) for event in replica.ledger.events] == [("published", article.url)]


async def test_an_edit_changes_the_page_and_the_ledger(replica: Replica, client: aiohttp.ClientSession) -> None:
    article = replica.portal("hanweb").section("news").publish()
    before = replica.ledger.articles("hanweb", "news")[-1]
    article.edit()
    article.edit(title="改过的标题")
    page = await text(client, article.url)
    after = replica.ledger.articles("hanweb", "news")[-1]
    assert "改过的标题" in page
    assert after.revision == 3
    assert before.body is not None
    assert after.body is not None
    assert set(before.body.split("\n")) < set(after.body.split("\n"))
    assert [event.revision for event in replica.ledger.events] == [1, 2, 3]


async def test_redressing_changes_the_page_and_no_word(replica: Replica, client: aiohttp.ClientSession) -> None:
    article = replica.portal("trs").section("news").publish()
    before, line = await text(client, article.url), replica.ledger.articles("trs", "news")[-1]
    article.redress()
    after, later = await text(client, article.url), replica.ledger.articles("trs", "news")[-1]
    assert before != after
    assert (line.title, line.body, line.revision) == (later.title, later.body, later.revision)
    assert later.dressing == 1


async def test_withdrawn_articles_leave_the_list_and_answer_as_told(
    replica: Replica, client: aiohttp.ClientSession
) -> None:
    section = replica.portal("trs").section("news")
    articles = [section.publish() for _ in range(4)]
    for article, how in zip(articles, ("404", "410", "redirect", "emptied"), strict=True):
        article.withdraw(how)  # type: ignore[arg-type]
    page = await text(client, section.portal.list_url("news"))
    assert not {article.url for article in articles} & {
        url for url, _, _ in rows(page, section.portal.list_url("news"))
    }
    await text(client, articles[0].url, 404)
    await text(client, articles[1].url, 410)
    await text(client, articles[2].url, 302)
    assert not Selector(await text(client, articles[3].url)).css(".trs_editor_view p")
    assert [line.withdrawn_how for line in replica.ledger.articles(withdrawn=True)] == [
        "404",
        "410",
        "redirect",
        "emptied",
    ]


async def test_one_post_in_two_sections_twins_copies_files_and_links(
    replica: Replica, client: aiohttp.ClientSession
) -> None:
    portal = replica.portal("trs")
    both = portal.section("news").publish(also=["notice"])
    twin = portal.section("news").publish(twin_in={"notice": "_gzk"})
    copy = portal.section("news").publish(copy_in=["notice"])
    file = portal.section("notice").publish(form="file", title="申报指南")
    link = portal.section("notice").publish(form="external", link="http://www.gov.cn/x.htm", title="外链")
    found = [url for url, _, _ in rows(await text(client, portal.list_url("notice")), portal.list_url("notice"))]
    lines = {line.key: line for line in replica.ledger.articles("trs", "notice")}
    assert {both.url, file.url, link.url, lines[twin.key].urls[1], lines[copy.key].urls[1]} < set(found)
    assert lines[twin.key].urls[1].endswith("_gzk.shtml")
    assert "/zwgk/tzgg/" in lines[copy.key].urls[1]
    assert lines[both.key].sections == ("news", "notice")
    for article in (twin, copy):
        pages = [Selector(await text(client, url)) for url in lines[article.key].urls]
        assert pages[0].css(".trs_editor_view").get() == pages[1].css(".trs_editor_view").get()
    assert (lines[file.key].form, lines[link.key].form, lines[link.key].url) == (
        "file",
        "external",
        "http://www.gov.cn/x.htm",
    )
    async with client.get(file.url) as answer:
        assert answer.content_type == "application/pdf"


async def test_pubdate_can_be_the_date_of_migration(replica: Replica, client: aiohttp.ClientSession) -> None:
    article = replica.portal("trs").section("news").publish(published_at=date(2018, 2, 5), meta_date=date(2024, 8, 1))
    page = await text(client, article.url)
    assert '<meta name="PubDate" content="2024-08-01' in page
    assert "时间：2018-02-05" in page
    assert "/201802/t20180205_" in article.url


async def test_reprints_and_attachments(replica: Replica, client: aiohttp.ClientSession) -> None:
    original = replica.portal("json").section("yaowen").publish()
    reprint = (
        replica.portal("trs").section("news").publish(reprint_of=original, attachments=[Attachment(name="图.pdf")])
    )
    line = replica.ledger.articles("trs", "news")[-1]
    assert line.reprint_of == original.key
    assert line.title == original.post.headline
    assert "图.pdf" in await text(client, reprint.url)


async def test_pages_have_the_sizes_of_real_ones(client: aiohttp.ClientSession) -> None:
    async with Replica(articles={"trs/news": 40}, page_sizes="real") as replica:
        sizes = [len((await text(client, line.url)).encode()) for line in replica.ledger.articles()]
    assert 60_000 < sum(sizes) / len(sizes) < 90_000
    assert min(sizes) < 15_000
    assert max(sizes) > 300_000


def test_the_same_seed_gives_the_same_past() -> None:
    one, two, other = (Replica(seed=seed, articles=60, today=TODAY) for seed in (5, 5, 6))
    assert one.ledger.as_json() == two.ledger.as_json()
    assert [line.title for line in one.ledger.lines()] != [line.title for line in other.ledger.lines()]


async def test_portal_files_are_valid(replica: Replica, tmp_path: Path) -> None:
    written = replica.write_portals(tmp_path / "portals")
    assert [path.name for path in written] == ["replica-trs.toml", "replica-hanweb.toml", "replica-json.toml"]
    for path, portal in zip(written, replica.portals, strict=True):
        read = PortalFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        assert [str(section.url) for section in read.sections] == [portal.list_url(name) for name in portal.sections]
        assert read.hosts == (portal.host,)


@pytest.mark.parametrize("redirect", [False, True])
async def test_a_section_can_move(replica: Replica, client: aiohttp.ClientSession, *, redirect: bool) -> None:
    portal = replica.portal("trs")
    before, line = portal.list_url("news"), replica.ledger.articles("trs", "news")[0]
    portal.section("news").move("/xwzx/yw/", redirect=redirect)
    await text(client, before, 301 if redirect else 404)
    after = portal.base + "/xwzx/yw/"
    assert portal.list_url("news") == after
    assert len(rows(await text(client, after), after)) == 20
    await text(client, line.url)
    assert 'href="/xwzx/yw/"' in await text(client, portal.base + "/")


async def test_oddities_are_in_the_lists(client: aiohttp.ClientSession) -> None:
    async with Replica(seed=1, articles=60, today=TODAY) as replica:
        articles = replica.add_oddities()
        listed: set[str] = set()
        for section in ("news", "notice", "policy"):
            url = replica.portal("trs").list_url(section)
            listed |= {row[0] for page in (url, url + "index_1.shtml") for row in rows(await maybe(client, page), page)}
        urls = {url for line in replica.ledger.articles("trs") for url in line.urls if line.sections[0] != "mirror"}
        assert {url for url in urls if re.search("/(ljyw|szfwj|tzgg)/", url)} <= listed
        assert {line.form for line in replica.ledger.lines()} == {"article", "file", "external"}
        assert sum(line.meta_date is not None for line in replica.ledger.lines()) == 1
        assert replica.ledger.articles("hanweb", "news")[-1].reprint_of == articles[0].key


async def maybe(client: aiohttp.ClientSession, url: str) -> str:
    async with client.get(url) as answer:
        return await answer.text()


async def test_home_pages_link_every_section(replica: Replica, client: aiohttp.ClientSession) -> None:
    for portal in replica.portals:
        links = Selector(await text(client, portal.base + "/")).css("h2 a::attr(href)").getall()
        assert [urljoin(portal.base, link) for link in links] == [portal.list_url(name) for name in portal.sections]


def test_it_also_serves_from_a_thread() -> None:
    from urllib.request import urlopen

    with Replica(articles=20) as replica:
        article = replica.portal("trs").section("news").publish(title="线程里的新闻")
        with urlopen(article.url, timeout=10) as answer:  # noqa: S310 - loopback
            assert "线程里的新闻" in answer.read().decode()


async def test_an_address_that_the_machine_lacks_is_explained() -> None:
    replica = Replica(articles=0)
    replica.portals[-1].host = "192.0.2.1"
    with pytest.raises(OSError, match="ifconfig lo0 alias"):
        await replica.start()
    with pytest.raises(ValueError, match="first_host"):
        Replica(articles=0, first_host=254)


async def test_a_port_that_is_taken_is_refused() -> None:
    async with Replica(articles=0) as replica:
        with pytest.raises(OSError, match="address already in use"):
            await Replica(articles=0, port=replica.portals[0].port).start()


def test_unknown_names_are_refused_with_those_there_are() -> None:
    replica = Replica(articles=0)
    with pytest.raises(KeyError, match="replica-trs, replica-hanweb, replica-json"):
        replica.portal("nowhere")
    with pytest.raises(KeyError, match="news, conference"):
        replica.portal("trs").section("nothing")
    with pytest.raises(TypeError, match="headline"):
        replica.portal("trs").section("news").publish(headline="x")
    with pytest.raises(KeyError, match="no article"):
        replica.article("replica-trs/1")
