"""Schedules that learn nothing: a fixed interval, a cron expression; and the hours in which any schedule polls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from apscheduler.triggers.cron import CronTrigger

from crawler.config import parse_duration
from crawler.exceptions import ConfigError
from crawler.text.dates import SHANGHAI
from crawler.watch.pacing import Adaptive, Due
from crawler.watch.workdays import DAY, day_kind, day_of, start_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.config import Watch
from crawler.watch.pacing import Pace

LEAST = 0.1
"""Seconds between two polls, whatever was asked for."""
_FAR = 400
"""Days looked ahead for an open hour: a rest longer than a year is none."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Every section after the same number of seconds."""

    every: float

    def next(self, name: str, last: float) -> Due:
        """When a section is polled after a poll at `last`."""
        del name
        return Due(last + max(self.every, LEAST), f"every {self.every:.0f} s")


class Cron:
    """All sections when a cron expression (minute, hour, day, month, weekday; Asia/Shanghai) says.

    Weekdays are crontab's: 0 and 7 are Sunday. Where day and weekday are both given, both must fit.
    """

    def __init__(self, expression: str) -> None:
        """Read the expression.

        Raises:
            ConfigError: it is none, or never comes.

        """
        self._expression = expression
        *others, weekdays = expression.split()
        try:
            self._trigger = CronTrigger.from_crontab(" ".join([*others, _weekdays(weekdays)]), timezone=SHANGHAI)
        except ValueError as error:
            raise ConfigError(f"watch.cron {expression!r}: {error}: write for example 0 8-18 * * mon-fri") from error
        self.next("", 0.0)

    def next(self, name: str, last: float) -> Due:
        """When a section is polled after a poll at `last`.

        Raises:
            ConfigError: never again.

        """
        del name
        found = self._trigger.get_next_fire_time(None, datetime.fromtimestamp(last + 1.0, SHANGHAI))
        if found is None:
            raise ConfigError(f"watch.cron {self._expression!r}: never comes; write for example 0 8-18 * * mon-fri")
        return Due(found.timestamp(), f"cron {self._expression}")


def _weekdays(field: str) -> str:
    """A crontab's weekdays by name: APScheduler 3 counts from Monday where crontab counts from Sunday.

    Raises:
        ValueError: a part of it is no weekday.

    """
    days: list[str] = []
    for part in field.lower().split(","):
        match = _WEEKDAYS.match(part)
        if match is None:
            days.append(part)  # a star, or what APScheduler is to refuse
            continue
        first = _weekday(match[1])
        last = first if match[2] is None else _weekday(match[2])
        if first > last and match[2] not in {"0", "sun"}:
            raise ValueError(f"{part!r} ends before it begins")
        if first > last:
            last = 7
        if match[2] is None and match[3] is not None:
            last = 6
        days += [_NAMES[day % 7] for day in range(first, last + 1, int(match[3] or 1))]
    return ",".join(days)


_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_WEEKDAYS = re.compile(r"^([0-7]|[a-z]{3})(?:-([0-7]|[a-z]{3}))?(?:/([1-7]))?$")


def _weekday(text: str) -> int:
    """0 for Sunday to 7 for Sunday.

    Raises:
        ValueError: it is no weekday.

    """
    return int(text) if text.isdigit() else _NAMES.index(text)


@dataclass(frozen=True, slots=True)
class Hours:
    """When polls may be made: inside a window if there are any, outside every blackout; both in seconds of the day."""

    windows: tuple[tuple[float, float], ...] = ()
    blackout: tuple[tuple[float, float], ...] = ()
    working_days: bool = False

    def allows(self, at: float) -> bool:
        """Whether a moment (UTC epoch seconds) is one."""
        day = day_of(at)
        time = at - start_of(day)
        if self.working_days and day_kind(day) != "work":
            return False
        if self.windows and not _inside(time, self.windows):
            return False
        return not _inside(time, self.blackout)

    def next(self, at: float) -> float:
        """The first such moment from one on.

        Raises:
            ConfigError: there is none.

        """
        if self.allows(at):
            return at
        edges = sorted({0.0, *(start for start, _ in self.windows), *(end % DAY for _, end in self.blackout)})
        for day in range(day_of(at), day_of(at) + _FAR):
            for edge in edges:
                moment = start_of(day) + edge
                if moment > at and self.allows(moment):
                    return moment
        raise ConfigError("watch.windows and watch.blackout leave no time to poll; make one of them shorter")


def _inside(time: float, spans: Iterable[tuple[float, float]]) -> bool:
    return any(start <= time < end if start < end else time >= start or time < end for start, end in spans)


def hours_of(watch: Watch) -> Hours:
    """The hours of a configuration.

    Raises:
        ConfigError: they leave no time to poll.

    """
    hours = Hours(
        tuple(_span(text) for text in watch.windows), tuple(_span(text) for text in watch.blackout), watch.working_days
    )
    hours.next(0.0)
    return hours


def _span(text: str) -> tuple[float, float]:
    start, end = (int(part[:2]) * 3600.0 + int(part[3:]) * 60.0 for part in text.split("-"))
    return start, end


def pace_of(watch: Watch) -> Pace:
    """The schedule of a configuration.

    Raises:
        ConfigError: its cron expression is none, or never comes.

    """
    if watch.every is not None:
        return Fixed(watch.every)
    if watch.cron is not None:
        return Cron(watch.cron)
    if isinstance(watch.budget, int):
        return Adaptive(per_day=float(watch.budget))
    return Adaptive(interval=parse_duration(watch.budget))
