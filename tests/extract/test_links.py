from collections.abc import Callable

import pytest

from crawler.extract import extract
from crawler.text.page import Page

PROSE = "<p>全省春季农业生产现场会在青溪召开，会议部署了抗旱保苗和农资供应，要求各地不误农时。</p>"


def body(html: str) -> str:
    return f"<h1>春耕正忙的季节</h1><p>2024-03-05</p>{PROSE}{html}"


def test_files_are_attachments_once_with_name_and_type(page_of: Callable[..., Page]) -> None:
    html = (
        "<p>附件：1.<a href='./P01.docx'>供水办法</a></p>"
        "<p>2.任务表<a href='/f/b.xlsx?x=1'>下载</a><a href='P01.docx'>办法</a></p>"
        "<p><a href='big.jpg'>看图</a><a href='next.html'>解读</a></p>"
        "<p>意见表：<a href='/down.jsp?filename=c.wps'>点击下载</a></p>"
    )
    found = extract(page_of(body(html))).attachments
    assert [(f.url, f.name) for f in found] == [
        ("http://www.example.gov.cn/zw/P01.docx", "供水办法"),
        ("http://www.example.gov.cn/f/b.xlsx?x=1", "2.任务表"),
        ("http://www.example.gov.cn/down.jsp?filename=c.wps", "意见表"),
    ]
    assert found[0].media_type == "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def test_without_an_address_links_stay_as_written(page_of: Callable[..., Page]) -> None:
    found = extract(page_of(body("<a href='./P01.pdf'>办法</a>"), url=None)).attachments
    assert [f.url for f in found] == ["./P01.pdf"]


def test_files_of_a_side_column_are_none_of_the_article(page_of: Callable[..., Page]) -> None:
    side = "".join(f"<li><a href='{i}.html'>某地召开会议部署工作{i}</a></li>" for i in range(8))
    assert extract(page_of(body(f"<ul>{side}</ul><a href='form.doc'>表格下载</a>"))).attachments == ()


@pytest.mark.parametrize(
    ("html", "url", "expected"),
    [
        ("<script>createPageHTML(3, 0, 't1', 'html')</script>", "t1.html", "t1_1.html"),
        ("<script>createPageHTML(3,1,'t1','html')</script>", "t1_1.html", "t1_2.html"),
        ("<script>createPageHTML(3, 2, 't1', 'html')</script>", "t1_2.html", None),
        ("<script>createPageHTML(9, 0, 'index', 'html')</script>", "t1.html", None),
        ("<div>1 <a href='t1_2.html'>2</a> <a href='t1_2.html'>下一页</a></div>", "t1.html", "t1_2.html"),
        ("<div><a href='t1.html'>上一页</a> <a href='t1_3.html'>下一页</a></div>", "t1_2.html", "t1_3.html"),
        ("<div><a href='c-1-2.html'>余下全文</a></div>", "c-1.html", "c-1-2.html"),
        ("<div><a href='t2.html'>下一页</a></div>", "t1.html", None),
        ("<div><a href='t2.html'>下一篇</a></div>", "t1.html", None),
        ("<div><a href='javascript:next()'>下一页</a></div>", "t1.html", None),
        ("<div><a href='?page=2'>下一页</a></div>", "t1.html", None),
    ],
)
def test_an_article_that_goes_on_names_its_next_page(
    page_of: Callable[..., Page], html: str, url: str, expected: str | None
) -> None:
    base = "http://www.example.gov.cn/zw/"
    found = extract(page_of(body(html), url=base + url)).next_page_url
    assert found == (base + expected if expected else None)
