"""Values of JSON answers: texts, dates, counts; and which fields of an unknown answer hold address, title and date."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.listing.words import article_like, plain
from crawler.text import urls
from crawler.text.dates import find_dates, parse_epoch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_MAX_DEPTH = 12
_URL_NAMES = ("docpuburl", "pub_url", "puburl", "post_url", "linkurl", "detailurl", "url", "link", "href", "path")
_TITLE_NAMES = (
    "title_no_tag",
    "normaltitle",
    "doctitle",
    "titleo",
    "title_str",
    "title",
    "subject",
    "bt",
    "headline",
    "name",
)
_DATE_WANTED = (
    "docrelpub",
    "docpub",
    "publish",
    "pub",
    "fbrq",
    "fbsj",
    "release",
    "docrel",
    "infodate",
    "showdate",
    "deploy",
    "create",
    "save",
    "time",
    "date",
)
_DATE_OTHER = re.compile(
    r"cwrq|compal|cwsj|written|write|sign|update|modif|oper|warehouse|index|tag|end|expire|deadline|effect|valid|abolish|sxrq|ssrq|fwrq|crtime|auto|start|cert|check",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"(?:https?:)?//\S+|\.{0,2}/\S*|[\w./-]+\.(?:s?html?|jsp|aspx?|php|do|pdf)(?:[?#]\S*)?", re.ASCII | re.IGNORECASE
)
_SCHEMELESS = re.compile(r"(?:[a-z0-9-]+\.){1,5}(?:cn|com|net|org)(?::\d+)?/", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg)$", re.IGNORECASE)
_CHINESE = re.compile("[\u4e00-\u9fff]")
_SAMPLE = 40
"""Rows by which the fields of an unknown answer are told."""
_NAMED_WORTH = 1.5
_SORT = re.compile(r"sort|order", re.IGNORECASE)
_TOTAL_NAMES = (
    "total",
    "totalcount",
    "totalnum",
    "totalhits",
    "recordcount",
    "rowcount",
    "totalrecord",
    "totalrecords",
    "totalelements",
    "totalrow",
    "count",
    "num",
)


@dataclass(frozen=True, slots=True)
class Fields:
    """The names of the fields that hold address, title and date."""

    url: str
    title: str
    date: str | None


def text_of(value: Any) -> str | None:
    """A title as text, without tags."""
    return plain(value[:5000]) or None if isinstance(value, str) else None


def date_of(value: Any) -> str | None:
    """A date in any of the forms that interfaces have: text, epoch seconds or milliseconds, as number or digits."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return day_of(parse_epoch(value)) if abs(value) >= 1e8 else None
    if isinstance(value, str):
        value = value.strip()
        if value.isascii() and value.isdigit() and len(value) in {10, 13}:
            return day_of(parse_epoch(value))
        found = find_dates(value[:200])
        return day_of(found[0][2]) if found else None
    return None


def day_of(iso: str | None) -> str | None:
    """A day with the time 00:00:00 is a day without a time, as databases print it."""
    return iso[:10] if iso and iso.endswith("T00:00:00+08:00") else iso


def integer_of(value: Any) -> int | None:
    """A count, as number or digits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value < 10**9 else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return None


def lists_in(value: Any, depth: int = 0) -> Iterator[list[Any]]:
    """The lists of an answer that are not empty, outer ones first."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        if value:
            yield value
        for inner in value[:50]:
            if isinstance(inner, dict | list):
                yield from lists_in(inner, depth + 1)
    elif isinstance(value, dict):
        for inner in list(value.values())[:300]:
            if isinstance(inner, dict | list):
                yield from lists_in(inner, depth + 1)


def flat(row: Any) -> dict[str, Any] | None:
    """A row as one object: what stands one level deeper (`{"data": {…}}`) counts as its own."""
    if not isinstance(row, dict):
        return None
    if any(isinstance(v, str) and v for v in row.values()) and any(_looks_like_url(v) for v in row.values()):
        return row
    for name in ("data", "_source", "source", "doc", "article"):
        if isinstance(row.get(name), dict):
            return {**row, **row[name]}
    return row


def _looks_like_url(value: Any) -> bool:
    return isinstance(value, str) and 1 < len(value) < urls.MAX_URL and _LINK.fullmatch(value.strip()) is not None


def link_of(value: Any, base: str) -> str | None:
    """The address that a field holds, absolute; a host without its scheme gets one."""
    if not isinstance(value, str):
        return None
    value = value.strip()
    return urls.join(base, "http://" + value if _SCHEMELESS.match(value) else value)


def _place(name: str, names: Sequence[str]) -> int:
    """How early a field's name is among the wanted ones: exact names before those that only contain one."""
    low = name.lower()
    for i, wanted in enumerate(names):
        if low == wanted:
            return i
    for i, wanted in enumerate(names):
        if wanted in low:
            return len(names) + i
    return 3 * len(names)


