"""An element's text as lines: a paragraph a line, a table row a line with its cells separated by TAB."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.extract import tags
from crawler.extract.scan import SPACE

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAX_DEPTH = 150
"""Deeper elements are read as one text: no real page nests half as deep."""
MAX_NODES = 300_000
LAYOUT_CELL = 500
"""Characters in more than three lines that make a cell a column of the page and not a datum."""
_HIDDEN = re.compile(r"display\s{0,3}:\s{0,3}none", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f\v\xa0\u200b\u200c\u200d\u2002\u2003\u2009\ufeff\u00ad]+")
_WRAPPED = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t]*[\r\n][ \t\r\n]*(?=[\u3000-\u9fff\uff00-\uffef])")
"""A line break of the source between two Chinese characters is no space."""


@dataclass(slots=True)
class Line:
    """A line of the body; `linked` counts its characters inside links."""

    text: str
    linked: int = 0


def tidy(text: str) -> str:
    """One line of text without line breaks and needless white space."""
    text = text.strip(SPACE)
    if (" " not in text or "  " not in text) and text.isprintable():  # the only white space is single spaces
        return text
    if "\n" in text or "\r" in text:
        text = _WRAPPED.sub("", text)
    return _SPACES.sub(" ", text).strip(SPACE)


_TEXT, _BREAK, _LINK, _SKIP, _RUN, _ROW, _PRE, _TABLE, _BLOCK = range(1, 10)
_KINDS = (
    dict.fromkeys(tags.SILENT, _SKIP)
    | dict.fromkeys(tags.BLOCKS, _BLOCK)
    | dict.fromkeys(tags.RUNS, _RUN)
    | {tags.COMMENT: _SKIP, tags.TEXT: _TEXT, tags.BR: _BREAK, tags.A: _LINK, tags.TR: _ROW, tags.PRE: _PRE}
    | {tags.TABLE: _TABLE}
)
"""What to do with a tag; everything else is inline."""


def is_hidden(node: LexborNode) -> bool:
    """Whether an element's own style says that it is not displayed."""
    style = node.attributes.get("style")
    # The substring test spares nearly all elements the pattern.
    return style is not None and ("isplay" in style or "ISPLAY" in style) and _HIDDEN.search(style) is not None


def text_of(node: LexborNode, said: dict[int, str]) -> str:
    """What a text node says."""
    text = said.get(node.mem_id) if said else None
    return text if text is not None else node.text_content or ""


def read_run(node: LexborNode, said: dict[int, str], *, hidden: bool = True) -> list[Line] | None:  # noqa: C901 - one pass, kept flat because it is hot
    """The lines of a paragraph of inline elements, five times faster than by descent; None if it is none.

    Args:
        node: the paragraph.
        said: what texts say instead of what is written, by address (see `Scan.said`).
        hidden: whether an element inside may be hidden.

    """
    lines: list[Line] = []
    pieces: list[str] = []
    linked = left = 0
    silent = False
    nodes = node.traverse(include_text=True)
    next(nodes)  # the paragraph itself
    kinds = _KINDS
    for inner in nodes:
        kind = kinds.get(inner.tag_id, 0)
        if kind == _TEXT:
            if silent:
                silent = False
                parent = inner.parent
                if parent is not None and parent.tag_id in tags.SILENT:
                    continue
            text = inner.text_content or ""
            size = len(text)
            if said:
                text = said.get(inner.mem_id, text)
            pieces.append(text)
            if left > 0:  # the link's text is that of the next texts, up to its length
                left -= size
                linked += len(text)
        elif kind == _BREAK:
            if pieces and (text := tidy("".join(pieces))):
                lines.append(Line(text, linked))
            pieces, linked = [], 0
        elif kind == _LINK:
            left = len(inner.text())
        elif kind == _SKIP:
            silent = True
        elif kind > _SKIP or (hidden and is_hidden(inner)):
            return None
    if pieces and (text := tidy("".join(pieces))):
        lines.append(Line(text, linked))
    return lines


