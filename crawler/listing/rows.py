"""From the rows of a list to its entries: which link is the entry's, what its title is, which date it shows.

Rows of one list are built alike, so the place of the link and of the date is voted for by all rows together; a row that
deviates is read by itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.listing.dating import date_votes, row_date
from crawler.listing.pieces import Row, pieces_of, slot_of
from crawler.listing.titles import HEADINGS, title_of
from crawler.listing.words import article_like

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crawler.listing.outline import Link

_MAX_LINKS = 12
_CHINESE = re.compile("[\u4e00-\u9fff]")
_LISTS = frozenset({"ul", "ol", "dl", "table"})


@dataclass(frozen=True, slots=True)
class Found:
    """What one row says."""

    url: str
    title: str | None
    published_at: str | None
    at: int


def _worth(row: Row, link: Link, number: int) -> float:
    name = link.text or link.title
    worth = 0.1 if link.weak else min(len(name), 20) / 20
    if not _CHINESE.search(name):
        worth *= 0.5  # an index number, an address
    worth += 0.5 * article_like(link.url) - 0.05 * number
    at = row.page.parents[link.at]
    while at > row.start:
        if row.page.tags[at] in _LISTS:
            worth -= 1.0  # a list inside the row: related links
        at = row.page.parents[at]
    return worth


def _choose_links(rows: Sequence[Row]) -> list[Link]:
    votes: dict[str, float] = defaultdict(float)
    ballots: list[list[tuple[float, str, Link]]] = []
    for row in rows:
        ballot = [
            (_worth(row, k, n), slot_of(row.page, k.at, row.start), k) for n, k in enumerate(row.links[:_MAX_LINKS])
        ]
        for worth, slot, _ in ballot:
            votes[slot] += worth
        ballots.append(ballot)
    chosen = []
    for row, ballot in zip(rows, ballots, strict=True):
        best = max(ballot, key=lambda b: b[0])
        common = max(ballot, key=lambda b: votes[b[1]])
        # the common place wins unless what stands there is clearly no entry
        kept = common[0] >= best[0] - 0.6 and not (common[2].weak and not best[2].weak)
        chosen.append(_titled(row, common[2] if kept else best[2]))
    return chosen


def _titled(row: Row, link: Link) -> Link:
    """Of links to one address (picture, title, summary, date) the title's: a heading, else the first."""
    same = [k for k in row.links if k.url == link.url and not k.weak and len(k.text) >= 6 and _CHINESE.search(k.text)]
    if len(same) < 2:
        return link
    page = row.page
    for k in same:
        if page.tags[page.parents[k.at]] in HEADINGS or any(t in HEADINGS for t in page.tags[k.at : page.ends[k.at]]):
            return k
    return same[0]


def read_rows(rows: Sequence[Row], headers: Sequence[str] = (), longer: Mapping[str, str] | None = None) -> list[Found]:
    """What each row says, in order.

    Args:
        rows: rows of one list, each with at least one link.
        headers: the head cells of the table that the rows are in, to tell its date columns apart.
        longer: by address, the longest name that a link of the page gives it: completes titles cut by an ellipsis.

    """
    links = _choose_links(rows)
    pieces = [pieces_of(row, headers) for row in rows]
    votes = date_votes(pieces, links)
    found = []
    undated = not votes
    for row, link, texts in zip(rows, links, pieces, strict=True):
        published, used = row_date(texts, link, votes, row)
        if published is None and undated:
            published = row.day
        title = title_of(row, link, texts, used, published, longer or {})
        found.append(Found(link.url, title, published, link.at))
    return found
