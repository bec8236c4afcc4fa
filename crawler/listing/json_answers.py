"""JSON answers of list interfaces: by the family's description, by the portal file's, else by what the fields hold."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jmespath
from jmespath.exceptions import JMESPathError

from crawler.exceptions import ConfigError
from crawler.items import ListPage
from crawler.listing import hanweb
from crawler.listing.families import JSON_FAMILIES, JsonFamily
from crawler.listing.generic import read_fragments
from crawler.listing.pager import numbered_turn
from crawler.listing.source import MAX_ENTRIES
from crawler.listing.words import article_like, plain
from crawler.text import urls
from crawler.text.dates import find_dates, parse_epoch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.listing.source import Source

_MAX_DEPTH = 12
_CALLBACK = re.compile(r"\s{0,99}(?:/\*\*/)?\s{0,9}[\w.$]{1,100}\s{0,9}\(\s{0,9}(?=[\[{])")
_ASSIGNED = re.compile(r"\s{0,99}(?:var|let|const)?\s{0,9}[\w.$]{1,100}\s{0,9}=\s{0,9}(?=[\[{])")
_URL_NAMES = ("docpuburl", "pub_url", "puburl", "post_url", "linkurl", "detailurl", "url", "link", "href", "path")
_TITLE_NAMES = (
    "title_no_tag",
    "normaltitle",
    "doctitle",
    "titleo",
    "title_str",
    "title",
    "subject",
    "bt",
    "headline",
    "name",
)
_DATE_WANTED = (
    "docrelpub",
    "docpub",
    "publish",
    "pub",
    "fbrq",
    "fbsj",
    "release",
    "docrel",
    "infodate",
    "showdate",
    "deploy",
    "create",
    "save",
    "time",
    "date",
)
_DATE_OTHER = re.compile(
    r"cwrq|compal|cwsj|written|write|sign|update|modif|oper|warehouse|index|tag|end|expire|deadline|effect|valid|abolish|sxrq|ssrq|fwrq|crtime|auto|start|cert|check",
    re.IGNORECASE,
)
_SORT = re.compile(r"sort|order", re.IGNORECASE)
_TOTAL_NAMES = (
    "total",
    "totalcount",
    "totalnum",
    "totalhits",
    "recordcount",
    "rowcount",
    "totalrecord",
    "totalrecords",
    "totalelements",
    "totalrow",
    "count",
    "num",
)
_ERROR = re.compile(r"\"(?:msg|message|errmsg|errmessage|error)\"\s{0,5}:\s{0,5}\"([^\"]{1,200})\"")


@dataclass(frozen=True, slots=True)
class _Fields:
    url: str
    title: str
    date: str | None


def parse_json(text: str) -> Any:
    """The value of a JSON or JSONP text; None where it is neither."""
    text = text.strip()
    for pattern in (_CALLBACK, _ASSIGNED):
        if text[:1] not in "[{" and (match := pattern.match(text)):
            text = text[match.end() :].rstrip("; \r\n\t)")
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


@lru_cache(maxsize=256)
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression)


def _search(expression: str, value: Any) -> Any:
    if not expression:
        return None
    try:
        return _compiled(expression).search(value)
    except (JMESPathError, RecursionError, ValueError, TypeError):
        return None


def _hinted(expression: str, value: Any) -> Any:
    """A portal file's expression, whose mistakes are named."""
    try:
        return _compiled(expression).search(value)
    except (JMESPathError, RecursionError, ValueError, TypeError) as error:
        raise ConfigError(f"list: not a JMESPath expression: {expression!r}: {str(error).splitlines()[0]}") from error


def _text(value: Any) -> str | None:
    return plain(value[:5000]) or None if isinstance(value, str) else None


