"""The rows of HTML list pages of any CMS: the main list, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from selectolax.lexbor import SelectolaxError

from crawler.exceptions import ConfigError, UnreadablePageError
from crawler.listing.blocks import Block, Counts, block_rows, find_blocks, joined, without_nested
from crawler.listing.outline import Outline, outline
from crawler.listing.pager import turn_position
from crawler.listing.pieces import Row
from crawler.listing.place import is_article, rate_places
from crawler.listing.rows import Found, read_rows
from crawler.listing.shells import fetches_rows, is_shell
from crawler.listing.words import plain
from crawler.text.dates import parse_date
from crawler.text.page import parse_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crawler.listing.source import Source
    from crawler.portals.models import ListHints
    from crawler.text.page import Page

LEAST = 0.45
"""The least worth of a list: one dated row with a full title at an article's address has 1, an undated one .4."""
_MANY_HIDDEN = 3
_HOME_BLOCKS = 3
_ROW = "listing-row"
"""An element that no page has, put around each row of an interface's answer."""
_CHUNK = 500
"""Rows parsed at once: far from the limits on the nodes and links of an outline."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The rows that were chosen, and what speaks for and against the choice."""

    found: list[Found]
    confidence: float
    reason: str | None = None
    start: int = 0
    end: int = 0
    supported: bool = True
    """Whether its place on the page speaks for it."""


def fragment_outline(markup: str, base: str) -> Outline:
    """The outline of a piece of HTML.

    Raises:
        UnreadablePageError: it is no markup that a page could hold.

    """
    return outline(parse_page(f"<body>{markup}".encode("utf-8", "replace"), base).tree.root, base)


def read_fragments(markups: Sequence[str], base: str) -> list[Found]:
    """Pieces of HTML of which each is one row, as interfaces answer them."""
    found: list[Found] = []
    for start in range(0, len(markups), _CHUNK):
        found += _read_chunk([f"<{_ROW}>{_in_table(m)}</{_ROW}>" for m in markups[start : start + _CHUNK]], base)
    return found


def _read_chunk(wrapped: list[str], base: str) -> list[Found]:
    whole = fragment_outline("".join(wrapped), base)
    places = [at for at, tag in enumerate(whole.tags) if tag == _ROW]
    if len(places) == len(wrapped) and all(whole.tags[whole.parents[at]] == "body" for at in places):
        return read_rows(_fragment_rows(whole, places))
    # Markup breaks out of its row: each piece by itself.
    rows: list[Row] = []
    for markup in wrapped:
        page = fragment_outline(markup, base)
        rows += _fragment_rows(page, [0])
    return read_rows(rows)


def _in_table(markup: str) -> str:
    return f"<table>{markup}</table>" if markup.lstrip()[:3].lower() == "<tr" else markup


def _fragment_rows(page: Outline, places: list[int]) -> list[Row]:
    counts = Counts(page)
    found = ((at, page.ends[at], tuple(counts.links(at, page.ends[at]))) for at in places)
    return [Row(page, start, end, links) for start, end, links in found if links]


def read_main_list(page: Outline, source: Source) -> Reading | None:
    """The main list of an outline; None where nothing on it looks like a list of articles."""
    counts = Counts(page)
    blocks = joined(page, counts, without_nested(find_blocks(page, counts)))
    rate_places(page, counts, blocks, source, turn_position(page))
    blocks.sort(key=lambda b: -b.score)
    if not blocks or blocks[0].worth < LEAST:
        return None
    best = blocks[0]
    if (best.aside and fetches_rows(page)) or (not best.supported and is_shell(page)):
        return None  # the list itself is empty, or a script's: what remains stands beside it
    longer = _longer_names(page)
    if home := _home_blocks(page, source, blocks):
        found = [f for b in home for f in _read_block(page, counts, b, longer)]
        front = f"{len(home)} lists of equal weight: this looks like a front page, not a list"
        return Reading(found, 0.3, front, home[0].start, home[-1].end)
    found = _read_block(page, counts, best, longer)
    if not found:
        return None
    rival = blocks[1].score / best.score if len(blocks) > 1 else 0.0
    confidence, reason = _confidence(best, found, rival)
    if is_article(page):
        confidence, reason = min(confidence, 0.4), "the page calls itself an article"
    return Reading(found, confidence, reason, best.start, best.end, best.supported)


def _read_block(page: Outline, counts: Counts, block: Block, longer: Mapping[str, str]) -> list[Found]:
    rows = block_rows(page, counts, block)
    return read_rows(rows, _headers(page, block), longer) if rows else []


