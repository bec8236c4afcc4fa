"""The date of a row: rows of one list show it in one place, which all of them vote for."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING

from crawler.listing.pieces import BRACKETED_DAY, edge_of
from crawler.listing.rowdates import NEVER, assemble, shown
from crawler.listing.words import YEAR_ALONE, tidy
from crawler.text.dates import find_dates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crawler.listing.outline import Link, Outline
    from crawler.listing.pieces import Piece, Row

MAX_ROW_SCRIPT = 400
"""Characters of a script that stands in a row to write its date."""
_HEADING = 20
_SUMMARY = 60
"""Characters above which a text is a summary: a date in it is told of, unless a label says otherwise."""


def date_votes(rows: Sequence[list[Piece]], links: Sequence[Link]) -> dict[str, float]:
    """How much each place speaks for holding the date of every row."""
    votes: dict[str, float] = defaultdict(float)
    for pieces, link in zip(rows, links, strict=True):
        for piece in pieces:
            if piece.date is not None and piece.date.kind == "full" and _counts(piece, link):
                votes[piece.slot] += 1 + 0.4 * piece.date.rank + 0.3 * piece.date.pure - 0.2 * (piece.link is not None)
    return votes


def _counts(piece: Piece, main: Link) -> bool:
    """Whether a date may be the row's: not one that a title or a summary mentions, nor one of a related link."""
    date = piece.date
    if date is None:
        return False
    if piece.link is not None and piece.link.at != main.at and piece.link.url != main.url:
        return False
    if date.pure:
        return True
    if piece.link is not None:
        return edge_of(piece.text) is not None
    return len(piece.text) <= _SUMMARY or date.rank > 0


def row_date(pieces: Sequence[Piece], link: Link, votes: Mapping[str, float], row: Row) -> tuple[str | None, set[int]]:
    """The row's date and the positions of the texts it was read from."""
    usable = [p for p in pieces if _counts(p, link)]
    return _whole(usable, votes) or _in_parts(usable, link, row) or _elsewhere(pieces, link, row) or (None, set())


def _whole(usable: Sequence[Piece], votes: Mapping[str, float]) -> tuple[str, set[int]] | None:
    """The full date in the place most voted for."""
    best: tuple[float, Piece] | None = None
    for piece in usable:
        date = piece.date
        if date is None or date.kind != "full" or date.rank <= NEVER:
            continue
        worth = votes[piece.slot] + 0.01 * date.rank
        if best is None or worth > best[0]:
            best = worth, piece
    if best is None or best[1].date is None:
        return None
    piece, date = best[1], best[1].date
    edge = edge_of(piece.text) if piece.link is not None and not date.pure else None
    return edge[1] if edge else date.value, {piece.at}


def _in_parts(usable: Sequence[Piece], link: Link, row: Row) -> tuple[str, set[int]] | None:
    """A date split over elements, or a month and a day alone."""
    partial = [p for p in usable if p.date is not None and p.date.kind != "full"]
    for piece in partial:
        if piece.date is not None and piece.date.kind == "month-day":
            for value in _attribute_dates(row.page, row.page.parents[piece.at]):
                return value, {piece.at}
    for group in ([p for p in partial if p.link is None], partial):
        value_or_none = assemble([p.date for p in group if p.date is not None], link.url, row.year)
        if value_or_none:
            return value_or_none, {p.at for p in group}
    return None


def _elsewhere(pieces: Sequence[Piece], link: Link, row: Row) -> tuple[str, set[int]] | None:
    """A date that a script of the row writes, that runs over elements, that an attribute holds, or in brackets."""
    for value in _written(row):
        return value, {p.at for p in pieces if p.date is not None and p.link is None}
    joined = tidy(" ".join(p.text for p in pieces if p.link is None))
    if 8 <= len(joined) <= _SUMMARY and (dates := find_dates(joined.replace(" ", ""))):
        return dates[0][2], set()
    for value in _attribute_dates(row.page, link.at):
        return value, set()
    for piece in pieces:
        if piece.link is not None and (match := BRACKETED_DAY.search(piece.text)):
            part = shown(match[0])
            if part is not None and (value_or_none := assemble([part], link.url, row.year)):
                return value_or_none, set()
    return None


def _attribute_dates(page: Outline, at: int) -> Iterator[str]:
    """Dates that attributes of an element hold (`rq`, `data-date`, the `title` of a short date)."""
    for name, value in page.nodes[at].attributes.items():
        if value and len(value) <= 30 and name not in {"href", "class", "id", "style", "src"}:
            for found in find_dates(value)[:1]:
                yield found[2]


def _written(row: Row) -> Iterator[str]:
    """The date that a script in the row writes."""
    scripts = row.page.scripts
    for _, script in scripts[bisect_left(scripts, (row.start, "")) : bisect_left(scripts, (row.end, ""))]:
        if len(script) <= MAX_ROW_SCRIPT:
            for found in find_dates(script)[:1]:
                yield found[2]


def headings(page: Outline, rows: Sequence[tuple[int, int]]) -> list[tuple[int | None, str | None]]:
    """For each row the year and the day of the nearest heading above it that says no more (`2025年`, `2025-06-18`).

    Headings are sought between the rows, and in the text right before the first one.
    """
    out: list[tuple[int | None, str | None]] = []
    year, day = None, None
    before = max(rows[0][0] - 40, 0) if rows else 0
    for number, (start, end) in enumerate(rows):
        texts = [t for t in page.texts[before:start] if t]
        for text in reversed(texts[-1:] if number == 0 else texts):
            if len(text) > _HEADING:
                continue
            if match := YEAR_ALONE.fullmatch(text):
                year, day = int(match[1]), None
                break
            date = shown(text)
            if date is not None and date.kind == "full" and date.pure:
                year, day = int(date.value[:4]), date.value
                break
        out.append((year, day))
        before = end
    return out
