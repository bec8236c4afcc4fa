import pytest

from crawler.listing import read_list

URL = "https://www.qingshi.gov.cn/zwgk/tzgg/"
ROWS = "".join(
    f'<li><a href="./202609/t2026091{i}_8{i}.html">县政府通知公告第{i}条标题</a>2026-09-1{i}</li>' for i in range(6)
)
NUMBERS = '<a href="index.html">1</a><a href="index_1.html">2</a><a href="index_2.html">3</a>'
FORM = "<form action=list><input type=hidden name=a value=1><input name=page value={}> 共3页</form>"


def following(pager: str, page: str = "index.html", before: str = "") -> str | None:
    text = f"<html><body>{before}<ul>{ROWS}</ul>{pager}</body></html>"
    found = read_list(text.encode(), URL + page).next_url
    return found.removeprefix(URL) if found else None


@pytest.mark.parametrize(
    ("page", "pager", "next_page"),
    [
        ("index.html", '<a href="index_1.html">下一页</a>', "index_1.html"),
        ("index.html", '<a href="index_2.html">下页 &gt;</a><a href="index_9.html">尾页</a>', "index_2.html"),
        ("index.html", '<a href="index_1.html" rel="next">后面</a>', "index_1.html"),
        ("index_9.html", '<a href="index_9.html">下一页</a>', None),
        ("index_9.html", '<a href="#">下一页</a>', None),
        ("index_9.html", '<a class="disabled" href="index_10.html">下一页</a>', None),
        ("index_9.html", '<a href="index_10.html">下一页</a> 第10/10页', None),
        ("index_1.html", '<a href="index.html">1</a> <b>2</b> <a href="index_2.html">3</a>', "index_2.html"),
        ("index_1.html", NUMBERS, "index_2.html"),
        ("index_2.html", NUMBERS, None),
        ("index.html", '<a href="./a1.html">下一篇</a>', None),
        ("list?page=2", '<a href="javascript:go(3)">下一页</a> 共5页', "list?page=3"),
        ("list?page=5", '<a href="javascript:go(5)">下一页</a> 共5页', None),
        ("list?page=2", "<div id=p></div><script>$('#p').pagination({total: 50, limit: 6})</script>", None),
        ("list?c=1&page=2", '<script>f={pages:9};location.href="?c=1&page="+n</script>', "list?c=1&page=3"),
        ("list?c=1&page=9", '<script>f={pages:9};location.href="?c=1&page="+n</script>', None),
        ("list?a=1&page=2", FORM.format(2), "list?a=1&page=3"),
        ("list?a=1&page=3", FORM.format(3), None),
        ("list", "<form method=post><input name=page value=1> 共3页</form>", None),
        ("index.html", "<a href='javascript:;' onclick=\"turn(2,15,'/servlet/rows?c=1')\">下一页</a>", None),
        ("index.html", "<a href=\"javascript:turn('index_1.html')\">下一页</a>", "index_1.html"),
        ("index.html", "", None),
    ],
)  # fmt: skip
def test_the_page_after(page: str, pager: str, next_page: str | None) -> None:
    assert following(pager, page) == next_page


def test_a_sliders_arrows_and_pages_above_the_list_are_not_its_pager() -> None:
    assert following("", before='<a href="/pic/2.html">&gt;</a>') is None
    assert (
        following('<a href="index_1.html">下一页</a>', before='<a href="/other/index_1.html">下一页</a>')
        == "index_1.html"
    )


@pytest.mark.parametrize(
    ("words", "total", "pages"),
    [
        ("共 186 条 第 1 页/共 19 页", 186, 19),
        ("共有<b>44</b>条记录，共5页", 44, 5),
        ("页次：1/9页 共172篇", 172, 9),
        ("总条数：58", 58, None),
        ("<!--共有0条信息-->", None, None),
    ],
)
def test_what_the_words_claim(words: str, total: int | None, pages: int | None) -> None:
    page = read_list(f"<html><body><ul>{ROWS}</ul><div>{words}</div></body></html>".encode(), URL)
    assert (page.total, page.pages) == (total, pages)
