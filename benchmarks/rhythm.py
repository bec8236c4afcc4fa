"""How late adaptive polling is against fixed intervals, on real posting dates; and what the silence rule says of them.

    python -m benchmarks.rhythm [--budget MINUTES] [--seeds N] [--half 0|1] [--silence [--pieces DAYS]]

The data are the posting dates in ../shared/rhythm: days are real, from spans of twelve weeks in several years, and run
in their own calendar. Times of day are not known but for some fifty real stamps: each post gets the time of one of
them, give or take 45 minutes. The code that decides is the one that `watch` runs (`crawler.watch.pacing`), driven by a
simulated clock; it knows of each section what its first list page shows, 20 posts, and then what its polls find.

Mixes: `policy` are the sections as they are; in `news` every third section is a made-up news column: 4 to 40 posts on a
working day, half on other days, from 7 to 23 h. `shapes` changes what the times of day are, against fitting the
prior to the stamps: two hours later (a portal in the west), mornings alone, evenly over the day. `batches` puts up all
posts of a day at once.

The silence rule, too, is the one that `watch` asks (`crawler.watch.silence`), after each posting day with the days up to
it. `--pieces 400` cuts the long sections into pieces of as many days, each a section of its own: rules that hold for them
as well were not made for these 63.
"""

from __future__ import annotations

import argparse
import heapq
import random
import statistics
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.watch.memory import REACH
from crawler.watch.pacing import CAP, Adaptive
from crawler.watch.silence import GAPS, line_of
from crawler.watch.workdays import DAY, day_kind, day_of, exposure, start_of, working_days

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "rhythm"
STARTS = (
    "2016-02-29",
    "2018-09-10",
    "2019-03-04",
    "2020-06-01",
    "2021-09-06",
    "2022-03-07",
    "2022-12-05",
    "2023-06-05",
)
WEEKS = 12
PAGE = 20
OFFICE_HOURS = range(8, 18)


@dataclass(frozen=True, slots=True)
class Column:
    """A section in the simulation: what its first page shows, and the moments of the posts to come."""

    name: str
    page: dict[int, int]
    posts: tuple[float, ...]


def read_posts() -> tuple[dict[str, Counter[int]], list[float]]:
    """Posting days of every section, and the real times of day in seconds."""
    days: dict[str, Counter[int]] = {}
    for line in (SHARED / "posts.tsv").read_text("utf-8").splitlines()[1:]:
        section, _, stamp, precision = line.split("\t")[:4]
        if precision == "day" or section.startswith(("gov.cn", "cctv")):
            days.setdefault(section, Counter())[(date.fromisoformat(stamp[:10]) - date(1970, 1, 1)).days] += 1
    stamps: set[tuple[str, str]] = set()
    for line in (SHARED / "posts.tsv").read_text("utf-8").splitlines()[1:]:
        section, _, stamp, precision = line.split("\t")[:4]
        if precision == "minute" and not section.startswith(("ggzy:", "bmfw.")):
            stamps.add((section, stamp))
    for line in (SHARED / "minute_hand.tsv").read_text("utf-8").splitlines():
        section, _, stamp = line.split("\t")[:3]
        stamps.add((section, stamp))
    times = [datetime.fromisoformat(stamp) for _, stamp in sorted(stamps)]
    return days, [time.hour * 3600.0 + time.minute * 60 for time in times if time.hour or time.minute]


def clocks(stamps: Sequence[float]) -> dict[str, Callable[[random.Random], float]]:
    """Ways to draw a time of day, in seconds."""

    def real(chance: random.Random) -> float:
        return (chance.choice(stamps) + chance.gauss(0, 2700)) % DAY

    return {
        "stamps": real,
        "later": lambda chance: (real(chance) + 7200) % DAY,
        "mornings": lambda chance: chance.triangular(8.0, 12.0, 9.5) * 3600,
        "even": lambda chance: chance.uniform(0, DAY),
    }


