"""When a section has been quiet for too long: its rhythm on the calendar. Pure: no clock.

Gaps are counted in working days. A day of a weekend counts for as much of one as the section is used to post then, so
that a column that is filled every day is missed after days, also over a weekend; a holiday never counts, since every
section may be quiet in one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from crawler.health import longest_gap
from crawler.watch.workdays import day_kind, working_days

if TYPE_CHECKING:
    from collections.abc import Sequence

GAPS = 120
"""Newest gaps between posting days that count."""
WEEKEND_WEIGHT = 4.0
"""Expected posting days on weekends that "none" counts for against what was seen: as in `rhythm.OFF_WEIGHT`."""


@dataclass(frozen=True, slots=True)
class Line:
    """How long a section may be quiet after a posting day.

    `last` is that day, `weekend` what a day of a weekend counts for (0 to 1), `allowed` the working days without a post
    after which it is silent, None where its rhythm is not known well enough.
    """

    last: int
    weekend: float
    allowed: float | None

    def gap(self, until: int) -> float:
        """Working days after the last posting day, up to and with a day."""
        return working_days(self.last, until, self.weekend)


def line_of(days: Sequence[int]) -> Line:
    """What the posting days of a section, in their order, say of the gap after the newest; at least one day."""
    days = days[-GAPS - 1 :]
    weekend = weekend_share(days)
    gaps = [working_days(earlier, later, weekend) for earlier, later in pairwise(days)]
    spans = [later - earlier for earlier, later in pairwise(days)]
    return Line(days[-1], weekend, longest_gap(gaps, spans))


def weekend_share(days: Sequence[int]) -> float:
    """How often there is a post on a day of a weekend, against a working day; 0 to 1, drawn towards 0.

    Args:
        days: posting days in their order.

    """
    kinds = [day_kind(day) for day in range(days[0], days[-1] + 1)]
    posted = [kinds[day - days[0]] for day in days]
    rate = max(posted.count("work"), 1) / max(kinds.count("work"), 1)
    return min(posted.count("weekend") / (rate * kinds.count("weekend") + WEEKEND_WEIGHT), 1.0)
