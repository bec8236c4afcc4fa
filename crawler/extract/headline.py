"""The headline: what it says and where on the page it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from crawler.extract.byline import has_value, is_byline
from crawler.extract.labels import FOOT_WORDS, squash
from crawler.extract.scan import BREAK, HEADING, LINK, PROSE, SPACE
from crawler.text.dates import find_dates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.extract.scan import Scan

MAX_TITLE = 300
_NEAR = 60
"""Texts between a headline and the first sentence: date, source, buttons, a metadata table."""
_META_NAMES = ("articletitle", "og:title", "title", "dc.title", "twitter:title")
_MARKS = '“《【"‘（[(「〈'
_COPIES = 500
_LETTERS = 6
_ABOVE_PROSE = 8
_TELLING = 8
"""Letters; a shorter part of the <title> may be the column's name."""
_BYLINE_TEXTS = 6
_BEST = 15
_GOOD = 11
"""The rank of a copy that is no link, opens a block and stands before running text."""
_TAG = re.compile(r"<[^<>]{0,200}>")
_SPACES = re.compile(r"\s+")
_SITE = re.compile(r"\s*(?:[-_|｜—–>»·:：]|--)+\s*")
_TITLE_LABEL = re.compile(r"^(?:标\s*题|名\s*称|信息名称|文件名称|信息标题|文章标题)[:：]?$")
_PLAIN = re.compile(r"[\s\u3000\xa0\"'“”‘’《》〈〉【】\[\]（）()·,，.。、:：!！?？—_-]+")


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline and the positions of its first and last text; -1 where the page does not print it."""

    text: str | None
    first: int = -1
    last: int = -1


def clean_title(text: str) -> str:
    """A title without markup, entities and line breaks."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = unescape(text)
    return _SPACES.sub(" ", text).strip(SPACE)[:MAX_TITLE]


def plain(text: str) -> str:
    """A title's letters alone: quotation marks and spaces differ between a page's copies of it."""
    return _PLAIN.sub("", text)


def _declared(scan: Scan) -> str | None:
    for name in _META_NAMES:
        value = scan.meta.get(name)
        if value and (title := clean_title(value)):
            return title
    return None


def _run(scan: Scan, start: int, wanted: str) -> int:
    """The last position of the texts from `start` on that together say `wanted`; -1 where they do not."""
    said = ""
    for i in range(start, min(start + 6, len(scan.texts))):
        said += plain(scan.texts[i])
        if said == wanted:
            return i
        if not wanted.startswith(said):
            return -1
    return -1


def _rank(scan: Scan, first: int, last: int) -> int:
    """How likely a title's copy is the headline: before running text, a heading, no link, a block of its own."""
    mark = scan.marks[first]
    rank = 0
    for i in range(last + 1, min(last + 1 + _NEAR, len(scan.texts))):
        if scan.marks[i] & PROSE:
            between = "\0".join(scan.texts[last + 1 : i])
            rank = 0 if any(word in between for word in FOOT_WORDS) else _ABOVE_PROSE
            break
    if mark & HEADING:
        rank += 4
    if not mark & LINK:
        rank += 2
    return rank + bool(mark & (BREAK | HEADING))


def _starts(scan: Scan, mark: str, wanted: str) -> Iterator[int]:
    """The positions of the texts that may start with a title, with a quotation mark or bracket before it."""
    joined = scan.joined
    start = "\0" + mark + wanted[0]
    offset = joined.find(start)
    for _ in range(_COPIES):
        if offset < 0:
            return
        at = offset + len(start) - 1
        letters = joined[at : at + _LETTERS]
        # Texts that only share the first letters are told here; marks, spaces and ends need the closer look.
        if letters == wanted[:_LETTERS] or not letters.isalnum():
            yield scan.position(offset)
        offset = joined.find(start, at)


def _exact(scan: Scan, title: str) -> Iterator[int]:
    """The positions of the texts that start as a title does, letter for letter."""
    joined = scan.joined
    start = "\0" + title[:_LETTERS]
    offset = joined.find(start)
    for _ in range(_COPIES):
        if offset < 0:
            return
        yield scan.position(offset)
        offset = joined.find(start, offset + 1)


def _find(scan: Scan, title: str) -> tuple[int, int]:
    """The likeliest of a title's printed copies; (-1, -1) where it is not printed."""
    wanted = plain(title)
    if len(wanted) < 2:
        return -1, -1
    rank, first, last = _likeliest(scan, _exact(scan, title), wanted, title)
    if rank >= _GOOD:
        return first, last
    for mark in ("", title[0]) if title[0] in _MARKS else ("",):
        rank, first, last = _likeliest(scan, _starts(scan, mark, wanted), wanted, title)
        if rank >= 0:
            break
    return first, last


def _likeliest(scan: Scan, starts: Iterable[int], wanted: str, title: str) -> tuple[int, int, int]:
    """Of the copies of a title that start at some positions the best: its rank, its first and last text."""
    best = (-1, -1, -1)
    for i in starts:
        last = i if scan.texts[i] == title else _run(scan, i, wanted)
        if last >= 0 and (rank := _rank(scan, i, last)) > best[0]:
            best = (rank, i, last)
            if rank == _BEST:
                break
    return best


