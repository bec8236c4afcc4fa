"""From the rows of a list to its entries: which link is the entry's, what its title is, which date it shows.

Rows of one list are built alike, so the place of the link and of the date is voted for by all rows together; a row that
deviates is read by itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.listing.rowdates import Shown, assemble, rank, shown
from crawler.listing.words import GENERIC, YEAR_ALONE, article_like, plain, tidy
from crawler.text.dates import find_dates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crawler.listing.outline import Link, Outline

MAX_TITLE = 500
MAX_ROW_SCRIPT = 400
"""Characters of a script that stands in a row to write its date."""
_LONG = 50
_CHINESE = re.compile("[\u4e00-\u9fff]")
_BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "td", "section", "article"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"ul", "ol", "dl", "table"})
CUT = re.compile(r"\s*(?:…+|\.{2,}|。{3,})\s*$")
_BULLET = re.compile(r"^[\s·•●○▪■□◆◇★☆►▶▷>»›\-–—*．.、]{1,10}(?=[^\s·•●○▪■□◆◇★☆►▶▷>»›\-–—*．.、])")
_BADGE = re.compile(r"[\[【(（]?(?:置顶|置頂|NEW|new|New|热|荐|图|图文|视频|推荐|头条|最新|HOT|hot)[\]】)）!！]?")
_BRACKETED_DAY = re.compile(
    r"^\s*[\[【(（]\s*\d{1,2}[-/.月]\d{1,2}日?\s*[\]】)）]|[\[【(（]\s*\d{1,2}[-/.月]\d{1,2}日?\s*[\]】)）]\s*$"
)
_JUNK_ATTRIBUTE = re.compile(r"[\r\n]|(?:发布|更新|发表)(?:时间|日期)\s*[:：]|点击(?:数|率|量)?\s*[:：]")
_TITLE_LABEL = re.compile(r"^\s*(?:文章|信息|新闻)?标\s*题\s*[:：]\s*")


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
class Found:
    """What one row says."""

    url: str
    title: str | None
    published_at: str | None
    at: int


@dataclass(frozen=True, slots=True)
class _Piece:
    at: int
    text: str
    link: Link | None
    slot: str
    date: Shown | None


def _slot(page: Outline, at: int, top: int) -> str:
    """The way from `top` down to a position: tags with their number among siblings of the same tag."""
    parts = []
    while at >= top and len(parts) < 30:
        parent = page.parents[at]
        tag = page.tags[at]
        number = 0
        i = max(parent + 1, top)
        steps = 0
        while i < at and steps < 200:
            if page.tags[i] == tag:
                number += 1
            i = page.ends[i]
            steps += 1
        parts.append(f"{tag}{number}")
        at = parent
    return "/".join(reversed(parts))


def _pieces(row: Row, headers: Sequence[str]) -> list[_Piece]:
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
            slot = _slot(page, at, row.start)
            if headers and (column := _column(page, at, row.start)) < len(headers) and (mark := rank(headers[column])):
                date = replace(date, rank=mark)
        found.append(_Piece(at, text, inside, slot, date))
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
        ballot = [(_worth(row, k, n), _slot(row.page, k.at, row.start), k) for n, k in enumerate(row.links[:12])]
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
    """Of links to one address (picture, title, summary, date) the one that holds the title: a heading, else the first."""
    same = [k for k in row.links if k.url == link.url and not k.weak and len(k.text) >= 6 and _CHINESE.search(k.text)]
    if len(same) < 2:
        return link
    page = row.page
    for k in same:
        if page.tags[page.parents[k.at]] in _HEADINGS or any(t in _HEADINGS for t in page.tags[k.at : page.ends[k.at]]):
            return k
    return same[0]


def _date_slots(rows: Sequence[list[_Piece]], links: Sequence[Link]) -> dict[str, float]:
    votes: dict[str, float] = defaultdict(float)
    for pieces, link in zip(rows, links, strict=True):
        for piece in pieces:
            if piece.date is not None and piece.date.kind == "full" and _counts(piece, link):
                votes[piece.slot] += 1 + 0.4 * piece.date.rank + 0.3 * piece.date.pure - 0.2 * (piece.link is not None)
    return votes


def _counts(piece: _Piece, main: Link) -> bool:
    """Whether a date may be the row's: not one that a title or a summary mentions, nor one of a related link."""
    date = piece.date
    if date is None:
        return False
    if piece.link is not None and piece.link.at != main.at and piece.link.url != main.url:
        return False
    if date.pure:
        return True
    if piece.link is not None:
        return _edge(piece.text) is not None
    return len(piece.text) <= 60 or date.rank > 0


