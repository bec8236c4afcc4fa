"""The date that a row of a list shows, in one piece or split over elements, with or without its year."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from crawler.text.dates import find_dates

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_TEXT = 200
"""A date stands in a short text; longer ones are summaries, which may tell of any day."""
NEVER = -3
"""The rank of a date that is labelled as something other than the day of publication, as a deadline."""
MAX_LABEL = 8
"""Characters of a label at most; longer texts before a date are titles, whatever they end with."""
_OPEN = r"[\s\[\]()（）【】〔〕<>《》|·•\-–—:：…._=]*"
_LABEL = r"(?:[一-鿿]{2,6}(?:时间|日期)|时间|日期|发布|发表|更新|date|time)?"
_SEP = r"\s*[-/.．年]\s*"
_MONTH_DAY = re.compile(rf"{_OPEN}(\d{{1,2}})\s*(?:[-/.]|月)\s*(\d{{1,2}})\s*日?{_OPEN}")
_YEAR_MONTH = re.compile(rf"{_OPEN}((?:19|20)\d\d)(?:{_SEP})(\d{{1,2}})\s*月?{_OPEN}")
_SHORT_YEAR = re.compile(rf"{_OPEN}(\d\d)([-/.])(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01]){_OPEN}")
_YEAR = re.compile(rf"{_OPEN}((?:19|20)\d\d)\s*年?{_OPEN}")
_MONTH = re.compile(rf"{_OPEN}(\d{{1,2}})\s*月{_OPEN}")
_DAY = re.compile(rf"{_OPEN}(\d{{1,2}})\s*日?{_OPEN}")
_REST = re.compile(rf"{_OPEN}{_LABEL}{_OPEN}", re.IGNORECASE)
_URL_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:(0[1-9]|1[0-2])(?:[-/]?(0[1-9]|[12]\d|3[01]))?|[-/_](0?[1-9]|1[0-2])(?:[-/_](0?[1-9]|[12]\d|3[01]))?)(?!\d)"
)
_URL_YEAR = re.compile(r"/((?:19|20)\d\d)/")
_DATED = re.compile(r"\d|[一二三四五六七八九十〇○零]\s?月")
_SHAPES = (("year-month", _YEAR_MONTH), ("month-day", _MONTH_DAY), ("year", _YEAR), ("month", _MONTH), ("day", _DAY))
_WHEN = r"(?:之)?(?:时间|日期|日|时|于|期|为)?"
_WANTED = re.compile(
    rf"(?:发布|公布|公开|发表|上传|刊登|上网|publish(?:ed)?){_WHEN}$|^(?:时间|日期|date)$", re.IGNORECASE
)
_OTHER = re.compile(rf"(?:成文|签署|制定|形成|印发|发文|登记|更新|修改|编辑|生成){_WHEN}$")
_NEVER = re.compile(
    rf"(?:活动|征集|会议|考试|反馈|办理|生效|实施|施行|截止|截至|有效|废止|失效|起始|开始|结束|开标|报名|有效期至?){_WHEN}$"
)
_TRIMMED = " :：　|｜"


@dataclass(frozen=True, slots=True)
class Shown:
    """A date or a part of one in a row: which text it is, its kind, and how well it fits (higher first).

    `value` is a date in the record's form for kind `full`, else the numbers.
    """

    kind: str
    value: str
    numbers: tuple[int, ...]
    pure: bool
    """Whether the text says nothing else."""
    rank: int = 0
    labelled: bool = False
    """Whether the text itself says which date it is."""


def rank(label: str) -> int:
    """How likely a date with this label (its text, the text before it, the head of its column) is the published one."""
    words = label[-30:].rstrip(_TRIMMED).replace("：", " ").replace(":", " ").split()
    label = words[-1].lstrip("[(（【") if words else ""
    if len(label) > MAX_LABEL:
        return 0
    if _NEVER.search(label):
        return NEVER
    if _WANTED.search(label):
        return 2
    return -1 if _OTHER.search(label) else 0


def shown(text: str, label: str = "") -> Shown | None:
    """What a piece of text shows of a date; None for text without one. `label` is what stands before it."""
    found = _read(text) if len(text) <= MAX_TEXT else None
    if found is None or found.labelled or not (mark := rank(label) if label else 0):
        return found
    return replace(found, rank=mark)


@lru_cache(maxsize=8192)
def _read(text: str) -> Shown | None:
    """What a text shows of a date by itself; cached, as the same text is asked for at every level of a tree."""
    if not _DATED.search(text):
        return None
    found = find_dates(text)
    if found:
        start, end, iso = found[0]
        rest = text[:start] + " " + text[end:]
        pure = _REST.fullmatch(rest) is not None if len(rest) <= 40 else False
        labelled = bool(text[:start].strip(_TRIMMED + "[(（【"))
        best = rank(text[:start])
        for begin, _, other in found[1:3]:
            mark = rank(text[:begin])
            if mark > best:
                best, iso = mark, other
        return Shown("full", iso, (), pure, best, labelled)
    if len(text) > 24:
        return None
    if (match := _SHORT_YEAR.fullmatch(text)) and (day := _iso(2000 + int(match[1]), int(match[3]), int(match[4]))):
        return Shown("full", day, (), pure=True)
    for kind, shape in _SHAPES:
        match = shape.fullmatch(text)
        if match:
            return Shown(kind, "", tuple(int(n) for n in match.groups()), pure=True)
    return None


def url_date(url: str) -> tuple[int, int | None, int | None] | None:
    """Year, month and day that an address names, as far as it does: `/202608/t20260811_1.html`, `/2026/`."""
    best: tuple[int, int | None, int | None] | None = None
    for match in _URL_DAY.finditer(url[:2000]):
        written = match[3] or match[5]
        day = int(written) if written else None
        if best is None or (day is not None and best[2] is None):
            best = int(match[1]), int(match[2] or match[4]), day
    if best is None and (year := _URL_YEAR.search(url[:2000])):
        return int(year[1]), None, None
    return best


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _with_year(month: int, day: int, url: str, year: int | None) -> str | None:
    """A month and a day with the year of the address: the one that brings them closest to the address's own date."""
    named = url_date(url)
    if named is None:
        return _iso(year, month, day) if year else None
    if named[1] is None:
        return _iso(named[0], month, day)
    near = date(named[0], named[1], min(named[2] or 15, 28))
    fits = []
    for candidate in (named[0], named[0] - 1, named[0] + 1):
        iso = _iso(candidate, month, day)
        if iso:
            fits.append((abs((date.fromisoformat(iso) - near).days), iso))
    return min(fits)[1] if fits else None


def assemble(parts: Iterable[Shown], url: str, year: int | None = None) -> str | None:
    """A date from its parts in one row, in whatever order they stand; None where they make none.

    Args:
        parts: what `shown` found, `full` ones excluded.
        url: the entry's address, asked for the year where the row shows none.
        year: the year of a heading above the row.

    """
    seen: dict[str, tuple[int, ...]] = {}
    for part in parts:
        seen.setdefault(part.kind, part.numbers)
    if "month-day" in seen:
        month, day = seen["month-day"]
        if "year" in seen:
            return _iso(seen["year"][0], month, day)
        return _with_year(month, day, url, year)
    if "day" in seen:
        if "year-month" in seen:
            year_of, month = seen["year-month"]
            return _iso(year_of, month, seen["day"][0])
        if "month" in seen:
            month, day = seen["month"][0], seen["day"][0]
            return _iso(seen["year"][0], month, day) if "year" in seen else _with_year(month, day, url, year)
    return None
