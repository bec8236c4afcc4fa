"""Pacing and budget together, on a clock of the test's own."""

import heapq
import itertools
import random

from crawler.watch.pacing import CAP, FLOOR, Adaptive
from crawler.watch.workdays import DAY, day_kind, day_number, day_of, start_of

MONDAY = day_number("2023-02-13") or 0
"""Six weeks without a holiday begin."""


def run(pace: Adaptive, names: list[str], days: int, rates: dict[str, float]) -> list[tuple[str, float]]:
    """Polls of some days; each section finds posts by chance at its rate on working days, 9 to 18 h."""
    chance = random.Random(1)
    start = start_of(MONDAY)
    polls: list[tuple[str, float]] = []
    last = dict.fromkeys(names, start)
    queue = [(pace.next(name, start).at, name) for name in names]
    heapq.heapify(queue)
    while queue[0][0] < start + days * DAY:
        at, name = heapq.heappop(queue)
        pace.adjust(at)
        hour = (at - start_of(day_of(at))) / 3600
        open_now = day_kind(day_of(at)) == "work" and 9 <= hour < 18
        mean = rates[name] * (at - last[name]) / (9 * 3600) if open_now else 0.0
        pace.polled(name, last[name], at, int(mean) + (chance.random() < mean % 1))
        polls.append((name, at))
        last[name] = at
        heapq.heappush(queue, (pace.next(name, at).at, name))
    return polls


def made(names: dict[str, float], **budget: float | None) -> tuple[Adaptive, list[tuple[str, float]]]:
    pace = Adaptive(per_day=budget.get("per_day"), interval=budget.get("interval"))
    for name, rate in names.items():
        days = [day for day in range(MONDAY - 60, MONDAY) if day_kind(day) == "work"][-10:]
        pace.add(name, {day: max(1, round(rate)) for day in days}, start_of(MONDAY))
    pace.adjust(start_of(MONDAY), force=True)
    return pace, run(pace, list(names), 28, names)


RATES = {f"s{number}": rate for number, rate in enumerate((0.2, 0.5, 1.0, 2.0, 4.0, 8.0))}


def test_the_budget_holds_over_four_weeks() -> None:
    pace, polls = made(RATES, interval=1800.0)
    assert pace.budget == 6 * 48
    late = [poll for poll in polls if poll[1] >= start_of(MONDAY + 14)]
    assert abs(len(late) / (14 * pace.budget) - 1) < 0.02


def test_a_budget_in_polls_a_day_holds_too() -> None:
    pace, polls = made(RATES, per_day=400.0)
    late = [poll for poll in polls if poll[1] >= start_of(MONDAY + 14)]
    assert abs(len(late) / (14 * 400) - 1) < 0.02
    assert pace.threshold > 0


def test_polls_go_where_and_when_something_is_new() -> None:
    _, polls = made(RATES, interval=1800.0)
    count = {name: sum(poll[0] == name for poll in polls) for name in RATES}
    assert all(count[slow] <= 1.05 * count[fast] for slow, fast in itertools.pairwise(RATES))
    assert count["s5"] > 2 * count["s0"]
    office = sum(9 <= (at - start_of(day_of(at))) / 3600 < 18 for _, at in polls if day_kind(day_of(at)) == "work")
    assert office > 0.5 * len(polls), "20 working days of nine hours are a quarter of the time"


def test_no_two_polls_are_nearer_than_the_floor_or_further_than_the_cap() -> None:
    _, polls = made(RATES, interval=900.0)
    for name in RATES:
        times = [at for of, at in polls if of == name]
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        assert min(gaps) >= FLOOR - 0.01
        assert max(gaps) <= CAP + 0.01


def test_a_budget_that_cannot_be_spent_or_held_keeps_floor_and_cap() -> None:
    rich, polls = made({"a": 5.0}, per_day=10_000.0)
    assert rich.threshold < 1
    assert len(polls) <= 28 * DAY / FLOOR
    _, polls = made({"a": 5.0}, per_day=1.0)
    assert len(polls) >= 28 * DAY / CAP - 1


def test_the_reason_says_what_is_expected_and_when() -> None:
    pace, _ = made(RATES, interval=3600.0)
    night = pace.next("s0", start_of(MONDAY + 30) + 3600)
    assert "the longest wait" in night.why
    assert "posts a working day" in night.why
    assert pace.knows("s0")
    pace.remove("s0")
    assert not pace.knows("s0")


def test_a_section_that_was_added_later_joins_the_budget() -> None:
    pace, _ = made({"a": 1.0, "b": 1.0}, interval=1800.0)
    assert pace.budget == 96
    pace.add("c", {}, start_of(MONDAY + 28))
    assert pace.adjust(start_of(MONDAY + 28) + 1, force=True)
    assert pace.budget == 144
    assert not pace.adjust(start_of(MONDAY + 28) + 2)
    assert pace.next("c", start_of(MONDAY + 28)).at <= start_of(MONDAY + 28) + CAP
