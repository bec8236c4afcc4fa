"""JSON answers of list interfaces: by the family's description, by the portal file's, else by what the fields hold."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import jmespath
from jmespath.exceptions import JMESPathError

from crawler.exceptions import ConfigError
from crawler.items import ListPage
from crawler.listing import hanweb
from crawler.listing.families import JSON_FAMILIES, JsonFamily
from crawler.listing.generic import read_fragments
from crawler.listing.json_values import (
    Fields,
    all_lists,
    date_of,
    fields_of,
    flat,
    integer_of,
    link_of,
    lists_in,
    sorted_by,
    text_of,
    total_in,
)
from crawler.listing.paging import numbered_turn
from crawler.listing.source import MAX_ENTRIES
from crawler.text import urls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crawler.items import ListEntry
    from crawler.listing.source import Source
    from crawler.portals.models import ListHints

_CALLBACK = re.compile(r"\s{0,99}(?:/\*\*/)?\s{0,9}[\w.$]{1,100}\s{0,9}\(\s{0,9}(?=[\[{])")
_ASSIGNED = re.compile(r"\s{0,99}(?:var|let|const)?\s{0,9}[\w.$]{1,100}\s{0,9}=\s{0,9}(?=[\[{])")


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


KNOWN = 0.97
"""The confidence of an answer read as its family's description says."""
UNSURE = 0.4
EMPTY_ANSWER = "the answer holds no rows"
_MAX_LISTS = 300


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


def _by_hints(value: Any, hints: ListHints, source: Source) -> ListPage:
    """The rows that a portal file's expressions name; where they select none, what the content shows, unsure."""
    for expression in (hints.entries, hints.item, hints.title, hints.date, hints.total):
        try:
            _compiled(expression or "@")
        except (JMESPathError, ValueError) as error:
            problem = str(error).splitlines()[0]
            raise ConfigError(f"list: not a JMESPath expression: {expression!r}: {problem}") from error
    family = JsonFamily(
        sign="",
        rows=hints.entries or "",
        url=hints.item or "",
        title=hints.title or "",
        date=hints.date or "",
        page=hints.page_param,
    )
    if hints.total is not None:
        family = replace(family, total=hints.total)
    elif (known := next((known for known in JSON_FAMILIES.values() if _holds(known.sign, value)), None)) is not None:
        family = replace(family, total=known.total, pages=known.pages, size=known.size)
    rows = _search(family.rows, value)
    if isinstance(rows, list) and rows:
        page = _by_family(value, rows, family, source)
        if page.entries:
            return page
    other = _by_content(value, source)
    if not other.entries:
        return other
    reason = f"list.entries {hints.entries!r} selects no rows of this answer: it has another layout now"
    return replace(other, confidence=min(other.confidence, UNSURE), reason=reason)


def read_json(value: Any, source: Source) -> ListPage:
    """The entries of a JSON answer.

    Raises:
        ConfigError: an expression of the portal file is no JMESPath.

    """
    if source.hints is not None and source.hints.entries is not None:
        return _by_hints(value, source.hints, source)
    for family in _candidates(source):
        if _holds(family.sign, value):
            rows = _search(family.rows, value)
            if isinstance(rows, list) and rows:
                page = _by_family(value, rows, family, source)
                if sum(e.title is not None for e in page.entries) * 2 > len(page.entries):
                    return page
    if (markup := _markup(value)) is not None:
        return _by_markup(markup, source)
    return _by_content(value, source)


def _holds(sign: str, value: Any) -> bool:
    """Whether an expression finds something; 0 is something, as in JMESPath."""
    found = _search(sign, value)
    return found is not None and found is not False and found not in ("", [], {})


def _candidates(source: Source) -> Iterator[JsonFamily]:
    wanted = source.cms or (source.hints.adapter if source.hints is not None else None)
    if wanted in JSON_FAMILIES:
        yield JSON_FAMILIES[wanted]
    yield from (family for name, family in JSON_FAMILIES.items() if name != wanted)


def _by_family(value: Any, rows: Sequence[Any], family: JsonFamily, source: Source) -> ListPage:
    base = (urls.join(source.url, family.base) if family.base else None) or source.url
    rows = rows[:MAX_ENTRIES]
    found: Iterable[tuple[str | None, str | None, str | None]]
    if all(isinstance(r, str) for r in rows):
        found = ((f.url, f.title, f.published_at) for f in read_fragments(list(rows), base))
    else:
        found = (
            (
                link_of(_search(family.url, row), base),
                text_of(_search(family.title, row)),
                date_of(_search(family.date, row)),
            )
            for row in rows
            if isinstance(row, dict)
        )
    entries = source.entries(found)
    total, pages = integer_of(_search(family.total, value)), integer_of(_search(family.pages, value))
    size = integer_of(_search(family.size, value))
    turn = numbered_turn(source.url, rows=len(rows), total=total, pages=pages, size=size, param=family.page)
    full = sum(e.title is not None and e.published_at is not None for e in entries) / max(len(entries), 1)
    confidence = round(KNOWN * (0.5 + 0.5 * full), 2)
    return ListPage(entries=entries, next_url=turn.next_url, confidence=confidence, total=total, pages=pages)


