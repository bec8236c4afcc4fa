"""Which element of a page holds the article's body.

No class or id is needed: the body is the element that holds most of the text which is no link, behind the headline and
its line of date and source, and before the page's foot. Text counts by its length, as in density methods (for example
CETD, Sun et al., SIGIR 2011), but it is summed over the few ancestors of texts instead of over the whole tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.extract import tags
from crawler.extract.labels import ANY_LABEL, SENTENCE, is_after, is_widget
from crawler.extract.links import link_of
from crawler.extract.scan import BREAK, CELL, HEADING, LINK, PROSE

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from crawler.extract.scan import Scan

_MAX_TEXTS = 8000
_MAX_DEPTH = 200
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
_SHARE = 0.6
"""A branch beside the headline is the body where it holds this share of the text behind the headline; else the body is
not wrapped and its paragraphs are the headline's siblings. Real pages: wrapped bodies hold .75 and more."""


@dataclass(slots=True)
class _Holder:
    node: LexborNode
    parent: int
    mass: float
    first: int
    last: int


def ancestors(node: LexborNode | None) -> dict[int, LexborNode]:
    """The elements around a node, innermost first, by their address."""
    found: dict[int, LexborNode] = {}
    while node is not None and len(found) < _MAX_DEPTH:
        found[node.mem_id] = node
        node = node.parent
    return found


def _weigh(scan: Scan, low: int, high: int) -> tuple[dict[int, _Holder], dict[int, _Holder]]:  # noqa: C901, PLR0912, PLR0915 - hot
    """All elements that hold text between two positions, with all their mass; and those that hold it directly."""
    direct: dict[int, _Holder] = {}
    factor = 1.0
    long_seen = False
    link_rows = 0
    seen: set[str] = set()
    table: _Holder | None = None
    stop = min(high, low + _MAX_TEXTS)
    inline, unknown, paragraphs = tags.INLINE, tags.UNKNOWN, tags.PARAGRAPHS
    view = zip(scan.texts[low + 1 : stop], scan.marks[low + 1 : stop], scan.nodes[low + 1 : stop], strict=True)
    for i, (text, mark, node) in enumerate(view, low + 1):
        size = len(text)
        if mark & PROSE:
            start = text[:_SAME]
            if start in seen:
                continue  # the mobile copy of the page
            seen.add(start)
            long_seen = True
            link_rows = 0
        elif mark & LINK:
            link_rows += bool(mark & BREAK)
            if link_rows >= _LINK_ROWS and long_seen:
                factor = _BEYOND
            continue
        elif size < 2:
            continue
        elif long_seen and factor != _BEYOND:
            if factor == 1.0 and size < 60 and (is_after(text) or (mark & HEADING and _heads_links(scan, i))):
                factor = _BEHIND
        elif factor == _BEYOND and size < 25:
            continue
        short_cell = mark & CELL and size < _SHORT_CELL
        if short_cell and table is not None:
            table.mass += size * factor  # the table of the cell before, without climbing to it again
            table.last = i
            continue
        # The element whose paragraph, line or cell the text is:
        parent = node.parent
        for _ in range(_MAX_DEPTH):
            if parent is None or not ((tag := parent.tag_id) in inline or tag > unknown):
                break
            parent = parent.parent
        if parent is not None and parent.tag_id in paragraphs:
            parent = parent.parent
        if parent is not None and size < _SHORT_CELL and parent.tag_id in tags.CELLS:
            row = parent.parent
            parent = row.parent if row is not None else None
        if parent is None:
            continue
        holder = direct.get(parent.mem_id)
        if holder is None:
            holder = direct[parent.mem_id] = _Holder(parent, 0, size * factor, i, i)
        else:
            holder.mass += size * factor
            holder.last = i
        table = holder if short_cell else None
    holders: dict[int, _Holder] = {}
    for holder in direct.values():
        _add(holders, holder)
    return holders, direct


def _add(holders: dict[int, _Holder], part: _Holder) -> None:
    """Add what an element holds directly to itself and to all elements around it."""
    node: LexborNode | None = part.node
    address = part.node.mem_id
    for _ in range(_MAX_DEPTH):
        holder = holders.get(address)
        if holder is not None:
            holder.mass += part.mass
            holder.last = max(holder.last, part.last)  # parts come in the order of their first texts
            address = holder.parent
            node = None
        else:
            if node is None:
                return
            parent = node.parent
            holders[address] = _Holder(
                node, parent.mem_id if parent is not None else 0, part.mass, part.first, part.last
            )
            node = parent
            address = parent.mem_id if parent is not None else 0
        if not address:
            return


def _heads_links(scan: Scan, i: int) -> bool:
    """Whether a text is the heading of a box of links (recommended, related)."""
    return bool(
        scan.marks[i] & HEADING and len(scan.texts[i]) <= 12 and i + 1 < len(scan.marks) and scan.marks[i + 1] & LINK
    )


def _is_trimming(scan: Scan, low: int, high: int, *, before: bool) -> bool:
    """Whether the texts between two positions can be left out: buttons, labels, links, short lines behind."""
    for i in range(low, high):
        text, mark = scan.texts[i], scan.marks[i]
        if (
            (mark & LINK and link_of(scan.nodes[i]) is not None)
            or len(text) < 2
            or is_widget(text)
            or is_after(text)
            or ANY_LABEL.match(text)
        ):
            continue
        if before or len(text) >= 25 or SENTENCE.search(text):
            return False
    return True


def find_body(scan: Scan, low: int, high: int) -> tuple[LexborNode, int, int] | None:
    """The element that holds the body, and the positions of its first and last text.

    Args:
        scan: the page's flat view.
        low: the position of the last text of the headline and its line of date and source; -1 where none was found.
        high: the position of the first text of the page's foot.

    """
    holders, direct = _weigh(scan, low, high)
    if not direct:
        return None
    start = max(direct, key=lambda address: direct[address].mass)
    above = ancestors(scan.nodes[low]) if low >= 0 else {}
    top = start
    if top not in above:
        while (parent := holders[top].parent) in holders and parent not in above:
            top = parent
            if low < 0 and holders[top].mass > 0.9 * sum(holder.mass for holder in direct.values()):
                break
        outer = holders[top].parent
        if low >= 0 and outer in holders and holders[top].mass < _SHARE * holders[outer].mass:
            top = outer
    return _narrow(scan, holders, top, start)


def _narrow(scan: Scan, holders: dict[int, _Holder], top: int, start: int) -> tuple[LexborNode, int, int]:
    """The innermost element on the way down that leaves out nothing but what surrounds a body."""
    path = [start]
    while path[-1] != top and holders[path[-1]].parent in holders and len(path) < _MAX_DEPTH:
        path.append(holders[path[-1]].parent)
    outer = holders[top]
    chosen = outer
    for address in reversed(path[:-1]):
        inner = holders[address]
        if not _is_trimming(scan, outer.first, inner.first, before=True):
            break
        if not _is_trimming(scan, inner.last + 1, outer.last + 1, before=False):
            break
        chosen = inner
    return chosen.node, chosen.first, chosen.last
