"""Each switch, over real HTTP."""

import asyncio
import re
from collections import Counter
from urllib.parse import urljoin

import aiohttp
import pytest

from crawler.replica import Replica, Switches
from crawler.replica.pollution import pollute
from crawler.replica.switches import Panel


async def fetch(client: aiohttp.ClientSession, url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.get(url, headers=named, allow_redirects=False) as answer:
        return answer.status, await answer.read(), {name.lower(): value for name, value in answer.headers.items()}


def news(replica: Replica) -> str:
    return replica.portal("trs").list_url("news")


async def test_validators_answer_304_until_something_changes(replica: Replica, client: aiohttp.ClientSession) -> None:
    article = replica.portal("trs").section("news").publish()
    for url in (news(replica), article.url):
        _, _, headers = await fetch(client, url)
        assert (await fetch(client, url, If_None_Match=headers["etag"]))[:2] == (304, b"")
        assert (await fetch(client, url, If_Modified_Since=headers["last-modified"]))[:2] == (304, b"")
        assert (await fetch(client, url, If_None_Match='"other"', If_Modified_Since=headers["last-modified"]))[0] == 200
    held = {url: (await fetch(client, url))[2] for url in (news(replica), article.url)}
    article.edit(title="又改了")
    for url, headers in held.items():
        status, body, _ = await fetch(client, url, If_None_Match=headers["etag"])
        assert status == 200
        assert "又改了" in body.decode()
        assert (await fetch(client, url, If_Modified_Since=headers["last-modified"]))[0] == 200


@pytest.mark.parametrize(
    ("validators", "sent"), [("none", set()), ("etag", {"etag"}), ("last-modified", {"last-modified"})]
)
async def test_a_portal_may_send_one_validator_or_none(
    replica: Replica, client: aiohttp.ClientSession, validators: str, sent: set[str]
) -> None:
    replica.switch(validators=validators)
    _, _, headers = await fetch(client, news(replica))
    assert headers.keys() & {"etag", "last-modified"} == sent
    status, _, _ = await fetch(
        client, news(replica), If_None_Match="*", If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT"
    )
    assert status == (304 if sent else 200)


async def test_encodings_and_false_declarations(replica: Replica, client: aiohttp.ClientSession) -> None:
    portal = replica.portal("trs")
    portal.switch(charset="gbk")
    _, body, headers = await fetch(client, news(replica))
    assert "岚江要闻" in body.decode("gbk")
    assert b'<meta charset="gbk" />' in body
    assert headers["content-type"] == "text/html"
    portal.switch(charset="utf-16", declared="gb2312", header_charset="iso-8859-1")
    _, body, headers = await fetch(client, news(replica))
    assert body[:2] in {b"\xff\xfe", b"\xfe\xff"}
    assert '<meta charset="gb2312" />' in body.decode("utf-16")
    assert headers["content-type"] == "text/html; charset=iso-8859-1"


async def test_failures_are_a_share_of_answers_and_the_same_for_a_seed(client: aiohttp.ClientSession) -> None:
    seen = []
    for _ in range(2):
        async with Replica(seed=9, articles=20, port=0) as replica:
            replica.switch(fail_share=0.3, fail_status=503, retry_after=2)
            answers = [await fetch(client, news(replica)) for _ in range(60)]
            robots = Counter([(await fetch(client, replica.portal("trs").base + "/robots.txt"))[0] for _ in range(20)])
        seen.append([status for status, _, _ in answers])
        assert robots == {404: 20}
        assert all(headers["retry-after"] == "2" for status, _, headers in answers if status == 503)
    assert seen[0] == seen[1]
    assert 8 <= seen[0].count(503) <= 30
    assert seen[0].count(200) == 60 - seen[0].count(503)


async def test_a_status_for_a_section_leaves_the_others_alone(replica: Replica, client: aiohttp.ClientSession) -> None:
    portal = replica.portal("trs")
    portal.section("news").switch(status=429, retry_after=30)
    status, _, headers = await fetch(client, news(replica))
    assert (status, headers["retry-after"]) == (429, "30")
    assert (await fetch(client, portal.list_url("policy")))[0] == 200
    portal.switch(path="/zcwjk/", status=503)
    assert (await fetch(client, portal.list_url("policy")))[0] == 503
    portal.heal()
    assert (await fetch(client, portal.list_url("policy")))[0] == (await fetch(client, news(replica)))[0] == 200


@pytest.mark.parametrize(
    ("block", "status", "words"),
    [
        ("412", 412, "$_ts"),
        ("521", 521, "__jsl_clearance".removeprefix("_")),
        ("405", 405, "网站防火墙"),
        ("page", 200, "访问过于频繁"),
        ("refresh", 200, 'http-equiv="refresh"'),
        ("session", 200, "security_verify_data"),
    ],
)
async def test_challenges_and_block_pages(
    replica: Replica, client: aiohttp.ClientSession, block: str, status: int, words: str
) -> None:
    replica.portal("trs").switch(block=block)
    got, body, _ = await fetch(client, news(replica))
    assert got == status
    assert words in body.decode().replace("')+('", "")


async def test_a_truncated_body_breaks_its_promise(replica: Replica, client: aiohttp.ClientSession) -> None:
    whole = (await fetch(client, news(replica)))[1]
    replica.portal("trs").switch(truncate=0.5)
    async with client.get(news(replica)) as answer:
        assert int(answer.headers["Content-Length"]) == len(whole)
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


async def test_resets_and_a_portal_that_is_down(replica: Replica, client: aiohttp.ClientSession) -> None:
    replica.portal("trs").switch(reset_share=1.0)
    with pytest.raises(aiohttp.ClientConnectionError):
        await fetch(client, news(replica))
    assert (await fetch(client, replica.portal("hanweb").list_url("news")))[0] == 200
    replica.portal("trs").heal()
    replica.portal("trs").switch(down=True)
    with pytest.raises(aiohttp.ClientConnectionError):
        await fetch(client, replica.portal("trs").base + "/robots.txt")
    assert replica.requests.statuses[499] >= 2


async def test_a_redirect_to_another_host(replica: Replica, client: aiohttp.ClientSession) -> None:
    replica.portal("trs").switch(redirect="http://127.0.0.9:1{path}", redirect_status=301)
    status, _, headers = await fetch(client, news(replica))
    assert (status, headers["location"]) == (301, "http://127.0.0.9:1/ywdt/ljyw/")


async def test_slow_answers_keep_nobody_else_waiting(replica: Replica, client: aiohttp.ClientSession) -> None:
    replica.portal("trs").section("news").switch(delay=3600.0)
    slow = asyncio.create_task(fetch(client, news(replica)))
    assert (await fetch(client, replica.portal("trs").list_url("policy")))[0] == 200
    assert not slow.done()
    slow.cancel()
    replica.portal("trs").heal()
    replica.portal("trs").section("news").switch(delay=0.001)
    assert (await fetch(client, news(replica)))[0] == 200


async def test_only_switches_that_show_change_a_validator(replica: Replica, client: aiohttp.ClientSession) -> None:
    etag = (await fetch(client, news(replica)))[2]["etag"]
    replica.switch(retry_after=5, robots="", redirect_status=301)
    assert (await fetch(client, news(replica), If_None_Match=etag))[0] == 304
    replica.switch(charset="gbk")
    assert (await fetch(client, news(replica), If_None_Match=etag))[0] == 200


@pytest.mark.parametrize("style", ["same", "fresh"])
async def test_an_endless_pager_never_stops(replica: Replica, client: aiohttp.ClientSession, style: str) -> None:
    portal = replica.portal("trs")
    portal.switch(endless=style)
    pages = []
    for number in (400, 401):
        url = urljoin(portal.list_url("notice"), f"index_{number}.shtml")
        status, body, _ = await fetch(client, url)
        assert status == 200
        assert f'href="index_{number + 1}.shtml">下一页' in body.decode()
        pages.append([urljoin(url, href) for href in re.findall(r'<td><a href="([^"]+)"', body.decode())])
    assert (pages[0] == pages[1]) is (style == "same")
    assert (await fetch(client, pages[1][0]))[0] == 200
    assert len(replica.ledger.articles()) == 120


async def test_endless_records_of_the_interface(replica: Replica, client: aiohttp.ClientSession) -> None:
    portal = replica.portal("hanweb")
    portal.switch(endless="fresh")
    where = "columnid=1101&startrecord=9001&endrecord=9015&perpage=15"
    _, body, _ = await fetch(client, f"{portal.base}/module/web/jpage/dataproxy.jsp?{where}")
    assert body.count(b"<record>") == 15


async def test_twins_can_be_switched_off(replica: Replica, client: aiohttp.ClientSession) -> None:
    line = replica.ledger.articles("trs", "news")[0]
    twin = line.url.replace(".shtml", "_slb.shtml")
    assert (await fetch(client, twin))[0] == 200
    replica.portal("trs").switch(twins=False)
    assert (await fetch(client, twin))[0] == 404


@pytest.mark.parametrize("style", ["none", "spaced", "toned", "random", "torn"])
async def test_a_polluted_section(replica: Replica, client: aiohttp.ClientSession, style: str) -> None:
    section = replica.portal("trs").section("news")
    article = section.publish(title="岚江省推进县域数字经济发展", paragraphs="会议决定，对车间进行标准化改造。")
    section.switch(pollution=style)
    for url in (article.url, news(replica)):
        body = (await fetch(client, url))[1].decode()
        assert pollute("岚江省推进县域数字经济发展", style, article.key) in body
    assert "岚江省推进县域数字经济发展" not in body
    assert replica.ledger.articles("trs", "news")[-1].title == "岚江省推进县域数字经济发展"


async def test_missing_pages_hard_and_soft(replica: Replica, client: aiohttp.ClientSession) -> None:
    url = replica.portal("trs").base + "/nothing/here.shtml"
    status, hard, _ = await fetch(client, url)
    assert status == 404
    replica.portal("trs").switch(soft_404=True)
    assert (await fetch(client, url))[:2] == (200, hard)


async def test_robots(replica: Replica, client: aiohttp.ClientSession) -> None:
    url = replica.portal("trs").base + "/robots.txt"
    replica.portal("trs").switch(robots="User-agent: *\nCrawl-delay: 2\nDisallow: /zcwjk/\n", status=503)
    assert (await fetch(client, url))[:2] == (200, b"User-agent: *\nCrawl-delay: 2\nDisallow: /zcwjk/\n")
    replica.portal("trs").switch(robots_status=500)
    assert (await fetch(client, url))[0] == 500


async def test_lists_cut_short_shelled_or_marked_up_anew(replica: Replica, client: aiohttp.ClientSession) -> None:
    portal = replica.portal("trs")

    async def listed() -> int:
        return (await fetch(client, news(replica)))[1].count(b'target="_blank">')

    assert await listed() == 20
    portal.switch(newest_only=7)
    assert await listed() == 7
    portal.heal()
    portal.switch(second_page_missing=True)
    assert (await fetch(client, urljoin(news(replica), "index_1.shtml")))[0] == 404
    portal.switch(shell=True)  # noqa: S604 - a list without rows
    assert await listed() == 0
    portal.switch(shell=False, layout=True)
    assert b'<table class="list-table">' in (await fetch(client, news(replica)))[1]


async def test_requests_are_counted(replica: Replica, client: aiohttp.ClientSession) -> None:
    for _ in range(3):
        await fetch(client, news(replica), X_Sent_By="test")
    assert replica.requests.counts[news(replica)] == 3
    last = replica.requests.latest[-1]
    assert (last.portal, last.status, last.headers["X-Sent-By"]) == ("replica-trs", 200, "test")
    assert last.size > 2000
    assert replica.requests.peak["replica-trs"] == 1
    replica.requests.clear()
    assert not replica.requests.counts


@pytest.mark.parametrize(
    "wrong", [{"encoding": "gbk"}, {"charset": "big5"}, {"fail_share": 2}, {"block": "418"}, {"endless": "yes"}]
)
def test_switches_that_do_not_exist_are_refused(wrong: dict[str, object]) -> None:
    panel = Panel()
    with pytest.raises(ValueError, match="switch"):
        panel.set(wrong)
    assert panel.at("/", None) == Switches()
