"""Where a list goes on, as its page says: rendered links, forms, scripts of no certain family."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from crawler.listing.paging import MAX_NUMBER, PAGE_PARAMS, Turn, page_number, same_page
from crawler.listing.words import NEXT_PAGE
from crawler.text import urls

if TYPE_CHECKING:
    from crawler.listing.outline import Outline

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
_ADDRESSED = re.compile(r"""['"]([^'"\s<>]{0,300}[?&]([A-Za-z_]{1,30})=)['"]\s{0,5}\+""")
_SETTING = re.compile(
    r"\b(count|total|limit|pageSize|curr|current|pageIndex|pages|pageCount)['\"]?\s{0,5}:\s{0,5}['\"]?(\d{1,8})"
)
_SCRIPTED = re.compile(
    r"createPageHTML\s{0,9}\(\s{0,9}['\"\d]|countPage\s{0,9}=\s{0,9}\d|\.jpage\(|laypage|new\s{1,9}Page|pagination\("
)
_ARROWS = "<>‹›«»＞[] "
_ARROW = 4
"""How late a link that is only an arrow counts: words and numbers come first."""


def _first(match: re.Match[str] | None) -> int | None:
    if match is None:
        return None
    value = int(next(g for g in match.groups() if g is not None))
    return value if value <= MAX_NUMBER * 100 else None


def turn_position(page: Outline) -> int | None:
    """Where the page's pager stands, for finding the list above it."""
    for at, text, _, _ in page.controls:
        if NEXT_PAGE.fullmatch(text[:20]) and text.strip("<>‹›«»＞ "):
            return at
    for at, script in page.scripts:
        if _SCRIPTED.search(script[:20_000]):
            return at
    for at, text in enumerate(page.texts):
        if "页" in text and len(text) <= 60 and (_PAGES.search(text) or NEXT_PAGE.fullmatch(text[:20])):
            return at
    return None


@dataclass(slots=True)
class _Links:
    """What the links of a page say about further pages: by number, and by words (order of trust, position, address)."""

    numbers: dict[int, str] = field(default_factory=dict)
    ways: list[tuple[int, int, str]] = field(default_factory=list)
    ended: bool = False


def _links(page: Outline, url: str, start: int, end: int) -> _Links:
    found = _Links()
    for at, text, raw, target in page.controls:
        label = text.strip()
        if label.isdigit() and len(label) <= 6 and target is not None and at >= start:
            found.numbers.setdefault(int(label), target)
        if not label or not NEXT_PAGE.fullmatch(label[:20]):
            continue
        arrow = not label.strip(_ARROWS)
        if arrow and not found.numbers:
            continue  # an arrow without page numbers: a slider's
        called = _NUMBER_CALL.search(raw) is not None
        if called or target is None or _off(page, at) or same_page(target, url):
            # a script is called with the number: an address beside it is not the page's
            found.ended = found.ended or (at >= start and not called)
            continue
        trust = _ARROW if arrow else 0 if at >= end else 1 if at >= start else 2
        found.ways.append((trust, at if at >= start else -at, target))
    for at, tag in enumerate(page.tags):
        if tag in {"link", "a"} and (page.nodes[at].attributes.get("rel") or "").lower() == "next":
            target = urls.join(url, page.nodes[at].attributes.get("href"))
            if target is not None and not same_page(target, url):
                found.ways.append((3, at, target))
    return found


def _off(page: Outline, at: int) -> bool:
    attributes = page.nodes[at].attributes
    return "disabled" in attributes or _DISABLED.search(attributes.get("class") or "") is not None


def read_turn(page: Outline, url: str, start: int, end: int) -> Turn:
    """What the links and the words of a pager say; `start` and `end` bound the main list."""
    total, pages, current = _claims(page, start, end)
    links = _links(page, url, start, end)
    if pages is not None and current is not None and current >= pages:
        return Turn(None, total, pages, current, known=True)
    best = min(links.ways, default=None)
    if best is not None and best[0] < _ARROW:
        return Turn(best[2], total, pages, current, known=True)
    if links.numbers and (found := _by_numbers(page, links.numbers, url, start, current)):
        return Turn(found, total, pages, current, known=True)
    if best is not None and not links.ended:
        return Turn(best[2], total, pages, current, known=True)
    return Turn(None, total, pages, current, known=links.ended and not _scripted(page, end))


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
    for at, tag in enumerate(page.tags):
        if tag != "form" or (page.nodes[at].attributes.get("method") or "get").lower() != "get":
            continue
        key, number, fields = _fields(page, at)
        if number is None or number >= MAX_NUMBER:
            continue
        _, pages, _ = _claims(page, at, page.ends[at])
        if pages is None:
            _, pages, _ = _claims(page, 0, end)
        if pages is None or number >= pages:
            return Turn(None, None, pages, number, known=pages is not None)
        action = urls.join(url, page.nodes[at].attributes.get("action") or url)
        if action is not None:
            query = urlencode([*fields[:50], (key, str(number + 1))])
            return Turn(f"{action.partition('?')[0]}?{query}", None, pages, number, known=True)
    return Turn()


def _fields(page: Outline, form: int) -> tuple[str, int | None, list[tuple[str, str]]]:
    """The name and the value of a form's page field, and its hidden fields."""
    key, number, fields = "", None, []
    for at in range(form + 1, page.ends[form]):
        if page.tags[at] != "input":
            continue
        attributes = page.nodes[at].attributes
        name, value = attributes.get("name") or "", attributes.get("value") or ""
        if name.lower() in PAGE_PARAMS and value.isascii() and value.isdigit() and len(value) < 9:
            key, number = name, int(value)
        elif name and (attributes.get("type") or "").lower() in {"hidden", ""}:
            fields.append((name, value))
    return key, number, fields
