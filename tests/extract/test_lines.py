from collections.abc import Callable

import pytest

from crawler.extract.lines import read_lines, tidy
from crawler.text.page import Page


def lines(page: Page) -> list[str]:
    assert page.tree.body is not None
    return [line.text for line in read_lines(page.tree.body)]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>一</p><p>二</p>", ["一", "二"]),
        ("一<br>二<br/><br>三", ["一", "二", "三"]),
        ("<div>一<p>二</p>三</div>", ["一", "二", "三"]),
        ("<p>一<span>二</span><b>三</b></p>", ["一二三"]),
        ("<p>一<br>二</p>", ["一", "二"]),
        ("<p>　　一\n   二  三&nbsp;四</p>", ["一二 三 四"]),
        ("<pre>一\n二</pre>", ["一", "二"]),
        ("<p>一<script>x</script><style>y</style><select><option>z</select>二</p>", ["一二"]),
        (
            "<p style='display: none'>一</p><div style='DISPLAY:none'>二</div><p>三<i style='display:none'>四</i></p>",
            ["三"],
        ),
        (
            "<table><tr><td>一</td><td></td><td>三</td></tr><tr><td>四</td><td>五</td><td> </td></tr></table>",
            ["一\t\t三", "四\t五"],
        ),
        ("<table><tr><td><p>一</p><p>二</p></td><td>三<br>四</td></tr></table>", ["一 二\t三 四"]),
        ("<table><tr><td>一<p>二</p></td></tr></table>", ["一", "二"]),
        (
            "<table><tr><td>菜单</td><td><table><tr><td>一</td><td>二</td></tr></table></td></tr></table>",
            ["菜单", "一\t二"],
        ),
        ("<ul><li>一</li><li><a href=x>二</a></li></ul>", ["一", "二"]),
        ("<x-text>一<p>二</p></x-text>", ["一", "二"]),
        ("<!-- 注 --><p>一</p>", ["一"]),
        ("", []),
    ],
)
def test_paragraphs_rows_and_breaks_make_lines(page_of: Callable[..., Page], html: str, expected: list[str]) -> None:
    assert lines(page_of(html)) == expected


def test_a_wide_cell_is_a_column_of_the_page(page_of: Callable[..., Page]) -> None:
    column = "".join(f"<p>{'这一栏是正文而不是数据，' * 12}{i}</p>" for i in range(5))
    got = lines(page_of(f"<table><tr><td>菜单</td><td>{column}</td></tr></table>"))
    assert len(got) == 6
    assert not any("\t" in line for line in got)


def test_linked_characters_are_counted(page_of: Callable[..., Page]) -> None:
    body = page_of("<p>详见<a href=x>这个文件</a>。</p><div><a href=y><b>链接</b></a></div>").tree.body
    assert body is not None
    assert [(line.text, line.linked) for line in read_lines(body)] == [("详见这个文件。", 4), ("链接", 2)]


def test_reading_starts_behind_a_text(page_of: Callable[..., Page]) -> None:
    body = page_of("<h1>题</h1><p>2024-01-01</p><p>一</p>").tree.body
    assert body is not None
    start = body.css("p")[0].first_child
    assert start is not None
    assert [line.text for line in read_lines(body, after=start.mem_id)] == ["一"]


def test_deep_nesting_is_read_as_one_text(page_of: Callable[..., Page]) -> None:
    assert lines(page_of("<div>" * 900 + "深")) == ["深"]


def test_white_space_is_tidied() -> None:
    assert tidy("\u3000\u3000第一条\u3000总则\ufeff ") == "第一条\u3000总则"
    assert tidy("one\n two") == "one two"
