"""Nothing that a server sends makes the reader raise anything but what it promises, or keeps it busy."""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.exceptions import UnreadablePageError
from crawler.items import ListPage
from crawler.listing import read_list
from tests.listing.hostile import CORPUS

URL = "https://www.qingshi.gov.cn/zwgk/tzgg/index_2.shtml?page=2"
ALL = "PORTALWATCH_HOSTILE" in os.environ
"""Whether pages of up to 20 MB are read too; `python -m benchmarks.hostile` tells their time and memory."""
SMALL = 4_000_000


def read(body: bytes, url: str = URL) -> ListPage | None:
    try:
        return read_list(body, url)
    except UnreadablePageError:
        return None


@pytest.mark.parametrize("name", CORPUS)
def test_corpus(name: str) -> None:
    body = CORPUS[name]()
    if len(body) > SMALL and not ALL:
        pytest.skip("larger than 4 MB: set PORTALWATCH_HOSTILE to read it too")
    page = read(body)
    if page is not None:
        assert len(page.entries) <= 10_000
        for entry in page.entries[:10]:
            assert (entry.url + (entry.title or "")).encode()


def test_a_page_that_is_not_read_to_its_end_says_so() -> None:
    page = read_list(CORPUS["many rows"](), URL)
    assert page.reason == "the page is too long to be read whole"
    assert page.confidence <= 0.6
    assert 1000 < len(page.entries) < 30_000


@pytest.mark.parametrize("name", ["small objects", "empty lists", "keys", "empty elements", "XML attributes"])
def test_an_answer_of_more_parts_than_any_list_is_refused_before_it_is_parsed(name: str) -> None:
    with pytest.raises(UnreadablePageError, match="more than"):
        read_list(CORPUS[name](), URL)


def test_a_page_larger_than_the_limit_is_refused() -> None:
    with pytest.raises(UnreadablePageError, match="20 MB"):
        read_list(b"<ul>" + b" " * 20_000_001, URL)


@pytest.mark.parametrize("body", [b"", b"  \n", b"\x00\x00", b"%PDF-1.7 ...", b"PK\x03\x04...."])
def test_what_is_no_page_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadablePageError):
        read_list(body, URL)


MARKUP = """
<ul>|</ul>|<li>|</li>|<table><tr><td>|</td></tr></table>|<div>|</div>|<dl><dt>|<dd>|<br>|</a>|下一页|1|2|共3页|18
<a href="./202609/t20260918_1.shtml" title="县政府关于印发管理办法的通知">|<a href="index_1.html">
<a onclick="go('/x/1.html')">|共 30 条
县政府关于印发管理办法的通知|2026-09-18|[09-18]|2026年9月18日|2026-09
<!--|-->|<script>|</script>|<datastore>|<record><![CDATA[|createPageHTML(5,0,"index","html");|var countPage = 5
]]></record>|<input name=page value=1>|<form>|</form>|{|}|[|]
"title":|"url":|:|,|null|"|'|&amp;|<base href=/a/>
"""
PARTS = st.sampled_from(MARKUP.strip().replace("\n", "|").split("|"))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PARTS, max_size=60).map("".join))
def test_any_arrangement_of_markup(text: str) -> None:
    read(text.encode())


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_bytes_from_anywhere(body: bytes, url: str) -> None:
    read(body, url)


LEAVES = st.sampled_from(["/a/123.html", "2026-09-18", 1790000000000, "<a href='/b/1.html'>标题标题标题</a>"])
FIELDS = (
    "title url date data list page content rows result articles classify total searchVO catMap pager middle datas iid"
)
NAMES = st.sampled_from(FIELDS.split())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_any_json(value: object) -> None:
    page = read(json.dumps(value).encode(), "https://www.qingshi.gov.cn/api?page=1&paramJson=%7B%22pageNo%22%3A1%7D")
    assert page is None or 0 <= page.confidence <= 1
