import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.listing.paging import (
    Turn,
    asked_size,
    is_last,
    numbered_turn,
    page_number,
    same_page,
    with_param,
)

BASE = "https://www.qingshi.gov.cn/s"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=a&page=3", ("page", 3)),
        ("?pageNo=1&pageSize=20", ("pageNo", 1)),
        ("?p=2&pageNum=7", ("pageNum", 7)),
        ("?pageSize=20", None),
        ("?page=x", None),
        ("", None),
    ],
)
def test_the_parameter_that_counts_pages(query: str, found: tuple[str, int] | None) -> None:
    assert page_number(BASE + query) == found


def test_other_parameters_stay_as_they_were_written() -> None:
    url = BASE + "?filter%5BA%5D=%E9%80%9A&keywords=+&page=1#top"
    assert with_param(url, "page", "2") == BASE + "?filter%5BA%5D=%E9%80%9A&keywords=+&page=2"
    assert with_param(BASE, "page", "2") == BASE + "?page=2"


@pytest.mark.parametrize(
    ("query", "rows", "total", "pages", "size", "param", "following"),
    [
        ("?page=2", 10, 100, None, None, None, "?page=3"),
        ("?page=10", 10, 100, None, None, None, None),
        ("?page=10", 7, 97, None, 10, None, None),
        ("?page=9", 10, 97, None, 10, None, "?page=10"),
        ("?page=3&pageSize=10", 4, 24, None, None, None, None),
        ("?page=3&pageSize=10", 4, 40, None, None, None, "?page=4&pageSize=10"),
        ("?page=3", 10, 24, None, 10, None, "?page=4"),
        ("?page=3", 10, 24, 3, None, None, "?page=4"),
        ("?pn=20&rn=20", 20, 30, None, None, None, "?pn=40&rn=20"),
        ("?page=5", 10, None, 5, None, None, None),
        ("?page=5", 10, None, None, None, None, "?page=6"),
        ("?page=5", 0, 100, None, None, None, None),
        ("?page=0", 10, 100, None, None, None, "?page=1"),
        ("?sid=2", 10, 100, None, None, "page", "?sid=2&page=2"),
        ("", 10, 100, None, None, "page", None),
        ("", 10, 100, None, None, None, None),
        ("?pn=20&rn=20", 20, 100, None, None, None, "?pn=40&rn=20"),
        ("?pn=80&rn=20", 20, 100, None, None, None, None),
    ],
)
def test_numbered(
    query: str,
    rows: int,
    total: int | None,
    pages: int | None,
    size: int | None,
    param: str | None,
    following: str | None,
) -> None:
    turn = numbered_turn(BASE + query, rows=rows, total=total, pages=pages, size=size, param=param)
    assert turn.next_url == (BASE + following if following is not None else None)


@pytest.mark.parametrize(
    ("url", "body", "size"),
    [
        ("http://a.cn/s?page=2&pageSize=15", None, 15),
        ("http://a.cn/s?_pageSize=12&size=99999999", None, 12),
        ("http://a.cn/s", '{"pageNo": 1, "pageSize": "20"}', 20),
        ("http://a.cn/s?rows=7", "pageNo=1", 7),
        ("http://a.cn/s?rn=0", None, None),
        ("http://a.cn/s?fontsize=12", None, None),
    ],
)
def test_the_size_that_a_request_asks_for(url: str, body: str | None, size: int | None) -> None:
    assert asked_size(url, body) == size


@pytest.mark.parametrize(
    ("number", "rows", "claims", "last"),
    [
        (3, 4, {"total": 24, "pages": None, "asked": 10}, True),
        (3, 4, {"total": 24, "pages": None}, False),
        (2, 10, {"total": 20, "pages": None}, True),
        (2, 10, {"total": 19, "pages": 2}, False),
        (2, 10, {"total": None, "pages": None}, False),
        (2, 10, {"total": None, "pages": 2}, True),
        (2, 10, {"total": 30, "pages": 0}, False),
    ],
)
def test_the_last_page(number: int, rows: int, claims: dict[str, int | None], *, last: bool) -> None:
    assert is_last(number, rows, **claims) is last


def test_a_turn_is_filled_with_what_it_lacks() -> None:
    sure = Turn("http://a.cn/2", known=True)
    other = Turn("http://a.cn/9", total=30, pages=3, current=1, known=True)
    assert sure.filled(other) == Turn("http://a.cn/2", 30, 3, 1, known=True)
    assert Turn(total=5).filled(other) == Turn("http://a.cn/9", 5, 3, 1, known=True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a.cn/x/", "http://a.cn/x/index.html", True),
        ("http://a.cn/x/", "https://a.cn/x/#top", True),
        ("http://a.cn/x/", "http://a.cn/x/index_1.html", False),
    ],
)
def test_same_page(one: str, other: str, *, same: bool) -> None:
    assert same_page(one, other) is same


@given(st.text(max_size=60), st.integers(0, 50), st.integers(0, 10**6) | st.none(), st.integers(0, 99) | st.none())
def test_total(query: str, rows: int, total: int | None, pages: int | None) -> None:
    turn = numbered_turn(BASE + "?" + query, rows=rows, total=total, pages=pages, size=None)
    assert turn.next_url is None or turn.next_url != BASE + "?" + query
