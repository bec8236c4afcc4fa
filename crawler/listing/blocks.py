"""The lists of a page: groups of siblings that repeat a link, rated by how much they look like articles.

No class, id or text of a certain site is asked: they change with every redesign; repetition, dates and place do not.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from crawler.listing.dating import MAX_ROW_SCRIPT, headings
from crawler.listing.pieces import Row
from crawler.listing.rowdates import shown
from crawler.listing.words import YEAR_ALONE, article_like
from crawler.text.dates import find_dates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.listing.outline import Link, Outline

_MAX_LINKS_IN_ROW = 12
MAX_BLOCKS = 500
"""Blocks compared, the worthiest first; front pages have up to 40."""
_LISTS = frozenset({"ul", "ol", "dl", "table"})


@dataclass(slots=True)
class Block:
    """A list of the page: its rows (ranges of the outline) with their worth, 0 to 1 each."""

    parent: int
    tag: str
    rows: list[tuple[int, int]]
    worths: list[float]
    dated: int
    factor: float = 1.0
    """How well its place fits; set by who knows the whole page."""
    aside: bool = False
    """Whether its heading or the element around it says that it stands beside the main list."""
    supported: bool = False
    """Whether the pager, the column's name above it or the addresses of its rows say that it is the page's own list."""
    parts: list[tuple[int, str]] = field(default_factory=list)

    @property
    def start(self) -> int:
        """Where the first row starts."""
        return self.rows[0][0]

    @property
    def end(self) -> int:
        """Where the last row ends."""
        return self.rows[-1][1]

    @property
    def worth(self) -> float:
        """The sum of its rows, weighed by how alike they are."""
        total = sum(self.worths)
        return total * (0.4 + 0.6 * total / len(self.worths)) if self.worths else 0.0

    @property
    def score(self) -> float:
        """Its worth at its place: a list twice as long counts half as much again, not double."""
        return math.pow(self.worth, 0.6) * self.factor


class Counts:
    """Prefix sums over an outline: how many links, dates and characters a range holds."""

    def __init__(self, page: Outline) -> None:
        self.page = page
        self.at = [k.at for k in page.links]
        self.date_at: list[int] = []
        dates = [0] * (len(page.tags) + 1)
        letters = [0] * (len(page.tags) + 1)
        for i, text in enumerate(page.texts):
            if text:
                letters[i + 1] = len(text)
                if len(text) <= 80 and (date := shown(text)) and (date.pure or len(text) <= 30 or date.rank > 0):
                    # the parts of a split date count half: a number alone may be anything
                    dates[i + 1] = (
                        2 if date.kind in {"full", "month-day", "year-month"} else 1 if date.kind != "year" else 0
                    )
                    if dates[i + 1] == 2:
                        self.date_at.append(i)
        for at, script in page.scripts:
            # a row may write its date by a script of its own
            if len(script) <= MAX_ROW_SCRIPT and find_dates(script):
                dates[at + 1] = 2
                insort(self.date_at, at)
        self._dates = list(accumulate(dates))
        self._letters = list(accumulate(letters))

    def dates(self, start: int, end: int) -> int:
        """How many dates a range shows, doubled; parts of a split date count 1."""
        return self._dates[end] - self._dates[start]

    def letters(self, start: int, end: int) -> int:
        """How many characters a range shows."""
        return self._letters[end] - self._letters[start]

    def links(self, start: int, end: int) -> Sequence[Link]:
        """The links in a range."""
        return self.page.links[bisect_left(self.at, start) : bisect_left(self.at, end)]

    def link_count(self, start: int, end: int) -> int:
        """How many links a range has."""
        return bisect_left(self.at, end) - bisect_left(self.at, start)


def _nested(page: Outline, link: Link, top: int) -> bool:
    at, depth = page.parents[link.at], 0
    while at > top and depth < 30:
        if page.tags[at] in _LISTS:
            return True
        at, depth = page.parents[at], depth + 1
    return False


def _several(counts: Counts, links: Sequence[Link], start: int, end: int) -> bool:
    """Whether titles and dates take turns in a range: then it holds several rows, not one with related links."""
    depths = {k.at: _depth(counts.page, k.at) for k in links if not k.weak and len(k.text or k.title) >= 6}
    highest = min(depths.values(), default=0)
    titles: dict[str, int] = {}
    for k in links:
        if depths.get(k.at) == highest:  # deeper ones are related links, in a list of their own or not
            titles.setdefault(k.url, k.at)
    dates = counts.date_at[bisect_left(counts.date_at, start) : bisect_left(counts.date_at, end)]
    turns = sorted([(at, True) for at in titles.values()] + [(at, False) for at in dates])
    runs = [kind for i, (_, kind) in enumerate(turns) if i == 0 or turns[i - 1][1] != kind]
    return len(runs) >= 4


def _row_worth(counts: Counts, start: int, end: int) -> tuple[float, bool]:
    """How much a range looks like a row of articles (0 to 1), and whether it shows a date."""
    low, high = bisect_left(counts.at, start), bisect_left(counts.at, end)
    number = high - low
    if not 1 <= number <= _MAX_LINKS_IN_ROW:
        return 0.0, False
    links = counts.page.links[low:high]
    dates = counts.dates(start, end)
    dated = dates >= 2
    if number > 1 and dates >= 4 and _several(counts, links, start, end):
        return 0.0, dated
    best = 0.0
    for link in links[:6]:
        length = len(link.text or link.title) if not link.weak else 0
        if link.weak:
            length = max((len(t) for t in counts.page.texts[start:end] if t), default=0) - 2
        if dated and length:
            length -= 10 if length > 20 and link.text and shown(link.text) else 0
        named = min(max(length - 3, 0) / 9, 1.0)
        likely = 1.0 if article_like(link.url) else 0.55 if dated else 0.12
        best = max(best, named * likely)
    if number > 4 and not dated:
        best *= 0.4
    if number > 2:
        full = [k for k in links if len(k.text or k.title) >= 8 and article_like(k.url)]
        outer = [k for k in full if not _nested(counts.page, k, start)]
        alike = len({k.url for k in outer or full})
        if alike > 2:
            best /= alike  # rows under a heading rather than a row
    return best * (1.0 if dated else 0.4), dated


def _territories(counts: Counts, parent: int, rows: list[int]) -> list[tuple[int, int]]:
    """The ranges of rows; where dates stand between them (`<a>…</a><i>…</i><br>`), what is between is the row's."""
    page = counts.page
    own = [(r, page.ends[r]) for r in rows]
    if counts.dates(parent, page.ends[parent]) < 2:
        return own
    if sum(counts.dates(s, e) >= 2 for s, e in own) * 2 >= len(own):
        return own
    last = page.ends[parent]
    after = [(s, own[i + 1][0] if i + 1 < len(own) else last) for i, (s, _) in enumerate(own)]
    gaps_after = sum(counts.dates(e, a[1]) >= 2 for (_, e), a in zip(own, after, strict=True))
    first = own[0][0]
    lead = max(parent + 1, first - 12)
    before = [(own[i - 1][1] if i else lead, e) for i, (_, e) in enumerate(own)]
    gaps_before = sum(counts.dates(b[0], s) >= 2 for (s, _), b in zip(own, before, strict=True))
    if max(gaps_after, gaps_before) * 2 < len(own):
        return own
    if gaps_before > gaps_after or (gaps_before == gaps_after and counts.dates(lead, first) >= 2):
        return before
    # the last row ends like the others: what follows the list is not its own
    usual = max((e - s for s, e in after[:-1]), default=30)
    after[-1] = (after[-1][0], min(last, after[-1][0] + usual))
    return after


