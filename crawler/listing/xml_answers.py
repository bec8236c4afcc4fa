"""XML answers that are no Hanweb datastore: WAS5 records, RSS and Atom feeds."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from parsel import Selector

from crawler.items import ListPage
from crawler.listing.pager import numbered_turn
from crawler.listing.source import MAX_ENTRIES
from crawler.listing.words import plain
from crawler.text import urls
from crawler.text.dates import SHANGHAI, parse_date

if TYPE_CHECKING:
    from crawler.listing.source import Source


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

_NAMED = "//*[translate(local-name(), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') = "


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


def _name(selector: Selector) -> str:
    tag = selector.root.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _cells(row: Selector) -> dict[str, str]:
    found: dict[str, str] = {}
    for cell in row.xpath("./*")[:100]:
        text = "".join(cell.xpath(".//text()").getall()).strip() or cell.attrib.get("href", "")
        if text:
            found.setdefault(_name(cell), text[:5000])
    return found


def read_xml(source: Source) -> ListPage | None:
    """The entries of an XML answer; None where it has no rows of a known kind."""
    root = Selector(text=source.text, type="xml")
    for family in XML_FAMILIES.values():
        rows = root.xpath(f"{_NAMED}'{family.row}']")[:MAX_ENTRIES]
        found = []
        for row in rows:
            cells = _cells(row)
            link = next((cells[n] for n in family.url if n in cells), None)
            title = next((cells[n] for n in family.title if n in cells), None)
            day = next((cells[n] for n in family.date if n in cells), None)
            published = (parse_date(day) or _mail_date(day)) if day else None
            found.append((urls.join(source.url, link) if link else None, plain(title) if title else None, published))
        entries = source.entries(found)
        if entries:
            total = next(
                (int(t) for n in family.total if (t := _first(root, n)) and t.isascii() and t.isdigit() and len(t) < 9),
                None,
            )
            turn = numbered_turn(source.url, rows=len(rows), total=total, pages=None, size=None)
            full = sum(e.title is not None and e.published_at is not None for e in entries) / len(entries)
            return ListPage(
                entries=entries, next_url=turn.next_url, confidence=round(0.5 + 0.45 * full, 2), total=total
            )
    return None


def _first(root: Selector, name: str) -> str | None:
    found = root.xpath(f"{_NAMED}'{name}'][1]/text()").get()
    return found.strip() if found else None