def _date(value: Any) -> str | None:
    """A date in any of the forms that interfaces have: text, epoch seconds or milliseconds, as number or digits."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _midnight(parse_epoch(value)) if abs(value) >= 1e8 else None
    if isinstance(value, str):
        value = value.strip()
        if value.isascii() and value.isdigit() and len(value) in {10, 13}:
            return _midnight(parse_epoch(value))
        found = find_dates(value[:200])
        return _midnight(found[0][2]) if found else None
    return None


def _midnight(iso: str | None) -> str | None:
    """A day with the time 00:00:00 is a day without a time, as databases print it."""
    return iso[:10] if iso and iso.endswith("T00:00:00+08:00") else iso


def _integer(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value < 10**9 else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return None


def read_json(value: Any, source: Source) -> ListPage:
    """The entries of a JSON answer."""
    hints = source.hints
    if hints is not None and hints.entries is not None:
        family = JsonFamily(
            sign="",
            rows=hints.entries,
            url=hints.item or "",
            title=hints.title or "",
            date=hints.date or "",
            total=hints.total or "",
            page=hints.page_param,
        )
        rows = _hinted(hints.entries, value)
        for expression in (hints.item, hints.title, hints.date, hints.total):
            if expression:
                _hinted(expression, value)
        return _by_family(value, rows if isinstance(rows, list) else [], family, source, 0.97)
    for family in _candidates(source):
        if _search(family.sign, value):
            rows = _search(family.rows, value)
            if isinstance(rows, list) and rows:
                page = _by_family(value, rows, family, source, 0.97)
                if page.entries:
                    return page
    if (markup := _markup(value)) is not None:
        return _by_markup(markup, source)
    return _by_content(value, source)


def _candidates(source: Source) -> Iterator[JsonFamily]:
    wanted = source.cms or (source.hints.adapter if source.hints is not None else None)
    if wanted in JSON_FAMILIES:
        yield JSON_FAMILIES[wanted]
    yield from (family for name, family in JSON_FAMILIES.items() if name != wanted)


def _by_family(value: Any, rows: Sequence[Any], family: JsonFamily, source: Source, sure: float) -> ListPage:
    base = urls.join(source.url, family.base) if family.base else source.url
    rows = rows[:MAX_ENTRIES]
    found: list[tuple[str | None, str | None, str | None]]
    if rows and all(isinstance(r, str) for r in rows):
        found = [(f.url, f.title, f.published_at) for f in read_fragments(list(rows), base or source.url)]
    else:
        found = [
            (
                urls.join(base or source.url, link) if isinstance(link := _search(family.url, row), str) else None,
                _text(_search(family.title, row)),
                _date(_search(family.date, row)),
            )
            for row in rows
            if isinstance(row, dict)
        ]
    entries = source.entries(found)
    if not entries and rows:
        return ListPage(confidence=0.0)
    total = _integer(_search(family.total, value))
    pages = _integer(_search(family.pages, value))
    turn = numbered_turn(
        source.url,
        rows=len(rows),
        total=total,
        pages=pages,
        size=_integer(_search(family.size, value)),
        param=family.page,
    )
    full = sum(e.title is not None and e.published_at is not None for e in entries) / len(entries) if entries else 0.7
    reason = None if entries else "the answer holds no rows"
    return ListPage(
        entries=entries,
        next_url=turn.next_url,
        confidence=round(sure * (0.5 + 0.5 * full), 2),
        reason=reason,
        total=total,
        pages=pages,
    )


def _markup(value: Any, depth: int = 0) -> str | None:
    """A list as HTML inside the answer (jpaas: `data.html`)."""
    if isinstance(value, str):
        return (
            value
            if "<a" in value and "href" in value and value.count("<a") >= 1 and value.lstrip().startswith("<")
            else None
        )
    if isinstance(value, dict) and depth < 4:
        for inner in list(value.values())[:50]:
            if isinstance(inner, dict | str) and (found := _markup(inner, depth + 1)) is not None:
                return found
    return None


def _by_markup(markup: str, source: Source) -> ListPage:
    found, total = hanweb.read_unit(markup, source)
    entries = source.entries((f.url, f.title, f.published_at) for f in found)
    next_url = (
        hanweb.unit_following(source.url, len(entries), total)
        or numbered_turn(source.url, rows=len(entries), total=total, pages=None, size=None).next_url
    )
    dated = sum(e.published_at is not None for e in entries) / len(entries) if entries else 0.0
    return ListPage(
        entries=entries,
        next_url=next_url,
        confidence=round(0.6 + 0.35 * dated, 2) if entries else 0.5,
        total=total,
        reason=None if entries else "the answer holds no rows",
    )


# --- answers of no known family ---


def _lists(value: Any, depth: int = 0) -> Iterator[list[Any]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        if value:
            yield value
        for inner in value[:50]:
            if isinstance(inner, dict | list):
                yield from _lists(inner, depth + 1)
    elif isinstance(value, dict):
        for inner in list(value.values())[:300]:
            if isinstance(inner, dict | list):
                yield from _lists(inner, depth + 1)


def _flat(row: Any) -> dict[str, Any] | None:
    """A row as one object: what stands one level deeper (`{"data": {…}}`) counts as its own."""
    if not isinstance(row, dict):
        return None
    if any(isinstance(v, str) and v for v in row.values()) and any(_looks_like_url(v) for v in row.values()):
        return row
    for name in ("data", "_source", "source", "doc", "article"):
        if isinstance(row.get(name), dict):
            return {**row, **row[name]}
    return row


def _looks_like_url(value: Any) -> bool:
    return (
        isinstance(value, str)
        and 1 < len(value) < 2000
        and (value.startswith(("http://", "https://", "//", "/", "./", "../")))
        and " " not in value.strip()
    )


def _place(name: str, names: Sequence[str]) -> int:
    """How early a field's name is among the wanted ones: exact names before those that only contain one."""
    low = name.lower()
    for i, wanted in enumerate(names):
        if low == wanted:
            return i
    for i, wanted in enumerate(names):
        if wanted in low:
            return len(names) + i
    return 3 * len(names)


