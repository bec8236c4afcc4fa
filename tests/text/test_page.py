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
