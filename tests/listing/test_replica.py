"""The replica's lists, walked to their ends, give what its ledger holds."""

import asyncio

import aiohttp
import pytest

from crawler.items import ListEntry
from crawler.listing import read_list
from crawler.replica.replica import Replica

TRS = [f"replica-trs/{section}" for section in ("news", "conference", "policy", "notice", "interpretation")]
HANWEB = ["replica-hanweb/news", "replica-hanweb/policy"]
SECTIONS = [*TRS, *HANWEB, "replica-json/yaowen"]


async def walk(client: aiohttp.ClientSession, url: str | None, host: str) -> dict[str, ListEntry]:
    found: dict[str, ListEntry] = {}
    for _ in range(100):
        if url is None:
            return found
        async with client.get(url) as response:
            assert response.status == 200, url
            page = read_list(
                await response.read(), url, content_type=response.headers.get("Content-Type"), hosts=[host]
            )
        assert page.confidence > 0.7
        assert page.entries, page.reason
        found |= {entry.url: entry for entry in page.entries}
        url = page.next_url
    pytest.fail("the list does not end")


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [({}, SECTIONS), ({"charset": "gbk"}, SECTIONS), ({"layout": True}, [*TRS, *HANWEB])],
    ids=["plain", "gbk", "redesigned"],
)
async def test_lists_are_read_whole(changed: dict[str, object], wanted: list[str]) -> None:
    async with Replica(seed=7, articles=dict.fromkeys(SECTIONS, 95)) as replica, aiohttp.ClientSession() as client:
        replica.switch(**changed)

        async def check(section: str) -> None:
            portal = replica.portal(section.partition("/")[0])
            found = await walk(client, portal.list_url(section.partition("/")[2]), portal.host)
            lines = replica.ledger.articles(portal.id, section.partition("/")[2])
            assert set(found) == {line.url for line in lines}
            assert {found[line.url].title for line in lines} == {line.title for line in lines}
            assert all((found[line.url].published_at or "")[:10] == line.published_at[:10] for line in lines)

        await asyncio.gather(*map(check, wanted))


async def test_lists_without_rows_name_their_interface() -> None:
    async with Replica(seed=7, articles=dict.fromkeys(SECTIONS, 20)) as replica, aiohttp.ClientSession() as client:
        replica.switch(shell=True)  # noqa: S604 - a list without rows
        for section in ("replica-trs/news", "replica-hanweb/news"):
            portal = replica.portal(section.partition("/")[0])
            url = portal.list_url("news")
            async with client.get(url) as response:
                page = read_list(await response.read(), url)
            assert page.entries == ()
            assert (page.interface or "").startswith(portal.base)
