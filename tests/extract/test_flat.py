from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract.flat import flat_lines, reach
from crawler.extract.lines import read_lines
from crawler.extract.scan import scan
from crawler.extract.weights import ancestors
from crawler.text.page import Page, parse_page

PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<div>", "</div>", "<span>", "</span>", "<b>", "</b>", "<br>", "<h2>", "</h2>"),
        *("<a href=x>", "</a>", "<a name=y></a>", "<ul><li>", "</ul>", "<section>", "</section>", "<font>", "</font>"),
        *(
            "<i style='display: none'>",
            "</i>",
            "<script>x</script>",
            "<!-- c -->",
            "<pre>",
            "</pre>",
            "<o:p>",
            "</o:p>",
        ),
        *("<table><tr><td>", "</table>", "<td>", "<tr>", "<button>", "</button>", " ", "\n", "&nbsp;", "\u3000"),
        *("春耕", "正忙 的", " 季节\n里", "A b", "，", "一\n二"),
    ]
)


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=40))
def test_lines_of_the_flat_view_are_those_of_a_walk(pieces: list[str]) -> None:
    html = f"<meta charset=utf-8><div id=t>前</div><main>{''.join(pieces)}</main>"
    page = parse_page(html.encode())
    node = page.tree.css_first("main")
    found = scan(page)
    address = node.mem_id if node is not None else 0
    inside = [i for i, text in enumerate(found.nodes) if address in ancestors(text)]
    if node is None or not inside:
        return
    assert reach(found, node, inside[-1], inside[-1]) == (inside[0], inside[-1])
    lines = flat_lines(found, page.text, node, inside[0], inside[-1])
    if lines is None:
        return
    walked = read_lines(node)
    assert [line.text for line in lines] == [line.text for line in walked]
    white = sum(len(piece) - len("".join(piece.split())) for piece in pieces) + html.count("&nbsp;")
    for line, other in zip(lines, walked, strict=True):  # a walk counts the white space in links, too
        assert abs(line.linked - other.linked) <= white


def test_paragraphs_of_one_text_and_of_several_need_no_walk(page_of: Callable[..., Page]) -> None:
    page = page_of("<div><p>第一段</p><p>第 <b>二</b> <i>段</i></p><p><a href=x>第三</a><br>四</p></div>")
    found = scan(page)
    node = found.nodes[0].parent.parent  # type: ignore[union-attr]
    assert node is not None
    lines = flat_lines(found, page.text, node, 0, len(found.texts) - 1)
    assert lines is not None
    assert [(line.text, line.linked) for line in lines] == [("第一段", 0), ("第 二 段", 0), ("第三", 2), ("四", 0)]


def test_what_the_flat_view_cannot_tell_is_left_to_a_walk(page_of: Callable[..., Page]) -> None:
    for html in (
        "<div><p>一</p><pre>二\n三</pre></div>",
        "<div><p>一</p><p style='display:none'>二</p></div>",
        "<div>一<b>二</b><p>三</p></div>",
        "<div><p>一</p><p style='Display : None'>&#20108;</p></div>",
    ):
        page = page_of(html)
        found = scan(page)
        node = found.nodes[0]
        while node.tag != "div":
            node = node.parent  # type: ignore[assignment]
        assert flat_lines(found, page.text, node, 0, len(found.texts) - 1) is None, html


def test_tables_of_data_need_no_walk(page_of: Callable[..., Page]) -> None:
    rows = "<tr><td><p>市县</p><td><p>亩</p><p>（万）</p><tr><td>青溪<td><p>3<b>.</b>1</p>"
    page = page_of(f"<div><p>表一</p><table>{rows}</table><p>完</p></div>")
    found = scan(page)
    node = page.tree.css_first("div")
    assert node is not None
    lines = flat_lines(found, page.text, node, 0, len(found.texts) - 1)
    assert lines is not None
    assert [line.text for line in lines] == ["表一", "市县\t亩 （万）", "青溪\t3.1", "完"]
