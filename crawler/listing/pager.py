"""Where a list goes on: rendered links, forms and page numbers in addresses. The CMS families add their scripts' ways."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from crawler.listing.words import NEXT_PAGE
from crawler.text import urls

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.listing.outline import Outline

MAX_NUMBER = 1_000_000
PAGE_PARAMS = (
    "page", "pageno", "pagenum", "pagenumber", "pageindex", "currentpage", "curpage", "currpage", "nowpage", "page_num", "page_no",
    "page_index", "pagecurrent", "current", "p", "pageid", "cur_page", "current_page", "toppage",
)  # fmt: skip
"""Names of the parameter that counts pages, in lower case, as seen in the addresses of list interfaces."""
OFFSET_PARAMS = {"pn": "rn", "offset": "limit", "start": "rows", "from": "size"}
"""Names of a parameter that counts rows, with the name of the one that says how many are asked for."""
_TOTAL = re.compile(
    r"(?:共|总共|共有|总计|合计|计)\s{0,3}(?:有)?\s{0,3}(\d{1,8})\s{0,3}(?:条|篇|个记录|记录|项)|总(?:记录)?(?:条数|数|数为)\s{0,3}[:：]?\s{0,3}(\d{1,8})"
)
_PAGES = re.compile(
    r"(?:共|总共|共有)\s{0,3}(?:有)?\s{0,3}(\d{1,6})\s{0,3}页|\d{1,6}\s{0,3}/\s{0,3}(\d{1,6})\s{0,3}页|总页数\s{0,3}[:：]?\s{0,3}(\d{1,6})|页次\s{0,3}[:：]\s{0,3}\d{1,6}\s{0,3}/\s{0,3}(\d{1,6})"
)
_CURRENT = re.compile(
    r"第\s{0,3}(\d{1,6})\s{0,3}(?:页|/)|页次\s{0,3}[:：]\s{0,3}(\d{1,6})\s{0,3}/|(?<!\d)(\d{1,6})\s{0,3}/\s{0,3}\d{1,6}\s{0,3}页"
)
_DISABLED = re.compile(r"disabled|nopage|unable|forbid", re.IGNORECASE)
_NUMBER_CALL = re.compile(r"\(\s{0,3}['\"]?(\d{1,6})['\"]?\s{0,3}[,)]")


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


def _first(match: re.Match[str] | None) -> int | None:
    if match is None:
        return None
    value = int(next(g for g in match.groups() if g is not None))
    return value if value <= MAX_NUMBER * 100 else None


def same_page(one: str, other: str) -> bool:
    """Whether two addresses are the same list page: an index file may be left out."""
    return _bare(one) == _bare(other)


def _bare(url: str) -> str:
    return re.sub(
        r"/(?:index|default)\.(?:s?html?|jsp)$", "/", urls.canonical_url(url).partition("://")[2].partition("#")[0]
    )


def turn_position(page: Outline) -> int | None:
    """Where the page's pager stands, for finding the list above it."""
    for at, text, _, _ in page.controls:
        if NEXT_PAGE.fullmatch(text[:20]) and text.strip("<>‹›«»＞ "):
            return at
    for at, script in page.scripts:
        if re.search(
            r"createPageHTML\s{0,9}\(\s{0,9}['\"\d]|countPage\s{0,9}=\s{0,9}\d|\.jpage\(|laypage|new\s{1,9}Page|pagination\(",
            script[:20_000],
        ):
            return at
    for at, text in enumerate(page.texts):
        if "页" in text and len(text) <= 60 and (_PAGES.search(text) or NEXT_PAGE.fullmatch(text[:20])):
            return at
    return None


def read_turn(page: Outline, url: str, start: int, end: int) -> Turn:
    """What the links and the words of a pager say; `start` and `end` bound the main list."""
    total, pages, current = _claims(page, start, end)
    numbers: dict[int, str] = {}
    ways: list[tuple[int, int, str]] = []
    ended = False
    for at, text, raw, target in page.controls:
        label = text.strip()
        if label.isdigit() and len(label) <= 6 and target is not None and at >= start:
            numbers.setdefault(int(label), target)
        if not NEXT_PAGE.fullmatch(label[:20]) or not label:
            continue
        if not label.strip("<>‹›«»＞[] ") and not numbers:
            continue  # an arrow without page numbers: a slider's
        attributes = page.nodes[at].attributes
        off = _DISABLED.search(attributes.get("class") or "") is not None or "disabled" in attributes
        if target is None or off or same_page(target, url):
            called = _NUMBER_CALL.search(raw)
            if not called:
                ended = ended or at >= start
            continue
        arrow = not label.strip("<>‹›«»＞[] ")
        ways.append((4 if arrow else 0 if at >= end else 1 if at >= start else 2, at if at >= start else -at, target))
    for at, tag in enumerate(page.tags):
        if tag in {"link", "a"} and (page.nodes[at].attributes.get("rel") or "").lower() == "next":
            target = urls.join(url, page.nodes[at].attributes.get("href"))
            if target is not None and not same_page(target, url):
                ways.append((3, at, target))
    if pages is not None and current is not None and current >= pages:
        return Turn(None, total, pages, current, known=True)
    if ways and min(ways)[0] < 4:
        return Turn(min(ways)[2], total, pages, current, known=True)
    if numbers and (found := _by_numbers(page, numbers, url, start, current)):
        return Turn(found, total, pages, current, known=True)
    if ways and not ended:
        return Turn(min(ways)[2], total, pages, current, known=True)
    return Turn(None, total, pages, current, known=ended and not _scripted(page, end))


