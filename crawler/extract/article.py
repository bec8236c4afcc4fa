"""From a parsed page to the fields of its article, as printed: nothing is restored here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crawler.exceptions import NoArticleError
from crawler.extract.blocked import block_reason
from crawler.extract.body import find_body
from crawler.extract.byline import (
    clean_source,
    find_authors,
    find_bare_source,
    find_date,
    find_source,
    has_value,
    is_byline,
)
from crawler.extract.clean import clean_lines
from crawler.extract.crumbs import find_crumbs
from crawler.extract.flat import flat_lines, reach
from crawler.extract.headline import Headline, find_headline
from crawler.extract.labels import FOOT_WORDS, is_after, is_widget
from crawler.extract.lines import Line, read_lines, tidy
from crawler.extract.links import find_attachments, find_next_page
from crawler.extract.policy import Metadata, read_metadata, read_table
from crawler.extract.scan import BREAK, HEADING, LINK, PROSE, Scan, is_prose, scan
from crawler.items import Article
from crawler.text.dates import parse_date

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from crawler.portals.models import ArticleHints
    from crawler.text.page import Page

_DATE_META = (
    "pubdate",
    "publishdate",
    "firstpublishedtime",
    "article:published_time",
    "publish_time",
    "publishtime",
    "dc.date",
)
_SOURCE_META = ("contentsource", "source", "article:author")
_MAX_BYLINE = 60
_LONG_TEXT = 300
_FOOT_START = 20
_LINKED = 0.5
"""A list of links has more of its characters in links than an article's body."""
_ENOUGH = 100
"""Characters of running text that make a page an article without further questions."""
_BIT = re.compile(r"^(?:[\W_]+|[大中小次]|\d{1,7}|[A-Z][+-]?)$")
"""Pieces of a byline that say nothing by themselves: sizes of print, counts, brackets."""
_WRAP = re.compile(r"\s*[\r\n]\s*")


@dataclass(slots=True)
class _Layout:
    """Positions among the page's texts: headline, end of the byline, first sentence, foot."""

    headline: Headline
    low: int
    prose: int
    high: int
    last: int
    """The body's last text."""


def _first_prose(texts: Scan, start: int) -> int:
    for i in range(start, len(texts.texts)):
        if texts.marks[i] & PROSE:
            return i
    return len(texts.texts)


def _layout(found: Scan, headline: Headline, metadata_end: int) -> _Layout:
    texts, marks = found.texts, found.marks
    start = headline.last
    prose = _first_prose(found, start + 1)
    low = max(start, metadata_end) if metadata_end < prose else start
    dated = False
    i = start + 1
    while i < min(prose, start + 1 + _MAX_BYLINE):
        text = texts[i]
        if is_byline(text):
            low = i
            dated = dated or parse_date(text) is not None
            if i + 1 < prose and _is_value(found, i):
                i += 1
                low = i
        elif low == i - 1 and i > start + 1 and _BIT.match(text) and not marks[i] & BREAK:
            low = i
        elif is_widget(text) or (len(text) < 60 and is_after(text)):
            low = i if low > start else low
        elif dated and marks[i] & BREAK and not marks[i] & LINK:
            break
        i += 1
    return _Layout(headline, low, prose, _foot(found, prose), prose)


def _is_value(found: Scan, i: int) -> bool:
    """Whether the text behind a byline's text is what its label announces."""
    text, following = found.texts[i], found.texts[i + 1]
    if text[-1] not in ":：" or len(following) >= 40 or following[-1] in "，。；：" or is_byline(following):
        return False
    return not found.marks[i + 1] & BREAK or has_value(text)


def _foot(found: Scan, prose: int) -> int:
    """The position of the first text behind the first sentence that only the foot of a page says."""
    joined = found.joined
    start = sum(map(len, found.texts[: prose + 1])) + prose + 1  # behind the first sentence
    best = len(joined)
    for word in FOOT_WORDS:
        at = joined.find(word, start, best)
        while at >= 0:
            if joined.find("\0", at) - joined.rfind("\0", 0, at) < 160:
                best = at
                break
            at = joined.find(word, at + 1, best)
    return found.position(best) if best < len(joined) else len(found.texts)


def _flat(texts: list[str]) -> list[str]:
    """Texts as one line each, and no longer than a byline can be."""
    return [_WRAP.sub(" ", text[:_LONG_TEXT]) if "\n" in text or "\r" in text else text[:_LONG_TEXT] for text in texts]


def _body_lines(page: Page, found: Scan, layout: _Layout, hints: ArticleHints | None) -> list[Line]:
    if hints is not None and hints.body:
        node = page.tree.css_first(hints.body)
        if node is not None:
            layout.last = max(layout.prose, layout.high - 60)
            return read_lines(node, said=found.said)
    body = find_body(found, layout.low, layout.high)
    if body is None:
        return []
    node, first, layout.last = body
    return _read_body(page, found, layout, node, first)


