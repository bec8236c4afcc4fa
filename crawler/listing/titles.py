"""The title of a row in full: the visible one, completed where the page cut it, freed from what is no title."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.listing.pieces import BRACKETED_DAY, MIN_TITLE, edge_of
from crawler.listing.words import GENERIC, plain, tidy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crawler.listing.outline import Link, Outline
    from crawler.listing.pieces import Piece, Row

MAX_TITLE = 500
MAX_BESIDE = 120
"""Characters of a title that stands beside its link at most; longer texts are summaries, or an article's paragraphs."""
MIN_STEM = 6
"""Characters of a visible title from which a longer attribute that starts alike is the same title in full."""
_LONG = 50
"""Characters after the first of several sibling texts that make them a summary."""
_BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "td", "section", "article"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
CUT = re.compile(r"\s*(?:…+|\.{2,}|。{3,})\s*$")
_BULLET = re.compile(r"^[\s·•●○▪■□◆◇★☆►▶▷>»›\-–—*．.、]{1,10}(?=[^\s·•●○▪■□◆◇★☆►▶▷>»›\-–—*．.、])")
_BADGE = re.compile(r"[\[【(（]?(?:置顶|置頂|NEW|new|New|热|荐|图|图文|视频|推荐|头条|最新|HOT|hot)[\]】)）!！]?")
_JUNK_ATTRIBUTE = re.compile(r"[\r\n]|(?:发布|更新|发表)(?:时间|日期)\s*[:：]|点击(?:数|率|量)?\s*[:：]")
_TITLE_LABEL = re.compile(r"^\s*(?:文章|信息|新闻)?标\s*题\s*[:：]\s*")


def _is_date(piece: Piece, used: set[int], published: str | None) -> bool:
    """Whether a text is the row's date and nothing else."""
    if piece.date is None or not piece.date.pure:
        return False
    return piece.at in used or (piece.date.kind == "full" and published is not None)


def _without_date(piece: Piece, published: str | None) -> str:
    """A text of a title without the row's date at its edge."""
    if published is None:
        return piece.text
    if piece.date is None or piece.date.kind != "full":
        return BRACKETED_DAY.sub("", piece.text)
    edge = None if piece.date.pure else edge_of(piece.text)
    return edge[0] if edge is not None and edge[1][:10] == published[:10] else piece.text


def _visible(row: Row, link: Link, pieces: Sequence[Piece], used: set[int], published: str | None) -> list[str]:
    """The texts of a link by block: the likely title first, dates and badges away."""
    page = row.page
    blocks: dict[int, list[tuple[int, str]]] = {}
    heading = -1
    for piece in pieces:
        if piece.link is None or piece.link.at != link.at:
            continue
        if _is_date(piece, used, published) or _BADGE.fullmatch(piece.text):
            continue
        at = page.parents[piece.at]
        while at > link.at and page.tags[at] not in _BLOCKS:
            at = page.parents[at]
        if page.tags[at] in HEADINGS and heading < 0:
            heading = at
        blocks.setdefault(at, []).append((piece.at, _without_date(piece, published)))
    texts = {at: _without_summary(page, parts) for at, parts in blocks.items()}
    order = sorted(texts, key=lambda at: (at != heading, len(texts[at]) <= MIN_TITLE))
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


def _attribute(link: Link, published: str | None) -> str:
    """The title that an attribute of the link gives, empty where it says nothing."""
    if GENERIC.fullmatch(link.title[:30]):
        return ""
    attribute = _TITLE_LABEL.sub("", plain(link.title))
    edge = edge_of(attribute) if published else None
    return edge[0] if edge is not None and published and edge[1][:10] == published[:10] else attribute


def _completed(text: str, attribute: str, other: str) -> str:
    """A visible title, in full where it was cut: by the link's attribute, or by another link to the same page."""
    stem = _bare(CUT.sub("", text))
    cut = stem != _bare(text)
    whole = _bare(attribute)
    if len(whole) > len(stem) and whole.startswith(stem[:-1] if cut else stem):
        if cut or (len(stem) >= MIN_STEM and not _JUNK_ATTRIBUTE.search(attribute)):
            return _JUNK_ATTRIBUTE.split(attribute)[0]
    elif cut and _bare(other).startswith(stem):
        return other
    return text


def _beside(pieces: Sequence[Piece], used: set[int]) -> str:
    """The longest text of a row outside its links that is no date and no label."""
    spare = (p.text for p in pieces if p.link is None and p.at not in used and not (p.date is not None and p.date.pure))
    named = (s for s in spare if len(s) <= MAX_BESIDE and not s.endswith((":", "：")) and not GENERIC.fullmatch(s[:30]))
    return max(named, key=len, default="")


def title_of(
    row: Row, link: Link, pieces: Sequence[Piece], used: set[int], published: str | None, longer: Mapping[str, str]
) -> str | None:
    """The title of a row.

    Args:
        row: the row.
        link: its link.
        pieces: its texts.
        used: the positions of the texts that its date was read from.
        published: that date.
        longer: by address, the longest name that a link of the page gives it.

    """
    attribute = _attribute(link, published)
    visible = _visible(row, link, pieces, used, published)
    other = longer.get(link.url, "")
    if attribute and any(_bare(v) == _bare(attribute) for v in visible):
        text = attribute
    elif visible and not link.weak:
        text = _completed(visible[0], attribute, other)
    elif len(attribute) >= MIN_TITLE:
        text = attribute
    else:
        text = _beside(pieces, used) or other or link.text or attribute
    return tidy(_BULLET.sub("", text))[:MAX_TITLE] or None