def _fields(rows: Sequence[dict[str, Any]], sorted_by: set[str]) -> _Fields | None:
    """Which fields hold address, title and date, by what all rows hold there and by the fields' names."""
    sample = rows[:40]
    names = Counter(name for row in sample for name in row if isinstance(name, str))
    common = [name for name, n in names.items() if n * 2 >= len(sample)][:300]

    def filled(name: str, test: Any) -> float:
        return sum(bool(test(row.get(name))) for row in sample) / len(sample)

    links = [n for n in common if filled(n, _looks_like_url) >= 0.5]
    if not links:
        return None

    def link_worth(name: str) -> tuple[float, int]:
        values = [row[name] for row in sample if _looks_like_url(row.get(name))]
        distinct = len(set(values)) / len(values)
        pages = sum(
            article_like(urls.join("http://h.cn/", v) or "") and not re.search(r"\.(?:png|jpe?g|gif|svg)$", v)
            for v in values
        ) / len(values)
        return (-(round(distinct, 1) + round(pages, 1)), _place(name, _URL_NAMES))

    url = min(links, key=link_worth)
    titles = [
        n
        for n in common
        if n != url
        and filled(n, lambda v: isinstance(v, str) and len(v.strip()) >= 2 and not _looks_like_url(v)) >= 0.5
    ]

    def title_worth(name: str) -> tuple[float, int]:
        values = [plain(row[name][:600]) for row in sample if isinstance(row.get(name), str)]
        lengths = [len(v) for v in values if v]
        if not lengths:
            return (9.0, 0)
        mean = sum(lengths) / len(lengths)
        distinct = len(set(values)) / len(values)
        han = sum(any("\u4e00" <= c <= "\u9fff" for c in v) for v in values) / len(values)
        named = _place(name, _TITLE_NAMES) < 2 * len(_TITLE_NAMES)
        fits = 1.0 if 6 <= mean <= 90 else 0.4 if mean < 6 else 0.1
        return (-(fits + distinct + han + 1.5 * named), _place(name, _TITLE_NAMES))

    if not titles:
        return None
    title = min(titles, key=title_worth)
    dates = [n for n in common if n not in {url, title} and filled(n, _date) >= 0.5 and (_datelike(n, sample))]

    def date_worth(name: str) -> tuple[int, int, int]:
        low = re.sub(r"[^a-z0-9]", "", name.lower())
        return (0 if low in sorted_by else 1, 1 if _DATE_OTHER.search(name) else 0, _place(name, _DATE_WANTED))

    return _Fields(url, title, min(dates, key=date_worth) if dates else None)


def _datelike(name: str, sample: Sequence[dict[str, Any]]) -> bool:
    """Whether a field holds dates: texts that are one, or numbers under a name that says so."""
    values = [
        row[name] for row in sample if row.get(name) not in {None, ""} and not isinstance(row.get(name), dict | list)
    ]
    if not values:
        return False
    if all(isinstance(v, int | float) or (isinstance(v, str) and v.strip().isdigit()) for v in values):
        return re.search(r"time|date|rq|sj|day|pub", name, re.IGNORECASE) is not None
    return sum(isinstance(v, str) and len(v.strip()) <= 40 for v in values) * 2 >= len(values)