class _Writer:
    """Collects pieces of text into lines."""

    def __init__(self, after: int, said: dict[int, str]) -> None:
        self._said = said
        self.lines: list[Line] = []
        self._pieces: list[str] = []
        self._linked = 0
        self._links = 0
        self._after = after
        self._budget = MAX_NODES
        self._preformatted = 0

    def end_line(self) -> None:
        if self._pieces:
            text = tidy("".join(self._pieces))
            if text:
                self.lines.append(Line(text, self._linked))
            self._pieces = []
        self._linked = 0

    def _text(self, node: LexborNode) -> None:
        if self._after and node.mem_id == self._after:
            self.lines.clear()
            self._pieces.clear()
            self._after = 0
            return
        text = text_of(node, self._said)
        if self._preformatted and "\n" in text:
            *full, rest = text.split("\n")
            for line in full:
                self._pieces.append(line)
                self._linked += len(line) if self._links else 0
                self.end_line()
            text = rest
        self._pieces.append(text)
        if self._links:
            self._linked += len(text)

    def children(self, node: LexborNode, depth: int) -> None:  # noqa: C901 - hot
        """Write everything inside an element."""
        child = node.first_child
        kinds = _KINDS
        while child is not None:
            kind = kinds.get(child.tag_id, 0)
            if kind == _TEXT:
                self._text(child)
            elif kind == _BREAK:
                self.end_line()
            elif kind != _SKIP:
                self._budget -= 1
                if self._budget < 0:
                    return
                if kind >= _RUN:
                    if is_hidden(child):
                        child = child.next
                        continue
                    self.end_line()
                    if kind == _RUN and not self._after and (lines := read_run(child, self._said)) is not None:
                        self._add(lines)
                    else:
                        self.block(child, kind, depth)
                        self.end_line()
                elif kind == _LINK:
                    self._link(child, depth)
                elif not is_hidden(child):
                    self.deeper(child, depth)
            child = child.next

    def deeper(self, node: LexborNode, depth: int) -> None:
        if depth < MAX_DEPTH:
            self.children(node, depth + 1)
        else:
            self._pieces.append(node.text(skip_empty=True)[:100_000])

    def block(self, node: LexborNode, kind: int, depth: int) -> None:
        if kind == _TABLE and not self._after and self._data_table(node):
            return
        if kind in {_BLOCK, _RUN, _TABLE}:
            self.deeper(node, depth)
        elif kind == _ROW:
            self._row(node, depth)
        else:
            self._preformatted += 1
            self.deeper(node, depth)
            self._preformatted -= 1

    def _link(self, node: LexborNode, depth: int) -> None:
        self._links += 1
        self.deeper(node, depth)
        self._links -= 1

    def _add(self, lines: list[Line]) -> None:
        """Add whole lines."""
        if self._links:
            for line in lines:
                line.linked = len(line.text)
        self.lines += lines

    def _data_table(self, table: LexborNode) -> bool:
        """Write a table of short plain cells in one flat pass; False if it is none, but layout or full of links."""
        rows: list[list[str]] = []
        cells: list[str] = []
        pieces: list[str] = []
        runs = 0
        said = self._said
        nodes = table.traverse(include_text=True, skip_empty=True)
        next(nodes)  # the table itself
        kinds = _KINDS
        for node in nodes:
            tag = node.tag_id
            kind = kinds.get(tag, 0)
            if kind == _TEXT:
                pieces.append(text_of(node, said))
            elif kind == 0:
                continue
            elif tag in tags.CELLS or kind == _ROW:
                text = tidy("".join(pieces)) if pieces else ""
                if len(text) > LAYOUT_CELL or (runs > 1 and not cells):
                    return False
                pieces, runs = [], 0
                if kind == _ROW:
                    rows.append([*cells, text])
                    cells = []
                else:
                    cells.append(text)
            elif kind == _RUN:
                pieces.append(" ")
                runs += 1
            elif tag not in tags.TABLE_PARTS:
                return False
        rows.append([*cells, tidy("".join(pieces))])
        if max(map(len, rows)) < 3 or len(rows[-1][-1]) > LAYOUT_CELL:  # the first of a row is what stands before it
            return False
        joined = [(row[0], "\t".join(row[1:]).rstrip("\t")) for row in rows]
        self._add([Line(text) for row in joined for text in row if text])
        return True

    def _row(self, row: LexborNode, depth: int) -> None:
        """A row of data is one line; the one cell of a row, or one that holds a table, is layout."""
        cells = [cell for cell in row.iter() if cell.tag_id in tags.CELLS]
        if len(cells) < 2 or row.css_first("table") is not None:
            self.deeper(row, depth)
            return
        outer = self.lines
        inner: list[list[Line]] = []
        for cell in cells:
            waiting = self._after
            self.lines = []
            self.deeper(cell, depth)
            self.end_line()
            if waiting and not self._after:  # the start lies in this cell
                outer = []
                inner = []
            inner.append(self.lines)
        self.lines = outer
        if any(len(cell) > 3 and sum(len(line.text) for line in cell) > LAYOUT_CELL for cell in inner):
            for cell_lines in inner:
                outer.extend(cell_lines)
            return
        flat = [line for cell_lines in inner for line in cell_lines]
        text = "\t".join(" ".join(line.text for line in cell_lines) for cell_lines in inner).rstrip("\t ")
        if text.strip():
            outer.append(Line(text, sum(line.linked for line in flat)))


def read_table_lines(table: LexborNode, said: dict[int, str]) -> list[Line]:
    """The lines of a table alone."""
    writer = _Writer(0, said)
    writer.block(table, _TABLE, 0)
    writer.end_line()
    return writer.lines


def read_lines(node: LexborNode, *, after: int = 0, said: dict[int, str] | None = None) -> list[Line]:
    """The lines of an element; blocks that are not displayed are left out.

    Args:
        node: the element.
        after: address of the text node behind which to start; 0 for the element's start.
        said: what texts say instead of what is written, by address (see `Scan.said`).

    """
    writer = _Writer(after, said or {})
    writer.children(node, 0)
    writer.end_line()
    return writer.lines
