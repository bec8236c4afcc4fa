"""When a section is likely to publish, learned from what it published; without a clock.

A section's intensity (posts a second) is its rate on working days, times how much of that a weekend or a holiday
sees, times the shape of the day. Each of the three is an estimate shrunk towards what all sections together show, and
that towards a prior, so that a section known by one list page is polled sensibly and a long known one in its own way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.watch.workdays import DAY, KINDS, DayKind, day_kind, day_of, start_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

BINS = 24
BIN = DAY / BINS
"""Seconds of one piece of the day's shape."""

_OFFICE = (2, 1, 1, 1, 1, 1, 2, 6, 20, 50, 70, 60, 30, 25, 45, 65, 75, 70, 45, 30, 22, 16, 10, 5)
PRIOR_SHAPE: tuple[float, ...] = tuple(weight / sum(_OFFICE) for weight in _OFFICE)
"""Share of a day's posts by hour in Shanghai before anything is known: office hours, their ends late, a lunch break."""
PRIOR_WEIGHT = 60.0
"""Posts that the prior shape counts for against what all sections showed."""
SHARED_WEIGHT = 40.0
"""Posts that the shared shape counts for against what one section showed."""
BACKGROUND = 0.05
"""Share of posts that may come at any time of the day, whatever was seen."""

PRIOR_OFF: dict[DayKind, float] = {"work": 1.0, "weekend": 0.15, "holiday": 0.08}
"""Posts of a weekend day or a holiday against those of a working day before anything is known: of an office."""
OFF_WEIGHT = 4.0
"""Expected posts that the shared share of such days counts for against a section's own."""

PRIOR_RATE = 0.3
"""Posts a working day of a section of which nothing is known: one or two a week."""
RATE_WEIGHT = 2.0
"""Working days that the prior rate counts for."""
MEMORY = 60.0
"""Days after which what was seen counts 1/e."""
MOST_A_DAY = 60
"""Posts of one day that count; more is a migration and no rhythm."""
_HORIZON = 540
"""Days that seeds reach back; older ones count less than one in 8000."""


@dataclass(slots=True)
class Rhythm:
    """One section's decaying counts. `closed` is the last day that is counted in full."""

    posts: dict[DayKind, float] = field(default_factory=lambda: dict.fromkeys(KINDS, 0.0))
    days: dict[DayKind, float] = field(default_factory=lambda: dict.fromkeys(KINDS, 0.0))
    hours: list[float] = field(default_factory=lambda: [0.0] * BINS)
    closed: int | None = None
    pending: dict[int, int] = field(default_factory=dict)
    """Posts of days that are not closed yet."""

    def close(self, until: int) -> None:
        """Count every day up to one; a day without a post counts too."""
        if self.closed is None:
            self.closed = until - 1
        for day in range(max(self.closed + 1, until - _HORIZON), until + 1):
            kind = day_kind(day)
            for each in KINDS:
                self.posts[each] *= _KEEP
                self.days[each] *= _KEEP
            self.posts[kind] += min(self.pending.pop(day, 0), MOST_A_DAY)
            self.days[kind] += 1.0
        self.closed = max(self.closed, until)
        self.pending = {day: count for day, count in self.pending.items() if day > self.closed}

    def add(self, day: int, count: int = 1) -> None:
        """Note posts of a day; those of a day that was closed already count as of the next one."""
        day = day if self.closed is None else max(day, self.closed + 1)
        self.pending[day] = self.pending.get(day, 0) + count

    def seen_between(self, start: float, end: float, count: int = 1) -> None:
        """Note when in the day posts came: at some time between two polls (UTC epoch seconds)."""
        span = min(max(end - start, 60.0), DAY)
        at = end - span
        while at < end - 1e-6:
            into = (at - start_of(day_of(at))) / BIN
            step = min((int(into) + 1 - into) * BIN, end - at)
            self.hours[int(into) % BINS] += count * step / span
            at += max(step, 1e-3)


_KEEP = 2.718281828459045 ** (-1.0 / MEMORY)


