from collections.abc import Callable

import pytest

from crawler.extract.scan import Scan, scan
from crawler.text.page import Page, parse_page


@pytest.fixture
def page_of() -> Callable[..., Page]:
    def make(body: str, head: str = "", url: str | None = "http://www.example.gov.cn/zw/t1.html") -> Page:
        html = f"<html><head><meta charset='utf-8'>{head}</head><body>{body}</body></html>"
        return parse_page(html.encode(), url)

    return make


@pytest.fixture
def scan_of(page_of: Callable[..., Page]) -> Callable[..., Scan]:
    def make(body: str, head: str = "") -> Scan:
        return scan(page_of(body, head))

    return make
