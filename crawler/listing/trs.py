"""TRS WCM: static lists whose page k is `<name>_<k-1>.<ext>`, named by a script of the page.

`createPageHTML` is called with 4 arguments (pages, page from 0, name, extension), with 5 (and the records' number), or
with 6 (id of an element first, page from 1, records last: the variant of UCAP and its like, page k of which is
`<name>_<k>`). Other templates set `countPage` and `currentPage`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.listing.paging import MAX_NUMBER, Turn
from crawler.text import urls

if TYPE_CHECKING:
    from crawler.listing.outline import Outline
    from crawler.listing.source import Source

_CALL = re.compile(r"(?<!function )createPageHTML\w{0,20}\s{0,9}\(([^(){};]{1,300})\)")
_ARGUMENT = re.compile(r"\s{0,9}(?:'([^']{0,200})'|\"([^\"]{0,200})\"|(-?\d{1,8})|([^,'\"]{0,60}))\s{0,9}(?:,|$)")
_COUNT = re.compile(r"\b(?:countPage|pageCount|totalPage|page_count|countpage)\s{0,5}=\s{0,5}['\"]?(\d{1,7})")
_CURRENT = re.compile(r"\b(?:currentPage|currentpage|curPage|pageIndex)\s{0,5}=\s{0,5}['\"]?(\d{1,7})")
_RECORDS = re.compile(r"\b(?:countnum|recordCount|totalRecord|recordcount|totalNum)\s{0,5}[=:]\s{0,5}['\"]?(\d{1,8})")
_NAME = re.compile(r"""["']((?:[A-Za-z][\w-]{0,60}))(?:["']\s{0,5}\+\s{0,5}["'])?_["']?\s{0,5}\+""")
_EXTENSION = re.compile(r"""["']\.?(s?html?|jsp|aspx?)\b""")
_FILE = re.compile(r"(?P<name>[^/]{1,200}?)(?:_(?P<number>\d{1,6}))?\.(?P<ext>s?html?|jsp|aspx?|php)")


def _arguments(text: str) -> list[str | int] | None:
    """The literals of a call; None where an argument is an expression."""
    found: list[str | int] = []
    at = 0
    while at < len(text) and len(found) < 10:
        match = _ARGUMENT.match(text, at)
        if match is None or match.end() == at:
            return None
        single, double, number, other = match.groups()
        if number is not None:
            found.append(int(number))
        elif single is not None or double is not None:
            found.append(single if single is not None else double)
        elif other.strip():
            return None
        at = match.end()
    return found


def turn(page: Outline, source: Source) -> Turn:
    """What a TRS script of the page says about further pages."""
    for _, script in page.scripts:
        if "createPageHTML" in script:
            for match in _CALL.finditer(script[:200_000]):
                arguments = _arguments(match[1])
                if arguments is not None and (found := _call(arguments, source)) is not None:
                    return found
    for _, script in page.scripts:
        if "ount" in script or "totalPage" in script:
            found = _variables(script[:200_000], source, page)
            if found is not None:
                return found
    return Turn()


def _first_further(source: Source, *, from_one: bool = False) -> int:
    """The suffix of the second page: what the portal file says, else the index's own: `_1` from 0, `_2` from 1."""
    if source.hints is not None and source.hints.next_page is not None:
        return int(source.hints.next_page[-1])
    return 2 if from_one else 1


def _call(arguments: list[str | int], source: Source) -> Turn | None:
    """The turn of one call, its arguments told apart by their kinds."""
    leading = (
        isinstance(arguments[0], str) and len(arguments) >= 5 and not arguments[0].isdigit() if arguments else False
    )
    values = arguments[1:] if leading else arguments
    if len(values) < 4:
        return None
    pages, current = _integer(values[0]), _integer(values[1])
    name, extension = values[2], values[3]
    if pages is None or current is None or not isinstance(name, str) or not isinstance(extension, str):
        return None
    if not re.fullmatch(r"[\w./-]{1,200}", name) or not re.fullmatch(r"\.?\w{2,6}", extension):
        return None
    total = next((n for v in reversed(values[4:]) if (n := _integer(v)) is not None), None)
    return static_turn(
        source, pages, current, name.rpartition("/")[2], extension.lstrip("."), total, from_one=leading or None
    )


def _integer(value: str | int) -> int | None:
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 9 else -1
    return value if value >= 0 else None


def static_turn(
    source: Source,
    pages: int,
    current: int,
    name: str,
    extension: str,
    total: int | None = None,
    *,
    from_one: bool | None = None,
) -> Turn:
    """The next of static pages `name.ext`, `name_1.ext`, … from the page count and the current index.

    The page's own address settles how its file names count, where it has a number. Without, an index from 0 goes with
    `_1` for the second page and an index from 1 with `_2`, as the public scripts of these CMSs build their links.
    """
    path = urlsplit(source.url).path
    own = _FILE.fullmatch(path.rpartition("/")[2])
    number = int(own["number"]) if own and own["number"] and own["name"] == name else None
    if number is not None:
        # index = number: counted from 0 with `_1` first, or from 1 with `_2` first; the neighbours leave no choice
        page = current if current == number + 1 or (from_one and current == number) else current + 1
        following = number + 1
    elif current <= 1:
        # an address without a number is the first page, whichever way the index counts
        page, following = 1, _first_further(source, from_one=current == 1)
    else:
        page = current if from_one else current + 1
        following = page - 1 + _first_further(source, from_one=bool(from_one))
    more = page < pages <= MAX_NUMBER
    base = source.url if path.endswith("/") or "." in path.rpartition("/")[2] else source.url.partition("?")[0] + "/"
    following_url = urls.join(base, f"{name}_{following}.{extension}") if more else None
    return Turn(following_url, total, pages, page, known=True)


def _variables(script: str, source: Source, page: Outline) -> Turn | None:
    count = _COUNT.search(script)
    if count is None:
        return None
    current = _CURRENT.search(script)
    records = _RECORDS.search(script)
    own = _FILE.fullmatch(urlsplit(source.url).path.rpartition("/")[2])
    named = _NAME.search(script)
    suffix = _EXTENSION.search(script)
    if named is None and own is None and suffix is None and current is None:
        return None
    pages = int(count[1])
    if own and own["number"] and int(own["number"]) > pages:
        name, number = f"{own['name']}_{own['number']}", None  # `index_10954.html` is a name, not page 10955
    elif own:
        name, number = own["name"], own["number"]
    else:
        name, number = named[1] if named else "index", None
    extension = own["ext"] if own else suffix[1] if suffix else _usual_extension(page)
    started = int(number) - _first_further(source) + 1 if number else 0
    at = int(current[1]) if current is not None else started
    total = int(records[1]) if records else None
    return static_turn(source, pages, max(at, 0), name, extension, total)


def _usual_extension(page: Outline) -> str:
    """The extension that the page's links have most."""
    found: dict[str, int] = {}
    for link in page.links:
        match = _FILE.fullmatch(urlsplit(link.url).path.rpartition("/")[2])
        if match:
            found[match["ext"]] = found.get(match["ext"], 0) + 1
    return max(found, key=lambda e: found[e], default="html")