class _Sample:
    """The first rows of a list, asked about their fields."""

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        self.rows = rows[:_SAMPLE]
        names = Counter(name for row in self.rows for name in row)
        self.names = [name for name, n in names.items() if n * 2 >= len(self.rows)][:300]

    def mostly(self, name: str, test: Callable[[Any], object]) -> bool:
        """Whether a field passes a test in half of the rows."""
        return sum(bool(test(row.get(name))) for row in self.rows) * 2 >= len(self.rows)

    def texts(self, name: str) -> list[str]:
        return [value for row in self.rows if isinstance(value := row.get(name), str)]

    def link_worth(self, name: str) -> tuple[float, int]:
        """How unlikely a field holds the rows' addresses: they differ, and lead to articles."""
        values = [v for v in self.texts(name) if _looks_like_url(v)]
        pages = sum(not _PICTURE.search(v) and article_like(link_of(v, "http://host.invalid/") or "") for v in values)
        return -round(len(set(values)) / len(values), 1) - round(pages / len(values), 1), _place(name, _URL_NAMES)

    def title_worth(self, name: str) -> tuple[float, int]:
        """How unlikely a field holds the titles: they differ, are Chinese, of a title's length, and so named."""
        values = [t for v in self.texts(name) if (t := plain(v[:600]))]
        if not values:
            return 9.0, 0
        mean = sum(map(len, values)) / len(values)
        fits = 1.0 if 6 <= mean <= 90 else 0.4 if mean < 6 else 0.1
        chinese = sum(_CHINESE.search(v) is not None for v in values) / len(values)
        place = _place(name, _TITLE_NAMES)
        named = _NAMED_WORTH * (place < 2 * len(_TITLE_NAMES))
        return -(fits + len(set(values)) / len(values) + chinese + named), place


def fields_of(rows: Sequence[dict[str, Any]], order: set[str]) -> Fields | None:
    """Which fields hold address, title and date, by what all rows hold there and by the fields' names.

    Args:
        rows: the rows of a list.
        order: names of fields that the list is said to be sorted by: a date among them is the one that counts.

    """
    sample = _Sample(rows)
    links = [n for n in sample.names if sample.mostly(n, _looks_like_url)]
    if not links:
        return None
    url = min(links, key=sample.link_worth)
    titles = [n for n in sample.names if n != url and sample.mostly(n, _may_be_title)]
    if not titles:
        return None
    title = min(titles, key=sample.title_worth)
    dates = [
        n for n in sample.names if n not in {url, title} and sample.mostly(n, date_of) and _datelike(n, sample.rows)
    ]

    def date_worth(name: str) -> tuple[bool, bool, int]:
        low = re.sub(r"[^a-z0-9]", "", name.lower())
        return low not in order, _DATE_OTHER.search(name) is not None, _place(name, _DATE_WANTED)

    return Fields(url, title, min(dates, key=date_worth) if dates else None)


def _may_be_title(value: Any) -> bool:
    return isinstance(value, str) and len(value.strip()) >= 2 and not _looks_like_url(value)


def _datelike(name: str, sample: Sequence[dict[str, Any]]) -> bool:
    """Whether a field holds dates: texts that are one, or numbers under a name that says so."""
    values = [v for row in sample if isinstance(v := row.get(name), str | int | float) and v != ""]
    if not values:
        return False
    texts = [v.strip() for v in values if isinstance(v, str)]
    if all(map(str.isdigit, texts)):
        return re.search(r"time|date|rq|sj|day|pub", name, re.IGNORECASE) is not None
    return sum(len(text) <= 40 for text in texts) * 2 >= len(values)


def sorted_by(value: Any, url: str) -> set[str]:
    """The names of fields that the answer or the address says it is sorted by (`orderProperty`, `sortField`)."""
    found = {v for n, v in re.findall(r"[?&]([\w]{1,40})=([^&]{1,60})", url) if _SORT.search(n)}
    stack, seen = [value], 0
    while stack and seen < 2000:
        here = stack.pop()
        seen += 1
        if isinstance(here, dict):
            for name, inner in list(here.items())[:200]:
                if isinstance(inner, str) and len(inner) < 60 and _SORT.search(name):
                    found.add(inner)
                elif isinstance(inner, dict):
                    stack.append(inner)
    return {re.sub(r"[^a-z0-9]", "", v.lower()) for v in found} - {""}


def total_in(value: Any, rows: int) -> int | None:
    """The number under a name like `total` that is not below the number of rows."""
    best: tuple[int, int] | None = None
    stack, seen = [(value, 0)], 0
    while stack and seen < 2000:
        here, depth = stack.pop()
        seen += 1
        if not isinstance(here, dict) or depth > 3:
            continue
        for name, inner in list(here.items())[:200]:
            low = re.sub(r"[^a-z]", "", str(name).lower())
            number = integer_of(inner)
            if low in _TOTAL_NAMES and number is not None and number >= rows:
                rank = _TOTAL_NAMES.index(low)
                if best is None or rank < best[0]:
                    best = rank, number
            elif isinstance(inner, dict):
                stack.append((inner, depth + 1))
    return best[1] if best else None


def all_lists(value: Any, depth: int = 0) -> Iterator[list[Any]]:
    """The lists of an answer, empty ones too."""
    if isinstance(value, list):
        yield value
    elif isinstance(value, dict) and depth < 5:
        for inner in list(value.values())[:100]:
            yield from all_lists(inner, depth + 1)
