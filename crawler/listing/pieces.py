"""A row of a list in pieces: its texts, the link that each stands in, and the date that it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.listing.rowdates import Shown, rank, shown
from crawler.text.dates import find_dates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.listing.outline import Link, Outline

BRACKETED_DAY = re.compile(
    r"^\s*[\[【(（]\s*\d{1,2}[-/.月]\d{1,2}日?\s*[\]】)）]|[\[【(（]\s*\d{1,2}[-/.月]\d{1,2}日?\s*[\]】)）]\s*$"
)

"""A month and a day in brackets at the edge of a title."""
MIN_TITLE = 4
_OPENING = "[(（【〔"
_CLOSING = "])）】〕"
_MAX_STEPS = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A range of an outline that holds one entry; `year` and `day` are those of a heading above it."""

    page: Outline
    start: int
    end: int
    links: tuple[Link, ...]
    year: int | None = None
    day: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A text of a row: the link around it, the date in it, and its way down from the row where it has one."""

    at: int
    text: str
    link: Link | None
    slot: str
    date: Shown | None


def slot_of(page: Outline, at: int, top: int) -> str:
    """The way from `top` down to a position: tags with their number among siblings of the same tag."""
    parts: list[str] = []
    while at >= top and len(parts) < 30:
        parent = page.parents[at]
        tag = page.tags[at]
        number = 0
        i = max(parent + 1, top)
        steps = 0
        while i < at and steps < _MAX_STEPS:
            if page.tags[i] == tag:
                number += 1
            i = page.ends[i]
            steps += 1
        parts.append(f"{tag}{number}")
        at = parent
    return "/".join(reversed(parts))


def pieces_of(row: Row, headers: Sequence[str]) -> list[Piece]:
    """The texts of a row in order. `headers` are the head cells of its table: they tell date columns apart."""
    page, found = row.page, []
    links = iter(row.links)
    link = next(links, None)
    before = ""
    for at in range(row.start, row.end):
        text = page.texts[at]
        if not text:
            continue
        while link is not None and page.ends[link.at] <= at:
            link = next(links, None)
        inside = link if link is not None and link.at <= at else None
        date = shown(text, before)
        slot = ""
        if date is not None:
            slot = slot_of(page, at, row.start)
            if headers and (column := _column(page, at, row.start)) < len(headers) and (mark := rank(headers[column])):
                date = replace(date, rank=mark)
        found.append(Piece(at, text, inside, slot, date))
        before = text
    return found


def _column(page: Outline, at: int, top: int) -> int:
    """In which cell of its table row a position is, from 0."""
    while at > top and page.tags[at] not in {"td", "th"}:
        at = page.parents[at]
    number, i = 0, page.parents[at] + 1
    while i < at and number < 100:
        number += page.tags[i] in {"td", "th"}
        i = page.ends[i]
    return number


def edge_of(text: str) -> tuple[str, str] | None:
    """A date at the edge of a title that is not part of it: (the title without it, the date)."""
    for start, end, iso in find_dates(text):
        head, tail = text[:start], text[end:]
        closed = not tail.strip(_CLOSING + "> ") and (tail.strip() or head[-1:] in _OPENING + " \u3000")
        if closed and len(head) >= MIN_TITLE:
            return head.rstrip(_OPENING + " \u3000"), iso
        leading = not head.strip(_OPENING + "< ") and tail[:1] in _CLOSING + " \u3000"
        if leading and len(tail) >= MIN_TITLE and "月" not in text[start:end]:
            return tail.lstrip(_CLOSING + " \u3000"), iso
    return None