def _edge(text: str) -> tuple[str, str] | None:
    """A date at the edge of a title that is not part of it: (the title without it, the date)."""
    for start, end, iso in find_dates(text):
        head, tail = text[:start], text[end:]
        if not tail.strip("])）】〕> ") and len(head) >= 4 and (tail.strip() or head[-1:] in "[(（【〔 \u3000"):
            return head.rstrip("[(（【〔 \u3000"), iso
        if (
            not head.strip("[(（【〔< ")
            and len(tail) >= 4
            and "月" not in text[start:end]
            and tail[:1] in "])）】〕 \u3000"
        ):
            return tail.lstrip("])）】〕 \u3000"), iso
    return None


def _row_date(pieces: list[_Piece], link: Link, votes: Mapping[str, float], row: Row) -> tuple[str | None, set[int]]:
    """The row's date and the positions of the texts it was read from."""
    usable = [p for p in pieces if _counts(p, link)]
    full = [p for p in usable if p.date is not None and p.date.kind == "full" and p.date.rank > -3]
    if full:
        best = max(full, key=lambda p: votes[p.slot] + (0 if p.date is None else p.date.rank * 0.01))
        if best.date is not None:
            value = best.date.value
            if not best.date.pure and best.link is not None and (edge := _edge(best.text)):
                value = edge[1]
            return value, {best.at}
    for piece in usable:
        if piece.date is not None and piece.date.kind == "month-day":
            for value in _attribute_dates(row.page, row.page.parents[piece.at]):
                return value, {piece.at}
    parts = [p for p in usable if p.date is not None and p.date.kind != "full" and p.link is None]
    within = [p for p in usable if p.date is not None and p.date.kind != "full" and p.link is not None]
    for group in (parts, parts + within):
        value_or_none = assemble([p.date for p in group if p.date is not None], link.url, row.year)
        if value_or_none:
            return value_or_none, {p.at for p in group}
    for value in _written(row, [p for p in pieces if p.date is not None]):
        return value, {p.at for p in parts}
    joined = tidy(" ".join(p.text for p in pieces if p.link is None))
    if 8 <= len(joined) <= 60 and (dates := find_dates(joined.replace(" ", ""))):
        return dates[0][2], set()
    for value in _attribute_dates(row.page, link.at):
        return value, set()
    return _bracketed(pieces, link, row.year)


def _attribute_dates(page: Outline, at: int) -> Iterator[str]:
    """Dates that attributes of an element hold (`rq`, `data-date`, the `title` of a short date)."""
    for name, value in page.nodes[at].attributes.items():
        if value and len(value) <= 30 and name not in {"href", "class", "id", "style", "src"}:
            for found in find_dates(value)[:1]:
                yield found[2]


def _written(row: Row, shown_pieces: Sequence[_Piece]) -> Iterator[str]:
    """The date that a script in the row writes."""
    if any(p.date is not None and p.date.kind == "full" and p.date.pure for p in shown_pieces):
        return
    scripts = row.page.scripts
    for at, script in scripts[bisect_left(scripts, (row.start, "")) : bisect_left(scripts, (row.end, ""))]:
        del at
        if len(script) <= MAX_ROW_SCRIPT:
            for found in find_dates(script)[:1]:
                yield found[2]


def _bracketed(pieces: list[_Piece], link: Link, year: int | None) -> tuple[str | None, set[int]]:
    """`[06-18] title` or `title (06-18)` in one text."""
    for piece in pieces:
        if piece.link is not None and (match := _BRACKETED_DAY.search(piece.text)):
            part = shown(match[0])
            if part is not None and (value := assemble([part], link.url, year)):
                return value, set()
    return None, set()


def _visible(row: Row, link: Link, pieces: list[_Piece], used: set[int], published: str | None) -> list[str]:
    """The texts of a link by block: the likely title first, dates and badges away."""
    page = row.page
    blocks: dict[int, list[tuple[int, str]]] = {}
    heading = -1
    for piece in pieces:
        if (
            piece.link is None
            or piece.link.at != link.at
            or (piece.at in used and piece.date is not None and piece.date.pure)
        ):
            continue
        if piece.date is not None and piece.date.pure and piece.date.kind == "full" and published:
            continue
        if _BADGE.fullmatch(piece.text):
            continue
        text = piece.text
        edge = _edge(text) if piece.date is not None and not piece.date.pure else None
        if edge is not None and published and edge[1][:10] == published[:10]:
            text = edge[0]
        elif published and "full" not in (piece.date.kind if piece.date else ""):
            text = _BRACKETED_DAY.sub("", text)
        at = page.parents[piece.at]
        while at > link.at and page.tags[at] not in _BLOCKS:
            at = page.parents[at]
        if page.tags[at] in _HEADINGS and heading < 0:
            heading = at
        blocks.setdefault(at, []).append((piece.at, text))
    texts = {at: _without_summary(page, parts) for at, parts in blocks.items()}
    order = sorted(texts, key=lambda at: (at != heading, len(texts[at]) < 5))
    return [texts[at] for at in order if texts[at]]


