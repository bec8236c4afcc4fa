"""A body's lines straight from the flat view: most bodies are paragraphs of one text each, and need no second walk.

A paragraph of several texts is walked by itself. What the flat view cannot tell (preformatted text, hidden elements,
blocks mixed with loose pieces of text) is left to `lines.read_lines`, which walks everything.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from crawler.extract import tags
from crawler.extract.body import block_of
from crawler.extract.lines import Line, is_hidden, read_run, tidy
from crawler.extract.scan import BREAK, CELL, LINK, PREFORMATTED, QUIET

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from crawler.extract.scan import Scan

_MAX_DEPTH = 200
_NEVER_FLAT = CELL | PREFORMATTED


def _inside(node: LexborNode, address: int) -> bool:
    """Whether a text lies in the element with an address."""
    around = node.parent
    for _ in range(_MAX_DEPTH):
        if around is None:
            return False
        if around.mem_id == address:
            return True
        around = around.parent
    return False


def _link_inside(node: LexborNode, address: int) -> int:
    """The address of the link that a text lies in, if that lies in the element with an address; else 0."""
    around = node.parent
    for _ in range(_MAX_DEPTH):
        if around is None or around.mem_id == address:
            return 0
        if around.tag_id == tags.A:
            return around.mem_id
        around = around.parent
    return 0


def _is_silent(node: LexborNode, address: int) -> bool:
    """Whether a text lies deep in an element whose text is no content, inside the element with an address."""
    around = node.parent
    for _ in range(_MAX_DEPTH):
        if around is None or around.mem_id == address:
            return False
        if around.tag_id in tags.SILENT:
            return True
        around = around.parent
    return False


def reach(scan: Scan, node: LexborNode, first: int, last: int) -> tuple[int, int]:
    """The positions of an element's first and last text, from those of two texts that lie in it."""
    address = node.mem_id
    nodes = scan.nodes
    while first > 0 and _inside(nodes[first - 1], address):
        first -= 1
    while last + 1 < len(nodes) and _inside(nodes[last + 1], address):
        last += 1
    return first, last


def _address(node: LexborNode) -> int:
    block = block_of(node)
    return block.mem_id if block is not None else 0


def flat_lines(scan: Scan, node: LexborNode, first: int, last: int) -> list[Line] | None:
    """The lines of the texts between two positions, both included; None where a walk must tell them.

    Args:
        scan: the page's flat view.
        node: the element whose texts they are.
        first: the position of the first text.
        last: the position of the last one.

    """
    opened = scan.marks[first] & PREFORMATTED  # the cell of the first text may be the element itself
    if reduce(or_, scan.marks[first + 1 : last + 1], opened) & _NEVER_FLAT:
        return None
    if any(map(is_hidden, node.css('[style*="none" i]'))):
        return None
    texts, marks, nodes = scan.texts, scan.marks, scan.nodes
    address = node.mem_id
    if any(mark & QUIET and _is_silent(nodes[i], address) for i, mark in enumerate(marks[first : last + 1], first)):
        return None
    lines: list[Line] = []
    link = 0  # address of the link that the text before lies in
    i = first
    while i <= last:
        following = i + 1
        if following <= last and not marks[following] & BREAK:
            done = _paragraph(scan, first, i, last)
            if done is None:
                return None
            kept, found, i = done
            del lines[len(lines) - kept :]
            lines += found
            link = 0
            continue
        text = tidy(texts[i])
        linked = 0
        if link or marks[i] & LINK:
            link = _link_inside(nodes[i], address)
            linked = len(text) if link else 0
        if text:
            lines.append(Line(text, linked))
        i = following
    return lines


def _paragraph(scan: Scan, low: int, i: int, high: int) -> tuple[int, list[Line], int] | None:
    """The lines of the paragraph around a text that others follow without a break.

    Returns how many of its texts stand before that one (each a line already), its lines, and the position behind it.
    """
    nodes = scan.nodes
    block = block_of(nodes[i])
    if block is None:
        return None
    address = block.mem_id
    start = i
    while start > 0 and _address(nodes[start - 1]) == address:
        start -= 1
    if start < low:
        return None
    end = i + 1
    while end < len(nodes) and _address(nodes[end]) == address:
        end += 1
    # a text behind the paragraph that no block opens belongs to an element around it
    if end == i + 1 or end > high + 1 or (end <= high and not scan.marks[end] & BREAK):
        return None
    lines = read_run(block, scan.said)
    return None if lines is None else (i - start, lines, end)
