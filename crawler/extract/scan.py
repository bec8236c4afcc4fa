"""One pass over a page's tree: its texts in order, its META tags, its files and scripts.

The pass is the only walk over the whole tree (0.15 ms for the mean page); everything else looks at this flat view or
walks the one element that holds the body.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import TYPE_CHECKING

from crawler.extract import tags
from crawler.extract.labels import SENTENCE

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from crawler.text.page import Page

MAX_NODES = 300_000
"""Elements and texts looked at; the largest real page measured has 6,000."""
SPACE = " \t\r\n\f\v\xa0\u3000\u200b\u200c\u200d\u2002\u2003\u2009\ufeff\u00ad"

META_NAMES = frozenset(
    (
        *(
            "articletitle",
            "pubdate",
            "contentsource",
            "author",
            "keywords",
            "columnname",
            "sitename",
            "title",
            "og:title",
        ),
        *("dc.title", "twitter:title", "publishdate", "firstpublishedtime", "article:published_time", "publish_time"),
        *("publishtime", "dc.date", "source", "article:author", "indexnumber", "index_number", "syh", "identifier"),
        *("documentnumber", "fileno", "docnumber", "wh", "filenumber"),
    )
)
"""The names read: those of the national guideline and of the sites that have their own."""
_QUOTES = SPACE + "\"'”“"

LINK = 1
HEADING = 2
BREAK = 4
CELL = 8
SILENT = 16
PROSE = 32
PREFORMATTED = 64
ROW = 128
BOX = 256
"""A block that is neither a paragraph nor a part of a table; a line break, too."""
ONE_CELL = 1 << 16
"""The cells opened since the text before are counted in the bits from this one on."""
_META = 1 << 17
_SENTENCE = 25
_SEARCHED = 1000
_SELDOM = 3
_MANY_LINKS = 80
_ARTICLE = 200
"""Characters of running text that are an article (or its first part), so that many links behind it end the page. The
sentence or two above a menu (a notice about the browser, the weather) are shorter."""

_MARKS = {tags.A: LINK, **dict.fromkeys(tags.BLOCKS, BREAK | BOX)}
_MARKS |= dict.fromkeys(tags.RUNS | tags.TABLE_PARTS | {tags.TABLE}, BREAK) | {tags.TR: BREAK | ROW}
_MARKS |= dict.fromkeys(tags.HEADINGS, BREAK | HEADING)
_MARKS |= dict.fromkeys(tags.CELLS, ONE_CELL | BREAK | CELL)
_MARKS |= dict.fromkeys(tags.SILENT, SILENT)
_MARKS |= {tags.PRE: BREAK | BOX | PREFORMATTED, tags.META: _META}
_MARK_OF = [_MARKS.get(tag, 0) for tag in range(max(_MARKS) + 1)]


@dataclass(slots=True)
class Scan:
    """The flat view of a page; `texts`, `marks` and `nodes` run in parallel.

    A mark says what was opened since the text before (a link, a heading, a block, a table cell, preformatted text, an
    element whose text is no content), and whether the text is running text.
    """

    texts: list[str] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    nodes: list[LexborNode] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    """META contents by lower-case name; the first one that says something counts."""
    document_title: str = ""
    scripts: list[str] = field(default_factory=list)
    """Inline scripts that may hold metadata (`var fileNum = '…号'`) or the article's number of pages."""
    said: dict[int, str] = field(default_factory=dict)
    """What texts say instead of what the tree holds, by address: those of a copy from a mirror, restored."""
    joined: str = ""
    """All texts, each behind a NUL, which no text holds: for substring searches at the speed of C."""
    offsets: list[int] = field(default_factory=list)
    """Where each text's NUL stands in `joined`; empty until it was asked for often enough."""
    asked: int = 0

    def position(self, offset: int) -> int:
        """The position of the text that an offset of `joined` lies in."""
        if not self.offsets:
            if self.asked < _SELDOM:
                self.asked += 1
                return self.joined.count("\0", 0, offset + 1) - 1
            self.offsets = list(accumulate([len(text) + 1 for text in self.texts], initial=0))
        return bisect_right(self.offsets, offset) - 1


