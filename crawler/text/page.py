"""A page, decoded and parsed once; the one tree is handed along."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from random import random

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
_STAGES = (10_000, 30_000, 60_000, 100_000, 150_000, 200_000, 250_000, MAX_TAGS)
"""Tags after which the depth is looked at: from one to the next no page takes the parser longer than 0.6 s."""
_HARMLESS = 50_000
"""Bytes: the worst nest of tags that fits takes the parser 0.3 s (measured with 26 kinds of nests), the worst element,
of 25,000 attributes, 0.8 s."""
MAX_ATTRIBUTES = 25_000
"""Of one element: the parser compares each with all before it, which takes 1.3 ns times their square (0.8 s). Several
elements may have as many squares together.
"""
_SUSPICIOUS = 60_000
"""Attributes that a page may have before those of its elements are counted: 5 s if all were one element's. By the same
generous measure the most of 150 real pages have 56,000."""
_FEW = 400
"""Characters of attributes that are not worth counting: 20 MB of such elements take the parser a second more."""
_BUDGET = 2
"""How many times the length of a page may be looked at for such an element; tags seldom lie within each other."""
_BLOCK, _SLICE = 16_384, 256
"""Bytes: of each block a slice at random is looked at. What takes the parser long fills blocks, or is in many."""
_WORDS = bytes(byte not in b" \t\r\n\f/" for byte in range(256))
_KEPT = 8_000_000
"""Bytes. glibc gives memory back to the system once more of it is free than twice the largest block that was ever
freed; then each tree (1 to 3 MB) costs page faults anew, 0.1 to 0.2 ms, a fifth of reading a page (measured). Freeing
one large block, which is never touched, sets that limit at 16 MB. Elsewhere it changes nothing."""
# A tag as the HTML standard reads it (13.2.5): its name, and attributes with or without values. From where a tag truly
# begins that is exact, whatever quotes, comments and scripts stand before; so it is tried wherever one may begin.
_START = re.compile(r"<[A-Za-z][^\t\n\f\r />]*+")
_ATTRIBUTE = (
    r"[\t\n\f\r /]*+[^\t\n\f\r />][^\t\n\f\r />=]*+"
    r"(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:\"[^\"]*+\"|'[^']*+'|[^\t\n\f\r >\"'][^\t\n\f\r >]*+)?+)?+"
)
_ONE = re.compile(_ATTRIBUTE)
_ALL = re.compile(f"(?:{_ATTRIBUTE})*+")
_QUIET = int(LexborDocumentOptions.WO_EVENTS)
"""Nothing is mirrored into <selectedcontent>, whose text is no content here; 4 % less time."""

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
            thousands of tags, nested thousands deep, an element with ten thousands of attributes.

    """
    if len(body) > MAX_PAGE_BYTES:
        raise UnreadablePageError(f"page larger than {MAX_PAGE_BYTES // 1_000_000} MB")
    text, encoding = decode(body, content_type)
    _refuse_costly(body, text)
    # UTF-8 bytes go to the parser as they are: encoding the text again would cost a fifth of the parse. With scripting
    # on, <noscript> is one text and cannot break the head.
    source = body.removeprefix(codecs.BOM_UTF8) if encoding == "utf-8" else text
    tree = LexborHTMLParser(source, scripting=True, options=_QUIET)
    return Page(text=text, encoding=encoding, tree=tree, url=url)


def _refuse_costly(body: bytes, text: str) -> None:
    """Refuse what would take the parser long; a real page passes for the price of some slices."""
    size = len(body)
    if size <= _HARMLESS:
        return
    starts = [at + int(random() * (_BLOCK - _SLICE)) for at in range(0, size, _BLOCK)]  # noqa: S311 - see _BLOCK
    sample = b"".join([body[start : start + _SLICE] for start in starts])
    scale = _BLOCK / _SLICE
    if 2 * scale * sample.count(b"<") > _STAGES[0]:
        tags = text.count("<")
        if tags > MAX_TAGS:
            raise UnreadablePageError(f"more than {MAX_TAGS:,} tags")
        if tags > _STAGES[0]:
            _refuse_deep(text)
    if scale * _most_attributes(sample) > _SUSPICIOUS:
        _refuse_attributes(text)


def _most_attributes(source: bytes) -> int:
    """No fewer than there are attributes: before each stands white space, a slash, or the value of another."""
    return source.translate(_WORDS).count(b"\0\1") + source.count(b"=")


def _refuse_deep(text: str) -> None:
    """Refuse a page that nests too deep: what comments, values and scripts close, the parser alone can tell."""
    tags = at = 0
    for stage in _STAGES:
        while tags < stage:
            at = text.find("<", at) + 1
            if not at:
                return
            tags += 1
        node = LexborHTMLParser(text[:at], scripting=True, options=_QUIET).root
        depth = 0
        while node is not None:
            node = node.last_child
            depth += 1
        if depth > MAX_DEPTH:
            raise UnreadablePageError(f"elements nested more than {MAX_DEPTH:,} deep")


def _refuse_attributes(text: str) -> None:
    """Refuse a page with elements of too many attributes."""
    left = _BUDGET * len(text)
    squares = 0
    for start in _START.finditer(text):
        behind = _ALL.match(text, start.end())
        size = len(behind[0]) if behind is not None else 0
        left -= size
        if size > _FEW:
            squares += count_attributes(text, start.end()) ** 2
        if left < 0 or squares > MAX_ATTRIBUTES**2:
            raise UnreadablePageError(f"an element with more than {MAX_ATTRIBUTES:,} attributes, or several with many")


def count_attributes(text: str, at: int) -> int:
    """How many attributes stand behind a tag's name, which ends at a position; hardly more than the bound."""
    count = 0
    while count <= MAX_ATTRIBUTES and (found := _ONE.match(text, at)):
        at = found.end()
        count += 1
    return count
