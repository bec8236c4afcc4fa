from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from crawler.listing.outline import MAX_NODES, outline
from crawler.text import urls

BASE = "https://www.qingshi.gov.cn/zwgk/tzgg/index_2.shtml?page=1"
PIECES = [
    "/",
    "./",
    "../",
    "//",
    "a",
    "t2026_1",
    ".html",
    ".shtml",
    "?id=1",
    "#x",
    "http://",
    "https://",
    "www.a.gov.cn",
    "index",
    ":80",
    " ",
    "%20",
    "中",
]


def of(markup: str) -> list[tuple[str, str, str, bool]]:
    out = outline(LexborHTMLParser(markup).root, BASE)
    return [(k.url.removeprefix("https://www.qingshi.gov.cn"), k.text, k.title, k.weak) for k in out.links]


def test_links_and_what_they_are_called() -> None:
    assert of('<a href="./a1.html" title="全称标题">简称标题</a>') == [
        ("/zwgk/tzgg/a1.html", "简称标题", "全称标题", False)
    ]
    assert of('<a href="/a1.html"><img src=x alt="图片新闻标题"></a>') == [("/a1.html", "", "图片新闻标题", False)]
    assert of('<a href="/a1.html">查看</a>') == [("/a1.html", "查看", "", True)]
    assert of("<a href='javascript:;' onclick=\"window.open('/a1.html')\">标题文字</a>") == [
        ("/a1.html", "标题文字", "", False)
    ]
    assert of("<a href=\"javascript:go('./a1.html')\">标题文字</a>") == [("/zwgk/tzgg/a1.html", "标题文字", "", False)]
    assert of("<li onclick=\"location.href='/a1.html'\">标题<b>文字</b></li>") == [("/a1.html", "标题文字", "", False)]


def test_what_is_no_entry_is_a_control() -> None:
    out = outline(
        LexborHTMLParser('<a href=index_1.html>下一页</a><a href="#">3</a><a href="/x/">更多&gt;&gt;</a>').root, BASE
    )
    assert out.links == []
    assert [(text, url) for _, text, _, url in out.controls] == [
        ("下一页", "https://www.qingshi.gov.cn/zwgk/tzgg/index_1.html"),
        ("3", None),
        ("更多>>", "https://www.qingshi.gov.cn/x/"),
    ]


def test_texts_run_on_as_on_a_line() -> None:
    assert of("<a href=/a1.html>关于<em>通知</em>的\n <b>公告</b></a>")[0][1] == "关于通知的公告"
    assert of("<a href=/a1.html>2019<em>年</em> CPI <b>PPI</b></a>")[0][1] == "2019年 CPI PPI"


def test_scripts_and_comments_are_no_part_of_the_page() -> None:
    out = outline(
        LexborHTMLParser("<p>a<script>var b;</script><!-- <i>c</i> --><template><a href=/1>x</a></template>").root, BASE
    )
    assert out.text_between(0, len(out.tags)) == "a"
    assert [script for _, script in out.scripts] == ["var b;"]
    assert [comment.strip() for _, comment in out.comments] == ["<i>c</i>"]
    assert out.links == []


def test_a_subtree_is_a_range() -> None:
    out = outline(LexborHTMLParser("<ul><li>1</li><li>2<b>3</b></li></ul><p>4</p>").root, BASE)
    at = [i for i, tag in enumerate(out.tags) if tag == "li"]
    assert [out.text_between(i, out.ends[i]) for i in at] == ["1", "2 3"]
    assert {out.tags[out.parents[i]] for i in at} == {"ul"}


def test_the_number_of_nodes_is_bounded() -> None:
    out = outline(LexborHTMLParser("<p>x" * MAX_NODES).root, BASE)
    assert len(out.tags) == MAX_NODES
    assert max(out.ends) <= MAX_NODES


@example("http://www.a.gov.cn:80.html")
@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_links_are_joined_as_everywhere(href: str) -> None:
    tree = LexborHTMLParser("<a>标题文字标题</a>")
    for node in tree.css("a"):
        node.attrs["href"] = href
    found = [k.url for k in outline(tree.root, BASE).links]
    joined = urls.join(BASE, href)
    assert found == ([joined] if joined is not None else [])
