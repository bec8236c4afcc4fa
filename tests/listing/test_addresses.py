from dataclasses import replace
from typing import Any

import pytest

from crawler.items import ListEntry, ListPage
from crawler.listing.addresses import ListAddress, first_page, list_address, page_after
from crawler.portals import Section

URL = "https://www.example.gov.cn/list/"
PAGE = ListPage(entries=tuple(ListEntry(url=f"{URL}{number}.html") for number in range(15)))


def section(url: str = URL, **hints: Any) -> Section:
    given = {
        "id": "news",
        "name": "要闻",
        "kind": "news",
        "url": url,
        "evidence": "a test",
        "seen": "2026",
        "list": hints,
    }
    return Section.model_validate(given)


def test_the_pager_of_the_page_leads_on() -> None:
    page = replace(PAGE, next_url=f"{URL}index_1.html")
    assert page_after(section(), ListAddress(URL), page) == ListAddress(f"{URL}index_1.html", 2)
    assert page_after(section(), ListAddress(URL), PAGE) is None


def test_a_rule_leads_on_where_the_pager_is_silent_up_to_the_claimed_end() -> None:
    ruled = section(page_url="page_{page0}_{page}.html")
    second = page_after(ruled, first_page(ruled), PAGE)
    assert second == ListAddress(f"{URL}page_1_2.html", 2)
    assert page_after(ruled, second, replace(PAGE, pages=2)) is None


def test_a_parameter_is_counted_up() -> None:
    counted = section(f"{URL}?currpage=1&kind=a", page_param="currpage", post="id=7")
    second = page_after(counted, first_page(counted), PAGE)
    assert second == ListAddress(f"{URL}?currpage=2&kind=a", 2, "id=7")
    assert page_after(counted, second, replace(PAGE, entries=())) is None


@pytest.mark.parametrize(
    ("claims", "last"), [({"total": 31}, 3), ({"pages": 2}, 2), ({"total": 30}, 2), ({"total": 15}, 1)]
)
def test_a_post_counts_its_own_pages_to_the_end(claims: dict[str, Any], last: int) -> None:
    posted = section(post='{"page":"{page}","size":15}')
    address: ListAddress | None = first_page(posted)
    asked = []
    while address is not None:
        asked.append(address)
        left = claims.get("total", 1000) - 15 * (address.number - 1)
        address = page_after(posted, address, replace(PAGE, entries=PAGE.entries[:left], **claims))
    assert [one.body for one in asked] == [f'{{"page":"{n}","size":15}}' for n in range(1, last + 1)]
    assert {one.media_type for one in asked} == {"application/json"}
    assert list_address(posted, URL, 2).key != first_page(posted).key
    assert first_page(section(post="page={page}")).media_type == "application/x-www-form-urlencoded"


def test_a_post_is_not_ended_by_a_total_that_its_rows_contradict() -> None:
    posted = section(post="page={page}&rows=15")
    second = list_address(posted, URL, 2)
    assert page_after(posted, second, replace(PAGE, total=24)) == list_address(posted, URL, 3)
    assert page_after(posted, second, replace(PAGE, entries=PAGE.entries[:9], total=24)) is None
    assert page_after(posted, second, replace(PAGE, entries=(), total=24)) is None
