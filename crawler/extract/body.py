"""Which element of a page holds the article's body.

No class or id is needed: the body is the element that holds most of the text which is no link, behind the headline and
its line of date and source, and before the page's foot. Text counts by its length, as in density methods (for example
CETD, Sun et al., SIGIR 2011), but it is summed over the few ancestors of texts instead of over the whole tree; and
where running text alone decides, the other texts are not even looked up.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.extract.labels import ANY_LABEL, SENTENCE, is_after, is_widget
from crawler.extract.links import link_of
from crawler.extract.scan import BREAK, LINK, PROSE
from crawler.extract.weights import (
    LINK_ROWS,
    LONG,
    MAX_DEPTH,
    MAX_TEXTS,
    Holder,
    Weighed,
    ancestors,
    counts,
    hold_all,
    home_of,
    weigh,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from selectolax.lexbor import LexborNode

    from crawler.extract.scan import Scan

_ENDS = 2
"""Running texts at either end that are tried: a summary may stand in a box before a body, a remark behind it."""
_SHARE = 0.6
"""A branch beside the headline is the body where it holds this share of the text behind the headline; else the body is
not wrapped and its paragraphs are the headline's siblings. Real pages: wrapped bodies hold .75 and more."""


@dataclass(slots=True)
class _Outer(Holder):
    """An element with all the text inside it."""

    parent: int


def _add(holders: dict[int, _Outer], part: Holder) -> None:
    """Add what an element holds directly to itself and to all elements around it."""
    node: LexborNode | None = part.node
    address = part.node.mem_id
    for _ in range(MAX_DEPTH):
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
            around = parent.mem_id if parent is not None else 0
            holders[address] = _Outer(node, part.mass, part.first, part.last, around)
            node = parent
            address = around
        if not address:
            return


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
    stop = min(high, low + MAX_TEXTS)
    before: Iterable[int]
    if low >= 0 and (body := _obvious_body(scan, low, stop)) is not None:
        before = (i for i in range(body.first - 1, low, -1) if counts(scan, i))
        return _narrow(scan, _path(scan, low, body, before, _behind(scan, body.last, stop)))
    found = weigh(scan, low, stop)
    if low >= 0 and (body := _plain_body(scan, found)) is not None:
        before = reversed(found.last[: bisect_left(found.first, body.first)])
        return _narrow(scan, _path(scan, low, body, before, found.first[bisect_right(found.first, body.last) :]))
    direct = hold_all(scan, found)
    if not direct:
        return None
    holders: dict[int, _Outer] = {}
    for holder in direct.values():
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
    while path[-1] != top and holders[path[-1]].parent in holders and len(path) < MAX_DEPTH:
        path.append(holders[path[-1]].parent)
    return _narrow(scan, [holders[address] for address in path])


def _obvious_body(scan: Scan, low: int, stop: int) -> Holder | None:
    """The element around the first and the last running text, where hardly a link lies between them.

    The text between must be most of all text without links, whatever that may weigh.
    """
    texts, marks = scan.texts[low + 1 : stop], scan.marks[low + 1 : stop]
    prose = [i for i, mark in enumerate(marks) if mark & PROSE]
    if not prose:
        return None
    first, last = prose[0], prose[-1]
    if sum([mark & LINK for mark in marks[first:last]]) >= LINK_ROWS:
        return None
    mass = sum(map(len, texts[first : last + 1]))
    if mass < _SHARE * sum([len(text) for text, mark in zip(texts, marks, strict=True) if not mark & LINK]):
        return None
    first += low + 1
    last += low + 1
    home = home_of(scan, first)
    if home is None or (last > first and ((other := home_of(scan, last)) is None or other.mem_id != home.mem_id)):
        return None
    return Holder(home, mass, first, last)


def _behind(scan: Scan, last: int, stop: int) -> Iterator[int]:
    """The positions behind a body that count: behind a list of links only longer texts."""
    rows = 0
    for i in range(last + 1, stop):
        if counts(scan, i):
            if rows < LINK_ROWS or len(scan.texts[i]) >= LONG:
                yield i
        elif scan.marks[i] & LINK and scan.marks[i] & BREAK:
            rows += 1


def _plain_body(scan: Scan, found: Weighed) -> Holder | None:
    """The element around the first and the last running text, where what lies between them is most of all text.

    It is the body or lies in it, whatever holds the texts between: two climbs instead of one from every text.
    """
    enough = _SHARE * sum(found.mass)
    running = found.running
    homes = {k: home_of(scan, found.first[k]) for k in {*running[:_ENDS], *running[-_ENDS:]}}
    for start in running[:_ENDS]:
        home = homes[start]
        for end in reversed(running[-_ENDS:]):
            other = homes[end]
            if start > end or home is None or other is None or home.mem_id != other.mem_id:
                continue
            if (mass := sum(found.mass[start : end + 1])) >= enough:
                return Holder(home, mass, found.first[start], found.last[end])
    return None


def _path(scan: Scan, low: int, body: Holder, before: Iterable[int], behind: Iterable[int]) -> list[Holder]:
    """The elements from one that surely lies in the body out to the one beside the headline, with their texts.

    `before` and `behind` are the positions of the other texts that count, from the body outwards.
    """
    path = [body]
    above = ancestors(scan.nodes[low])
    node = body.node.parent if body.node.mem_id not in above else None
    while node is not None and node.mem_id not in above and len(path) < MAX_DEPTH:
        path.append(Holder(node, 0.0, body.first, body.last))
        node = node.parent
    levels = {holder.node.mem_id: level for level, holder in enumerate(path)}
    for i in before:
        level = _level(scan.nodes[i], levels)
        if level < 0:
            break
        for holder in path[level:]:
            holder.first = i
    for i in behind:
        level = _level(scan.nodes[i], levels)
        if level < 0:
            break
        for holder in path[level:]:
            holder.last = i
    return path


def _level(node: LexborNode, levels: dict[int, int]) -> int:
    """The innermost of some elements that a text lies in; -1 if in none."""
    around = node.parent
    for _ in range(MAX_DEPTH):
        if around is None:
            break
        level = levels.get(around.mem_id)
        if level is not None:
            return level
        around = around.parent
    return -1


def _narrow(scan: Scan, path: list[Holder]) -> tuple[LexborNode, int, int]:
    """The innermost element on the way in that leaves out nothing but what surrounds a body."""
    outer = chosen = path[-1]
    for inner in reversed(path[:-1]):
        if not _is_trimming(scan, outer.first, inner.first, before=True):
            break
        if not _is_trimming(scan, inner.last + 1, outer.last + 1, before=False):
            break
        chosen = inner
    return chosen.node, chosen.first, chosen.last
