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
_MAX_TEXTS = 8000
_SAME = 40
"""Characters by which a text is known again in a page's second copy of its body."""
_BEHIND = 0.2
"""Weight of text behind a line that usually ends an article (share line, related links)."""
_BEYOND = 0.05
"""Weight of text behind a list of links: recommendations, comments, columns at the side."""
_SHORT_CELL = 20
"""Characters; shorter texts of a cell count for its table, which spares data tables a climb from every cell."""
_LINK_ROWS = 3
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
    """The texts that count; those of running text by the address of the element that holds them directly."""

    direct: dict[int, Holder] = field(default_factory=dict)
    prose: float = 0.0
    """The weight of all running text."""
    first: list[int] = field(default_factory=list)
    """The positions of all other texts, those of neighbouring short cells together, …"""
    last: list[int] = field(default_factory=list)
    """… the positions of the last text each, …"""
    rest: list[float] = field(default_factory=list)
    """… and their weights."""


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


def weigh(scan: Scan, low: int, high: int) -> Weighed:  # noqa: C901, PLR0912 - hot
    """Weigh the texts between two positions, neither included."""
    found = Weighed()
    direct = found.direct
    add_first, add_last, add_weight = found.first.append, found.last.append, found.rest.append
    factor = 1.0
    prose = 0.0
    long_seen = False
    link_rows = 0
    cell = -2  # position of the text before where it is a short one of a cell
    seen: set[str] = set()
    texts, nodes = scan.texts, scan.nodes
    for i, mark in enumerate(scan.marks[low + 1 : min(high, low + _MAX_TEXTS)], low + 1):
        if mark & PROSE:
            text = texts[i]
            start = text[:_SAME]
            if start in seen:
                continue  # the mobile copy of the page
            seen.add(start)
            long_seen = True
            link_rows = 0
            weight = len(text) * factor
            prose += weight
            _hold(direct, nodes[i], i, i, weight)
        elif mark & LINK:
            if mark & BREAK:
                link_rows += 1
                if link_rows >= _LINK_ROWS and long_seen:
                    factor = _BEYOND
        else:
            text = texts[i]
            size = len(text)
            if size < 2:
                continue
            if long_seen:
                if factor == _BEYOND:
                    if size < 25:
                        continue
                elif factor == 1.0 and size < 60 and (is_after(text) or (mark & HEADING and _heads_links(scan, i))):
                    factor = _BEHIND
            if mark & CELL and size < _SHORT_CELL:
                if cell == i - 1:
                    found.rest[-1] += size * factor  # the table of the cell before
                    found.last[-1] = cell = i
                    continue
                cell = i
            add_first(i)
            add_last(i)
            add_weight(size * factor)
    found.prose = prose
    return found


def _hold(direct: dict[int, Holder], node: LexborNode, first: int, last: int, weight: float) -> None:
    """Add a text to the element that it counts for: around its paragraph."""
    block = block_of(node)
    if block is not None and block.tag_id in tags.PARAGRAPHS:
        block = block.parent
    if block is not None:
        _add(direct, block, first, last, weight)


def _add(direct: dict[int, Holder], block: LexborNode, first: int, last: int, weight: float) -> None:
    address = block.mem_id
    holder = direct.get(address)
    if holder is None:
        direct[address] = Holder(block, weight, first, last)
        return
    holder.mass += weight
    holder.first = min(holder.first, first)
    holder.last = max(holder.last, last)


def hold_all(scan: Scan, found: Weighed) -> dict[int, Holder]:
    """Add all other texts to the elements that hold them directly, short ones of cells to the table; return these."""
    direct = found.direct
    for first, last, weight in zip(found.first, found.last, found.rest, strict=True):
        block = block_of(scan.nodes[first])
        if block is not None and block.tag_id in tags.PARAGRAPHS:
            block = block.parent
        if block is not None and block.tag_id in tags.CELLS and len(scan.texts[first]) < _SHORT_CELL:
            row = block.parent
            block = row.parent if row is not None else None
        if block is not None:
            _add(direct, block, first, last, weight)
    return direct


def _heads_links(scan: Scan, i: int) -> bool:
    """Whether a text is the heading of a box of links (recommended, related)."""
    return bool(
        scan.marks[i] & HEADING and len(scan.texts[i]) <= 12 and i + 1 < len(scan.marks) and scan.marks[i + 1] & LINK
    )
