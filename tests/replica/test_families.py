from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest

from crawler.replica import Replica, family_plans
from crawler.replica.__main__ import _parser, _plans
from crawler.replica.families import INTERFACES, flat_body
from crawler.replica.plans import PLANS

if TYPE_CHECKING:
    import aiohttp

    from crawler.replica import Section


async def ask(
    client: aiohttp.ClientSession, section: Section, page: int = 1, changes: dict[str, str] | None = None
) -> tuple[int, str]:
    """A list page, by GET or POST as its family has it; `changes` replace text of the request."""
    portal, family = section.portal, INTERFACES[section.portal.plan.cms]
    path = family.list_path(section.channel, section.per_page, section.first_further, page)
    body = family.body_of(section.channel, section.per_page)
    for old, new in (changes or {}).items():
        path = path.replace(old, new)
        body = body and body.replace(old, new)
    if body is None:
        async with client.get(portal.base + path) as answer:
            return answer.status, await answer.text()
    kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
    body = body.replace("{page}", str(page))
    async with client.post(portal.base + path, data=body.encode(), headers={"Content-Type": kind}) as answer:
        return answer.status, await answer.text()


def of(replica: Replica, name: str) -> Section:
    return next(iter(replica.portal(name).sections.values()))


def test_only_portals_that_were_asked_for_are_there() -> None:
    assert [portal.plan.cms for portal in Replica(articles=0).portals] == ["trs", "hanweb", "json"]
    assert [plan.id for plan in family_plans("igs", "jpaas")] == ["replica-igs", "replica-jpaas"]
    assert len(family_plans()) == len(INTERFACES) > 40
    with pytest.raises(KeyError, match="there are igs"):
        family_plans("iggs")
    read = _parser().parse_args
    assert _plans(read([])) is PLANS
    assert [plan.cms for plan in _plans(read(["--families", "irs,rss"]))] == ["irs", "rss"]
    assert len(_plans(read(["--families", "all"]))) == len(INTERFACES)
    several = _plans(read(["--sections", "5", "--per-portal", "2", "--makes", "json,trs"]))
    assert [(plan.cms, len(plan.sections)) for plan in several] == [("json", 2), ("trs", 2), ("json", 1)]


async def test_a_page_holds_the_rows_of_its_window_in_every_family(client: aiohttp.ClientSession) -> None:
    plans = family_plans(per_page=5)
    async with Replica(plans=plans, articles={f"{p.id}/{p.sections[0]['id']}": 12 for p in plans}) as replica:
        for name, family in INTERFACES.items():
            section = of(replica, name)
            titles = [entry.article.post.headline for entry in section.entries]
            assert len(titles) == 12
            for page, start in ((1, 0), (2, 5), (3, 10)):
                if section.per_page == 50:
                    continue
                status, text = await ask(client, section, page)
                assert status == 200, (name, page)
                plain = text.replace("<em>", "").replace("</em>", "").replace("<span style='color:red'>", "")
                plain = plain.replace("</span>", "").partition('<div class="side">')[0]  # without the hot list
                found = [title for title in titles if title[:30] in plain]
                assert found == titles[start : start + 5 + family.more], (name, page)
            status, text = await ask(client, section, 4)
            assert (status == 404) is (family.past_end == "404"), name
            if family.past_end == "empty":
                assert not any(title[:30] in text.partition('<div class="side">')[0] for title in titles), name


@pytest.mark.parametrize(
    ("name", "changes", "status", "words"),
    [
        ("irs", {'"tenantId":"186"': '"tenantId":"1"'}, 200, "系统错误"),
        ("jpaas", {"parseType=bulidstatic": "parseType=buildstatic"}, 200, "参数错误"),
        ("igs", {"type=governmentdocuments": "type=x"}, 404, ""),
        ("labels", {"siteId=6781961": "siteId=1"}, 404, ""),
        ("jsearch", {"websiteid=330482000000000": "websiteid=1"}, 404, ""),
        ("gkmlpt", {"page=": "page=x"}, 404, ""),
    ],
)
async def test_a_request_has_to_hold_what_the_interface_wants(
    client: aiohttp.ClientSession, name: str, changes: dict[str, str], status: int, words: str
) -> None:
    async with Replica(plans=family_plans(name), articles=10) as replica:
        section = of(replica, name)
        assert (await ask(client, section))[0] == 200
        got, text = await ask(client, section, changes=changes)
        assert got == status
        assert words in text