def columns(
    days: dict[str, Counter[int]], start: int, clock: Callable[[random.Random], float], mix: str, chance: random.Random
) -> list[Column]:
    """The sections that lived in the weeks from a day on, and what they published then."""
    end = start + 7 * WEEKS
    found = []
    for name, counts in sorted(days.items()):
        before = sorted((day for day in counts.elements() if day < start), reverse=True)[:PAGE]
        during = [day for day in counts.elements() if start <= day < end]
        if len(before) < PAGE or before[0] < start - 120 or max(counts) < end or not during:
            continue
        if mix == "batches":
            at = {day: clock(chance) for day in set(during)}
            posts = [start_of(day) + at[day] for day in during]
        else:
            posts = [start_of(day) + clock(chance) for day in during]
        found.append(Column(name, dict(Counter(before)), tuple(sorted(posts))))
    if mix == "news":
        found += [_news(f"news-{number}", start, end, chance) for number in range(max(1, len(found) // 2))]
    return found


def _news(name: str, start: int, end: int, chance: random.Random) -> Column:
    rate = 4 * 10 ** chance.uniform(0, 1)

    def on(day: int) -> list[float]:
        mean = rate * (1.0 if day_kind(day) == "work" else 0.5)
        number = sum(chance.expovariate(1.0) < mean / 200 for _ in range(200))
        return [start_of(day) + (7 + 16 * chance.betavariate(1.3, 1.6)) * 3600 for _ in range(number)]

    before = sorted((post for day in range(start - 20, start) for post in on(day)), reverse=True)[:PAGE]
    posts = sorted(post for day in range(start, end) for post in on(day))
    return Column(name, dict(Counter(day_of(post) for post in before)), tuple(posts))


@dataclass(slots=True)
class Outcome:
    """Delays, in seconds, with the moment of each post; and the moments of all polls."""

    delays: list[tuple[float, float]]
    polls: list[float]

    def between(self, first: float, last: float) -> tuple[list[float], int]:
        """Delays of the posts, and the number of polls, from one moment to another."""
        return [d for at, d in self.delays if first <= at < last], sum(first <= at < last for at in self.polls)


def adaptive(sections: Sequence[Column], start: float, end: float, per_day: float) -> Outcome:
    """Run the pacing that `watch` runs."""
    pace = Adaptive(per_day=per_day)
    for section in sections:
        pace.add(section.name, section.page, start, complete_since=None)
    pace.adjust(start, force=True)
    found = Outcome([], [])
    place = [0] * len(sections)
    before = [start] * len(sections)
    queue = [(pace.next(section.name, start).at, index) for index, section in enumerate(sections)]
    heapq.heapify(queue)
    while queue and queue[0][0] < end + CAP:
        at, index = heapq.heappop(queue)
        pace.adjust(at)
        section = sections[index]
        upto = bisect_right(section.posts, at)
        new = section.posts[place[index] : upto]
        found.delays += [(post, at - post) for post in new]
        found.polls.append(at)
        pace.polled(section.name, before[index], at, len(new))
        place[index], before[index] = upto, at
        heapq.heappush(queue, (pace.next(section.name, at).at, index))
    return found


def regular(sections: Sequence[Column], start: float, end: float, step: Callable[[float], float]) -> Outcome:
    """Poll after intervals that depend on the clock alone, sections spread out."""
    found = Outcome([], [])
    for index, section in enumerate(sections):
        at = start + step(start) * index / len(sections)
        place = bisect_right(section.posts, at)
        found.delays += [(post, at - post) for post in section.posts[:place]]
        while at < end + CAP:
            found.polls.append(at)
            following = at + step(at)
            upto = bisect_right(section.posts, following)
            found.delays += [(post, following - post) for post in section.posts[place:upto]]
            place, at = upto, following
    return found


def every(seconds: float) -> Callable[[float], float]:
    """The same interval always."""
    return lambda _: seconds


def office(moment: float) -> float:
    """30 minutes in working hours, 60 outside."""
    day = day_of(moment)
    hour = (moment - start_of(day)) / 3600
    return 1800.0 if day % 7 not in {2, 3} and int(hour) in OFFICE_HOURS else 3600.0


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def compare(
    days: dict[str, Counter[int]],
    clock: Callable[[random.Random], float],
    mix: str,
    minutes: float | None,
    seeds: Sequence[int],
    half: int | None = None,
) -> dict[str, float]:
    """All spans together, each drawn with every seed: adaptive against fixed of the same budget, or office hours."""
    ours: list[float] = []
    theirs: list[float] = []
    first_ours: list[float] = []
    first_theirs: list[float] = []
    polls = [0, 0]
    worst = 0.0
    count = 0
    for text in STARTS[half::2] if half is not None else STARTS:
        day = (date.fromisoformat(text) - date(1970, 1, 1)).days
        start, end = start_of(day), start_of(day + 7 * WEEKS)
        week_one, week_five = start + 7 * DAY, start + 28 * DAY
        span_ours: list[float] = []
        span_theirs: list[float] = []
        for seed in seeds:
            sections = columns(days, day, clock, mix, random.Random(f"{seed}{text}{mix}"))
            if minutes is None:
                other = regular(sections, start, end, office)
                per_day = other.between(start, end)[1] / (7 * WEEKS)
            else:
                interval = minutes * 60
                other = regular(sections, start, end, every(interval))
                per_day = len(sections) * DAY / interval
            mine = adaptive(sections, start, end, per_day)
            a, made = mine.between(week_five, end)
            b, made_there = other.between(week_five, end)
            polls[0] += made
            polls[1] += made_there
            span_ours += a
            span_theirs += b
            first_ours += mine.between(start, week_one)[0]
            first_theirs += other.between(start, week_one)[0]
        count += len(sections)
        ours += span_ours
        theirs += span_theirs
        worst = max(worst, mean(span_ours) / mean(span_theirs))
    return {
        "sections": count,
        "posts": len(ours),
        "polls": polls[0] / polls[1],
        "minutes": mean(ours) / 60,
        "fixed": mean(theirs) / 60,
        "mean": mean(ours) / mean(theirs),
        "p95": quantile(ours, 0.95) / quantile(theirs, 0.95),
        "week 1": mean(first_ours) / mean(first_theirs),
        "worst span": worst,
    }


def pieces(days: dict[str, Counter[int]], length: int) -> dict[str, Counter[int]]:
    """Sections of more than twice a length, cut into pieces of so many days; those with less than 20 posting days go."""
    found: dict[str, Counter[int]] = {}
    for name, counts in days.items():
        first, last = min(counts), max(counts)
        if last - first < 2 * length:
            continue
        for start in range(first, last, length):
            piece = Counter({day: count for day, count in counts.items() if start <= day < start + length})
            if len(piece) >= PAGE:
                found[f"{name} {start}"] = piece
    return found


def silence(days: dict[str, Counter[int]], seeds: Sequence[int], half: int | None = None) -> dict[str, float]:
    """False alarms a section-year, and how soon a section that stops at random is reported; rhythm from its past only.

    An alarm is false when it would have been told before the day of the next post, or on it. Stops are drawn evenly over
    the days on which the section is judged; their delay is counted from the last post before them.
    """
    chance = random.Random(seeds[0])
    alarms, years, on_time, stops, spreads = 0, 0.0, 0, 0, []
    rates: dict[str, tuple[float, float]] = {}
    for name, counts in sorted(days.items())[half::2] if half is not None else sorted(days.items()):
        posted = sorted(counts)
        whole = sorted(later - earlier for earlier, later in pairwise(posted))
        judged: list[tuple[int, int]] = []
        mine = 0
        for place in range(1, len(posted) - 1):
            now, following = posted[place], posted[place + 1]
            line = line_of([day for day in posted[max(0, place - GAPS) : place + 1] if day >= now - REACH])
            if line.allowed is None:
                continue
            quiet, told = 0.0, now + 1
            while quiet <= line.allowed:
                quiet += exposure(told, line.weekend)
                told += 1
            mine += told <= following
            judged.append((following - now, told - now))
        span = sum(gap for gap, _ in judged) / 365
        if span < 0.25:
            continue
        alarms, years = alarms + mine, years + span
        rates[name] = (mine / span, span)
        counted = [max(working_days(a, b), 0.2) for a, b in pairwise(posted)]
        spreads.append(statistics.variance(counted) / statistics.fmean(counted) ** 2)
        limit = 3 * whole[min(int(0.95 * len(whole)), len(whole) - 1)]
        for _, told in chance.choices(judged, [gap for gap, _ in judged], k=20):
            stops += 1
            on_time += told <= limit
    above = [rate > 1 for rate, _ in rates.values()]
    above_year = [rate > 1 for rate, span in rates.values() if span >= 1]
    return {
        "sections": len(rates),
        "years": years,
        "alarms a year": alarms / years,
        "above 1": sum(above),
        "share above": mean([float(each) for each in above]),
        "long": len(above_year),
        "above of long": sum(above_year),
        "stops told": on_time / stops,
        "spread": statistics.median(spreads),
    }


def say_silence(days: dict[str, Counter[int]], seeds: Sequence[int], half: int | None) -> None:
    """Print what the silence rule comes to."""
    found = silence(days, seeds, half)
    print(
        f"silence: {found['sections']} sections, {found['years']:.0f} section-years judged,"
        f" {found['alarms a year']:.3f} false alarms a section-year; above 1 a year: {found['above 1']} sections"
        f" ({found['share above']:.1%}), of the {found['long']} judged for a year or more {found['above of long']};"
        f" {found['stops told']:.1%} of random stops reported within three times the section's own 95th-percentile gap;"
        f" squared variation of gaps: median {found['spread']:.1f}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budget", type=float, nargs="*", default=[30.0], help="average minutes between two polls")
    parser.add_argument("--seeds", type=int, default=3, help="how often times of day are drawn; delays are pooled")
    parser.add_argument("--half", type=int, choices=(0, 1), help="only every other span; 0 is what was tuned on")
    parser.add_argument("--silence", action="store_true", help="only the silence rule")
    parser.add_argument("--pieces", type=int, metavar="DAYS", help="ask the silence rule about pieces of sections")
    given = parser.parse_args()
    days, stamps = read_posts()
    ways = clocks(stamps)
    print(f"{len(days)} sections, {sum(c.total() for c in days.values())} posts, {len(stamps)} real times of day")
    say_silence(pieces(days, given.pieces) if given.pieces else days, range(1, 1 + given.seeds), given.half)
    if given.silence:
        return
    runs: list[tuple[str, str, float | None]] = []
    for minutes in given.budget:
        runs += [("policy", "stamps", minutes), ("news", "stamps", minutes), ("batches", "stamps", minutes)]
        runs += [("policy", shape, minutes) for shape in ("later", "mornings", "even")]
    runs += [("policy", "stamps", None), ("news", "stamps", None)]
    header: list[str] | None = None
    for mix, shape, budget in runs:
        result = compare(days, ways[shape], mix, budget, range(1, 1 + given.seeds), given.half)
        if header is None:
            header = list(result)
            print(f"{'against':16}{'mix':10}{'times':10}" + "".join(f"{name:>11}" for name in header))
        against = "30/60 min" if budget is None else f"fixed {budget:g} min"
        print(f"{against:16}{mix:10}{shape:10}" + "".join(f"{value:11.3f}" for value in result.values()))


if __name__ == "__main__":
    main()
