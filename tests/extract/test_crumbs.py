from collections.abc import Callable

import pytest

from crawler.extract.crumbs import find_crumbs, is_crumbs, split_crumbs
from crawler.extract.headline import find_headline
from crawler.extract.scan import Scan

REST = (
    "<h1>春耕正忙的季节</h1><p>全省春季农业生产现场会在青溪召开，会议部署了抗旱保苗和农资供应，要求各地不误农时。</p>"
)
HEAD = "<meta name=ArticleTitle content='春耕正忙的季节'><meta name=ColumnName content='政务要闻'>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("当前位置：<a>首页</a> &gt; <a>要闻</a> &gt; 正文", ("首页", "要闻")),
        ("<b>您现在的位置是：</b><a>首页</a>&gt;&gt;<a>要闻</a>&gt;&gt;春耕正忙的季节", ("首页", "要闻")),
        (
            "<ul><li>您的位置：</li><li><a>首页</a></li><li>&gt;<a>要闻</a></li><li>&gt;农业</li></ul>",
            ("首页", "要闻", "农业"),
        ),
        ("位置：首页 > 要闻 > 农业", ("首页", "要闻", "农业")),
        ("<a>首页</a> / <a>要闻</a> / <a>农业</a>", ("首页", "要闻", "农业")),
        ("当前位置：<a>首页</a>&gt;<a>要闻</a><p><a>搜索</a><a>地图</a></p>", ("首页", "要闻")),
        ("<ol><li><a>首页</a><li><a>要闻</a><li><a>政务要闻</a></ol>", ("首页", "要闻", "政务要闻")),
        ("<ul><li><a>首页</a><li><a>要闻</a><li>正文</ul>", ("首页", "要闻")),
        ("<ul><li><a>首页</a><li><a>公开</a><li><a>办事</a></ul>", ()),
        ("", ()),
    ],
)
def test_breadcrumbs_are_found_and_menus_are_not(
    scan_of: Callable[..., Scan], html: str, expected: tuple[str, ...]
) -> None:
    found = scan_of(html + REST, HEAD)
    headline = find_headline(found)
    assert find_crumbs(found, headline, headline.last + 1) == expected


def test_a_line_of_plain_text() -> None:
    assert is_crumbs("当前位置:首页 > 政府信息公开")
    assert is_crumbs("首页 > 要闻")
    assert not is_crumbs("会议的位置在山上")
    assert split_crumbs("当前位置:首页 > 要闻 > 正文") == ("首页", "要闻")
