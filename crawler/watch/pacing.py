"""When each section is polled next, and why; without a clock. What `watch` runs, the benchmark runs too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from crawler.watch.budget import Budget
from crawler.watch.rhythm import BIN, Intensity, Rhythm, Shared, intensity_of, next_poll, seeded, shared_of, urgency_of
from crawler.watch.workdays import DAY, day_kind, day_of, start_of

if TYPE_CHECKING:
    from collections.abc import Mapping

FLOOR = 300.0
"""Least seconds between two polls of a section."""
CAP = 7200.0
"""Most seconds between two polls of a section."""


@dataclass(frozen=True, slots=True)
class Due:
    """A section's next poll, UTC epoch seconds, and the reason in a few words."""

    at: float
    why: str


class Pace(Protocol):
    """Decides when sections are polled."""

    def next(self, name: str, last: float) -> Due:
        """When a section is polled after a poll at `last` (UTC epoch seconds)."""
        ...


@dataclass(slots=True)
class _Known:
    rhythm: Rhythm
    urgency: Intensity


@dataclass(slots=True)
class Adaptive:
    """Polls where and when something is likely to be new, within a budget.

    Args:
        per_day: polls a day of all sections together; or
        interval: seconds between two polls of a section on average.
        floor: least seconds between two polls of a section.
        cap: most seconds between two polls of a section.

    """

    per_day: float | None = None
    interval: float | None = None
    floor: float = FLOOR
    cap: float = CAP
    _sections: dict[str, _Known] = field(default_factory=dict)
    _made: int = 0
    _adjusted: float | None = None
    _shared: Shared = field(default_factory=Shared)
    _budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        self._budget = Budget(per_day=0.0, floor=self.floor, cap=self.cap)

    def add(
        self,
        name: str,
        posts: Mapping[int, int],
        now: float,
        *,
        complete_since: float | None = None,
    ) -> Rhythm:
        """Take a section up with the days of its known posts (see `workdays`), or replace what is known of it.

        `complete_since` is when its list was first read: from then on every post was seen.
        """
        since = None if complete_since is None else day_of(complete_since)
        rhythm = seeded(posts, day_of(now), complete_since=since)
        self._sections[name] = _Known(rhythm, urgency_of(intensity_of(rhythm, self._shared)))
        return rhythm

    def remove(self, name: str) -> None:
        """Forget a section."""
        self._sections.pop(name, None)

    def knows(self, name: str) -> bool:
        """Whether a section was taken up."""
        return name in self._sections

    def polled(self, name: str, before: float | None, at: float, new: int) -> None:
        """Note a poll at a time, the one before it, and how many posts it found that were not there before."""
        self._made += 1
        if new and before is not None:
            rhythm = self._sections[name].rhythm
            rhythm.add(day_of(at), new)
            rhythm.seen_between(before, at, min(new, _MOST_AT_ONCE))

    def adjust(self, now: float, *, force: bool = False) -> bool:
        """Learn and set the threshold anew if a day has gone by since; whether it did."""
        if not force and self._adjusted is not None and now - self._adjusted < DAY:
            return False
        today = day_of(now)
        for known in self._sections.values():
            known.rhythm.close(today - 1)
        self._shared = shared_of(known.rhythm for known in self._sections.values())
        for known in self._sections.values():
            known.urgency = urgency_of(intensity_of(known.rhythm, self._shared))
        self._budget.per_day = self.budget
        self._budget.adjust([known.urgency for known in self._sections.values()], now, self._made)
        self._made, self._adjusted = 0, now
        return True

    @property
    def budget(self) -> float:
        """Polls a day of all sections together."""
        if self.per_day is not None:
            return self.per_day
        return len(self._sections) * DAY / (self.interval or CAP / 4)

    @property
    def threshold(self) -> float:
        """Post-seconds of expected delay at which a section is polled."""
        return self._budget.threshold

    def next(self, name: str, last: float) -> Due:
        """When a section is polled after a poll at `last`, and why."""
        urgency = self._sections[name].urgency
        at = next_poll(urgency, last, self.threshold, self.floor, self.cap)
        return Due(at, self._why(urgency, last, at))

    def _why(self, urgency: Intensity, last: float, at: float) -> str:
        rate = f"{urgency.rate:.1f} posts a working day expected"
        kind = {"work": "", "weekend": ", a weekend", "holiday": ", a holiday"}[day_kind(day_of(at))]
        hour = int((at - start_of(day_of(at))) / BIN)
        if at - last >= self.cap - 1:
            return f"{rate}, few around {hour}:00{kind}: the longest wait"
        if at - last <= self.floor + 1:
            return f"{rate}, many around {hour}:00{kind}: the shortest wait"
        return f"{rate}, its share around {hour}:00{kind}"


_MOST_AT_ONCE = 5
"""Posts of one poll that say something about the time of day: more were put up together."""
