import re
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.alerts.message import SUMMARY, Style, clean, first_sentences, render, safe_link
from crawler.alerts.payload import event_body

TEXT = Style("text", 2048, "bytes")
FORMS = [
    Style("text", 2048, "bytes"),
    Style("text", 160),
    Style("text", 4000, "characters", 100),
    Style("markdown", 19_000, "escaped", 120),
    Style("markdown", 500),
    Style("html", 4096),
    Style("html", 300, "characters", 50),
]
NASTY = st.text(st.sampled_from("<>[]()@*_~`|\\#&\"'\n\r\t\x00\u202e\u200b\ufeff\ud800标题。！a 1")) | st.text()


@pytest.mark.parametrize(
    ("text", "limit", "wanted"),
    [
        ("第一句。第二句。第三句。", 20, "第一句。第二句。第三句。"),
        ("第一句。第二句。第三句。", 9, "第一句。第二句。"),
        ("第一句。第二句。第三句。", 4, "第一句。"),
        ("他说：“行。”大家同意。", 8, "他说：“行。”"),
        ("甲；乙；丙", 4, "甲；乙；"),
        ("一段\n二段\n三段", 5, "一段 二段"),
        ("First one! Second one? Third.", 22, "First one! Second one?"),
        ("很长的一句，其中有逗号而没有句号的话", 10, "很长的一句…"),
        ("很长的一句其中没有逗号也没有句号的话", 10, "很长的一句其中没有…"),
        ("", 10, ""),
        (None, 10, ""),
        ("  \n\t ", 10, ""),
        ("句。", 0, ""),
    ],
)
def test_a_text_is_cut_at_a_sentence(text: str | None, limit: int, wanted: str) -> None:
    assert first_sentences(text, limit) == wanted


@given(NASTY, st.integers(0, 300))
def test_sentences_keep_to_their_limit_and_to_the_text(text: str, limit: int) -> None:
    found = first_sentences(text, limit)
    assert len(found) <= limit
    assert found.isprintable()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("一\n二\t三\u3000四", "一 二 三 四"),
        ("通知\u202e了\u200b吗\x00\x1b[31m", "通知了吗[31m"),
        (None, ""),
        (17, "17"),
    ],
)
def test_what_cannot_be_seen_is_left_out(text: object, wanted: str) -> None:
    assert clean(text) == wanted


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://www.example.cn/a_b/t20.html?x=1&y=2#z", "https://www.example.cn/a_b/t20.html?x=1&y=2#z"),
        ("https://e.cn/%E5%85%AC", "https://e.cn/%E5%85%AC"),
        ("https://e.cn/公 告", "https://e.cn/%E5%85%AC%20%E5%91%8A"),
        ("https://e.cn/a)[b](c", "https://e.cn/a%29%5Bb%5D%28c"),
        ('https://e.cn/"><script>', "https://e.cn/%22%3E%3Cscript%3E"),
        ("javascript:alert(1)", ""),
        ("//e.cn/", ""),
        ("https://e.cn/" + "a" * 2000, ""),
        (None, ""),
    ],
)
def test_a_link_is_a_web_address_that_ends_no_markup(url: object, wanted: str) -> None:
    assert safe_link(url) == wanted


@settings(max_examples=150, deadline=None)
@given(NASTY, NASTY, NASTY, st.sampled_from(FORMS), st.sampled_from(["published", "revised", "withdrawn"]))
def test_whatever_a_page_says_fits_and_is_no_markup(
    make: Any, title: str, body: str, path: str, style: Style, kind: str
) -> None:
    url = f"https://www.example.cn/{path[:300]}"
    event = make.event(kind, title=title, body=body, url=url.encode("utf-8", "replace").decode())
    event_json = orjson.loads(event_body(replace_surrogates(event, title, body)))
    message = render(event_json, style)
    assert style.size(message.text) + style.size(message.title) <= style.limit
    assert message.text
    assert len(message.title) <= max(style.title_limit, 0)
    assert "\n" not in message.title
    without_links = re.sub(
        r'<a href="[^"<>]*">[^<>]*</a>|\]\(https://[^()<>\s]*\)|https://[^\s<>()]*', "", message.text
    )
    marks = {"text": r"[<>\[\]@*_~`|\\#]", "markdown": r"[<>\]@_~`|\\#]|\[(?!原文)", "html": r"<(?!br>|/?b>)|@"}
    assert not re.search(marks[style.form], without_links), message.text
    if style.form == "html":
        assert message.text.count("<b>") == message.text.count("</b>") <= 1


def replace_surrogates(event: Any, title: str, body: str) -> Any:
    """What the store does to lone surrogates, which no database takes."""

    def stored(text: str) -> str:
        return text.encode("utf-8", "replace").decode()

    return replace(event, record=replace(event.record, title=stored(title), body=stored(body)))


def test_a_long_text_is_shortened_before_the_heading_and_the_link(make: Any) -> None:
    event = orjson.loads(event_body(make.event(title="标题" * 20, body="一句正文。" * 100)))
    whole = render(event, Style("text", 4000))
    heading, *_, link = whole.text.split("\n")
    assert len(whole.text.split("\n")[2]) <= SUMMARY
    short = render(event, Style("text", 120))
    assert short.text.split("\n")[0] == heading
    assert short.text.split("\n")[-1] == link
    tiny = render(event, Style("text", 60))
    assert tiny.text.split("\n")[0].endswith("…")
    assert tiny.text.split("\n")[-1] == link
    assert render(event, Style("text", 20)).text == "标题" * 9 + "标…"


@pytest.mark.parametrize(
    ("style", "text", "size"),
    [(Style(measure="bytes"), "通a", 4), (Style(measure="escaped"), "通a\n", 9), (Style(), "通a😀", 4)],
)
def test_limits_are_counted_as_the_service_counts(style: Style, text: str, size: int) -> None:
    assert style.size(text) == size
