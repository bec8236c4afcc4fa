"""The Chinese working calendar: weekends, public holidays, and the weekends that are worked in exchange (调休).

Days are whole numbers: days since 1970-01-01 on a clock in Shanghai (UTC+8 all year since 1991).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

import chinese_calendar

DayKind = Literal["work", "weekend", "holiday"]
KINDS: tuple[DayKind, ...] = ("work", "weekend", "holiday")

DAY = 86_400.0
_OFFSET = 8 * 3600.0
_EPOCH = date(1970, 1, 1)
_FIXED = frozenset({(1, 1), (4, 5), *((5, day) for day in (1, 2, 3)), *((10, day) for day in range(1, 8))})
"""Month and day of the holidays that lie there whatever the year's arrangement."""
_SPRING = ((1, 20), (2, 28))
"""The Spring Festival's first day lies between 21 January and 20 February; its holiday is a week."""


def day_of(moment: float) -> int:
    """The day on which a moment (UTC epoch seconds) falls in Shanghai."""
    return int((moment + _OFFSET) // DAY)


def start_of(day: int) -> float:
    """The moment (UTC epoch seconds) at which a day begins in Shanghai."""
    return day * DAY - _OFFSET


def date_of(day: int) -> date:
    """The date of a day."""
    return _EPOCH + timedelta(days=day)


def day_number(text: str) -> int | None:
    """The day of a date such as `2025-06-18` or `2025-06-18T09:30:00+08:00`; None for anything else."""
    try:
        return (date.fromisoformat(text[:10]) - _EPOCH).days
    except ValueError:
        return None


@lru_cache(maxsize=64)
def is_arranged(year: int) -> bool:
    """Whether the calendar knows a year's arrangement; the State Council publishes it in the November before."""
    try:
        chinese_calendar.is_workday(date(year, 7, 1))
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=8192)
def day_kind(day: int) -> DayKind:
    """Whether a day is worked; a year without arrangement has its weekends and the holidays of fixed date."""
    that = date_of(day)
    if is_arranged(that.year):
        if chinese_calendar.is_workday(that):
            return "work"
        return "holiday" if chinese_calendar.get_holiday_detail(that)[1] is not None else "weekend"
    if (that.month, that.day) in _FIXED:
        return "holiday"
    return "work" if that.weekday() < 5 else "weekend"


@lru_cache(maxsize=8192)
def _sure_kind(day: int) -> DayKind:
    """The kind of a day; where the arrangement is unknown, Spring Festival may be."""
    that = date_of(day)
    if not is_arranged(that.year) and _SPRING[0] <= (that.month, that.day) <= _SPRING[1]:
        return "holiday"
    return day_kind(day)


def exposure(day: int, weekend: float = 0.0) -> float:
    """How much of a working day a day surely is: 1 or 0, and `weekend` on a day of a weekend."""
    kind = _sure_kind(day)
    return 1.0 if kind == "work" else weekend if kind == "weekend" else 0.0


def working_days(after: int, until: int, weekend: float = 0.0) -> float:
    """Working days later than one day, up to and with another; a day of a weekend counts for `weekend`."""
    return sum(exposure(day, weekend) for day in range(after + 1, until + 1))
