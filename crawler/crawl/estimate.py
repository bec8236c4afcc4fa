"""How long a backfill still takes, from what it took so far."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

WINDOW = 120.0
"""Seconds whose pace is taken for that of the rest: a portal is slower by day than by night."""
SAMPLES = 120
"""Points kept of the window."""
ENOUGH = 10.0
"""Seconds of measurement without which nothing is said about the rest."""


class Pace:
    """The pace of a count that only grows, over the last two minutes; bounded memory."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, int]] = deque(maxlen=SAMPLES)

    def note(self, now: float, count: int) -> None:
        """The count at a time, in seconds."""
        if self._points and now - self._points[-1][0] < WINDOW / SAMPLES:
            return
        self._points.append((now, count))
        while now - self._points[0][0] > WINDOW and len(self._points) > 2:
            self._points.popleft()

    def seconds_each(self, now: float, count: int) -> float | None:
        """Seconds that one took lately; null before there is enough to tell."""
        if not self._points:
            return None
        began, before = self._points[0]
        if now - began < ENOUGH or count <= before:
            return None
        return (now - began) / (count - before)


def spoken(seconds: float | None) -> str:
    """A duration as a person says it: `about 11 h`, `about 5 min`, `under a minute`; `unknown` for null."""
    if seconds is None:
        return "unknown"
    if seconds < 60:
        return "under a minute"
    if seconds < 5_400:
        return f"about {seconds / 60:.0f} min"
    if seconds < 172_800:
        return f"about {seconds / 3_600:.0f} h"
    return f"about {seconds / 86_400:.0f} days"


def total_left(progress: Iterable[dict[str, Any]]) -> tuple[float | None, int]:
    """Seconds until all are done, as far as it can be told, and how many sections cannot be told yet.

    Portals run side by side, the sections of one portal one after the other; `progress` is that of every section.
    """
    portals: defaultdict[str, float] = defaultdict(float)
    unknown = 0
    for section in progress:
        if section["phase"] == "done":
            continue
        if section["phase"] == "waiting" or section["left"] is None:
            unknown += 1
        else:
            portals[section["portal"]] += section["left"]
    return max(portals.values(), default=None), unknown