def find_blocks(page: Outline, counts: Counts) -> list[Block]:
    """Every list of a page, the worthiest first; `factor` is 1 throughout."""
    groups: dict[tuple[int, str], list[int]] = {}
    tags, parents = page.tags, page.parents
    for link in page.links:
        at = link.at
        while (parent := parents[at]) >= 0:
            rows = groups.setdefault((parent, tags[at]), [])
            if rows and rows[-1] == at:
                break
            rows.append(at)
            at = parent
    blocks = []
    for (parent, tag), rows in groups.items():
        if tag in {"html", "body"}:
            continue
        if len(rows) == 1 and (
            counts.link_count(rows[0], page.ends[rows[0]]) > 3 or counts.dates(parent, page.ends[parent]) < 2
        ):
            continue
        ranges = _territories(counts, parent, rows)
        rated = [_row_worth(counts, s, e) for s, e in ranges]
        block = Block(
            parent, tag, ranges, [w for w, _ in rated], sum(d for w, d in rated if w > 0), parts=[(parent, tag)]
        )
        if block.worth >= 0.2:
            blocks.append(block)
    blocks.sort(key=lambda b: (-b.worth, b.start - b.end, -b.parent))
    return blocks


def without_nested(blocks: list[Block]) -> list[Block]:
    """Of blocks that read the same rows at two levels, and of lists inside another's rows, the better one alone."""
    kept: list[Block] = []
    for block in blocks[:MAX_BLOCKS]:
        if all(block.end <= other.start or other.end <= block.start for other in kept):
            kept.append(block)
    return kept


def _depth(page: Outline, at: int) -> int:
    depth = 0
    while (at := page.parents[at]) >= 0 and depth < 300:
        depth += 1
    return depth


def joined(page: Outline, counts: Counts, blocks: list[Block]) -> list[Block]:
    """Neighbouring blocks that are one list in parts (several `ul`, a `tbody` a month) as one block.

    Parts have the same row tag at the same depth, and nothing but a year or a line between them.
    """
    ordered = sorted(blocks, key=lambda b: b.start)
    out: list[Block] = []
    for block in ordered:
        last = out[-1] if out else None
        if last is not None and _continues(page, counts, last, block):
            last.rows += block.rows
            last.worths += block.worths
            last.dated += block.dated
            last.parts += block.parts
        else:
            out.append(block)
    return out


def _continues(page: Outline, counts: Counts, last: Block, block: Block) -> bool:
    if last.tag != block.tag or counts.link_count(last.end, block.start):
        return False
    if (last.dated > 0) != (block.dated > 0) or _depth(page, last.parts[-1][0]) != _depth(page, block.parent):
        return False
    words = page.text_between(last.end, block.start)
    if len(words) <= 3 or YEAR_ALONE.fullmatch(words[:40]) is not None:
        return True
    date = shown(words)
    return date is not None and date.kind == "full" and date.pure and not block.dated


def block_rows(page: Outline, counts: Counts, block: Block) -> list[Row]:
    """The rows of a block that are entries: dated like the rest, or worth something by themselves."""
    mostly_dated = block.dated * 2 > len(block.rows)
    rows = []
    above = headings(page, block.rows)
    for (start, end), worth, (year, day) in zip(block.rows, block.worths, above, strict=True):
        dated = counts.dates(start, end) >= 2
        if worth >= (0.02 if dated else 0.15 if mostly_dated else 0.1):
            rows.append(Row(page, start, end, tuple(counts.links(start, end)), year, day))
    return rows