async def test_each_section_has_its_own_list(client: aiohttp.ClientSession) -> None:
    plans = family_plans("jpage", "common-search", "irs", "named-pages", per_page=9)
    async with Replica(plans=plans, articles=80) as replica:
        for portal in replica.portals:
            first, second = portal.sections.values()
            one, other = (await ask(client, first))[1], (await ask(client, second))[1]
            assert first.entries[0].article.post.headline[:20] in one
            assert first.entries[0].article.post.headline[:20] not in other


async def test_a_link_that_redirects(client: aiohttp.ClientSession) -> None:
    async with Replica(plans=family_plans("jsearch-snippets"), articles=4) as replica:
        section = of(replica, "jsearch-snippets")
        portal, article = section.portal, section.entries[0].article
        _, text = await ask(client, section)
        assert f"visit/link.do?url={quote(article.url, safe='')}&amp;q=&amp;webid=1" in json.loads(text)["result"][0]
        wrapped = INTERFACES["jsearch-snippets"].listed(portal.base, article.url)
        async with client.get(wrapped, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, article.url)
        async with client.get(wrapped.partition("?")[0]) as answer:
            assert answer.status == 404


async def test_articles_that_a_parameter_tells(client: aiohttp.ClientSession) -> None:
    async with Replica(plans=family_plans("jpolicy"), articles=4) as replica:
        article = of(replica, "jpolicy").entries[0].article
        async with client.get(article.url) as answer:
            assert article.post.headline in await answer.text()
        async with client.get(article.url.replace("iid=", "iid=9")) as answer:
            assert answer.status == 404


SWITCHES: list[tuple[dict[str, Any], str]] = [
    ({"claims": 2.0}, '"total": "24"'),
    ({"newest_days": 0}, '"total": "1"'),
    ({"newest_only": 7}, '"total": "7"'),
    ({"times": "epoch"}, '"PUBDATE": 1'),
    ({"marked": True}, "<em>"),
    ({"shell": True}, '"content": []'),
]


@pytest.mark.parametrize(("switches", "words"), SWITCHES)
async def test_switches_of_interfaces(client: aiohttp.ClientSession, switches: dict[str, Any], words: str) -> None:
    async with Replica(plans=family_plans("igs"), articles={"igs/policy": 12}) as replica:
        section = of(replica, "igs")
        assert words not in (await ask(client, section))[1]
        section.switch(**switches)
        assert words in (await ask(client, section))[1]


@pytest.mark.parametrize(("past_end", "status", "rows"), [("404", 404, 0), ("empty", 200, 0), ("last", 200, 2)])
async def test_what_comes_past_the_end(client: aiohttp.ClientSession, past_end: str, status: int, rows: int) -> None:
    async with Replica(plans=family_plans("igs"), articles={"igs/policy": 12}) as replica:
        section = of(replica, "igs")
        section.switch(past_end=past_end)
        got, text = await ask(client, section, 9)
        assert got == status
        assert text.count("DOCPUBURL") == rows


async def test_a_first_page_called_0(client: aiohttp.ClientSession) -> None:
    async with Replica(plans=family_plans("igs"), articles={"igs/policy": 12}) as replica:
        section = of(replica, "igs")
        first = (await ask(client, section))[1]
        section.switch(first_page=0)
        assert "pageNumber=0&" in urlsplit(section.portal.list_url("policy")).query
        assert (await ask(client, section, 0))[1] == first
        assert (await ask(client, section, 1))[1] != first


def test_the_portal_file_of_a_family_says_its_hints() -> None:
    replica = Replica(plans=family_plans("irs", "common-search"), articles=0)
    assert 'cms = "trs"' in replica.portal_toml("irs")
    assert 'post = \'{"tenantId":"186","dataTypeId":"58154"' in replica.portal_toml("irs")
    assert '"pageNo":{page},"pageSize":10}' in replica.portal_toml("irs")
    assert "page_param = 'page'" in replica.portal_toml("common-search")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("a=1&b=%E9%80%9A&c=", {"a": "1", "b": "通", "c": ""}),
        ('{"a": 1, "b": ["x", "y"], "c": {"d": 1}, "e": true, "f": []}', {"a": "1", "b": "x"}),
        ("{broken", {}),
        ("", {}),
    ],
)
def test_the_parameters_of_a_post(body: str, found: dict[str, str]) -> None:
    assert flat_body(body) == found