def _within(scan: Scan) -> tuple[int, int]:
    """The text before running text that is the largest part of the <title>."""
    document = plain(clean_title(scan.document_title))
    if not document:
        return -1, -1
    best: tuple[int, int] | None = None
    for i, text in enumerate(scan.texts):
        if not 5 <= len(text) <= MAX_TITLE or scan.marks[i] & LINK or len(text) * 3 < len(document):
            continue
        said = plain(text)
        if len(said) >= 5 and len(said) * 3 >= len(document) and said in document and _rank(scan, i, i) >= _ABOVE_PROSE:
            key = (len(said), -i)
            if best is None or key > best:
                best = key
    return (-best[1], -best[1]) if best else (-1, -1)


def _of_document(scan: Scan) -> list[str]:
    """What the <title> may say about the headline, longest first: it also names column and site."""
    whole = clean_title(scan.document_title)
    if not whole:
        return []
    parts = [part for part in _SITE.split(whole) if len(part) > 3]
    # A headline may hold a dash of its own: try longer runs of parts first.
    pieces = [m.start() for m in _SITE.finditer(whole)]
    prefixes = [whole[:cut] for cut in reversed(pieces) if cut > 3]
    suffixes = [whole[m.end() :] for m in _SITE.finditer(whole)]
    return list(dict.fromkeys([whole, *prefixes, *suffixes, *sorted(parts, key=len, reverse=True)]))[:12]


def _by_place(scan: Scan, end: int) -> tuple[int, int]:
    """A heading right before running text, where neither META nor <title> tell the headline."""
    best = -1
    for i in range(end):
        text, mark = scan.texts[i], scan.marks[i]
        if mark & PROSE:
            break
        if mark & HEADING and not mark & LINK and 5 <= len(text) <= 120 and text[-1] not in ":：":
            best = i
    return best, best


def _fuller(declared: str | None, printed: str) -> str:
    """The META title, unless it is cut short or says the site's name with it."""
    if declared is None:
        return printed
    said, shown = plain(declared).rstrip("…"), plain(printed)
    cut = declared.rstrip().endswith(("…", "...")) and shown.startswith(said)
    return printed if cut or (shown in said and len(shown) * 2 >= len(said)) else declared


def find_headline(scan: Scan, hint: str | None = None) -> Headline:
    """The headline of a page, and where it stands.

    The META tags say it best (29 of 30 measured pages); the text they name is looked for among the printed ones, so
    that what follows it is known. Without META the <title> without its site name is tried, then the last heading above
    the first running text.
    """
    end = len(scan.texts)
    declared = hint or _declared(scan)
    if declared:
        first, last = _find(scan, declared)
        if first >= 0:
            return Headline(declared, first, last)
    printed = _printed(scan)
    if printed is not None and (declared or len(plain(printed.text or "")) >= _TELLING):
        return Headline(_fuller(declared, printed.text or ""), printed.first, printed.last)
    first, last = (-1, -1) if declared else _labelled(scan)
    if first < 0:
        first, last = _above_byline(scan)
    if first < 0 and printed is not None:
        return printed
    if first < 0:
        first, last = _by_place(scan, end)
    if first >= 0:
        return Headline(_fuller(declared, clean_title(scan.texts[first])), first, last)
    return Headline(declared or next(iter(_of_document(scan)), None))


def _above_byline(scan: Scan) -> tuple[int, int]:
    """The text right above the first line of date and source that running text follows."""
    running = [i for i, mark in enumerate(scan.marks) if mark & PROSE]
    for i in range(1, running[-1] if running else 0):
        text = scan.texts[i]
        if scan.marks[i] & LINK or not is_byline(text) or not (has_value(text) or find_dates(text)):
            continue
        if _rank(scan, i, i) < _ABOVE_PROSE:
            continue
        best = -1
        for j in range(i - 1, max(-1, i - 1 - _BYLINE_TEXTS), -1):
            above, mark = scan.texts[j], scan.marks[j]
            if not 5 <= len(above) <= 120 or mark & LINK or above[-1] in ":：" or is_byline(above):
                continue
            if mark & HEADING:
                return j, j
            best = j if best < 0 else best
        if best >= 0:
            return best, best
    return -1, -1


def _printed(scan: Scan) -> Headline | None:
    """The part of the <title> that is printed above running text."""
    best: tuple[bool, int, int] | None = None
    found: Headline | None = None
    half = len(plain(clean_title(scan.document_title))) / 2
    for i, candidate in enumerate(_of_document(scan)):
        first, last = _find(scan, candidate)
        rank = _rank(scan, first, last) if first >= 0 else 0
        if rank < _ABOVE_PROSE:
            continue
        long = len(plain(candidate)) >= half
        if i == 0 or (long and rank >= _GOOD):
            return Headline(candidate, first, last)
        key = (long, rank, first)  # the site's name stands above the headline
        if best is None or key > best:
            best, found = key, Headline(candidate, first, last)
    if found is not None:
        return found
    first, last = _within(scan)
    return Headline(clean_title(scan.texts[first]), first, last) if first >= 0 else None


def _labelled(scan: Scan) -> tuple[int, int]:
    """The text behind the label of a metadata table's title."""
    for i in range(min(len(scan.texts) - 1, 400)):
        if len(scan.texts[i]) < 12 and _TITLE_LABEL.match(squash(scan.texts[i])):
            return i + 1, i + 1
    return -1, -1
