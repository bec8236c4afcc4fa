"""A page, decoded and parsed once; the one tree is handed along."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from crawler.exceptions import UnreadablePageError
from crawler.text.decode import decode
from crawler.text.urls import join

MAX_PAGE_BYTES = 20_000_000
"""Larger answers are refused; the largest real page among the measured ones has 0.5 MB."""
MAX_TAGS = 300_000
"""The largest real page has 11,000; a million take seconds and a gigabyte."""
MAX_DEPTH = 1000
"""Parsing takes time in proportion to tags times depth. Browsers stop at 512; real pages nest less than 60 deep."""
MAX_ATTRIBUTES = 5000
"""Of one element; parsing takes time in proportion to their square (0.1 s for so many)."""
_HARMLESS = 64_000
"""Characters: the worst nest of tags that fits takes the parser 0.3 s (measured with 26 kinds of nests)."""
_SUSPICIOUS_TAGS = 10_000
_SUSPICIOUS_RUN = 32_768
_KEPT = 8_000_000
"""Bytes. glibc gives memory back to the system once more of it is free than twice the largest block that was ever
freed; then each tree (1 to 3 MB) costs page faults anew, 0.1 to 0.2 ms, a fifth of reading a page (measured). Freeing
one large block, which is never touched, sets that limit at 16 MB. Elsewhere it changes nothing."""
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]{0,40})")
_OPENED = re.compile(r"<[A-Za-z]")
_QUIET = int(LexborDocumentOptions.WO_EVENTS)
"""Nothing is mirrored into <selectedcontent>, whose text is no content here; 4 % less time."""
_NOT_NESTING = frozenset(
    (
        *(
            "area",
            "base",
            "br",
            "col",
            "embed",
            "hr",
            "img",
            "input",
            "link",
            "meta",
            "param",
            "source",
            "track",
            "wbr",
        ),
        *("p", "li", "td", "th", "tr", "tbody", "thead", "tfoot", "option", "dd", "dt"),
    )
)
"""Elements without content, and those that the next of their kind closes."""


bytearray(_KEPT)  # allocated and freed at once


@dataclass(frozen=True, slots=True)
class Page:
    """A decoded and parsed page."""

    text: str
    encoding: str
    tree: LexborHTMLParser
    url: str | None

    @property
    def base_url(self) -> str | None:
        """Where relative links start: `<base href>` or the page's own URL. Looked up each time, so ask once."""
        for base in self.tree.tags("base"):
            if (href := base.attributes.get("href")) is not None:
                return join(self.url or "", href) or self.url
        return self.url


def parse_page(body: bytes, url: str | None = None, content_type: str | None = None) -> Page:
    """Decode and parse the bytes of a page.

    Raises:
        UnreadablePageError: the bytes are empty, binary or larger than `MAX_PAGE_BYTES`, or no page at all: hundreds of
            thousands of tags, nested thousands deep, an element with thousands of attributes.

    """
    if len(body) > MAX_PAGE_BYTES:
        raise UnreadablePageError(f"page larger than {MAX_PAGE_BYTES // 1_000_000} MB")
    text, encoding = decode(body, content_type)
    _refuse_costly(text)
    # UTF-8 bytes go to the parser as they are: encoding the text again would cost a fifth of the parse. With scripting
    # on, <noscript> is one text and cannot break the head.
    source = body.removeprefix(codecs.BOM_UTF8) if encoding == "utf-8" else text
    tree = LexborHTMLParser(source, scripting=True, options=_QUIET)
    return Page(text=text, encoding=encoding, tree=tree, url=url)


def _refuse_costly(text: str) -> None:
    """Refuse what would take the parser longer than a second; a real page passes for the price of counting `<`."""
    size = len(text)
    if size > _HARMLESS:
        tags = text.count("<")
        if tags > MAX_TAGS:
            raise UnreadablePageError(f"more than {MAX_TAGS:,} tags")
        if tags > _SUSPICIOUS_TAGS:
            _refuse_deep(text)
    position = 0
    while (position := position + _SUSPICIOUS_RUN) < size:
        if text.find(">", position - _SUSPICIOUS_RUN, position) < 0:
            position = _refuse_attributes(text, position)


def _refuse_deep(text: str) -> None:
    opened: Counter[str] = Counter()
    depth = 0
    for closing, name in _TAG.findall(text):
        element = name.lower()
        if element in _NOT_NESTING:
            continue
        if not closing:
            opened[element] += 1
            depth += 1
            if depth > MAX_DEPTH:
                raise UnreadablePageError(f"elements nested more than {MAX_DEPTH:,} deep")
        elif opened[element]:
            opened[element] -= 1
            depth -= 1


def _refuse_attributes(text: str, inside: int) -> int:
    """Look at the long run without `>` around a position; return its end."""
    end = text.find(">", inside)
    end = len(text) if end < 0 else end
    start = text.find("<", text.rfind(">", 0, inside) + 1, end)  # many times faster than the expression alone
    opened = _OPENED.search(text, start, end) if start >= 0 else None
    if opened is None:
        return end
    tag = text[opened.start() : end]
    if tag.count("=") > MAX_ATTRIBUTES or len(tag.split(maxsplit=MAX_ATTRIBUTES)) > MAX_ATTRIBUTES:
        raise UnreadablePageError(f"an element with more than {MAX_ATTRIBUTES:,} attributes")
    return end
