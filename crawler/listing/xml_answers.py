"""XML answers that are no Hanweb datastore: WAS5 records, RSS and Atom feeds."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from parsel import Selector

from crawler.items import ListPage
from crawler.listing.json_values import date_of, day_of
from crawler.listing.paging import numbered_turn
from crawler.listing.source import MAX_ENTRIES
from crawler.listing.words import plain
from crawler.text import urls
from crawler.text.dates import SHANGHAI, parse_date

if TYPE_CHECKING:
    from crawler.listing.source import Source


_MAX_ELEMENTS = 500_000
_MAX_CELLS = 100
_MAX_DIGITS = 20


@dataclass(frozen=True, slots=True)
class XmlFamily:
    """Local names, in lower case: of a row, and of what a row holds, the first that is there."""

    row: str
    url: tuple[str, ...]
    title: tuple[str, ...]
    date: tuple[str, ...]
    total: tuple[str, ...] = ()


XML_FAMILIES: dict[str, XmlFamily] = {
    "was5": XmlFamily(
        "rec", ("url", "docpuburl"), ("title", "doctitle"), ("docreltime", "pubdate", "time"), ("recordcount", "total")
    ),
    "rss": XmlFamily("item", ("link", "guid"), ("title",), ("pubdate", "date")),
    "atom": XmlFamily("entry", ("link", "id"), ("title",), ("published", "updated")),
    "records": XmlFamily("record", ("url", "link"), ("title",), ("date", "time", "pubdate"), ("totalrecord", "total")),
    "rows": XmlFamily(
        "row",
        ("url", "link", "docpuburl"),
        ("title", "doctitle"),
        ("docreltime", "pubdate", "date", "time"),
        ("total",),
    ),
}


def _mail_date(text: str) -> str | None:
    """A date by RFC 822, as feeds should have it."""
    try:
        moment = parsedate_to_datetime(text[:100])
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    try:
        return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return None


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _cells(row: Any) -> dict[str, str]:
    """What a row holds, by local name; of several of one name the first."""
    found: dict[str, str] = {}
    for cell in islice(row, _MAX_CELLS):
        text = (cell.text or "").strip() or cell.get("href") or ""
        if text:
            found.setdefault(_name(cell), text[:5000])
    return found


def read_xml(source: Source) -> ListPage | None:
    """The entries of an XML answer; None where it has no rows of a known kind."""
    by_row: dict[str, list[dict[str, str]]] = {family.row: [] for family in XML_FAMILIES.values()}
    numbers: dict[str, str] = {}
    for element in islice(Selector(text=source.text, type="xml").root.iter(), _MAX_ELEMENTS):
        name = _name(element)
        if name in by_row:
            if len(by_row[name]) < MAX_ENTRIES:
                by_row[name].append(_cells(element))
        elif element.text and len(element.text) < _MAX_DIGITS and element.text.strip().isdigit():
            numbers.setdefault(name, element.text.strip())
    for family in XML_FAMILIES.values():
        entries = source.entries(_row(cells, family, source.url) for cells in by_row[family.row])
        if entries:
            total = next((int(numbers[n]) for n in family.total if n in numbers), None)
            turn = numbered_turn(source.url, rows=len(entries), total=total, pages=None, size=None)
            full = sum(e.title is not None and e.published_at is not None for e in entries) / len(entries)
            return ListPage(
                entries=entries, next_url=turn.next_url, confidence=round(0.5 + 0.45 * full, 2), total=total
            )
    return None


def _row(cells: dict[str, str], family: XmlFamily, base: str) -> tuple[str | None, str | None, str | None]:
    link = next((cells[n] for n in family.url if n in cells), None)
    title = next((cells[n] for n in family.title if n in cells), None)
    day = next((cells[n] for n in family.date if n in cells), None)
    published = day_of(parse_date(day) or _mail_date(day) or date_of(day)) if day else None
    return urls.join(base, link) if link else None, plain(title) if title else None, published
