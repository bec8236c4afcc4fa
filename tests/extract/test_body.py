from collections.abc import Callable

from crawler.extract import extract
from crawler.text.page import Page

P = [
    "全省春季农业生产现场会在青溪召开，会议部署了抗旱保苗和农资供应，要求各地不误农时。",
    "会议指出，今年雨水偏少，要把有限的水用在关键的时候，推广节水灌溉，保证口粮田用水。",
    "会后，与会人员到田间察看了抽水机和滴灌设备，听取了合作社负责人的介绍，收获很大。",
]
HEAD = "<h1>春耕正忙的季节</h1><p>时间：2024-03-05 来源：云岭日报</p>"
MENU = "<ul>" + "".join(f"<li><a href='{i}.html'>栏目名称{i}</a></li>" for i in range(12)) + "</ul>"


def paragraphs(tag: str = "p") -> str:
    return "".join(f"<{tag}>{p}</{tag}>" for p in P)


def test_wrapped_and_unwrapped_bodies(page_of: Callable[..., Page]) -> None:
    for html in (
        f"{MENU}<div>{HEAD}<div>{paragraphs()}</div></div>",
        f"{MENU}<div>{HEAD}{paragraphs()}</div>",
        f"{MENU}{HEAD}{paragraphs('div')}",
        f"{MENU}<div>{HEAD}</div><div><div><div>{'<br>'.join(P)}</div></div></div>",
        f"{MENU}<div>{HEAD}</div><section><div><p>{P[0]}</p></div><div><p>{P[1]}</p><p>{P[2]}</p></div></section>",
        f"<table><tr><td>{MENU}</td><td>{HEAD}{'<br>'.join(P)}</td></tr></table>",
    ):
        assert extract(page_of(html)).body == "\n".join(P), html


def test_recommendations_comments_and_feet_are_left_out(page_of: Callable[..., Page]) -> None:
    comments = "".join(
        f"<div><a>网友{i}</a><p>说得真好，我们村今年也用上了滴灌，省水又省工，真是太好了。{i}</p></div>"
        for i in range(30)
    )
    foot = "<div><p>主办单位：云岭省人民政府办公厅，地址：青溪市河滨路一号，电话：12345。</p><p>云ICP备1号</p></div>"
    article = f"<div>{HEAD}<div>{paragraphs()}</div><p>责任编辑：李四</p></div>"
    html = f"<div>{article}<h3>相关新闻</h3>{MENU}{comments}</div>{foot}"
    assert extract(page_of(html)).body == "\n".join(P)


def test_short_lines_of_a_document_are_kept(page_of: Callable[..., Page]) -> None:
    lines = ["云政发〔2024〕5号", "各市人民政府：", P[0], "云岭省人民政府", "2024年3月1日", "（此件公开发布）"]
    html = f"{MENU}<div>{HEAD}<div>{''.join(f'<p>{line}</p>' for line in lines)}</div></div>"
    assert extract(page_of(html)).body == "\n".join(lines)


def test_buttons_inside_the_body_are_left_out(page_of: Callable[..., Page]) -> None:
    buttons = ["【字体：大 中 小】", "打印", "分享到：", "扫一扫在手机打开当前页", "关闭窗口", "浏览次数：120次"]
    above, below = ("".join(f"<p>{b}</p>" for b in some) for some in (buttons[:3], buttons[3:]))
    html = f"<div>{HEAD}<div>{above}{paragraphs()}{below}</div></div>"
    assert extract(page_of(html)).body == "\n".join(P)


def test_the_printed_day_wins_over_the_migration(page_of: Callable[..., Page]) -> None:
    article = extract(page_of(HEAD + paragraphs(), "<meta name=PubDate content='2026-01-01 00:10'>"))
    assert (article.published_at, article.published_from) == ("2024-03-05", "printed")
    article = extract(
        page_of("<h1>春耕正忙的季节</h1>" + paragraphs(), "<meta name=pubdate content='2026-01-01 00:10'>")
    )
    assert (article.published_at, article.published_from) == ("2026-01-01T00:10:00+08:00", "meta")


def test_a_date_behind_a_related_link_is_not_the_article_s(page_of: Callable[..., Page]) -> None:
    related = "<p>关联稿件：<a href=x>图文解读：春耕正忙的季节</a>2026-07-12</p>"
    article = extract(
        page_of("<h1>春耕正忙的季节</h1>" + related + paragraphs(), "<meta name=PubDate content=2024-03-05>")
    )
    assert article.published_at == "2024-03-05"
