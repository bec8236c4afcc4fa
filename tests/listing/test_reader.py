import json

import pytest

from crawler.exceptions import ConfigError, UnreadablePageError
from crawler.listing import ADAPTERS, read_list
from crawler.portals.models import ListHints

URL = "https://www.qingshi.gov.cn/zwgk/tzgg/"
LINK = '<a href="./202609/t2026091{0}_8{0}.html">县政府通知公告第{0}条标题</a>'
ITEMS = "".join(f'<div class="it">{LINK}<p>简称{{0}}</p><b>2026-09-1{{0}}</b></div>'.format(i) for i in range(6))
PAGE = f"<html><body><div class=main>{ITEMS}</div></body></html>".encode()
ANSWER = json.dumps(
    {"d": {"l": [{"t": f"县政府通知公告第{i}条", "u": f"/a/{i}", "s": f"2026-09-1{i}"} for i in range(4)], "n": 40}}
).encode()


def test_selectors_of_the_portal_file_win() -> None:
    page = read_list(PAGE, URL, hints=ListHints(item="div.it", title="p", date="b"))
    assert [(e.title, e.published_at) for e in page.entries[:2]] == [("简称0", "2026-09-10"), ("简称1", "2026-09-11")]
    assert page.confidence > 0.9


def test_a_selector_alone_leaves_title_and_date_to_the_reader() -> None:
    page = read_list(PAGE, URL, hints=ListHints(item=".it"))
    assert page.entries == read_list(PAGE, URL).entries


def test_selectors_that_select_nothing_are_said_and_doubted() -> None:
    page = read_list(PAGE, URL, hints=ListHints(item="dl.rows"))
    assert len(page.entries) == 6
    assert page.confidence <= 0.4
    assert "dl.rows" in (page.reason or "")


@pytest.mark.parametrize("hints", [ListHints(item="div..it"), ListHints(item="div.it", title="p[")])
def test_a_selector_that_is_none(hints: ListHints) -> None:
    with pytest.raises(ConfigError, match="CSS"):
        read_list(PAGE, URL, hints=hints)


def test_an_unknown_adapter_is_named() -> None:
    with pytest.raises(ConfigError, match="dreamweaver"):
        read_list(PAGE, URL, hints=ListHints(adapter="dreamweaver"))
    assert {"trs", "jpage", "json", "igs", "gkmlpt"} <= ADAPTERS


def test_expressions_of_the_portal_file() -> None:
    hints = ListHints(
        entries="d.l", item="join('', ['/b', u, '.html'])", title="t", date="s", total="d.n", page_param="pg"
    )
    page = read_list(ANSWER, "https://www.qingshi.gov.cn/api?pg=1", hints=hints)
    assert page.entries[1].url == "https://www.qingshi.gov.cn/b/a/1.html"
    assert page.entries[1].published_at == "2026-09-11"
    assert (page.total, page.next_url) == (40, "https://www.qingshi.gov.cn/api?pg=2")


def test_expressions_that_select_nothing_are_said_and_doubted() -> None:
    page = read_list(ANSWER, "https://www.qingshi.gov.cn/api", hints=ListHints(entries="data.rows", item="u"))
    assert len(page.entries) == 4
    assert page.confidence <= 0.4
    assert "data.rows" in (page.reason or "")


def test_an_expression_that_is_none() -> None:
    with pytest.raises(ConfigError, match="JMESPath"):
        read_list(ANSWER, URL, hints=ListHints(entries="d.[", item="u"))


def test_the_content_decides_whatever_the_cms_is_said_to_be() -> None:
    assert read_list(PAGE, URL, cms="hanweb") == read_list(PAGE, URL) == read_list(PAGE, URL, cms="no such thing")
    assert len(read_list(ANSWER, URL, cms="gkmlpt").entries) == 4


def test_the_header_names_the_encoding_where_the_page_does_not() -> None:
    text = PAGE.decode().encode("gb18030")
    page = read_list(text, URL, content_type="text/html; charset=gbk")
    assert page.entries == read_list(PAGE, URL).entries


def test_hosts_tell_what_is_outside() -> None:
    page = read_list(PAGE, URL, hosts=["www.qingshi.gov.cn"])
    assert {e.form for e in page.entries} == {"article"}
    text = PAGE.replace(b"./202609/", b"http://jyj.qingshi.gov.cn/202609/")
    assert {e.form for e in read_list(text, URL).entries} == {"article"}
    assert {e.form for e in read_list(text, URL, hosts=["www.qingshi.gov.cn"]).entries} == {"external"}


def test_without_an_address_only_absolute_links_are_entries() -> None:
    assert read_list(PAGE, "").entries == ()
    text = PAGE.replace(b"./202609/", b"http://www.qingshi.gov.cn/202609/")
    assert len(read_list(text, "").entries) == 6


def test_text_that_is_no_list() -> None:
    page = read_list("县政府门户网站".encode(), URL)
    assert page.entries == ()
    assert page.reason == "no list of articles on the page"
    with pytest.raises(UnreadablePageError):
        read_list(b"", URL)
