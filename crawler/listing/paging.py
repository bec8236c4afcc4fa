"""Page numbers in addresses: the next address of an interface that counts pages or rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from crawler.text import urls

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_NUMBER = 1_000_000
PAGE_PARAMS = (
    "page", "pageno", "pagenum", "pagenumber", "pageindex", "currentpage", "curpage", "currpage", "nowpage", "page_num",
    "page_no", "page_index", "pagecurrent", "current", "p", "pageid", "cur_page", "current_page", "toppage",
)  # fmt: skip
"""Names of the parameter that counts pages, in lower case, as seen in the addresses of list interfaces."""
OFFSET_PARAMS = {"pn": "rn", "offset": "limit", "start": "rows", "from": "size"}
"""Names of a parameter that counts rows, with the name of the one that says how many are asked for."""
_SIZE = re.compile(
    r"(?:^|[?&\"'\s,{])(?:_?page_?size|per_?page|prepage|rows|size|rn|datas|limit)[\"']?\s{0,3}[=:]\s{0,3}[\"']?(\d{1,5})(?!\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What a pager says; `known` where it says whether there is a next page (`next_url` None then means the end)."""

    next_url: str | None = None
    total: int | None = None
    pages: int | None = None
    current: int | None = None
    """The number of this page, from 1."""
    known: bool = False

    def filled(self, other: Turn) -> Turn:
        """This, with what it lacks from another."""
        return replace(
            self if self.known else replace(self, next_url=other.next_url, known=other.known),
            total=self.total if self.total is not None else other.total,
            pages=self.pages if self.pages is not None else other.pages,
            current=self.current if self.current is not None else other.current,
        )


def same_page(one: str, other: str) -> bool:
    """Whether two addresses are the same list page: an index file may be left out."""
    return _bare(one) == _bare(other)


def _bare(url: str) -> str:
    return re.sub(
        r"/(?:index|default)\.(?:s?html?|jsp)$", "/", urls.canonical_url(url).partition("://")[2].partition("#")[0]
    )


def page_number(url: str, names: Iterable[str] = PAGE_PARAMS) -> tuple[str, int] | None:
    """The parameter of an address that counts pages, and its value."""
    wanted = {n.lower(): i for i, n in enumerate(names)}
    best: tuple[int, str, int] | None = None
    for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True, max_num_fields=None)[:200]:
        place = wanted.get(name.lower())
        if (
            place is not None
            and value.isascii()
            and value.isdigit()
            and len(value) <= 7
            and (best is None or place < best[0])
        ):
            best = place, name, int(value)
    return (best[1], best[2]) if best else None


def with_param(url: str, name: str, value: str) -> str:
    """An address with one parameter set; everything else stays as it was written."""
    parts = urlsplit(url)
    pairs = parts.query.split("&") if parts.query else []
    done = False
    for i, pair in enumerate(pairs):
        if unquote(pair.partition("=")[0]) == name:
            pairs[i] = f"{pair.partition('=')[0]}={quote(value, safe='')}"
            done = True
    if not done:
        pairs.append(f"{quote(name, safe='')}={quote(value, safe='')}")
    return urlunsplit(parts._replace(query="&".join(pairs), fragment=""))


def asked_size(url: str, body: str | None = None) -> int | None:
    """How many rows a page an address, or the body of a POST, asks for; None where it does not say."""
    match = _SIZE.search(body[:5000] if body is not None else "") or _SIZE.search(url[:5000])
    return int(match[1]) or None if match else None


def is_last(
    number: int, rows: int, *, total: int | None, pages: int | None, size: int | None = None, asked: int | None = None
) -> bool:
    """Whether page `number` of a list is its last, by what the answer claims.

    A claim that the page itself contradicts, by showing rows beyond the total, is not believed: then only an empty page
    is the end.

    Args:
        number: of the page, from 1.
        rows: how many rows it has.
        total: rows of the whole list as claimed.
        pages: its pages as claimed.
        size: rows a page as the answer says; those of this page where it does not.
        asked: rows a page as the request said: a page that has fewer and fills the total is the last.

    """
    per = size or rows
    if total is not None and (number - 1) * per + rows > total:
        return False
    if pages is not None and pages > 0:
        return number >= pages
    if total is None:
        return False
    if asked is not None and rows < asked and (number - 1) * asked + rows == total:
        return True
    return number * per >= total


def numbered_turn(
    url: str, *, rows: int, total: int | None, pages: int | None, size: int | None, param: str | None = None
) -> Turn:
    """The next address of an interface whose address counts pages or rows.

    Args:
        url: the address that was asked.
        rows: how many entries it answered.
        total: how many there are, where the answer says so.
        pages: how many pages there are, where the answer says so.
        size: how many rows a page has; the number answered where unknown.
        param: the name of the counting parameter, which is then added where the address lacks it.

    """
    if not rows:
        return Turn(None, total, pages, None, known=True)
    per = size or rows
    found = page_number(url, (param,) if param else PAGE_PARAMS)
    if found is None and param and urlsplit(url).query:
        found = param, 1
    if found is not None:
        name, number = found
        done = number if number > 0 else 1  # a first page called 0
        last = is_last(done, rows, total=total, pages=pages, size=size, asked=asked_size(url))
        more = number < MAX_NUMBER and not last
        return Turn(with_param(url, name, str(number + 1)) if more else None, total, pages, done, known=True)
    query = {n.lower(): (n, v) for n, v in parse_qsl(urlsplit(url).query)[:200]}
    for name, length in OFFSET_PARAMS.items():
        if (
            name in query
            and length in query
            and query[name][1].isdigit()
            and query[length][1].isdigit()
            and len(query[name][1]) < 9
        ):
            step = int(query[length][1][:6]) or per
            before = int(query[name][1])
            start = before + step
            more = total is None or start < total or before + rows > total
            return Turn(with_param(url, query[name][0], str(start)) if more else None, total, pages, None, known=True)
    return Turn(None, total, pages, None)
