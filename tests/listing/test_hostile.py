"""Nothing that a server sends makes the reader raise anything but what it promises, or keeps it busy."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.exceptions import UnreadablePageError
from crawler.items import ListPage
from crawler.listing import read_list

URL = "https://www.qingshi.gov.cn/zwgk/tzgg/index_2.shtml?page=2"
ROW = '<li><a href="/a/t20260101_{}.html">一条信息的标题文字第{}条</a><span>2026-01-01</span></li>'

CORPUS = {
    "deep": "<div>" * 100_000,
    "deep with a row": "<div>" * 3_000 + ROW,
    "unclosed rows": "<ul><li><a href=/a12345.html>一条信息的标题文字</a>2026-01-01" * 3_000,
    "attributes": "<a " + " ".join(f"a{i}=1" for i in range(1_000_000)) + ">x",
    "unclosed comments": "<!--" * 1_000_000,
    "lists in comments": ("<!--" + "".join(ROW.format(i, i) for i in range(3_000)) + "-->") * 6,
    "many rows": "<ul>" + "".join(ROW.format(i, i) for i in range(30_000)) + "</ul>",
    "rows of two links": "<div><a href=/x1234.html>一条信息的标题</a><a href=/x1235.html>一条信息的标题</a></div>"
    * 20_000,
    "one row of dates": "<ul><li><a href=/x1.html>标题</a>" + "<b>2026-01-01</b>" * 60_000 + "</ul>",
    "breaks": "<a href=/x1234.html>一条信息的标题</a>2026-01-01<br>" * 50_000,
    "pager of numbers": "<a href=?page=1>1</a>" * 50_000,
    "inputs": "<form>" * 100 + "<input name=page value=1>" * 50_000,
    "onclick": '<a onclick="' + "'a'" * 1_000_000 + '">x</a>',
    "brackets": "<li><a href=/x1234.html>" + "[(" * 1_000_000,
    "dots": "<a href=/x1.html>" + "." * 2_000_000 + "</a>",
    "digits": "<p>" + "2026-" * 500_000,
    "calls": "<script>" + "createPageHTML(" * 500_000,
    "counts": "<script>" + "var countPage = 3;'" * 200_000,
    "datastore": "<datastore><recordset>" + '<record><![CDATA[<li><a href="/a1.html">x' * 100_000,
    "broken records": "<datastore>" + "<record><![CDATA[<!--<div></table>]]></record>" * 600 + "</datastore>",
    "deep JSON": "[" * 1_000_000,
    "deep objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "lists in lists": "[" + ",".join('[{"a":"b"}]' for _ in range(100_000)) + "]",
    "callbacks": "callback(" * 300_000,
    "entities": '{"result":["<' + "&lt;" * 500_000 + '"]}',
    "surrogates": '{"rows":[{"title":"\\ud800标题文字很长","url":"/a\\udc00/1.html","date":"2026-01-01"}]}',
    "huge numbers": '[{"TITLE":"标题","URL":"/a/1.htm","DOCRELPUBTIME":1e400},{"TITLE":1,"URL":2,"DOCRELPUBTIME":[]}]',
    "deep XML": '<?xml version="1.0"?><rss>' + "<a>" * 200_000,
    "entity bomb": '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY b{i} "{(f"&b{i - 1};" if i else "&a;") * 10}">' for i in range(9))
    + "]><rss><item><title>&b8;</title><link>http://a.cn/b</link></item></rss>",
    "null bytes": "<ul>" + ROW.format(1, 1).replace("<", "\x00<") + "</ul>",
}


def read(body: bytes, url: str = URL) -> ListPage | None:
    try:
        return read_list(body, url)
    except UnreadablePageError:
        return None


@pytest.mark.parametrize("name", CORPUS)
def test_corpus(name: str) -> None:
    page = read(CORPUS[name].encode("utf-8", "surrogatepass"))
    if page is not None:
        assert len(page.entries) <= 10_000
        for entry in page.entries[:10]:
            assert (entry.url + (entry.title or "")).encode()


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
