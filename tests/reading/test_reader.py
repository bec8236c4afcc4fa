import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.exceptions import NoArticleError, UnreadablePageError
from crawler.portals.models import ArticleHints
from crawler.reading import read, read_page, read_text
from crawler.text.page import parse_page

PROSE = "全省春季农业生产现场会在青溪召开，会议部署了抗旱保苗和农资供应，要求各地不误农时。"


def page(body: str, head: str = "") -> bytes:
    return f"<html><head><meta charset='utf-8'>{head}</head><body>{body}</body></html>".encode()


def test_a_text_is_read_as_title_byline_and_body() -> None:
    article = read_text(
        f"当前位置：首页 > 要闻\n\n春耕正忙\n\n时间：2024-03-05  来源：云岭日报  大 中 小\n\n"
        f"{PROSE}\n\n（记者王小田）\n打印\n"
    )
    assert article.title == "春耕正忙"
    assert article.breadcrumbs == ("首页", "要闻")
    assert article.published_at == "2024-03-05"
    assert article.source == "云岭日报"
    assert article.authors == ("王小田",)
    assert article.body == f"{PROSE}\n（记者王小田）"


def test_a_polluted_text_is_restored_before_its_labels_are_read() -> None:
    text = (
        "春耕現(xiàn)場(chǎng)會(huì)\n時(shí)間：2024-03-05 來源：農(nóng)業(yè)廳\n"
        "會(huì)議強(qiáng)調(diào)，各地要不誤農(nóng)時(shí)，做好抗旱保苗，確保豐收。"
    )
    article = read_text(text)
    assert article.title == "春耕现场会"
    assert article.published_at == "2024-03-05"
    assert article.source == "农业厅"
    assert article.restoration.script == "hant-machine"
    assert article.restoration.annotations_removed == 11


def test_an_official_text_gives_number_issuer_and_a_title_of_two_lines() -> None:
    text = f"青溪市人民政府关于\n做好春季防火工作的通知\n青政发[2021]3号\n各县（区）人民政府：\n{PROSE}\n"
    article = read_text(text)
    assert article.title == "青溪市人民政府关于做好春季防火工作的通知"
    assert article.policy is not None
    assert (article.policy.doc_number, article.policy.issuer) == ("青政发〔2021〕3号", "青溪市人民政府")


@pytest.mark.parametrize("text", ["", " \n\t\n", "\xad\n\u200b", "标题：", "打印\n分享到：微信\n"])
def test_a_text_without_an_article_says_so(text: str) -> None:
    with pytest.raises(NoArticleError):
        read_text(text)


def test_a_portal_file_may_name_body_and_title() -> None:
    html = page(f"<h1>网站名称</h1><div class=b>{PROSE}{PROSE}</div><div class=a><em>春耕正忙</em><p>{PROSE}</p></div>")
    article = read_page(parse_page(html), ArticleHints(body=".a p", title=".a em"))
    assert (article.title, article.body) == ("春耕正忙", PROSE)


def test_what_a_portal_file_names_is_restored_too() -> None:
    said = "會(huì)議強(qiáng)調(diào)，要發(fā)展現(xiàn)代農(nóng)業(yè)，各地要不誤農(nóng)時(shí)。"
    title = "<em>春耕<b>現(xiàn)場(chǎng)</b></em>"
    html = page(f"<h1>網(wǎng)站</h1><div class=a>{title}<p>{said * 3}</p><p>責(zé)任編輯：李四</p></div>")
    article = read_page(parse_page(html), ArticleHints(body=".a", title=".a em"))
    assert article.title == "春耕现场"
    assert article.body is not None
    assert article.body.endswith("会议强调，要发展现代农业，各地要不误农时。")
    assert article.restoration.script == "hant-machine"


def test_short_fields_share_the_verdict_of_the_whole() -> None:
    polluted = (
        "全省農(nóng)業(yè)現(xiàn)場(chǎng)會(huì)召開，會(huì)議強(qiáng)調(diào)不誤農(nóng)時(shí)，做好抗旱保苗，確保農(nóng)民增收。"
        * 3
    )
    article = read(page(f"<h1>后宮的故事</h1><p>來源：里人社　時(shí)間：2020-02-02</p><p>{polluted}</p>"))
    assert article.source == "里人社"
    assert article.published_at == "2020-02-02"
    assert article.restoration.converted


@pytest.mark.parametrize(
    ("html", "why"),
    [
        (page("<p></p>"), "no text"),
        (
            page(
                "<ul>"
                + "".join(f"<li><a href={i}.html>某地召开会议部署工作{i}</a> 2024-01-0{i}</li>" for i in range(1, 9))
                + "</ul>"
            ),
            "links|no text",
        ),
        (page("<h1>404</h1><p>您访问的页面不存在</p>"), "soft-404"),
        (page("<script>document.cookie='security_session_verify=1';location.reload()</script>"), "challenge-cookie"),
        (page("<p>请输入验证码后继续访问</p>"), "captcha"),
    ],
)
def test_a_page_without_an_article_says_why(html: bytes, why: str) -> None:
    with pytest.raises(NoArticleError, match=why):
        read(html)


def test_reading_twice_changes_nothing() -> None:
    html = page(
        f"<h1>春耕現(xiàn)場(chǎng)會(huì)</h1><p>2020-02-02</p><p>會(huì)議強(qiáng)調(diào)，要發(fā)展現(xiàn)代農(nóng)業(yè)，{PROSE}</p>"
    )
    parsed = parse_page(html)
    assert read_page(parsed) == read_page(parsed)


