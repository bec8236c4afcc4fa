"""The threshold that makes all sections together need as many polls as there is budget for."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.watch.rhythm import Intensity, expected_between, expected_polls
from crawler.watch.workdays import DAY, KINDS, day_kind, day_of

if TYPE_CHECKING:
    from collections.abc import Sequence

HORIZON = 14
"""Days looked ahead, and back: two weekends, so that what they save is spent on working days."""
_LEAST, _MOST = 1e-3, 1e9
"""Post-seconds between which a threshold lies."""
_STEPS = 30
"""Halvings of that span on a logarithmic scale: to 1e-8 of it."""
_LEARN = 0.3
"""How much of a day's error of the forecast is believed."""
_REPAY = 0.5
"""How much of what the past two weeks spent too much or too little is made up for in the next two."""
_LEAST_SHARE = 0.25
"""Part of a day below which a count says little about the forecast."""


@dataclass(slots=True)
class Budget:
    """Holds the number of polls to `per_day`, over weeks; adjusted about once a day.

    Args:
        per_day: polls a day of all sections together.
        floor: least seconds between two polls of a section.
        cap: most seconds between two polls of a section.

    """

    per_day: float
    floor: float
    cap: float
    threshold: float = 60.0
    _bias: float = 1.0
    """Polls made for each one expected."""
    _since: float | None = None
    _planned: tuple[Intensity, ...] = ()
    _spent: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=HORIZON))
    """Length, in days, of each span between two adjustments, and its polls."""

    def adjust(self, intensities: Sequence[Intensity], now: float, made: int) -> None:
        """Set the threshold for the time to come.

        Args:
            intensities: of all sections.
            now: UTC epoch seconds.
            made: polls since the last adjustment.

        """
        if self._since is not None and now > self._since:
            self._account(self._since, now, made)
        self._since, self._planned = now, tuple(intensities)
        if not intensities:
            return
        today = day_of(now)
        days = [day_kind(today + ahead) for ahead in range(HORIZON)]
        counts = [(kind, days.count(kind)) for kind in KINDS if kind in days]
        wanted = max(self.per_day * HORIZON + self._owed(), self.per_day) / self._bias
        low, high = _LEAST, _MOST
        for _ in range(_STEPS):
            middle = (low * high) ** 0.5
            total = sum(
                count * expected_polls(each, kind, middle, self.floor, self.cap)
                for kind, count in counts
                for each in intensities
            )
            low, high = (middle, high) if total > wanted else (low, middle)
        self.threshold = high

    def _account(self, start: float, now: float, made: int) -> None:
        share = (now - start) / DAY
        self._spent.append((share, made))
        expected = sum(
            expected_between(each, start, now, self.threshold, self.floor, self.cap) for each in self._planned
        )
        if expected > 0 and share >= _LEAST_SHARE:
            self._bias += _LEARN * (min(max(made / expected, 0.5), 2.0) - self._bias)

    def _owed(self) -> float:
        """Polls to make up for; whole weeks count, since a weekend saves what its week spends."""
        kept = list(self._spent)
        kept = kept[-(len(kept) // 7 * 7) :] if len(kept) >= 7 else []
        return _REPAY * sum(self.per_day * share - made for share, made in kept)
