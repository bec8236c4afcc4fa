"""A list page or an answer of a list interface to its entries, told apart by what it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.exceptions import ConfigError, UnreadablePageError
from crawler.items import ListPage
from crawler.listing import hanweb, shells, trs
from crawler.listing.families import JSON_FAMILIES
from crawler.listing.generic import Reading, read_by_hints, read_hidden, read_main_list
from crawler.listing.json_answers import UNSURE, parse_json, read_json
from crawler.listing.outline import outline
from crawler.listing.pager import form_turn, read_turn, script_turn
from crawler.listing.paging import Turn, numbered_turn
from crawler.listing.source import Source, as_hosts
from crawler.listing.xml_answers import XML_FAMILIES, read_xml
from crawler.text.decode import decode
from crawler.text.page import MAX_PAGE_BYTES, parse_page

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from crawler.listing.outline import Outline
    from crawler.listing.rows import Found
    from crawler.portals.models import ListHints
    from crawler.text.page import Page

_HTML = re.compile(r"<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_XML = re.compile(
    r"\s{0,99}(?:<\?xml\b|<(?:datastore|recordset|rss|feed|results?|data|root|records?|docs?|was)\b)", re.IGNORECASE
)
_SCRIPT_ARRAY = re.compile(r"\s{0,99}(?:var\s{1,9})?totalRecord\s{0,5}=|\bdataStore\s{0,5}=\s{0,5}\[")


MAX_HTML_BYTES = 4_000_000
"""What is read of an HTML page; real list pages have up to .1 MB. Answers in JSON and XML are read whole."""
_LONG_ANSWER = 1_000_000
"""Characters up to which an answer costs less than a second and 50 MB, whatever it holds."""
MAX_TAGS = 600_000
"""Of an XML answer: 10,000 rows of 25 cells have 520,000; each costs 130 bytes."""
MAX_OBJECTS = 400_000
"""Brackets of a JSON answer: 10,000 rows with 20 objects in each have half as many; each costs up to 200 bytes."""
MAX_VALUES = 1_000_000
"""Commas of a JSON answer: 10,000 rows of 30 fields have 300,000."""
_CUT = 0.6
"""Confidence at most in a page that was not read to its end."""
_FULL = 15
"""Rows of a list in sight that no comment of the page outweighs."""


@dataclass(frozen=True, slots=True)
class HtmlFamily:
    """What a CMS family adds to the generic reading of a page; each part may be missing."""

    turn: Callable[[Outline, Source], Turn] | None = None
    """The next page as a script of the family names it."""
    embedded: Callable[[Outline, Source], tuple[list[Found], Turn] | None] | None = None
    """Rows that the page holds outside its visible markup."""
    interface: Callable[[Outline, Source], str | None] | None = None
    """The interface that a page without rows names."""


HTML_FAMILIES: dict[str, HtmlFamily] = {
    "trs": HtmlFamily(turn=trs.turn),
    "hanweb": HtmlFamily(embedded=hanweb.embedded, interface=hanweb.interface),
    "other": HtmlFamily(interface=shells.named_interface),
}
ADAPTERS = frozenset(
    {"html", "json", "xml", "jpage", "jpaas", "generic", *HTML_FAMILIES, *JSON_FAMILIES, *XML_FAMILIES}
)
"""What `list.adapter` of a portal file may name: the content decides, the name says which family is asked first."""


def read_list(
    page: bytes,
    url: str,
    *,
    content_type: str | None = None,
    hints: ListHints | None = None,
    cms: str | None = None,
    hosts: Collection[str] = (),
) -> ListPage:
    """The entries of a list page (HTML) or of an answer of a list interface (XML, JSON, JSONP), and where it goes on.

    Args:
        page: the bytes as received.
        url: where they came from: links are made absolute with it, the next address of an interface counted from it.
        content_type: the value of the Content-Type header, for the encoding.
        hints: a portal file's overrides; without any the reader finds rows and pager by itself.
        cms: the CMS family, if known: it is asked first, the content decides.
        hosts: hosts of the portal; pages elsewhere are `external`. Without, the list's registrable site is taken:
            departments' subdomains are ours, www.gov.cn and mp.weixin.qq.com are not.

    Raises:
        UnreadablePageError: the bytes are empty, binary or too large.
        ConfigError: an expression of the hints is wrong, or their adapter is unknown.

    """
    if hints is not None and hints.adapter is not None and hints.adapter not in ADAPTERS:
        raise ConfigError(f"list.adapter: unknown: {hints.adapter!r}: choose one of {', '.join(sorted(ADAPTERS))}")
    if len(page) > MAX_PAGE_BYTES:
        raise UnreadablePageError(f"page larger than {MAX_PAGE_BYTES // 1_000_000} MB")
    head = page[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] != b"<" or _XML.match(head[:200].decode("latin-1")):
        text, _ = decode(page, content_type)
        source = Source(text, url, hints, cms, as_hosts(hosts))
        answer = _read_answer(source)
        if answer is not None:
            return answer
    return _read_page(page, url, content_type, hints, cms, as_hosts(hosts))


def _refuse_costly(text: str) -> None:
    """Refuse an answer whose parsed form would take hundreds of megabytes or longer than a second.

    Raises:
        UnreadablePageError: it has more parts than any list.

    """
    if len(text) <= _LONG_ANSWER:
        return
    if text[:1] == "<":
        if text.count("<") > MAX_TAGS or text.count("=") > MAX_TAGS:
            raise UnreadablePageError(f"more than {MAX_TAGS:,} tags or attributes")
    elif text.count("{") + text.count("[") > MAX_OBJECTS or text.count(",") > MAX_VALUES:
        raise UnreadablePageError(f"more than {MAX_OBJECTS:,} objects or {MAX_VALUES:,} values")


def _read_answer(source: Source) -> ListPage | None:
    """A JSON, XML or script answer; None where the text is none of these.

    Raises:
        UnreadablePageError: it has more parts than any list.

    """
    text = source.text.lstrip("\ufeff \t\r\n")
    if text[:1] == "<":
        if hanweb.is_datastore(text[:2000]):
            return hanweb.read_answer(source)
        if _HTML.search(text[:3000]):
            return None
        _refuse_costly(text)
        return read_xml(source)
    _refuse_costly(text)
    value = parse_json(text)
    if isinstance(value, dict | list):
        return read_json(value, source)
    if _SCRIPT_ARRAY.search(text[:5000]):
        return hanweb.read_answer(source)
    return None


def _read_page(
    body: bytes, url: str, content_type: str | None, hints: ListHints | None, cms: str | None, hosts: tuple[str, ...]
) -> ListPage:
    whole = len(body) <= MAX_HTML_BYTES
    if not whole:
        body = body[: body.rfind(b">", 0, MAX_HTML_BYTES) + 1] or body[:MAX_HTML_BYTES]
    parsed = parse_page(body, url or None, content_type)
    source = Source(parsed.text, url, hints, cms, hosts)
    out = outline(parsed.tree.root, parsed.base_url or url)
    families = sorted(HTML_FAMILIES.items(), key=lambda f: f[0] != cms)
    for _, family in families:
        if family.embedded is not None and (held := family.embedded(out, source)) is not None:
            return _page(Reading(held[0], 0.96), held[1], source)
    reading = _hinted(parsed, out, source) or _found(out, source)
    if reading is None:
        return _nothing(out, source, families)
    turn = _turn(out, source, reading, families)
    if not turn.known and not _HTML.search(parsed.text[:3000]):
        # A fragment that an interface answers: its address counts the pages.
        turn = turn.filled(numbered_turn(url, rows=len(reading.found), total=turn.total, pages=turn.pages, size=None))
    # What the page does not hold may be had from an interface, where it names no next page.
    further = turn.next_url is None and shells.fetches_rows(out)
    page = _page(reading, turn, source, _interface(out, source, families) if further else None)
    if whole and not out.cut:
        return page
    return replace(page, confidence=min(page.confidence, _CUT), reason="the page is too long to be read whole")


def _hinted(parsed: Page, out: Outline, source: Source) -> Reading | None:
    """The rows that the portal file selects; where it selects none, what the page shows, unsure."""
    hints = source.hints
    if hints is None or hints.item is None or hints.entries is not None:
        return None
    found = read_by_hints(parsed, out, hints)
    if found:
        return Reading(found, 0.95, start=found[0].at, end=found[-1].at)
    other = _found(out, source)
    if other is None:
        return None
    reason = f"list.item {hints.item!r} selects no row with a link: the page has another layout now"
    return replace(other, confidence=min(other.confidence, UNSURE), reason=reason)


def _found(out: Outline, source: Source) -> Reading | None:
    """The main list in sight, or one in a comment that outweighs it."""
    reading = read_main_list(out, source)
    hidden = read_hidden(out, source) if out.comments else None
    if hidden is None or reading is None:
        return reading or hidden
    shown = sum(f.published_at is not None for f in reading.found)
    longer = len(hidden.found) > 1.5 * shown and shown < _FULL
    return hidden if longer or (hidden.supported and not reading.supported) else reading


def _turn(out: Outline, source: Source, reading: Reading, families: list[tuple[str, HtmlFamily]]) -> Turn:
    """The pager: a rendered link first, then the families' scripts, then forms, then page numbers of the address."""
    rendered = read_turn(out, source.url, reading.start, reading.end)
    if rendered.next_url is not None:
        return rendered
    for _, family in families:
        if family.turn is not None:
            turn = family.turn(out, source)
            if turn.known:
                return turn.filled(rendered)
    if rendered.known:
        return rendered
    for turn in (form_turn(out, source.url, reading.end), script_turn(out, source.url)):
        if turn.known:
            return turn.filled(rendered)
    if rendered.pages is not None or rendered.total is not None:
        rows = len(reading.found)
        return rendered.filled(
            numbered_turn(source.url, rows=rows, total=rendered.total, pages=rendered.pages, size=None)
        )
    return rendered