def _without_summary(page: Outline, parts: list[tuple[int, str]]) -> str:
    """Texts of inline elements as one; a title alone where what follows in sibling elements is its summary."""
    if len(parts) > 1 and len(parts[0][1]) >= 8 and sum(len(t) for _, t in parts[1:]) > _LONG:
        holders = [page.parents[at] for at, _ in parts]
        if len(set(holders)) == len(holders) and len({page.parents[h] for h in holders}) == 1:
            return parts[0][1]
    if len(parts) == 1:
        return parts[0][1]
    if all(page.texts[at] == text for at, text in parts):
        kept = {at for at, _ in parts}
        return page.inline(at for at in range(parts[0][0], parts[-1][0] + 1) if at in kept or not page.texts[at])
    return "".join(text for _, text in parts)


def _bare(text: str) -> str:
    return "".join(text.split())


def _title(
    row: Row, link: Link, pieces: list[_Piece], used: set[int], published: str | None, longer: Mapping[str, str]
) -> str | None:
    attribute = "" if GENERIC.fullmatch(link.title[:30]) else plain(link.title)
    attribute = _TITLE_LABEL.sub("", attribute)
    if published and (edge := _edge(attribute)) and edge[1][:10] == published[:10]:
        attribute = edge[0]
    visible = _visible(row, link, pieces, used, published)
    text = visible[0] if visible and not link.weak else ""
    if attribute and any(_bare(v) == _bare(attribute) for v in visible):
        text = attribute
    elif text:
        stem = _bare(CUT.sub("", text))
        cut = stem != _bare(text)
        if (
            attribute
            and len(_bare(attribute)) > len(stem)
            and _bare(attribute).startswith(stem[: len(stem) - 1] if cut else stem)
        ):
            if cut or (len(stem) >= 6 and not _JUNK_ATTRIBUTE.search(attribute)):
                text = _JUNK_ATTRIBUTE.split(attribute)[0]
        elif cut and _bare(other := longer.get(link.url, "")).startswith(stem):
            text = other
    elif attribute and len(attribute) >= 4:
        text = attribute
    else:
        spare = [
            p.text for p in pieces if p.link is None and p.at not in used and not (p.date is not None and p.date.pure)
        ]
        spare = [s for s in spare if not s.endswith((":", "：")) and not GENERIC.fullmatch(s[:30])]
        text = max(spare, key=len, default="") or longer.get(link.url, "") or link.text or attribute
    text = tidy(_BULLET.sub("", text))[:MAX_TITLE]
    return text or None


def read_rows(rows: Sequence[Row], headers: Sequence[str] = (), longer: Mapping[str, str] | None = None) -> list[Found]:
    """What each row says, in order.

    Args:
        rows: rows of one list, each with at least one link.
        headers: the head cells of the table that the rows are in, to tell its date columns apart.
        longer: by address, the longest name that a link of the page gives it: completes titles cut by an ellipsis.

    """
    links = _choose_links(rows)
    pieces = [_pieces(row, headers) for row in rows]
    votes = _date_slots(pieces, links)
    found = []
    undated = not votes
    for row, link, texts in zip(rows, links, pieces, strict=True):
        published, used = _row_date(texts, link, votes, row)
        if published is None and undated:
            published = row.day
        title = _title(row, link, texts, used, published, longer or {})
        found.append(Found(link.url, title, published, link.at))
    return found


def headings(page: Outline, before: int, top: int) -> tuple[int | None, str | None]:
    """The nearest heading above a row that says no more than a year (`2025年`) or a day (`2025-06-18`).

    Args:
        page: the page.
        before: where the row starts.
        top: where its list starts; above it only the text right before the list is a heading of it.

    """
    for at in range(before - 1, max(top - 40, -1), -1):
        text = page.texts[at]
        if not text:
            continue
        if len(text) <= 20:
            if match := YEAR_ALONE.fullmatch(text):
                return int(match[1]), None
            date = shown(text)
            if date is not None and date.kind == "full" and date.pure:
                return int(date.value[:4]), date.value
        if at < top:
            break
    return None, None