def _scripted(page: Outline, end: int) -> bool:
    """Whether the pager's links call a script: then their having no address does not mean the end."""
    return any(
        NEXT_PAGE.fullmatch(text[:20]) is not None and _NUMBER_CALL.search(raw) is not None
        for at, text, raw, _ in page.controls
        if at >= end
    )


def _by_numbers(page: Outline, numbers: dict[int, str], url: str, start: int, current: int | None) -> str | None:
    """The link after the number that is not a link, or that leads to this very page."""
    here = next((n for n, target in numbers.items() if same_page(target, url)), None)
    if here is None:
        positions = [at for at, text, _, _ in page.controls if at >= start and text.strip().isdigit()]
        if positions:
            for at in range(max(positions[0] - 8, 0), min(positions[-1] + 8, len(page.texts))):
                label = page.texts[at]
                if label.isdigit() and len(label) <= 6 and int(label) not in numbers and int(label) + 1 in numbers:
                    here = int(label)
                    break
    if here is None:
        here = current
    target = numbers.get(here + 1) if here is not None else None
    return target if target is not None and not same_page(target, url) else None


def _claims(page: Outline, start: int, end: int) -> tuple[int | None, int | None, int | None]:
    """Total, pages and current page as the words around a list say, below it first."""
    for low, high in ((end, min(end + 400, len(page.texts))), (max(start - 80, 0), start), (start, end)):
        words = page.text_between(low, high)[:20_000]
        joined = words.replace(" ", "") if len(words) < 4000 else words
        total, pages, current = (
            _first(_TOTAL.search(joined)),
            _first(_PAGES.search(joined)),
            _first(_CURRENT.search(joined)),
        )
        if total is not None or pages is not None:
            return total, pages, current
    return None, None, None


_ADDRESSED = re.compile(r"""['"]([^'"\s<>]{0,300}[?&]([A-Za-z_]{1,30})=)['"]\s{0,5}\+""")
_SETTING = re.compile(r"\b(count|total|limit|pageSize|curr|current|pageIndex|pages|pageCount)['\"]?\s{0,5}:\s{0,5}['\"]?(\d{1,8})")


def script_turn(page: Outline, url: str) -> Turn:
    """A pager that a script draws, with the number appended to an address (`location.href = "?page=" + n`)."""
    for _, script in page.scripts[:300]:
        address = _ADDRESSED.search(script[:100_000])
        if address is None or address[2].lower() not in PAGE_PARAMS:
            continue
        settings: dict[str, int] = {}
        for name, value in _SETTING.findall(script[:100_000]):
            settings.setdefault(name.lower(), int(value))
        total = settings.get("count", settings.get("total"))
        size = settings.get("limit", settings.get("pagesize"))
        pages = settings.get("pages", settings.get("pagecount"))
        if pages is None and total is not None and size:
            pages = -(-total // size)
        asked = page_number(url, (address[2],))
        current = asked[1] if asked else settings.get("curr", settings.get("current", settings.get("pageindex", 1)))
        if pages is None:
            continue
        target = urls.join(url, address[1] + str(current + 1)) if current < pages else None
        return Turn(target, total, pages, current, known=True)
    return Turn()


def form_turn(page: Outline, url: str, end: int) -> Turn:
    """A pager that is a form of method GET: its page field, one further, with its other fields."""
    for at in range(len(page.tags)):
        if page.tags[at] != "form":
            continue
        attributes = page.nodes[at].attributes
        if (attributes.get("method") or "get").lower() != "get":
            continue
        fields: list[tuple[str, str]] = []
        number: int | None = None
        key = ""
        for i in range(at + 1, page.ends[at]):
            if page.tags[i] != "input":
                continue
            field = page.nodes[i].attributes
            name, value = field.get("name") or "", field.get("value") or ""
            if name.lower() in PAGE_PARAMS and value.isdigit():
                key, number = name, int(value)
            elif name and (field.get("type") or "").lower() in {"hidden", ""}:
                fields.append((name, value))
        if number is None or not 0 <= number < MAX_NUMBER:
            continue
        _, pages, _ = _claims(page, at, page.ends[at])
        if pages is None:
            _, pages, _ = _claims(page, 0, end)
        if pages is None or number >= pages:
            return Turn(None, None, pages, number, known=pages is not None)
        action = urls.join(url, attributes.get("action") or url)
        if action is None:
            continue
        query = urlencode([*fields[:50], (key, str(number + 1))])
        return Turn(f"{action.partition('?')[0]}?{query}", None, pages, number, known=True)
    return Turn()


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
        more = number < MAX_NUMBER
        if pages is not None and pages > 0:
            more = more and done < pages
        elif total is not None:
            more = more and done * per < total
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
            start = int(query[name][1]) + step
            more = total is None or start < total
            return Turn(with_param(url, query[name][0], str(start)) if more else None, total, pages, None, known=True)
    return Turn(None, total, pages, None)