def _interface(out: Outline, source: Source, families: list[tuple[str, HtmlFamily]]) -> str | None:
    found = (family.interface(out, source) for _, family in families if family.interface is not None)
    return next((i for i in found if i is not None), None)


def _page(reading: Reading, turn: Turn, source: Source, interface: str | None = None) -> ListPage:
    entries = source.entries((f.url, f.title, f.published_at) for f in reading.found)
    confidence = reading.confidence
    reason = reading.reason
    if turn.next_url is not None or (turn.known and turn.pages is not None):
        confidence = min(confidence + 0.04, 0.99)
    if (
        turn.total is not None
        and turn.pages in {None, 1}
        and turn.next_url is None
        and turn.total > 2 * len(entries)
        and not interface
    ):
        confidence = min(confidence, 0.7)
        reason = reason or f"the page claims {turn.total} entries and names no next page"
    return ListPage(
        entries=entries,
        next_url=turn.next_url,
        confidence=round(confidence, 2),
        reason=reason,
        interface=interface,
        total=turn.total,
        pages=turn.pages,
    )


def _nothing(out: Outline, source: Source, families: list[tuple[str, HtmlFamily]]) -> ListPage:
    interface = _interface(out, source, families)
    if interface is not None:
        reason = "no rows in the page: a script fetches them from the interface"
    elif shells.fetches_rows(out):
        reason = "no rows in the page: a script fetches them, from where the page does not say"
    else:
        reason = "no list of articles on the page"
    return ListPage(confidence=0.8 if interface else 0.6, reason=reason, interface=interface)