def test_languages_are_told() -> None:
    english = "The provincial government held a meeting on spring farming, and asked all counties to keep the season. "
    assert read(page(f"<h1>Spring farming</h1><p>2024-03-05</p><p>{english * 3}</p>")).language == "en"
    assert read(page(f"<h1>春耕正忙</h1><p>2024-03-05</p><p>{PROSE * 3}</p>")).language == "zh"


pieces = st.sampled_from(
    [
        *(
            "<div>",
            "</div>",
            "<p>",
            "</p>",
            "<table><tr><td>",
            "</td></tr>",
            "</table>",
            "<a href='x.pdf'>",
            "</a>",
            "<br>",
            "<h1>",
        ),
        *(
            "</h1>",
            "<script>",
            "</script>",
            "<!--",
            "-->",
            "<span style='display:none'>",
            "</span>",
            "<ul><li>",
            "<pre>",
            "&#0;",
        ),
        *(
            "来源：",
            "发布时间：",
            "2024-01-01 08:00",
            "作者：",
            "索引号：",
            "文号：",
            "青政发〔2020〕1号",
            "当前位置：首页 > ",
            "附件：",
            "\x00",
        ),
        *(
            PROSE,
            "（记者张三）",
            "责任编辑：李四",
            "現(xiàn)場(chǎng)會(huì)強(qiáng)調(diào)農(nóng)業(yè)發(fā)展",
            "版权所有",
            "下一页",
            "<meta name=ArticleTitle content=题目>",
            "<title>",
            "</title>",
        ),
    ]
)


@settings(max_examples=150)
@given(st.lists(pieces | st.text(max_size=12), max_size=40))
def test_broken_pages_are_read_or_refused(parts: list[str]) -> None:
    html = "".join(parts)
    try:
        article = read(html.encode("utf-8", "replace"), "http://example.gov.cn/a/t1.html")
    except (NoArticleError, UnreadablePageError):
        return
    assert article.body is None or "\n\n" not in article.body
    for field in (article.title, article.source, *article.authors, *article.breadcrumbs):
        assert field is None or "\n" not in field


@settings(max_examples=100)
@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        article = read_text(text)
    except NoArticleError:
        return
    assert article.title or article.body


CORPUS = {
    "nested divs": b"<div>" * 200_000,
    "nested lists": b"<ul><li>" * 100_000,
    "unclosed formats": b"<font><b><i>" * 20_000 + PROSE.encode(),
    "nested tables": b"<table><tr><td>" * 20_000,
    "a million attributes": b"<p " + b"a=1 " * 1_000_000 + b">x</p>",
    "bare attributes": b"<p " + b" ".join(b"a%d" % i for i in range(100_000)) + b">x</p>",
    "an unclosed comment": b"<p>a</p><!-- " + b"x" * 3_000_000,
    "null bytes": b"<p>" + b"\0" * 100_000,
    "one huge paragraph": b"<h1>t</h1><p>" + PROSE.encode() * 100_000,
    "labels alone": "<h1>春耕正忙</h1><p>".encode() + "来源：（记者".encode() * 200_000,
    "spaces": "<h1>春耕正忙</h1><p>来源：".encode() + b" " * 3_000_000 + b"x",
    "digits": b"<p>" + b"2" * 3_000_000,
    "dates": "<h1>春耕正忙</h1><p>".encode() + b"2025-01-01 " * 100_000,
    "numbers": b"<p>" + "政政政政发〔2025〕".encode() * 100_000,
    "script values": b"<script>" + b'fileNum="' * 300_000 + "号</script>".encode(),
    "pagers": b"<script>" + b"createPageHTML(" * 200_000 + b"</script>",
    "a huge title": b"<title>" + "春耕-".encode() * 300_000 + b"</title><p>" + PROSE.encode(),
    "a long polluted text": b"<p>"
    + "農(nóng)業(yè)現(xiàn)場(chǎng)會(huì)，強(qiáng)調(diào)發(fā)展。".encode() * 20_000,
    "twenty megabytes": b"<p>" + b"a" * 20_000_001,
    "a million tags": b"<br>" * 1_000_000,
    "deep paragraphs": b"<h1>t</h1>" + b"<div>" * 900 + b"".join([b"<p>", PROSE.encode(), b"</p>"]) * 20_000,
    "deep spans": b"<h1>t</h1><p>" + b"".join([b"<span>" * 400, PROSE.encode(), b"</span>" * 400]) * 200,
    "long styles": b"<h1>t</h1>" + b"".join([b"<p style='", b"mso:none;" * 40, b"'>x</p>"]) * 20_000,
    "cells": b"<h1>t</h1><table>" + b"".join([b"<tr>", b"<td>1" * 20]) * 5000,
    "copies of the headline": b"<title>t</title>" + b"<h1>t</h1>" * 60_000 + PROSE.encode(),
    "a byline without end": b"<h1>t</h1>" + "<p>来源：</p><p>2024-01-01 10:00</p>".encode() * 10_000,
    "many files": b"<h1>t</h1><p>" + PROSE.encode() + b"<p><a href=a.pdf>f</a>" * 60_000,
}


@pytest.mark.parametrize("name", CORPUS)
def test_hostile_pages_cost_little(name: str) -> None:
    start = time.process_time()
    with contextlib.suppress(NoArticleError, UnreadablePageError):
        read(CORPUS[name], "http://example.gov.cn/a.html")
    # No benchmark: without the bounds these take minutes.
    assert time.process_time() - start < 30
