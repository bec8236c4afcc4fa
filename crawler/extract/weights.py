"""How much text the elements of a page hold: the few around its texts, not all of its tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.extract import tags
from crawler.extract.labels import is_after
from crawler.extract.scan import BREAK, CELL, HEADING, LINK, PROSE

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from crawler.extract.scan import Scan

MAX_DEPTH = 200
MAX_TEXTS = 8000
_SAME = 40
"""Characters by which a text is known again in a page's second copy of its body."""
_BEHIND = 0.2
"""Weight of text behind a line that usually ends an article (share line, related links)."""
_BEYOND = 0.05
"""Weight of text behind a list of links: recommendations, comments, columns at the side."""
_SHORT_CELL = 20
"""Characters; shorter texts of a cell count for its table, which spares data tables a climb from every cell."""
LONG = 25
"""Characters; behind a list of links shorter texts do not count at all."""
LINK_ROWS = 3
"""Links that each open a block of their own and stand together make a list: bodies rarely hold so many."""


@dataclass(slots=True)
class Holder:
    """An element that holds text: how much, and the positions of its first and last text that counts."""

    node: LexborNode
    mass: float
    first: int
    last: int


@dataclass(slots=True)
class Weighed:
    """The texts that count, in order, short ones of neighbouring cells together; the first three run in parallel."""

    first: list[int] = field(default_factory=list)
    """Positions of the texts, …"""
    last: list[int] = field(default_factory=list)
    """… of the last text where several are together, …"""
    mass: list[float] = field(default_factory=list)
    """… and their weights."""
    running: list[int] = field(default_factory=list)
    """Which of them are running text of full weight."""


def ancestors(node: LexborNode | None) -> dict[int, LexborNode]:
    """The elements around a node, innermost first, by their address."""
    found: dict[int, LexborNode] = {}
    while node is not None and len(found) < MAX_DEPTH:
        found[node.mem_id] = node
        node = node.parent
    return found


def block_of(node: LexborNode) -> LexborNode | None:
    """The innermost element around a text that is no inline one."""
    inline, unknown = tags.INLINE, tags.UNKNOWN
    around = node.parent
    for _ in range(MAX_DEPTH):
        if around is None or not ((tag := around.tag_id) in inline or tag > unknown):
            break
        around = around.parent
    return around


def lies_in(node: LexborNode, address: int) -> bool:
    """Whether a text lies in the element with an address."""
    around = node.parent
    for _ in range(MAX_DEPTH):
        if around is None:
            return False
        if around.mem_id == address:
            return True
        around = around.parent
    return False


def weigh(scan: Scan, low: int, high: int) -> Weighed:  # noqa: C901, PLR0912 - hot
    """Weigh the texts between two positions, neither included."""
    found = Weighed()
    first, last, mass = found.first, found.last, found.mass
    factor = 1.0
    long_seen = False
    link_rows = 0
    cell = -2  # position of the text before where it is a short one of a cell
    seen: set[str] = set()
    texts = scan.texts
    for i, mark in enumerate(scan.marks[low + 1 : min(high, low + MAX_TEXTS)], low + 1):
        if mark & PROSE:
            text = texts[i]
            start = text[:_SAME]
            if start in seen:
                continue  # the mobile copy of the page
            seen.add(start)
            long_seen = True
            link_rows = 0
            size = len(text)
            if factor == 1.0:
                found.running.append(len(first))
        elif mark & LINK:
            if mark & BREAK:
                link_rows += 1
                if link_rows >= LINK_ROWS and long_seen:
                    factor = _BEYOND
            continue
        else:
            text = texts[i]
            size = len(text)
            if size < 2:
                continue
            if long_seen:
                if factor == _BEYOND:
                    if size < LONG:
                        continue
                elif factor == 1.0 and size < 60 and (is_after(text) or (mark & HEADING and _heads_links(scan, i))):
                    factor = _BEHIND
            if mark & CELL and size < _SHORT_CELL:
                if cell == i - 1:
                    mass[-1] += size * factor  # the table of the cell before
                    last[-1] = cell = i
                    continue
                cell = i
        first.append(i)
        last.append(i)
        mass.append(size * factor)
    return found


def counts(scan: Scan, i: int) -> bool:
    """Whether a text counts: a link does not, nor does a single character."""
    return not scan.marks[i] & LINK and len(scan.texts[i]) >= 2


def home_of(scan: Scan, i: int) -> LexborNode | None:
    """The element that a text counts for: that around its paragraph; for a short text of a cell the table."""
    block = block_of(scan.nodes[i])
    if block is not None and block.tag_id in tags.PARAGRAPHS:
        block = block.parent
    if block is not None and block.tag_id in tags.CELLS and len(scan.texts[i]) < _SHORT_CELL:
        row = block.parent
        block = row.parent if row is not None else None
    return block


def hold_all(scan: Scan, found: Weighed) -> dict[int, Holder]:
    """The elements that hold texts directly, by their address, in the order of their first texts."""
    direct: dict[int, Holder] = {}
    for first, last, mass in zip(found.first, found.last, found.mass, strict=True):
        home = home_of(scan, first)
        if home is None:
            continue
        holder = direct.get(home.mem_id)
        if holder is None:
            direct[home.mem_id] = Holder(home, mass, first, last)
        else:
            holder.mass += mass
            holder.last = last
    return direct


def _heads_links(scan: Scan, i: int) -> bool:
    """Whether a text is the heading of a box of links (recommended, related)."""
    return bool(
        scan.marks[i] & HEADING and len(scan.texts[i]) <= 12 and i + 1 < len(scan.marks) and scan.marks[i + 1] & LINK
    )
