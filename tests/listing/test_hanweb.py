from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.listing import read_list
from crawler.portals.models import ListHints

COLUMN = "https://www.qingshi.gov.cn/col/col5512/index.html"
PROXY = "https://www.qingshi.gov.cn/module/web/jpage/dataproxy.jsp"


def record(i: int) -> str:
    link = f'<a href="/art/2026/9/{i}/art_5512_{i}.html">县政府常务会议纪要第{i}号</a>'
    return f"<record><![CDATA[<li>{link}2026-09-{i:02}</li>]]></record>"


def store(count: int, total: int | None = 61) -> str:
    claim = f"<totalrecord>{total}</totalrecord><totalpage>7</totalpage>" if total is not None else ""
    return f"<datastore>{claim}<recordset>{''.join(map(record, range(1, count + 1)))}</recordset></datastore>"


@pytest.mark.parametrize(
    ("query", "rows", "following"),
    [
        ("?startrecord=1&endrecord=20&perpage=10", 20, "?startrecord=21&endrecord=40&perpage=10"),
        # A record more or less than asked for does not move the window.
        ("?startrecord=21&endrecord=40&perpage=10", 21, "?startrecord=41&endrecord=60&perpage=10"),
        ("?startrecord=41&endrecord=60&perpage=10", 19, "?startrecord=61&endrecord=80&perpage=10"),
        ("?startrecord=61&endrecord=80&perpage=10", 1, None),
        ("?startrecord=42&endrecord=61&perpage=10", 20, None),
        ("?startrecord=81&endrecord=100&perpage=10", 0, None),
        ("?startrecord=9&endrecord=2", 5, None),
        ("?page=2&webid=1", 20, "?page=3&webid=1"),
        # More rows than it counts: the count is not believed.
        ("?page=4&webid=1", 20, "?page=5&webid=1"),
        ("?startrecord=51&endrecord=70&perpage=10", 20, "?startrecord=71&endrecord=90&perpage=10"),
        ("", 20, None),
    ],
)
def test_windows_move_on_by_what_was_asked(query: str, rows: int, following: str | None) -> None:
    page = read_list(store(rows).encode(), PROXY + query)
    assert len(page.entries) == rows
    assert page.next_url == (PROXY + following if following else None)
    assert page.total == 61


def column(script: str, rows: int = 18, head: str = "") -> bytes:
    held = f'<script type="text/xml">{store(rows, None).replace("<recordset>", head + "<recordset>")}</script>'
    return f"<html><body><div id='7'>{held}</div><script>{script}</script></body></html>".encode()


def test_the_records_after_the_embedded_ones_are_asked_of_the_module() -> None:
    script = (
        "var param_7 = {col:1,webid:7,path:'/',columnid:5512,unitid:'7731',sourceContentType:3,webname:'青石县'};"
        "$('#7').jpage({proxyurl:'/module/jpage/dataproxy.jsp',totalRecord:61,perPage:6,groupSize:3,dataName:param_7});"
    )
    page = read_list(column(script), COLUMN)
    assert len(page.entries) == 18
    assert (page.total, page.pages) == (61, 11)
    parts = urlsplit(page.next_url or "")
    assert parts.path == "/module/jpage/dataproxy.jsp"
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (query["startrecord"], query["endrecord"], query["perpage"]) == ("19", "36", "6")
    assert (query["webid"], query["columnid"], query["unitid"]) == ("7", "5512", "7731")
    assert query["sourceContentType"] == "3"
    assert query["webname"] == "青石县"


def test_all_records_embedded_is_the_end() -> None:
    script = "$('#7').jpage({totalRecord:18,perPage:6,dataName:{webid:7,columnid:5512,unitid:'7731'}});"
    assert read_list(column(script), COLUMN).next_url is None


def test_nextgroup_names_the_module_where_no_script_does() -> None:
    query = "page=1&amp;webid=7&amp;columnid=5512&amp;unitid=9"
    head = f"<nextgroup><![CDATA[<a href='/module/web/jpage/dataproxy.jsp?{query}'></a>]]></nextgroup>"
    url = read_list(column("", head=head), COLUMN).next_url or ""
    assert url.startswith(PROXY + "?startrecord=19&endrecord=36")
    assert "columnid=5512" in url
    assert "unitid=9" in url


def test_the_portal_file_may_hold_the_parameters() -> None:
    hints = ListHints(
        adapter="jpage",
        params={"webid": "3096", "columnid": "12", "unitid": "78", "path": "/module/jpage/dataproxy.jsp"},
    )
    url = read_list(column("$('#7').jpage({totalRecord:99,perPage:6});"), COLUMN, hints=hints).next_url or ""
    assert url.startswith("https://www.qingshi.gov.cn/module/jpage/dataproxy.jsp?startrecord=19")
    assert "unitid=78" in url


def test_a_column_without_records_names_its_interface() -> None:
    script = (
        "var p = {webid:7,columnid:5512,unitid:'7731'};"
        "$('#7').jpage({proxyurl:'/module/web/jpage/dataproxy.jsp',perPage:6,dataName:p});"
    )
    page = read_list(f"<html><body><script>{script}</script></body></html>".encode(), COLUMN)
    assert page.entries == ()
    assert (page.interface or "").startswith(PROXY + "?startrecord=1&endrecord=18&perpage=6")


def test_records_that_are_escaped_instead_of_fenced() -> None:
    text = store(3).replace("<![CDATA[", "").replace("]]>", "").replace("<li>", "&lt;li>").replace("<a ", "&lt;a ")
    page = read_list(text.encode(), PROXY + "?startrecord=1&endrecord=3")
    assert [e.published_at for e in page.entries] == ["2026-09-01", "2026-09-02", "2026-09-03"]


def test_markup_that_breaks_out_of_a_record_harms_its_neighbours_not() -> None:
    text = store(3).replace("第2号</a>", "第2号</a><!-- ")
    page = read_list(text.encode(), PROXY)
    assert [e.title for e in page.entries] == [f"县政府常务会议纪要第{i}号" for i in (1, 2, 3)]
