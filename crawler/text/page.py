"""A page, decoded and parsed once; the one tree is handed along."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from crawler.exceptions import UnreadablePageError
from crawler.text.decode import decode
from crawler.text.urls import join

MAX_PAGE_BYTES = 20_000_000
"""Larger answers are refused; the largest real page among the measured ones has 0.5 MB."""


@dataclass(frozen=True, slots=True)
class Page:
    """A decoded and parsed page. `base_url` is where its relative links start: `<base href>` or its own URL."""

    text: str
    encoding: str
    tree: LexborHTMLParser
    url: str | None
    base_url: str | None


def parse_page(body: bytes, url: str | None = None, content_type: str | None = None) -> Page:
    """Decode and parse the bytes of a page.

    Raises:
        UnreadablePageError: the bytes are empty, binary or larger than `MAX_PAGE_BYTES`.

    """
    if len(body) > MAX_PAGE_BYTES:
        raise UnreadablePageError(f"page larger than {MAX_PAGE_BYTES // 1_000_000} MB")
    text, encoding = decode(body, content_type)
    # UTF-8 bytes go to the parser as they are: encoding the text again would cost a fifth of the parse. With scripting
    # on, <noscript> is one text and cannot break the head.
    source = body.removeprefix(codecs.BOM_UTF8) if encoding == "utf-8" else text
    tree = LexborHTMLParser(source, scripting=True)
    base_url = url
    if "<base" in text or "<BASE" in text:
        base = tree.css_first("base[href]")
        if base is not None:
            base_url = join(url or "", base.attributes.get("href")) or url
    return Page(text=text, encoding=encoding, tree=tree, url=url, base_url=base_url)