def _longer_names(page: Outline) -> dict[str, str]:
    """By address, the longest name that a link gives it; empty where no name of the page is cut by an ellipsis."""
    names = [(link.url, link.text or link.title) for link in page.links]
    cut = [name.rstrip().endswith(("…", "..", "。。。")) for _, name in names]
    longest: dict[str, str] = {}
    if any(cut):
        for (url, name), is_cut in zip(names, cut, strict=True):
            if not is_cut and len(name) > len(longest.get(url, "")):
                longest[url] = name
    return longest


def _headers(page: Outline, block: Block) -> list[str]:
    """The texts of the head cells of the table whose rows the block has."""
    if block.tag != "tr":
        return []
    first, top = block.start, block.parent
    while page.tags[top] != "table" and page.parents[top] > 0:
        top = page.parents[top]
    for at in range(top + 1, first):
        if page.tags[at] == "tr":
            cells, i = [], at + 1
            while i < page.ends[at]:
                if page.tags[i] in {"td", "th"}:
                    cells.append(page.text_between(i, page.ends[i]))
                i = page.ends[i]
            if len(cells) > 1:
                return cells
    return []


def _home_blocks(page: Outline, source: Source, blocks: list[Block]) -> list[Block]:
    """The blocks of a front page: several of one weight, none with a pager; empty for any other page."""
    equal = [b for b in blocks if b.dated and b.score >= 0.6 * blocks[0].score]
    if len(equal) < _HOME_BLOCKS or turn_position(page) is not None:
        return []
    root = source.url.partition("://")[2].partition("/")[2].partition("?")[0]
    if root not in {"", "index.html", "index.htm", "index.shtml"} and len(equal) < _HOME_BLOCKS + 1:
        return []
    return sorted(equal, key=lambda b: b.start)


def _confidence(best: Block, found: list[Found], rival: float) -> tuple[float, str | None]:
    """0 to 1: how often a reading with these marks is the page's main list in full."""
    dated = sum(f.published_at is not None for f in found) / len(found)
    named = sum(f.title is not None and len(f.title) >= 5 for f in found) / len(found)
    worth = sum(best.worths) / len(best.worths)
    confidence = 0.30 + 0.35 * dated + 0.10 * named + 0.15 * worth + 0.10 * min(len(found), 5) / 5
    reason = None
    if len(found) == 1:
        confidence = min(confidence - 0.25, 0.6)
        reason = "a single row"
    if dated < 0.5:
        confidence -= 0.15
        reason = "most rows show no date"
    if best.aside or not best.supported:
        confidence = min(confidence, 0.4 if best.aside else 0.75)
        reason = reason or "nothing but its rows says that it is the list of the page"
    if rival > 0.6:
        confidence -= 0.4 * (rival - 0.6) / 0.4
        reason = "another list of the page has nearly the same weight"
    return max(0.05, min(confidence, 0.99)), reason


def read_hidden(page: Outline, source: Source) -> Reading | None:
    """Rows that stand in a comment of the page and that a script shows."""
    best: Reading | None = None
    for at, comment in sorted(page.comments, key=lambda c: -len(c[1]))[:5]:
        if comment.count("href") < _MANY_HIDDEN:
            continue
        try:
            reading = read_main_list(fragment_outline(comment, source.url), source)
        except UnreadablePageError:
            continue
        if reading is None or sum(f.published_at is not None for f in reading.found) < _MANY_HIDDEN:
            continue
        if best is None or len(reading.found) > len(best.found):
            best = replace(reading, start=at, end=at + 1)
    return best


def read_by_hints(page: Page, out: Outline, hints: ListHints) -> list[Found]:
    """The rows that a portal file's selectors name.

    Raises:
        ConfigError: a selector is no CSS.

    """
    places = {node.mem_id: at for at, node in enumerate(out.nodes)}
    rows: list[Row] = []
    given: list[tuple[str | None, str | None]] = []
    try:
        for node in page.tree.css(hints.item or "li"):
            at = places.get(node.mem_id)
            if at is None:
                continue
            links = tuple(k for k in out.links if at <= k.at < out.ends[at])
            if not links:
                continue
            rows.append(Row(out, at, out.ends[at], links))
            title = node.css_first(hints.title) if hints.title else None
            date = node.css_first(hints.date) if hints.date else None
            given.append(
                (
                    title.attributes.get("title") or title.text(strip=True) if title is not None else None,
                    date.text(strip=True) if date is not None else None,
                )
            )
    except (SelectolaxError, ValueError) as error:
        raise ConfigError(f"list.item, list.title, list.date: not a CSS selector: {error}") from error
    found = read_rows(rows) if rows else []
    return [
        Found(f.url, plain(title) if title else f.title, (parse_date(date) if date else None) or f.published_at, f.at)
        for f, (title, date) in zip(found, given, strict=True)
    ]
