import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.watch.silence import GAPS, Line, line_of, weekend_share
from crawler.watch.workdays import day_kind, day_number, working_days

SPRING = day_number("2023-05-08") or 0
EVE = day_number("2023-09-28") or 0
"""A Thursday; the holiday ends on 6 October, the weekend after it is worked."""


def worked(first: int, last: int) -> list[int]:
    return [day for day in range(first, last + 1) if day_kind(day) == "work"]


def told_after(line: Line) -> int:
    """On which day after the last post it is silent: the first whose eve is one too many."""
    assert line.allowed is not None
    ahead = 1
    while line.gap(line.last + ahead - 1) <= line.allowed:
        ahead += 1
    return ahead


def test_a_weekend_counts_for_as_much_as_is_posted_then() -> None:
    assert weekend_share(worked(EVE - 200, EVE)) == 0.0
    assert 0.8 < weekend_share(list(range(EVE - 200, EVE + 1))) <= 1.0
    chance = random.Random(1)
    some = [day for day in range(EVE - 200, EVE + 1) if day_kind(day) == "work" or chance.random() < 0.4]
    assert 0.2 < weekend_share(some) < 0.5
    assert weekend_share([EVE]) == 0.0


def test_little_is_believed_of_a_single_weekend() -> None:
    assert weekend_share(list(range(SPRING, SPRING + 7))) < 0.5


@given(st.sets(st.integers(SPRING, SPRING + 400), min_size=1, max_size=120))
def test_the_share_is_one(days: set[int]) -> None:
    assert 0.0 <= weekend_share(sorted(days)) <= 1.0


def test_a_daily_column_is_missed_within_three_days_also_over_a_weekend() -> None:
    for last in range(EVE - 14, EVE - 7):
        assert told_after(line_of(list(range(last - 100, last + 1)))) <= 3


def test_a_column_of_working_days_is_not_missed_over_a_weekend_or_a_holiday_but_within_nine_days() -> None:
    """Its own 95th-percentile gap is the weekend: three days."""
    friday = EVE - 13
    assert 4 < told_after(line_of(worked(friday - 100, friday))) <= 9


@pytest.mark.parametrize("every_day", [True, False])
def test_a_quiet_holiday_week_is_no_silence(*, every_day: bool) -> None:
    days = list(range(EVE - 100, EVE + 1)) if every_day else worked(EVE - 100, EVE)
    line = line_of(days)
    assert line.allowed is not None
    assert line.gap(EVE + 8) == 0.0 < line.allowed
    assert line.gap(EVE + 9) == 1.0


def test_only_the_newest_gaps_count() -> None:
    days = worked(EVE - 400, EVE)[-GAPS - 1 :]
    slow = list(range(days[0] - 3000, days[0] - 5, 30))
    assert line_of([*slow, *days]) == line_of(days)
    assert line_of([*slow, *days[-60:]]) != line_of(days[-60:])


def test_of_one_day_nothing_is_known_but_when_it_was() -> None:
    line = line_of([EVE])
    assert line == Line(EVE, 0.0, None)
    assert line.gap(EVE) == 0.0


def test_working_days_count_a_weekend_in_part() -> None:
    friday = EVE - 6
    assert working_days(friday, friday + 3) == 1.0
    assert working_days(friday, friday + 3, 0.25) == 1.5
    assert working_days(EVE, EVE + 8, 0.25) == 0.0
