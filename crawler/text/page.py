"""A page, decoded and parsed once; the one tree is handed along."""

from __future__ import annotations

import codecs
import re
import subprocess
import sys
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
_HARMLESS = 50_000
"""Bytes: the worst nest of tags that fits takes the parser 0.3 s (measured with 26 kinds of nests), the worst element,
of 25,000 attributes, 0.8 s."""
_SUSPICIOUS_TAGS = 10_000
_SUSPICIOUS_WORDS = 25_000
"""Words and slashes, at least one for each attribute. Comparing each attribute of an element with those before it, the
parser takes 1.3 ns times their square. The largest of 150 real pages has 50,000, one other more than these."""
_TRIAL = """
import sys
try:
    import resource
except ImportError:  # Windows: the clock alone decides
    pass
else:
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))  # seconds
from selectolax.lexbor import LexborHTMLParser
LexborHTMLParser(sys.stdin.buffer.read(), scripting=True)
"""
"""What the process does that parses a suspicious page first. Where quotes, scripts and comments end is for the parser
alone to say, so attributes cannot be counted without it, nor can it be stopped."""
_TRIAL_SECONDS = 10.0
"""Until that process is given up, however busy the machine is."""
_APART = b" \t\r\n\f/<"
_KEPT = 8_000_000
"""Bytes. glibc gives memory back to the system once more of it is free than twice the largest block that was ever
freed; then each tree (1 to 3 MB) costs page faults anew, 0.1 to 0.2 ms, a fifth of reading a page (measured). Freeing
one large block, which is never touched, sets that limit at 16 MB. Elsewhere it changes nothing."""
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]{0,40})")
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
    """Refuse what would take the parser longer than a second; a real page passes for the price of one count."""
    if len(body) <= _HARMLESS:
        return
    apart = len(body) - len(body.translate(None, _APART))
    if apart <= _SUSPICIOUS_TAGS:
        return
    tags = text.count("<")
    if tags > MAX_TAGS:
        raise UnreadablePageError(f"more than {MAX_TAGS:,} tags")
    if tags > _SUSPICIOUS_TAGS:
        _refuse_deep(text)
    if apart > _SUSPICIOUS_WORDS and len(body.split()) + body.count(b"/") > _SUSPICIOUS_WORDS:
        _refuse_attributes(text)


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


def _refuse_attributes(text: str) -> None:
    """Refuse a page that another process does not parse in time."""
    command = [sys.executable, "-I", "-c", _TRIAL]
    try:
        done = subprocess.run(  # noqa: S603 - nothing of the page is part of the command
            command, input=text.encode("utf-8", "replace"), capture_output=True, timeout=_TRIAL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode:
        raise UnreadablePageError("takes too long to parse: an element with thousands of attributes?")
