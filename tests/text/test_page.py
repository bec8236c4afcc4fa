import pytest

from crawler.exceptions import UnreadablePageError
from crawler.text.page import MAX_PAGE_BYTES, parse_page


def test_a_page_is_decoded_and_parsed_once() -> None:
    page = parse_page('<meta charset="gbk"><p>公告的正文</p>'.encode("gbk"), "http://e.gov.cn/a/b.html")
    assert page.encoding == "gb18030"
    assert page.tree.css_first("p").text() == "公告的正文"  # type: ignore[union-attr]
    assert page.base_url == page.url == "http://e.gov.cn/a/b.html"


def test_a_base_element_moves_relative_links() -> None:
    page = parse_page(b'<base href="/c/"><p>x</p>', "http://e.gov.cn/a/b.html")
    assert page.base_url == "http://e.gov.cn/c/"


def test_too_large_a_page_is_refused() -> None:
    with pytest.raises(UnreadablePageError, match="larger"):
        parse_page(b"<p>" + b"a" * MAX_PAGE_BYTES)


NAMES = [f"a{number}" for number in range(60_000)]


@pytest.mark.parametrize(
    "page",
    [
        "<p>x<a " + " ".join(NAMES) + ">y</a>",
        "<p>x<a " + "/".join(NAMES) + ">y</a>",
        '<p>x<a title=">" ' + " ".join(NAMES) + ">y</a>",
        "<p>x<a ' " + " ".join(NAMES) + "'>y</a>",
        "<!-- <a title=' --><a " + " ".join(NAMES) + ">y</a>",
    ],
    ids=["spaces", "slashes", "behind a quoted bracket", "behind a quote", "behind a comment"],
)
def test_an_element_of_ten_thousands_of_attributes_is_refused(page: str) -> None:
    with pytest.raises(UnreadablePageError, match="too long to parse"):
        parse_page(page.encode())


@pytest.mark.parametrize(
    "page",
    [
        "<p data-texts='" + " ".join(NAMES) + "'>y</p>",
        '<p>y<img src="data:image/png;base64,' + "/".join(NAMES) + '"></p>',
        "<script>" + " / ".join(NAMES) + "</script><p>y</p>",
        "".join(f'<p class="a b" title="c/d/e/f/g">{name}</p>' for name in NAMES[:9000]) + "<p>y</p>",
    ],
    ids=["long value", "picture in the page", "script", "many elements"],
)
def test_a_page_with_as_many_words_is_parsed(page: str) -> None:
    last = parse_page(page.encode()).tree.css("p")[-1]
    assert last.text() == "y"
