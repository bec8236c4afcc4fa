"""A table's lines straight from the flat view: a row a line, its cells separated by TAB."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from crawler.extract import tags
from crawler.extract.lines import LAYOUT_CELL, Line, read_table_lines, text_of, tidy
from crawler.extract.scan import BOX, CELL, LINK, ONE_CELL, ROW, SILENT
from crawler.extract.weights import MAX_DEPTH, lies_in

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from crawler.extract.scan import Scan

_OTHER = LINK | BOX | SILENT
_NOT_PLAIN = "a,br,div,table,ul,ol"


def _end(scan: Scan, address: int, first: int) -> int:
    """The position behind the last text of an element, by bisection, from that of its first text."""
    low, step = first, 1
    size = len(scan.nodes)
    while low + step < size and lies_in(scan.nodes[low + step], address):
        low += step
        step *= 2
    high = min(low + step, size)
    while high - low > 1:
        middle = (low + high) // 2
        if lies_in(scan.nodes[middle], address):
            low = middle
        else:
            high = middle
    return high


def table_of(node: LexborNode, address: int) -> LexborNode | None:
    """The outermost table around a text, inside the element with an address."""
    table: LexborNode | None = None
    around = node.parent
    for _ in range(MAX_DEPTH):
        if around is None or around.mem_id == address:
            return table
        if around.tag_id == tags.TABLE:
            table = around
        around = around.parent
    return None


def flat_table(scan: Scan, table: LexborNode, first: int, last: int) -> tuple[list[Line], int] | None:
    """The lines of a table, and the position behind its last text.

    None where a text before `first` or behind `last` lies in it, too.
    """
    address = table.mem_id
    if first and lies_in(scan.nodes[first - 1], address):
        return None
    end = _end(scan, address, first)
    if end > last + 1:
        return None
    lines = _rows(scan, table, first, end)
    return (read_table_lines(table, scan.said) if lines is None else lines), end


def _rows(scan: Scan, table: LexborNode, first: int, end: int) -> list[Line] | None:
    """The rows of a table of short plain cells, none of them empty; None if it is none."""
    texts, marks = scan.texts, scan.marks
    if reduce(or_, marks[first + 1 : end], 0) & _OTHER or marks[first] & SILENT:
        return None
    cell = table.css_first("td,th")
    if cell is None or not lies_in(scan.nodes[first], cell.mem_id) or cell.css_first(_NOT_PLAIN) is not None:
        return None
    rows: list[list[str]] = []
    i = first
    while i < end:
        text, mark = texts[i], marks[i]
        if i > first and mark // ONE_CELL != 1:
            return None  # an empty cell
        start = i
        i += 1
        while i < end and not marks[i] & CELL:
            i += 1
        text = tidy(text) if i == start + 1 else _cell(scan, start)
        if len(text) > LAYOUT_CELL:
            return None
        if mark & ROW or not rows:
            rows.append([text])
        else:
            rows[-1].append(text)
    if max(map(len, rows)) < 2:
        return None
    return [Line("\t".join(row)) for row in rows]


def _cell(scan: Scan, first: int) -> str:
    """A cell of several texts: its paragraphs are separated by a space."""
    cell = scan.nodes[first].parent
    for _ in range(MAX_DEPTH):
        if cell is None or cell.tag_id in tags.CELLS:
            break
        cell = cell.parent
    pieces: list[str] = []
    for node in cell.traverse(include_text=True, skip_empty=True) if cell is not None else ():
        tag = node.tag_id
        if tag == tags.TEXT:
            pieces.append(text_of(node, scan.said))
        elif tag in tags.RUNS:
            pieces.append(" ")
    return tidy("".join(pieces))
