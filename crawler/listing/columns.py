"""Which links of a front page, a channel page or a menu lead to columns: what a section of a portal may be."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.listing.outline import outline
from crawler.listing.source import site
from crawler.listing.words import NO_ENTRY, article_like, tidy
from crawler.text import urls

if TYPE_CHECKING:
    from crawler.listing.outline import Outline
    from crawler.text.page import Page

MAX_COLUMNS = 300
"""Columns of one page; front pages of provinces link some 100."""
MAX_NAME = 16
"""Characters of a column's name; longer links are titles of articles."""
_MORE = re.compile(r"[\s\[（(]*(?:查看|点击)?(?:更多|more)(?:内容|信息)?[\s>》»+….\]）)]*", re.IGNORECASE)
_BACK = 60
"""Nodes above a 更多 among which its block's heading is looked for."""
_AHEAD = 60
"""Nodes below a heading among which its block's rows are looked for."""
_ROWS = 3
_CHINESE = re.compile("[\u4e00-\u9fff]")
_SPREAD = re.compile("(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff])")
"""Space that only spreads a name over its place: 要 闻."""
_TRIM = " \u3000>»|·•:：-—[]【】"


@dataclass(frozen=True, slots=True)
class Column:
    """A link to what may be a list: its name on the page, and whether articles stand below it there."""

    name: str
    url: str
    heads_rows: bool


def find_columns(page: Page) -> tuple[Column, ...]:
    """The columns that a page links on its own site, in the page's order, each address once.

    A link counts whose name is short and whose address is no article's; 更多 takes the name of the heading above it.
    """
    out = outline(page.tree.root, page.base_url or page.url or "")
    home = site(urls.host(page.url or ""))
    rows = [link.at for link in out.links if article_like(link.url) and len(link.text or link.title) >= MAX_NAME // 2]
    found: dict[bytes, Column] = {}
    for at, text, url in sorted(_links(out)):
        if site(urls.host(url)) != home or urls.is_file(url):
            continue
        name = _name(out, at, text)
        if not name or (article_like(url) and len(name) > MAX_NAME // 2):
            continue
        key = urls.url_key(url.partition("#")[0])
        heads = bisect_right(rows, at + _AHEAD) - bisect_right(rows, at) >= _ROWS
        known = found.get(key)
        if known is None:
            if len(found) >= MAX_COLUMNS:
                break
            found[key] = Column(name, url.partition("#")[0], heads)
        elif heads and not known.heads_rows:
            found[key] = Column(known.name, known.url, heads_rows=True)
    return tuple(found.values())


def _links(out: Outline) -> list[tuple[int, str, str]]:
    """Every link with its position and its text: those that may be entries, and those that say 更多."""
    named = [(link.at, link.text or link.title, link.url) for link in out.links]
    more = [(at, text, url) for at, text, _, url in out.controls if url is not None and _MORE.fullmatch(text[:20])]
    return named + more


def _name(out: Outline, at: int, text: str) -> str:
    """The name of a column's link; empty where it has none that a column would have."""
    text = _SPREAD.sub("", tidy(text).strip(_TRIM))
    if not text or _MORE.fullmatch(text[:20]):
        text = _heading(out, at)
    if len(text) > MAX_NAME or not _CHINESE.search(text) or NO_ENTRY.fullmatch(text[:21]):
        return ""
    return text if len(text) > 1 else ""


def _heading(out: Outline, at: int) -> str:
    """The nearest short text above a link."""
    for i in range(at - 1, max(at - _BACK, -1), -1):
        text = out.texts[i].strip(_TRIM)
        if text and _CHINESE.search(text) and not NO_ENTRY.fullmatch(text[:21]):
            return text if len(text) <= MAX_NAME else ""
    return ""