def _add_meta(meta: dict[str, str], node: LexborNode) -> None:
    attributes = node.attributes
    name = attributes.get("name") or attributes.get("property") or attributes.get("itemprop")
    content = attributes.get("content")
    if name and content:
        name = name.lower()
        if name not in META_NAMES:
            name = name.strip(_QUOTES)
            if name not in META_NAMES:
                return
        content = content.strip(SPACE)
        if content and name not in meta:
            meta[name] = content


def is_prose(text: str, mark: int = 0) -> bool:
    """Whether a text is a sentence of running text, and not a label, a button or a link."""
    return len(text) >= (40 if mark & LINK else 25) and SENTENCE.search(text, 0, _SEARCHED) is not None


def scan(page: Page) -> Scan:  # noqa: C901 - the one pass over the whole tree
    """Look at every node of a page once, up to the long rows of links that follow an article."""
    found = Scan()
    root = page.tree.root
    if root is None:
        return found
    texts, marks, nodes = found.texts, found.marks, found.nodes
    text_tag, mark_of, known = tags.TEXT, _MARK_OF, len(_MARK_OF)
    add_text, add_mark, add_node = texts.append, marks.append, nodes.append
    flags = size = sentences = links = 0
    for node in islice(root.traverse(include_text=True, skip_empty=True), MAX_NODES):
        tag = node.tag_id
        if tag == text_tag:
            if flags & SILENT and _is_silent(found, node):
                continue
            content = node.text_content
            if content and (content := content.strip()):
                if len(content) >= _SENTENCE and is_prose(content, flags):
                    flags |= PROSE
                    size += len(content)
                    sentences += 1
                    links = 0
                elif flags & LINK:
                    links += 1
                    if links > _MANY_LINKS and size > _ARTICLE and sentences > 1:
                        break
                add_text(content)
                add_mark(flags)
                add_node(node)
                flags = 0
        elif tag < known and (mark := mark_of[tag]):
            if mark < ONE_CELL:
                flags |= mark
            elif mark == _META:
                _add_meta(found.meta, node)
            else:
                flags = (flags | (BREAK | CELL)) + ONE_CELL
    found.joined = "\0" + "\0".join(texts)
    return found


def replaced(found: Scan, texts: list[str]) -> Scan:
    """The flat view with other texts in place of its own; texts that became empty are left out."""
    new = Scan(meta=found.meta, document_title=found.document_title, scripts=found.scripts)
    flags = 0
    for node, old, mark, written in zip(found.nodes, found.texts, found.marks, texts, strict=True):
        text = written.strip()
        if old != written:
            new.said[node.mem_id] = text
        flags |= mark & ~PROSE
        if text:
            new.texts.append(text)
            new.marks.append(flags | PROSE if is_prose(text, flags) else flags)
            new.nodes.append(node)
            flags = 0
    new.joined = "\0" + "\0".join(new.texts)
    return new


_MAX_SCRIPTS = 20


_LIBRARY = 32_000
"""Characters from which an ASCII script is a library; the longest measured one that names further pages has 15,505."""


def _is_telling(script: str) -> bool:
    """Whether a script may hold a document's number, other metadata or an article's number of pages."""
    if script.isascii():
        return len(script) < _LIBRARY and ("identifier" in script or "createPageHTML" in script)
    return "号" in script or "identifier" in script or "createPageHTML" in script


def _is_silent(found: Scan, node: LexborNode) -> bool:
    """Whether a text is no content; titles and telling scripts are kept."""
    parent = node.parent
    if parent is None:
        return False
    tag = parent.tag_id
    if tag == tags.SCRIPT:
        content = node.text_content or ""
        if len(found.scripts) < _MAX_SCRIPTS and _is_telling(content):
            found.scripts.append(content[:200_000])
        return True
    if tag == tags.TITLE and not found.document_title:
        found.document_title = (node.text_content or "").strip(SPACE)
    return tag in tags.SILENT
