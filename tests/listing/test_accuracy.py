"""How well lists are read: on real pages, and on pages changed in ways that leave their list as it is."""

import json
import random
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.items import ListEntry
from crawler.listing import read_list

LISTS = Path(__file__).resolve().parent.parent / "lists"
OURS = [
    (json.loads(golden.read_text("utf-8")), page.read_text("utf-8"))
    for golden in sorted(LISTS.glob("*.golden.json"))
    if (page := golden.with_name(golden.name.replace(".golden.json", ".html"))).exists() and page.stem != "gbk"
]


def f1(entries: Iterable[ListEntry], want: Iterable[dict[str, Any]]) -> float:
    """As the reference scorer counts: address, title without white space, and day have to be right."""
    found = {(e.url, "".join((e.title or "").split()), (e.published_at or "")[:10]) for e in entries}
    truth = {(e["url"], "".join((e["title"] or "").split()), (e["published_at"] or "")[:10]) for e in want}
    return 2 * len(found & truth) / (len(found) + len(truth)) if found or truth else 1.0


def real(shared: Path, *, html: bool) -> list[tuple[dict[str, Any], bytes]]:
    pages = []
    for path in sorted((shared / "pages" / "lists" / "truth").glob("*.json")):
        page = next((shared / "pages" / "lists" / "raw").glob(path.stem + ".*"))
        if (page.suffix == ".html") == html:
            pages.append((json.loads(path.read_text("utf-8")), page.read_bytes()))
    assert pages
    return pages


def mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


@pytest.mark.parametrize(("html", "least"), [(True, 0.98), (False, 0.97)])
def test_real_pages_and_answers(shared: Path, *, html: bool, least: float) -> None:
    read = [(want, read_list(page, want["url"])) for want, page in real(shared, html=html)]
    assert mean(f1(page.entries, want["entries"]) for want, page in read) >= least
    assert [page.next_url for _, page in read] == [want["next_url"] for want, _ in read]


def test_shells_say_that_they_hold_no_rows(shared: Path) -> None:
    for want, page in real(shared, html=True):
        if not want["entries"]:
            read = read_list(page, want["url"])
            assert "script" in (read.reason or "")
    jpaas = read_list((shared / "pages/lists/raw/L48.html").read_bytes(), "https://fzggw.zj.gov.cn/col/col1/index.html")
    assert jpaas.interface is not None
    assert "/front/page/build/unit?" in jpaas.interface


def renamed(text: str) -> str:
    """Every class and id is another word, the same name in two places two words."""
    rng = random.Random(5)
    tree = LexborHTMLParser(text)
    for node in tree.css("[class], [id]"):
        for name in ("class", "id"):
            if name in node.attributes:
                node.attrs[name] = "".join(rng.choices("abcdefgh", k=7))
    return tree.html or ""


def without_lists(text: str) -> str:
    return re.sub(r"<(/?)(?:ul|ol|dl|li)\b", r"<\1div", text)


def wrapped_links(text: str) -> str:
    return re.sub(r"(<a [^>]*>)(.*?)</a>", r"<p>\1<span>\2</span></a></p>", text, flags=re.DOTALL)


def with_menus(text: str) -> str:
    links = "".join(f'<li><a href="/bm/{i}/">青石县第{i}个直属部门网站</a></li>' for i in range(1, 30))
    menu = f"<div><ul>{links}</ul></div>"
    text = re.sub(r"(<body[^>]*>)", lambda m: m[1] + menu, text, count=1)
    return text.replace("</body>", menu + "</body>")


@pytest.mark.parametrize("change", [renamed, without_lists, wrapped_links, with_menus])
def test_what_changes_around_a_list_does_not_change_it(change: Callable[[str], str]) -> None:
    pages = [(want, read_list(change(text).encode(), want["url"])) for want, text in OURS]
    assert mean(f1(page.entries, want["entries"]) for want, page in pages) > 0.98


def test_renamed_classes_do_not_change_real_lists(shared: Path) -> None:
    for want, page in real(shared, html=True):
        read = read_list(renamed(page.decode("utf-8")).encode(), want["url"])
        assert f1(read.entries, want["entries"]) == 1.0
        assert read.next_url == want["next_url"]


def side_list(heading: str, path: str) -> str:
    rows = "".join(
        f'<li><a href="/{path}/202501/t2025010{i}_9{i}.html">近期受到网民关注的话题之{i}</a><b>2025-01-0{i}</b></li>'
        for i in range(1, 9)
    )
    return f"<div>{heading}<ul>{rows}</ul></div>"


@pytest.mark.parametrize("heading", ["<h3>热门文章</h3>", ""])
@pytest.mark.parametrize("before", [True, False])
def test_a_list_beside_the_main_one_is_left_alone_or_doubted(heading: str, *, before: bool) -> None:
    side = side_list(heading, "rd")
    sure_and_wrong = []
    right = 0
    for want, text in OURS:
        changed = re.sub(r"(<body[^>]*>)", lambda m: m[1] + side, text, count=1) if before else text + side
        page = read_list(changed.encode(), want["url"])
        if f1(page.entries, want["entries"]) == 1.0:
            right += 1
        elif page.confidence > 0.8:
            sure_and_wrong.append(want["url"])
    assert right >= 0.85 * len(OURS)
    assert len(sure_and_wrong) <= 0.03 * len(OURS)


def test_confidence_is_low_where_a_reading_is_wrong_and_high_where_it_is_right(shared: Path) -> None:
    certain = [
        (read_list(page, want["url"]), want)
        for html in (True, False)
        for want, page in real(shared, html=html)
        if want["entries"]
    ]
    assert mean(page.confidence for page, _ in certain) > 0.85
    metas = '<meta name="ArticleTitle" content="关于防汛的通知"><meta name="PubDate" content="2026-09-18">'
    want, text = next((want, text) for want, text in OURS if len(want["entries"]) > 8)
    article = read_list(text.replace("<head>", "<head>" + metas).encode(), want["url"])
    assert article.confidence <= 0.4
    front = read_list((LISTS / "front-page.html").read_bytes(), "https://www.qingshi.gov.cn/")
    assert front.confidence < 0.5
    assert "front page" in (front.reason or "")