def seeded(dates: Mapping[int, int], today: int, *, complete_since: int | None = None) -> Rhythm:
    """A rhythm from the days of known posts and their number, up to yesterday.

    A list page shows the newest posts, however old: where it begins is no working of chance, so its oldest tenth
    (pinned entries are among them) only says where to begin counting. From `complete_since` on every post was seen.
    """
    rhythm = Rhythm()
    past = sorted(day for day, count in dates.items() for _ in range(min(count, MOST_A_DAY)) if day <= today)
    if not past:
        return rhythm
    begin = past[min(len(past) - 1, max(1, len(past) // 10))]
    if complete_since is not None:
        begin = min(begin, complete_since)
    rhythm.closed = max(begin, today - _HORIZON)
    for day, count in dates.items():
        if rhythm.closed < day <= today:
            rhythm.add(day, count)
    rhythm.close(today - 1)
    return rhythm


@dataclass(frozen=True, slots=True)
class Intensity:
    """A section's posts a second, by kind of day and piece of the day."""

    rate: float
    """Posts a working day."""
    by_kind: Mapping[DayKind, Sequence[float]]

    def at(self, moment: float) -> float:
        """Posts a second at a moment."""
        day = day_of(moment)
        return self.by_kind[day_kind(day)][min(int((moment - start_of(day)) / BIN), BINS - 1)]


@dataclass(frozen=True, slots=True)
class Shared:
    """What all sections together show: the shape of the day, the share of days that are not worked."""

    shape: tuple[float, ...] = PRIOR_SHAPE
    off: Mapping[DayKind, float] = field(default_factory=lambda: dict(PRIOR_OFF))


def shared_of(rhythms: Iterable[Rhythm]) -> Shared:
    """Pool the rhythms of all sections; each counts by what is known of it, none for more than a tenth of the prior."""
    hours = [PRIOR_WEIGHT * share for share in PRIOR_SHAPE]
    seen = {kind: OFF_WEIGHT * 5 * PRIOR_OFF[kind] for kind in KINDS}
    expected = dict.fromkeys(KINDS, OFF_WEIGHT * 5)
    for rhythm in rhythms:
        total = sum(rhythm.hours)
        weight = min(1.0, SHARED_WEIGHT / total) if total else 0.0
        for place, count in enumerate(rhythm.hours):
            hours[place] += count * weight
        rate = _rate(rhythm)
        for kind in KINDS[1:]:
            share = rate * rhythm.days[kind]
            weight = min(1.0, OFF_WEIGHT / share) if share else 0.0
            seen[kind] += rhythm.posts[kind] * weight
            expected[kind] += share * weight
    whole = sum(hours)
    off: dict[DayKind, float] = {kind: min(seen[kind] / expected[kind], 2.0) for kind in KINDS}
    off["work"] = 1.0
    return Shared(tuple(count / whole for count in hours), off)


def intensity_of(rhythm: Rhythm, shared: Shared) -> Intensity:
    """What to expect of a section."""
    rate = _rate(rhythm)
    total = sum(rhythm.hours)
    shape = [
        (1.0 - BACKGROUND) * (SHARED_WEIGHT * common + own) / (SHARED_WEIGHT + total) + BACKGROUND / BINS
        for common, own in zip(shared.shape, rhythm.hours, strict=True)
    ]
    by_kind: dict[DayKind, Sequence[float]] = {}
    for kind in KINDS:
        share = 1.0
        if kind != "work":
            share = (rhythm.posts[kind] + OFF_WEIGHT * shared.off[kind]) / (rate * rhythm.days[kind] + OFF_WEIGHT)
        by_kind[kind] = tuple(rate * min(share, 3.0) * part / BIN for part in shape)
    return Intensity(rate, by_kind)


URGENCY = 0.85
"""Power of the intensity that decides when to poll.

With 1 the mean delay is least and quiet hours pay for it; below 1 the longest delays are shorter. Chosen on half of the
spans of benchmarks/rhythm among 1, .9, .85, .8, .7, .55 by the 95th percentile at one poll an hour.
"""
_USUAL = 1e-5
"""Posts a second at which intensity and urgency are the same: about one a day."""


def urgency_of(intensity: Intensity) -> Intensity:
    """What decides when to poll: the intensity, its differences between sections and hours a little levelled."""
    return Intensity(
        intensity.rate,
        {kind: tuple(_USUAL * (each / _USUAL) ** URGENCY for each in day) for kind, day in intensity.by_kind.items()},
    )


def _rate(rhythm: Rhythm) -> float:
    return (rhythm.posts["work"] + RATE_WEIGHT * PRIOR_RATE) / (rhythm.days["work"] + RATE_WEIGHT)


def next_poll(intensity: Intensity, last: float, threshold: float, floor: float, cap: float) -> float:
    """When the expected delay since the last poll, the integral of (t-s)*intensity(s), passes a threshold.

    Args:
        intensity: of the section.
        last: the last poll, UTC epoch seconds.
        threshold: expected post-seconds of delay.
        floor: least seconds between two polls.
        cap: most seconds between two polls.

    Returns:
        UTC epoch seconds, `floor` to `cap` after the last poll.

    """
    at, posts, delay = last, 0.0, 0.0
    end = last + cap
    while at < end:
        into = (at - start_of(day_of(at))) / BIN
        step = min(max((int(into) + 1 - into) * BIN, 1e-3), end - at)
        rate = intensity.at(at + step / 2)
        grown = delay + posts * step + rate * step * step / 2
        if grown >= threshold:
            return max(at + _crossing(rate, posts, threshold - delay), last + floor)
        at, posts, delay = at + step, posts + rate * step, grown
    return end


def _crossing(rate: float, posts: float, missing: float) -> float:
    """Seconds s with posts*s + rate*s²/2 = missing, in the form that is exact for small rates."""
    root = math.sqrt(posts * posts + 2.0 * rate * missing)
    return 2.0 * missing / (posts + root) if posts + root > 0 else 0.0


def expected_polls(intensity: Intensity, kind: DayKind, threshold: float, floor: float, cap: float) -> float:
    """About how many polls a day of a kind will bring: in each piece of the day one every sqrt(2*threshold/rate)."""
    slow, fast = BIN / cap, BIN / floor
    scale = BIN * math.sqrt(0.5 / threshold)
    return sum(min(max(scale * math.sqrt(rate), slow), fast) for rate in intensity.by_kind[kind])


def expected_between(
    intensity: Intensity, start: float, end: float, threshold: float, floor: float, cap: float
) -> float:
    """The same between two moments (UTC epoch seconds)."""
    scale = math.sqrt(0.5 / threshold)
    polls, at = 0.0, start
    while at < end:
        into = (at - start_of(day_of(at))) / BIN
        step = min(max((int(into) + 1 - into) * BIN, 1e-3), end - at)
        polls += step * min(max(scale * math.sqrt(intensity.at(at + step / 2)), 1.0 / cap), 1.0 / floor)
        at += step
    return polls
