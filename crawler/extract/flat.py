"""A body's lines straight from the flat view: most bodies are paragraphs of one text each, and need no second walk.

A paragraph of several texts is walked by itself. What the flat view cannot tell (preformatted text, hidden elements,
blocks mixed with loose pieces of text) is left to `lines.read_lines`, which walks everything.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from crawler.extract import tags
from crawler.extract.lines import Line, is_hidden, read_run, tidy
from crawler.extract.scan import BREAK, CELL, LINK, PREFORMATTED, SILENT
from crawler.extract.tables import flat_table, table_of
from crawler.extract.weights import MAX_DEPTH, block_of, lies_in

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from crawler.extract.scan import Scan

_KNOWN = 12
"""Characters by which a text is found in the source; a false find only costs time."""
_JUDGED = 20_000
_MANY = 100
_TABLE_TAGS = tags.TABLE_PARTS | {tags.TABLE, tags.TR}


def _link_inside(node: LexborNode, address: int) -> int:
    """The address of the link that a text lies in, if that lies in the element with an address; else 0."""
    around = node.parent
    for _ in range(MAX_DEPTH):
        if around is None or around.mem_id == address:
            return 0
        if around.tag_id == tags.A:
            return around.mem_id
        around = around.parent
    return 0


def _is_silent(node: LexborNode, address: int) -> bool:
    """Whether a text lies deep in an element whose text is no content, inside the element with an address."""
    around = node.parent
    for _ in range(MAX_DEPTH):
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
    while first > 0 and lies_in(nodes[first - 1], address):
        first -= 1
    while last + 1 < len(nodes) and lies_in(nodes[last + 1], address):
        last += 1
    return first, last


def _address(node: LexborNode) -> int:
    block = block_of(node)
    return block.mem_id if block is not None else 0


def _may_hide(scan: Scan, source: str, first: int, last: int) -> bool:
    """Whether the source from before a first text to a last one speaks of display; true for few texts.

    Of many elements with long styles (saved by a word processor) it is quicker to see there than in the tree.
    """
    if last - first < _MANY:
        return True
    start = source.find(scan.texts[first - 1][:_KNOWN]) if first else 0
    end = source.rfind(scan.texts[last][-_KNOWN:])
    if not 0 <= start <= end:
        return True  # written with entities
    # Markup in capitals is in capitals throughout.
    return source.find("isplay", start, end) >= 0 or source.find("STYLE", start, min(end, start + _JUDGED)) >= 0


def _is_plain(scan: Scan, source: str, node: LexborNode, first: int, last: int) -> bool:
    """Whether an element holds neither preformatted and hidden text, nor deep text that is no content."""
    marks = scan.marks[first : last + 1]
    seen = reduce(or_, marks, 0)
    if seen & PREFORMATTED or (seen & CELL and node.tag_id in _TABLE_TAGS):
        return False
    if _may_hide(scan, source, first, last) and any(map(is_hidden, node.css('[style*="display" i]'))):
        return False
    if seen & SILENT:
        address = node.mem_id
        return not any(mark & SILENT and _is_silent(scan.nodes[i], address) for i, mark in enumerate(marks, first))
    return True


def flat_lines(scan: Scan, source: str, node: LexborNode, first: int, last: int) -> list[Line] | None:
    """The lines of the texts between two positions, both included; None where a walk must tell them.

    Args:
        scan: the page's flat view.
        source: the page as written.
        node: the element whose texts they are.
        first: the position of the first text.
        last: the position of the last one.

    """
    if not _is_plain(scan, source, node, first, last):
        return None
    texts, marks, nodes = scan.texts, scan.marks, scan.nodes
    address = node.mem_id
    lines: list[Line] = []
    link = 0  # address of the link that the text before lies in
    i = first
    while i <= last:
        mark = marks[i]
        if mark & CELL and (table := table_of(nodes[i], address)) is not None:
            read = None if link or mark & LINK else flat_table(scan, table, i, last)
            if read is None:
                return None
            lines += read[0]
            i = read[1]
        elif i == last or marks[i + 1] & BREAK:
            text = texts[i]  # without white space at its ends
            if "  " in text or not text.isprintable():
                text = tidy(text)
            link = _link_inside(nodes[i], address) if link or mark & LINK else 0
            if text:
                lines.append(Line(text, len(text) if link else 0))
            i += 1
        else:
            block = block_of(nodes[i])
            paragraph = _paragraph(scan, block, first, i, last) if block is not None else None
            if block is None or paragraph is None:
                return None
            start, found, end = paragraph
            del lines[len(lines) - (i - start) :]
            link = _link_inside(block, address) if link or marks[start] & LINK else 0
            lines += [Line(line.text, len(line.text)) for line in found] if link else found
            i = end
    return lines


def _paragraph(scan: Scan, block: LexborNode, low: int, i: int, high: int) -> tuple[int, list[Line], int] | None:
    """The paragraph that holds a text: the position of its first text, its lines, and the position behind it.

    None where it is none, or reaches beyond the texts from `low` to `high`.
    """
    nodes = scan.nodes
    address = block.mem_id
    start = i
    while start > 0 and _address(nodes[start - 1]) == address:
        start -= 1
    if start < low:
        return None
    marks = scan.marks
    size = len(nodes)
    end = i
    while end < size and _address(nodes[end]) == address:
        end += 1
        while end < size and not marks[end] & BREAK:
            end += 1
        if _address(nodes[end - 1]) != address:
            return None  # a text behind the paragraph that no block opens belongs to an element around it
    if end > high + 1:
        return None
    opened = reduce(or_, marks[start + 1 : end], marks[start] & ~BREAK)
    if end == size or opened & (LINK | SILENT | BREAK) or marks[end] & SILENT or scan.said:
        lines = read_run(block, scan.said, hidden=False)
    elif not (lies_in(nodes[end], address) or (start and lies_in(nodes[start - 1], address))):
        lines = [Line(tidy(block.text()))]
    else:
        return None  # blocks among loose texts
    return None if lines is None else (start, lines, end)
