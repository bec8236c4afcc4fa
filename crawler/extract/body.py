"""Which element of a page holds the article's body.

No class or id is needed: the body is the element that holds most of the text which is no link, behind the headline and
its line of date and source, and before the page's foot. Text counts by its length, as in density methods (for example
CETD, Sun et al., SIGIR 2011), but it is summed over the few ancestors of texts instead of over the whole tree.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
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


def block_of(node: LexborNode) -> LexborNode | None:
    """The innermost element around a text that is no inline one."""
    inline, unknown = tags.INLINE, tags.UNKNOWN
    around = node.parent
    for _ in range(_MAX_DEPTH):
        if around is None or not ((tag := around.tag_id) in inline or tag > unknown):
            break
        around = around.parent
    return around


def ancestors(node: LexborNode | None) -> dict[int, LexborNode]:
    """The elements around a node, innermost first, by their address."""
    found: dict[int, LexborNode] = {}
    while node is not None and len(found) < _MAX_DEPTH:
        found[node.mem_id] = node
        node = node.parent
    return found


@dataclass(slots=True)
class _Weighed:
    """The texts that count, with their weights; those of running text by the element that holds them directly."""

    direct: dict[int, _Holder]
    prose: float = 0.0
    """The weight of all running text."""
    rest: list[tuple[int, float]] = field(default_factory=list)
    """The other texts: position and weight."""


def _weigh(scan: Scan, low: int, high: int) -> _Weighed:
    """Weigh the texts between two positions."""
    direct: dict[int, _Holder] = {}
    found = _Weighed(direct)
    rest = found.rest
    factor = 1.0
    long_seen = False
    link_rows = 0
    seen: set[str] = set()
    stop = min(high, low + _MAX_TEXTS)
    texts, nodes = scan.texts, scan.nodes
    for i, mark in enumerate(scan.marks[low + 1 : stop], low + 1):
        if mark & PROSE:
            text = texts[i]
            start = text[:_SAME]
            if start in seen:
                continue  # the mobile copy of the page
            seen.add(start)
            long_seen = True
            link_rows = 0
            weight = len(text) * factor
            found.prose += weight
            _hold(direct, nodes[i], i, weight)
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
            rest.append((i, size * factor))
    return found


def _home(node: LexborNode, *, short: bool) -> LexborNode | None:
    """The element that a text counts for: that around its paragraph; for a short text of a cell the table."""
    parent = block_of(node)
    if parent is not None and parent.tag_id in tags.PARAGRAPHS:
        parent = parent.parent
    if short and parent is not None and parent.tag_id in tags.CELLS:
        row = parent.parent
        parent = row.parent if row is not None else None
    return parent


def _hold(
    direct: dict[int, _Holder], node: LexborNode, i: int, weight: float, *, short: bool = False
) -> _Holder | None:
    """Add a text to the element that it counts for."""
    parent = _home(node, short=short)
    if parent is None:
        return None
    address = parent.mem_id
    holder = direct.get(address)
    if holder is None:
        holder = direct[address] = _Holder(parent, 0, weight, i, i)
    else:
        holder.mass += weight
        holder.first = min(holder.first, i)
        holder.last = max(holder.last, i)
    return holder


def _hold_rest(scan: Scan, found: _Weighed) -> None:
    """Add all other texts, too."""
    table: _Holder | None = None
    before = -1
    for i, weight in found.rest:
        short = len(scan.texts[i]) < _SHORT_CELL
        short_cell = short and scan.marks[i] & CELL
        if short_cell and table is not None and i == before + 1:
            table.mass += weight  # the table of the cell before, without climbing to it again
            table.last = max(table.last, i)
        else:
            holder = _hold(found.direct, scan.nodes[i], i, weight, short=short)
            table = holder if short_cell else None
        before = i


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
    found = _weigh(scan, low, high)
    rest = sum(weight for _, weight in found.rest)
    if low >= 0 and found.direct:
        start, body = max(found.direct.items(), key=_mass)
        others = max((held.mass for address, held in found.direct.items() if address != start), default=0.0)
        if body.mass > others + rest and body.mass >= _SHARE * (found.prose + rest):
            return _narrow(scan, _path(scan, found, low, start))
    _hold_rest(scan, found)
    direct = found.direct
    if not direct:
        return None
    holders: dict[int, _Holder] = {}
    for holder in sorted(direct.values(), key=_first):
        _add(holders, holder)
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
    path = [start]
    while path[-1] != top and holders[path[-1]].parent in holders and len(path) < _MAX_DEPTH:
        path.append(holders[path[-1]].parent)
    return _narrow(scan, [holders[address] for address in path])


def _mass(item: tuple[int, _Holder]) -> float:
    return item[1].mass


def _first(holder: _Holder) -> int:
    return holder.first


def _path(scan: Scan, found: _Weighed, low: int, start: int) -> list[_Holder]:
    """The elements from the one that surely holds the body out to the one beside the headline, with their texts.

    The other texts can change neither of the two, so only those around the body are looked at.
    """
    body = found.direct[start]
    path = [body]
    above = ancestors(scan.nodes[low])
    node = body.node.parent if start not in above else None
    while node is not None and node.mem_id not in above and len(path) < _MAX_DEPTH:
        path.append(_Holder(node, 0, 0.0, body.first, body.last))
        node = node.parent
    levels = {holder.node.mem_id: level for level, holder in enumerate(path)}
    counted = sorted(
        [i for i, _ in found.rest] + [i for held in found.direct.values() for i in (held.first, held.last)]
    )
    for i in reversed(counted[: bisect_left(counted, body.first)]):
        level = _level(scan.nodes[i], levels)
        if level < 0:
            break
        for holder in path[level:]:
            holder.first = i
    for i in counted[bisect_right(counted, body.last) :]:
        level = _level(scan.nodes[i], levels)
        if level < 0:
            break
        for holder in path[level:]:
            holder.last = i
    return path


def _level(node: LexborNode, levels: dict[int, int]) -> int:
    """The innermost of some elements that a text lies in; -1 if in none."""
    around = node.parent
    for _ in range(_MAX_DEPTH):
        if around is None:
            break
        level = levels.get(around.mem_id)
        if level is not None:
            return level
        around = around.parent
    return -1


def _narrow(scan: Scan, path: list[_Holder]) -> tuple[LexborNode, int, int]:
    """The innermost element on the way in that leaves out nothing but what surrounds a body."""
    outer = chosen = path[-1]
    for inner in reversed(path[:-1]):
        if not _is_trimming(scan, outer.first, inner.first, before=True):
            break
        if not _is_trimming(scan, inner.last + 1, outer.last + 1, before=False):
            break
        chosen = inner
    return chosen.node, chosen.first, chosen.last