def _markup(value: Any, depth: int = 0) -> str | None:
    """A list as HTML inside the answer (jpaas: `data.html`)."""
    if isinstance(value, str):
        return value if value.lstrip()[:1] == "<" and "<a" in value and "href" in value else None
    if isinstance(value, dict) and depth < 4:
        for inner in islice(value.values(), 50):
            if isinstance(inner, dict | str) and (found := _markup(inner, depth + 1)) is not None:
                return found
    return None


def _by_markup(markup: str, source: Source) -> ListPage:
    found, total = hanweb.read_unit(markup, source)
    entries = source.entries((f.url, f.title, f.published_at) for f in found)
    turn = hanweb.unit_turn(source.url, len(entries), total)
    if not turn.known:
        turn = numbered_turn(source.url, rows=len(entries), total=total, pages=None, size=None)
    dated = _share_dated(entries)
    return ListPage(
        entries=entries,
        next_url=turn.next_url,
        confidence=round(0.6 + 0.35 * dated, 2) if entries else 0.5,
        total=total,
        reason=None if entries else EMPTY_ANSWER,
    )


def _share_dated(entries: Sequence[ListEntry]) -> float:
    return sum(e.published_at is not None for e in entries) / len(entries) if entries else 0.0


def _by_content(value: Any, source: Source) -> ListPage:
    """The list of an unknown interface that looks most like articles."""
    order = sorted_by(value, source.url)
    best: tuple[float, list[dict[str, Any]], Fields] | None = None
    for candidate in islice(lists_in(value), _MAX_LISTS):
        if all(isinstance(r, str) and "<a" in r for r in candidate[:20]):
            found = read_fragments([r for r in candidate[:MAX_ENTRIES] if isinstance(r, str)], source.url)
            if found:
                return _unknown(value, [(f.url, f.title, f.published_at) for f in found], source)
        rows = [r for r in map(flat, candidate[:MAX_ENTRIES]) if r is not None]
        fields = fields_of(rows, order) if rows else None
        if fields is not None and (best is None or _weight(rows, fields) > best[0]):
            best = _weight(rows, fields), rows, fields
    if best is None:
        inner = _inner(value)
        return _nothing(value) if inner is None else read_json(inner, source)
    _, rows, fields = best
    found_rows = [
        (
            link_of(row.get(fields.url), source.url),
            text_of(row.get(fields.title)),
            date_of(row.get(fields.date)) if fields.date else None,
        )
        for row in rows
    ]
    return _unknown(value, found_rows, source)


def _weight(rows: Sequence[dict[str, Any]], fields: Fields) -> float:
    """How much a list looks like articles: its rows with a title, dated ones more, short titles less."""
    lengths = [len(title) for row in rows if isinstance(title := row.get(fields.title), str)]
    if not lengths:
        return 0.0
    return len(lengths) * (1.5 if fields.date else 0.6) * min(1.0, sum(lengths) / len(lengths) / 10)


def _unknown(value: Any, found: Sequence[tuple[str | None, str | None, str | None]], source: Source) -> ListPage:
    entries = source.entries(found)
    total = total_in(value, len(found))
    turn = numbered_turn(source.url, rows=len(found), total=total, pages=None, size=None)
    dated = _share_dated(entries)
    return ListPage(
        entries=entries,
        next_url=turn.next_url,
        confidence=round(0.45 + 0.35 * dated + 0.05 * (len(entries) > 2), 2),
        reason=None if dated > 0.5 else "rows of an unknown interface, without a date",
        total=total,
    )


def _inner(value: Any) -> dict[str, Any] | list[Any] | None:
    """An answer that is a text inside another one."""
    if isinstance(value, dict):
        for text in islice(value.values(), 20):
            if isinstance(text, str) and text.lstrip()[:1] in {"{", "["}:
                inner = parse_json(text)
                if isinstance(inner, dict | list) and inner:
                    return inner
    return None


def _nothing(value: Any) -> ListPage:
    """An answer without rows: an error, or an empty list."""
    if isinstance(value, dict):
        texts = (value.get(name) for name in ("msg", "message", "errmsg", "errmessage", "error"))
        message = next((t[:200] for t in texts if isinstance(t, str) and t), None)
        failed = value.get("success") is False or value.get("error") is True
        if failed or (message and value.get("data", 0) is None):
            return ListPage(confidence=0.9, reason=f"the interface answers an error: {message or 'without a message'}")
    empty = value in ([], {}) or any(not candidate for candidate in islice(all_lists(value), _MAX_LISTS))
    return ListPage(
        confidence=0.9 if empty else 0.3,
        total=total_in(value, 0),
        reason=EMPTY_ANSWER if empty else "no list of articles in this JSON",
    )
