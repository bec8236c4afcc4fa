"""Dates as Chinese pages print them, in the record's form.

The record's form is `YYYY-MM-DD`, or `YYYY-MM-DDTHH:MM:SS+08:00` where a time is printed. Times without a zone are
Asia/Shanghai, which has had no summer time since 1991. Dates before 1949 (no portal publishes for an earlier state) and
after 2100 are taken for numbers that look like dates.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))
FIRST_YEAR = 1949
LAST_YEAR = 2100
_LONG = 4000
"""`parse_date` looks no further than this many characters."""

_WIDE = str.maketrans("０１２３４５６７８９：／－．　–—\u00a0", "0123456789:/-. -- ")
_COMMON_WIDE = (("：", ":"), ("\u3000", " "), ("\u00a0", " "))
_ANY_WIDE = re.compile("[０-９／－．–—]")
_TIME = (
    r"(?:(?:[\sT日,，]|&nbsp;){0,6}(?P<half>上午|下午|晚上)?\s?|-)"
    r"(?P<h>[01]?\d|2[0-4])(?::|时|點|点)(?P<m>[0-5]\d)(?:(?::|分)(?P<s>[0-5]\d)?(?:\.\d{1,9})?)?"
    r"(?:\s?(?P<zone>Z|[+-]\d\d:?\d\d)(?!\d))?(?!\d)"
)
_NUMERIC = re.compile(
    # The first digit stands before the look behind it, so that the search skips to digits 1 and 2.
    r"(?P<y>1(?<![\d.]1)9\d\d|2(?<![\d.]2)(?:0\d\d|100))(?:"
    r"\s{0,2}年\s{0,2}(?P<m1>\d{1,2})\s{0,2}月\s{0,2}(?P<d1>\d{1,2})(?!\d)\s{0,2}[日号]?"
    r"|\s{0,2}(?P<sep>[-/.])\s{0,2}(?P<m2>\d{1,2})\s{0,2}(?P=sep)\s{0,2}(?P<d2>\d{1,2})(?!\d(?!\d:\d))"
    r"|(?P<m3>\d\d)(?P<d3>\d\d)(?!\d))"
    rf"(?:{_TIME})?"
)
_DIGITS = "〇零○Ｏ0一二三四五六七八九"
_HAN_YEAR = re.compile(rf"[{_DIGITS}]\s?年")
_HAN = re.compile(
    rf"(?P<y>[{_DIGITS}]{{4}})\s?年\s?(?P<m>[一二三四五六七八九十]{{1,2}})\s?月\s?(?P<d>[一二三四五六七八九十]{{1,3}})\s?[日号]"
)
_MONTH_DAY = re.compile(r"(?<![\d.:-])(?P<m>\d{1,2})\s?(?:-|/|\.|月)\s?(?P<d>\d{1,2})(?![\d.:])日?")
_VALUE = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "Ｏ": 0, "0": 0}


def _day(year: int, month: int, day: int) -> str | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _with_time(day: str, match: re.Match[str]) -> str:
    hour, minute, second = int(match["h"]), int(match["m"]), int(match["s"] or 0)
    if match["half"] in {"下午", "晚上"} and hour < 12:
        hour += 12
    if hour > 23:
        return day
    zone = match["zone"]
    if zone is None or zone.replace(":", "") == "+0800":
        return f"{day}T{hour:02}:{minute:02}:{second:02}+08:00"
    offset = timedelta()
    if zone != "Z":
        digits = zone[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        if offset >= timedelta(hours=24):
            return day
    printed = datetime.fromisoformat(f"{day}T{hour:02}:{minute:02}:{second:02}+00:00")
    moment = printed + offset if zone[0] == "-" else printed - offset
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def _numeric(match: re.Match[str]) -> str | None:
    month = match["m1"] or match["m2"] or match["m3"]
    day = _day(int(match["y"]), int(month), int(match["d1"] or match["d2"] or match["d3"]))
    if day is None or match["h"] is None:
        return day
    return _with_time(day, match)


def _number(han: str) -> int:
    """`九` 9, `十` 10, `十二` 12, `二十` 20, `三十一` 31; 0 for what is none of these."""
    tens, ten, ones = han.rpartition("十")
    if not ten:
        return _VALUE.get(han, 0) if len(han) == 1 else 0
    return (_VALUE.get(tens, 0) if tens else 1) * 10 + (_VALUE.get(ones, 0) if ones else 0)


def _han(match: re.Match[str]) -> str | None:
    year = int("".join(str(_VALUE[c]) for c in match["y"]))
    return _day(year, _number(match["m"]), _number(match["d"]))


def _narrow(text: str) -> str:
    """A text with ASCII digits, signs and spaces, character for character."""
    for wide, narrow in _COMMON_WIDE:  # translating everything takes twenty times as long
        if wide in text:
            text = text.replace(wide, narrow)
    return text.translate(_WIDE) if _ANY_WIDE.search(text) else text


def find_dates(text: str) -> list[tuple[int, int, str]]:
    """Every full date of a text as (start, end, date in the record's form), in order; offsets count characters."""
    text = _narrow(text)
    found = [(m.start(), m.end(), iso) for m in _NUMERIC.finditer(text) if (iso := _numeric(m))]
    if "年" in text and _HAN_YEAR.search(text):
        found += [(m.start(), m.end(), iso) for m in _HAN.finditer(text) if (iso := _han(m))]
        found.sort()
    return found


def parse_date(text: str, *, year: int | None = None) -> str | None:
    """The first date of a text in the record's form, or None.

    Args:
        text: what a page prints, for example `发布时间：2025年6月18日 09:30`; only its first 4000 characters are read.
        year: the year of a date that shows only month and day (`[06-18]`).

    """
    text = text[:_LONG]
    found = find_dates(text)
    if found:
        return found[0][2]
    if year is not None:
        for match in _MONTH_DAY.finditer(_narrow(text)):
            if day := _day(year, int(match["m"]), int(match["d"])):
                return day
    return None


def rfc3339(at: float) -> str:
    """UTC epoch seconds as `2026-11-22T05:00:00Z`, the form of all our own times."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def parse_epoch(value: str | float) -> str | None:
    """A Unix time in seconds or milliseconds, as JSON answers give it, in the record's form; None where implausible."""
    try:
        seconds = float(value)
        if abs(seconds) >= 1e11:  # milliseconds: as seconds it would be the year 5138
            seconds /= 1000
        moment = datetime.fromtimestamp(seconds, UTC).astimezone(SHANGHAI)
    except (ValueError, OverflowError, OSError):
        return None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    return moment.isoformat(timespec="seconds")