def _sorted_by(value: Any, url: str) -> set[str]:
    """The names of fields that the answer or the address says it is sorted by (`orderProperty`, `sortField`)."""
    found = {v for n, v in re.findall(r"[?&]([\w]{1,40})=([^&]{1,60})", url) if _SORT.search(n)}
    stack, seen = [value], 0
    while stack and seen < 2000:
        here = stack.pop()
        seen += 1
        if isinstance(here, dict):
            for name, inner in list(here.items())[:200]:
                if isinstance(inner, str) and len(inner) < 60 and isinstance(name, str) and _SORT.search(name):
                    found.add(inner)
                elif isinstance(inner, dict):
                    stack.append(inner)
    return {re.sub(r"[^a-z0-9]", "", v.lower()) for v in found} - {""}


def _total(value: Any, rows: int) -> int | None:
    best: tuple[int, int] | None = None
    stack, seen = [(value, 0)], 0
    while stack and seen < 2000:
        here, depth = stack.pop()
        seen += 1
        if not isinstance(here, dict) or depth > 3:
            continue
        for name, inner in list(here.items())[:200]:
            low = re.sub(r"[^a-z]", "", str(name).lower())
            number = _integer(inner)
            if low in _TOTAL_NAMES and number is not None and number >= rows:
                rank = _TOTAL_NAMES.index(low)
                if best is None or rank < best[0]:
                    best = rank, number
            elif isinstance(inner, dict):
                stack.append((inner, depth + 1))
    return best[1] if best else None


def _by_content(value: Any, source: Source) -> ListPage:
    sorted_by = _sorted_by(value, source.url)
    best: tuple[float, list[dict[str, Any]], _Fields] | None = None
    for number, candidate in enumerate(_lists(value)):
        if number > 300:
            break
        if candidate and all(isinstance(r, str) and "<a" in r for r in candidate[:20]):
            found = read_fragments(candidate[:MAX_ENTRIES], source.url)
            if found:
                entries = source.entries((f.url, f.title, f.published_at) for f in found)
                total = _total(value, len(entries))
                turn = numbered_turn(source.url, rows=len(entries), total=total, pages=None, size=None)
                return ListPage(entries=entries, next_url=turn.next_url, confidence=0.75, total=total)
        rows = [r for r in (_flat(row) for row in candidate[:MAX_ENTRIES]) if r is not None]
        if not rows:
            continue
        fields = _fields(rows, sorted_by)
        if fields is None:
            continue
        named = sum(isinstance(r.get(fields.title), str) for r in rows)
        worth = named * (1.5 if fields.date else 0.6)
        lengths = [len(r[fields.title]) for r in rows if isinstance(r.get(fields.title), str)]
        worth *= min(1.0, sum(lengths) / len(lengths) / 10) if lengths else 0.0
        if best is None or worth > best[0]:
            best = worth, rows, fields
    if best is None:
        return _nothing(value)
    _, rows, fields = best
    entries = source.entries(
        (
            urls.join(source.url, row[fields.url]) if isinstance(row.get(fields.url), str) else None,
            _text(row.get(fields.title)),
            _date(row.get(fields.date)) if fields.date else None,
        )
        for row in rows
    )
    total = _total(value, len(rows))
    turn = numbered_turn(source.url, rows=len(rows), total=total, pages=None, size=None)
    dated = sum(e.published_at is not None for e in entries) / len(entries) if entries else 0.0
    confidence = 0.45 + 0.35 * dated + (0.05 if len(entries) > 2 else 0.0)
    reason = None if dated > 0.5 else "rows of an unknown interface, without a date"
    return ListPage(
        entries=entries, next_url=turn.next_url, confidence=round(confidence, 2), reason=reason, total=total
    )


def _nothing(value: Any) -> ListPage:
    """An answer without rows: an error, or an empty list."""
    if isinstance(value, dict):
        message = next(
            (
                str(v)[:200]
                for n in ("msg", "message", "errmsg", "errmessage", "error")
                if isinstance(v := value.get(n), str) and v
            ),
            None,
        )
        failed = value.get("success") is False or value.get("error") is True
        if failed or (message and _total(value, 0) is None and value.get("data", 0) is None):
            return ListPage(confidence=0.9, reason=f"the interface answers an error: {message or 'without a message'}")
    empty = value in ([], {}) or any(not candidate for candidate in _all_lists(value))
    total = _total(value, 0)
    return ListPage(
        confidence=0.9 if empty else 0.3,
        total=total,
        reason="the answer holds no rows" if empty else "no list of articles in this JSON",
    )


def _all_lists(value: Any, depth: int = 0) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
    elif isinstance(value, dict) and depth < 5:
        for inner in list(value.values())[:100]:
            yield from _all_lists(inner, depth + 1)