def _read_body(page: Page, found: Scan, layout: _Layout, node: LexborNode, first: int) -> list[Line]:
    low = layout.low
    if low >= 0 and low == layout.headline.last and not found.marks[layout.headline.first] & HEADING:
        low = layout.headline.first - 1  # the document prints its title itself
    start, end = reach(found, node, first, layout.last)
    after = 0
    if start <= low:
        after = found.nodes[low].mem_id
        start = low + 1
    # The foot ends a body that it lies in, unless nothing stands before it.
    stop = layout.high - 1 if start < layout.high <= end else end
    lines = flat_lines(found, page.text, node, start, stop)
    if lines is None:
        lines = read_lines(node, after=after, said=found.said)
        if stop < end:
            foot = tidy(found.texts[layout.high])[:_FOOT_START]
            cut = next((i for i, line in enumerate(lines) if foot in line.text), len(lines))
            lines = lines[:cut] or lines
    return lines


def _meta(found: Scan, names: tuple[str, ...]) -> str | None:
    return next((value for name in names if (value := found.meta.get(name))), None)


def _published(
    found: Scan, layout: _Layout, head: list[str], tail: list[str], metadata: Metadata
) -> tuple[str | None, Literal["printed", "meta"] | None]:
    """The day of publication: as printed, since META tags often give the day of a migration."""
    first = layout.headline.first
    before = _flat(found.texts[max(0, first - 8) : max(0, first)])
    printed = (
        find_date(head, updated=False)
        or metadata.published
        or find_date(tail, labelled=True, updated=False)
        or find_date(before, labelled=True, updated=False)
        or find_date(head)
        or metadata.generated
        or find_date(tail, labelled=True)
    )
    if printed:
        return printed, "printed"
    declared = _meta(found, _DATE_META)
    if declared and (date := parse_date(declared)):
        return date, "meta"
    return None, None


def _source(found: Scan, head: list[str], tail: list[str], metadata: Metadata) -> str | None:
    printed = find_source(head) or find_source(tail)
    if printed:
        return printed
    declared = _meta(found, _SOURCE_META)
    if declared and (source := clean_source(declared)):
        return source
    issuer = metadata.policy.issuer if metadata.policy is not None else None
    return issuer or find_bare_source(head)


def _without_links(found: Scan, start: int, end: int) -> list[str]:
    """The texts between two positions without rows of links: the date behind a related link is not the article's."""
    kept = []
    row = False
    for i in range(start, end):
        text, mark = found.texts[i], found.marks[i]
        if mark & LINK and len(text) >= 10:
            row = True
            kept.append(text)
            continue
        if not (row and not mark & BREAK and parse_date(text)):
            kept.append(text)
        row = False
    return _flat(kept)


def _linked(lines: list[Line]) -> float:
    """The share of lines' characters that lie in links."""
    size = sum(len(line.text) for line in lines)
    return sum(line.linked for line in lines) / size if size else 0.0


def _refuse(
    page: Page, found: Scan, headline: Headline, lines: list[Line], written: list[Line], *, dated: bool
) -> None:
    """Refuse what is no article: nothing but links, a block or error page, no text at all.

    Raises:
        NoArticleError: with the reason.

    """
    prose = 0
    for line in lines:
        if line.linked * 2 < len(line.text) and is_prose(line.text):
            prose += len(line.text)
            if prose >= _ENOUGH and (dated or headline.first >= 0):
                return
    if (reason := block_reason(page)) is not None:
        raise NoArticleError(f"not an article but an answer of the kind {reason}")
    if "articletitle" in found.meta and lines:
        return
    size = sum(len(line.text) for line in lines)
    if size == 0:
        raise NoArticleError("no text that could be an article's body")
    if _linked(lines) > _LINKED or (prose == 0 and _linked(written) > _LINKED):
        raise NoArticleError("links and no text of its own: a list page?")
    if not dated and (prose == 0 or headline.first < 0):
        raise NoArticleError("no date, and no headline with running text")


def extract(page: Page, hints: ArticleHints | None = None, found: Scan | None = None) -> Article:
    """The article of a page, unrestored; `found` is the page's flat view where it was made before.

    Raises:
        NoArticleError: the page holds no article.

    """
    if found is None:
        found = scan(page)
    node = page.tree.css_first(hints.title) if hints is not None and hints.title else None
    hint = " ".join(line.text for line in read_lines(node, said=found.said)) if node is not None else None
    headline = find_headline(found, hint)
    prose = _first_prose(found, headline.last + 1)
    values, metadata_end = read_table(found, prose)
    layout = _layout(found, headline, metadata_end)
    written = _body_lines(page, found, layout, hints)
    lines = clean_lines(written)
    body = [line.text for line in lines]
    metadata = read_metadata(found, values, headline.text, body)
    head = _without_links(found, headline.last + 1, min(layout.prose, headline.last + 1 + _MAX_BYLINE))
    last = layout.last
    tail = _flat(found.texts[last + 1 : min(layout.high, last + 30)])
    published_at, published_from = _published(found, layout, head, tail, metadata)
    if hints is None or not hints.body or not lines:
        _refuse(page, found, headline, lines, written, dated=published_at is not None)
    source = _source(found, head, tail, metadata)
    while len(body) > 1 and body[0] == source:
        body.pop(0)  # a byline without a label
    return Article(
        title=headline.text or metadata.title,
        published_at=published_at,
        published_from=published_from,
        source=source,
        authors=find_authors([*head, *tail], body),
        breadcrumbs=find_crumbs(found, headline, layout.prose),
        body="\n".join(body),
        policy=metadata.policy,
        attachments=find_attachments(found, page, headline.last, last, layout.high),
        next_page_url=find_next_page(found, page, last, layout.high),
    )
