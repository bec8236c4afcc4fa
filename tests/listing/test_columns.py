from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.exceptions import UnreadablePageError
from crawler.listing.columns import MAX_COLUMNS, MAX_NAME, find_columns
from crawler.text.page import parse_page

LISTS = Path(__file__).resolve().parent.parent / "lists"
URL = "https://www.qingshi.gov.cn/"
ROWS = "".join(
    f'<li><a href="/yw/202611/t20261101_{i}.html">全县第{i}次春灌用水工作会议召开</a></li>' for i in range(5)
)


def columns(body: str, url: str = URL) -> dict[str, tuple[str, bool]]:
    found = find_columns(parse_page(f"<html><body>{body}</body></html>".encode(), url))
    return {column.name: (column.url.removeprefix(URL), column.heads_rows) for column in found}


def test_menus_and_headings_of_blocks_lead_to_columns() -> None:
    body = f'<ul><li><a href="/zwgk/">政务公开</a></li></ul><h2><a href="yw/#top">青石要闻</a></h2><ul>{ROWS}</ul>'
    assert columns(body) == {"政务公开": ("zwgk/", True), "青石要闻": ("yw/", True)}


def test_more_takes_the_name_of_the_heading_above_it() -> None:
    assert columns(f'<h3>通知公告</h3><a href="/tzgg/">更多&gt;&gt;</a><ul>{ROWS}</ul>') == {
        "通知公告": ("tzgg/", True)
    }
    assert columns('<h3>通知公告</h3><a href="/tzgg/"><img src="more.png" alt="more"></a>') == {
        "通知公告": ("tzgg/", False)
    }


def test_columns_of_the_same_site_count_and_those_of_others_do_not() -> None:
    body = '<a href="http://zwgk.qingshi.gov.cn/zc/">政策文件</a><a href="http://www.shuixi.gov.cn/">水西县政府</a>'
    assert columns(body) == {"政策文件": ("http://zwgk.qingshi.gov.cn/zc/", False)}


def test_letters_that_are_spread_are_one_name() -> None:
    assert columns('<a href="/yw/">要 闻</a><a href="/gk/">公　开</a>') == {
        "要闻": ("yw/", False),
        "公开": ("gk/", False),
    }


def test_articles_files_other_hosts_and_controls_are_no_columns() -> None:
    body = (
        f'<ul>{ROWS}</ul><a href="/a.pdf">政策文件</a><a href="https://www.gov.cn/">中国政府网</a>'
        '<a href="/en/">English</a><a href="index_2.html">下一页</a><a href="javascript:void(0)">要闻</a>'
        '<a href="/x/">一个比栏目名长得多的链接文字应当不算</a>'
    )
    assert columns(body) == {}


def test_one_address_is_one_column_under_its_first_name() -> None:
    body = (
        f'<a href="/yw/">要闻</a><p>{"说明文字" * 30}</p>'
        + "<i></i>" * 80
        + f'<a href="/yw/">青石要闻</a><ul>{ROWS}</ul>'
    )
    assert columns(body) == {"要闻": ("yw/", True)}


def test_base_and_numbered_columns() -> None:
    body = '<base href="https://www.qingshi.gov.cn/zw/"><a href="tzgg/">通知公告</a>'
    body += '<a href="/public/column/1681?type=4">政策文件</a>'
    assert columns(body) == {"通知公告": ("zw/tzgg/", False), "政策文件": ("public/column/1681?type=4", False)}


def test_a_page_of_nothing_but_links_is_bounded() -> None:
    found = columns("".join(f'<a href="/c{i}/">第{i}栏</a>' for i in range(4000)))
    assert len(found) == MAX_COLUMNS


def test_the_front_page_of_the_tests_names_its_columns() -> None:
    page = parse_page((LISTS / "front-page.html").read_bytes(), URL)
    found = find_columns(page)
    assert all(len(column.name) <= MAX_NAME for column in found)
    assert any(column.heads_rows for column in found)


PARTS = st.sampled_from(
    ['<a href="/yw/">要闻</a>', '<a href="/yw/">更多</a>', "<h2>通知公告</h2>", "<ul>", "</ul>", "<li>", "<!--", "-->",
     ROWS, '<a href="//x">', "<base href=/a/>", "更多", '<a onclick="go(\'/x/\')">政策</a>', "<a href=?>", "</a>"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PARTS, max_size=40).map("".join), st.text(max_size=20))
def test_any_page_gives_columns_or_none(body: str, url: str) -> None:
    try:
        page = parse_page(f"<p>页{body}".encode(), url)
    except UnreadablePageError:
        return
    for column in find_columns(page):
        assert column.name
        assert column.url.startswith("http")
