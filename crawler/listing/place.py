"""Where a block stands on its page, and what that says: beside a main list stand menus, hot lists, related links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.listing.words import ASIDE, NO_ENTRY, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.listing.blocks import Block, Counts
    from crawler.listing.outline import Outline
    from crawler.listing.source import Source

_OUTER = {"nav": 0.2, "header": 0.4, "footer": 0.2, "aside": 0.3}
_HEAD = 400
"""Nodes searched for what a page's head says."""
_COLUMN_ID = re.compile(r"/col/col(\d+)/|/(c\d{5,})/|/(nw\d+)/|[?&](?:columnid|channelid|catid)=(\w+)", re.IGNORECASE)
_SPLIT_TITLE = re.compile(r"[-–—_|>»·]+|\s--\s|\s{2,}")


def rate_places(page: Outline, counts: Counts, blocks: list[Block], source: Source, turn: int | None) -> None:
    """Set every block's factor. `turn` is the position of the page's pager, if it has one.

    The factors only rank: they were chosen on the lists of the tests, with side lists of various kinds put beside them.
    """
    names = _column_names(page)
    folder, column = _own(source.url)
    before_turn = max((b for b in blocks if turn is not None and b.start < turn), key=lambda b: b.start, default=None)
    for block in blocks:
        factor = 1.0
        for tag in page.ancestors(block.start):
            factor *= _OUTER.get(tag, 1.0)
        heading = _heading(page, block)
        if ASIDE.search(heading) and not any(n in heading for n in names):
            factor *= 0.5
        block.aside = factor < 0.9
        if any(n in heading for n in names):
            factor *= 1.4
            block.supported = True
        own = sum(
            any(k.url.startswith(folder) or (column and column in k.url) for k in counts.links(start, end)[:3])
            for (start, end), worth in zip(block.rows, block.worths, strict=True)
            if worth > 0
        ) / len(block.rows)
        factor *= 1.0 + 0.6 * own
        if block is before_turn or (turn is not None and block.start < turn <= block.end):
            factor *= 1.8
            block.supported = True
        block.supported = (block.supported or own >= 0.2) and not block.aside
        block.factor = factor


def _own(url: str) -> tuple[str, str]:
    """The folder of a list page (nothing for the root of a host), and its column's number where the address has one."""
    match = _COLUMN_ID.search(url)
    column = next((g for g in match.groups() if g), "") if match else ""
    if not column and match is None:
        column = ""
    parts = urlsplit(url)
    folder = parts.path.rpartition("/")[0] + "/"
    if folder == "/" or not parts.netloc:
        return "\x00", f"_{column}_" if column.isdigit() else column
    return f"{parts.scheme}://{parts.netloc}{folder}", f"_{column}_" if column.isdigit() else column


def _metas(page: Outline) -> Iterator[tuple[str, str]]:
    """The META tags of a page's head: name in lower case, content."""
    for at, tag in enumerate(page.tags[:_HEAD]):
        if tag == "meta":
            attributes = page.nodes[at].attributes
            yield (attributes.get("name") or "").lower(), tidy(attributes.get("content") or "")
        elif tag == "body":
            return


def is_article(page: Outline) -> bool:
    """Whether META tags name an article's title and date, as the national guideline asks of articles alone."""
    named = {name for name, content in _metas(page) if content}
    return {"articletitle", "pubdate"} <= named


def _column_names(page: Outline) -> list[str]:
    """What the page calls itself: its ColumnName, the first part of its title."""
    names = [content for name, content in _metas(page) if name == "columnname"]
    for at, tag in enumerate(page.tags[:_HEAD]):
        if tag == "title":
            names.append(_SPLIT_TITLE.split(page.text_between(at, page.ends[at]))[0].strip())
            break
    return [n for n in names if 2 <= len(n) <= 20]


def _heading(page: Outline, block: Block) -> str:
    """The text right above a block, if it is short: 更多 beside it and the head of its own table are passed over."""
    at = block.start
    if block.tag == "tr":
        while page.tags[at] != "table" and page.parents[at] > 0:
            at = page.parents[at]
    for i in range(at - 1, max(at - 80, 0), -1):
        if page.tags[i] in {"head", "body"}:
            break
        text = page.texts[i]
        if not text or NO_ENTRY.fullmatch(text[:21]):
            continue
        return text if len(text) <= 24 else ""
    return ""
