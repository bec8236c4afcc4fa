import pytest

from crawler.listing import read_list
from crawler.portals.models import ListHints

FOLDER = "https://www.qingshi.gov.cn/zwgk/tzgg/"
ROWS = "".join(
    f'<li><a href="./202609/t2026091{i}_8{i}.html">县政府通知公告第{i}条标题</a>2026-09-1{i}</li>' for i in range(6)
)


def following(script: str, page: str = "", hints: ListHints | None = None) -> str | None:
    text = f"<html><body><ul>{ROWS}</ul><script>{script}</script></body></html>"
    found = read_list(text.encode(), FOLDER + page, hints=hints).next_url
    return found.removeprefix(FOLDER) if found else None


@pytest.mark.parametrize(
    ("page", "script", "next_page"),
    [
        ("", 'createPageHTML(5,0,"index","shtml");', "index_1.shtml"),
        ("index_3.shtml", "createPageHTML(5, 3, 'index', 'shtml')", "index_4.shtml"),
        ("index_4.shtml", "createPageHTML(5, 4, 'index', 'shtml')", None),
        ("", 'createPageHTML(1,0,"index","shtml");', None),
        ("", 'createPageHTML(55,0, "index","shtml","1089");', "index_1.shtml"),
        ("", 'createPageHTML(7,0,"index","shtml","black2",136);', "index_1.shtml"),
        ("", "createPageHTML('page_div',10, 1,'index','shtml',149)", "index_2.shtml"),
        ("index_2.shtml", "createPageHTML('page_div',10, 2,'index','shtml',149)", "index_3.shtml"),
        ("index_1.shtml", "createPageHTML('page_div',10, 2,'index','shtml',149)", "index_2.shtml"),
        ("index_10.shtml", "createPageHTML('page_div',10, 10,'index','shtml',149)", None),
        ("index_9.shtml", "createPageHTML('page_div',10, 10,'index','shtml',149)", None),
        ("", "createPageHTML('page_div',10, 0,'index','shtml',149)", "index_1.shtml"),
        ("list.html", 'createPageHTML(5,0,"list","html");', "list_1.html"),
        ("index_10954.html", 'createPageHTML(5,0,"index_10954","html");', "index_10954_1.html"),
        ("index_10954_1.html", 'createPageHTML(5,1,"index_10954","html");', "index_10954_2.html"),
        ("", 'createPageHTML(5,0,"/zwgk/tzgg/index","html");', "index_1.html"),
        ("index.html", "var countPage = 29", "index_1.html"),
        ("index_28.html", "var countPage = 29; var currentPage = 28;", None),
        ("index_3.html", "var countPage = 29", "index_4.html"),
        ("latest_1447.shtml", "var countPage = 29; var currentPage=0;", "latest_1447_1.shtml"),
        (
            "",
            'var countPage=56;var currentPage=0;document.write("<a href=\\"index"+"_"+n+"."+"html\\">")',
            "index_1.html",
        ),
        ("", "function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){ }", None),
        ("", "createPageHTML(${PAGE_COUNT}, ${PAGE_INDEX}, x, y)", None),
    ],
)
def test_the_page_after(page: str, script: str, next_page: str | None) -> None:
    assert following(script, page) == next_page


def test_the_portal_file_may_say_what_the_second_page_is_called() -> None:
    script = 'createPageHTML(5,0,"index","shtml");'
    assert following(script, hints=ListHints(next_page="index_2")) == "index_2.shtml"
    one_based = "createPageHTML('page_div',10, 1,'index','shtml',149)"
    assert following(one_based, hints=ListHints(next_page="index_1")) == "index_1.shtml"


def test_what_the_script_claims() -> None:
    text = f"<ul>{ROWS}</ul><script>var countnum= 6348; var countPage=56; var currentPage=0;</script>"
    page = read_list(text.encode(), FOLDER)
    assert (page.total, page.pages) == (6348, 56)
