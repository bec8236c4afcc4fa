from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.watch import workdays
from crawler.watch.workdays import date_of, day_kind, day_number, day_of, exposure, is_arranged, start_of, working_days


def number(text: str) -> int:
    found = day_number(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2023-09-27", "work"),
        ("2023-09-29", "holiday"),  # Mid-Autumn
        ("2023-10-01", "holiday"),  # a Sunday, but National Day
        ("2023-10-07", "work"),  # a Saturday worked in exchange
        ("2023-10-08", "work"),
        ("2023-10-14", "weekend"),
        ("2026-02-17", "holiday"),  # Spring Festival
        ("2026-02-14", "work"),  # a Saturday worked in exchange
    ],
)
def test_the_calendar_knows_holidays_and_the_weekends_worked_in_exchange(day: str, kind: str) -> None:
    assert day_kind(number(day)) == kind


def test_a_year_without_arrangement_has_its_weekends_and_fixed_holidays_and_an_unsure_spring() -> None:
    year = next(year for year in range(2026, 2100) if not is_arranged(year))
    assert day_kind(number(f"{year}-10-02")) == "holiday"
    friday = next(day for day in range(number(f"{year}-06-10"), number(f"{year}-06-20")) if date_of(day).weekday() == 4)
    assert [day_kind(friday + ahead) for ahead in range(3)] == ["work", "weekend", "weekend"]
    spring = range(number(f"{year}-01-20"), number(f"{year}-02-28") + 1)
    assert {exposure(day) for day in spring} == {0.0}
    assert exposure(friday) == 1.0


def test_working_days_skip_the_golden_week() -> None:
    assert working_days(number("2023-09-28"), number("2023-10-07")) == 1.0
    assert working_days(number("2023-09-28"), number("2023-09-28")) == 0.0


@given(st.integers(-(10**9), 4 * 10**9))
def test_a_day_is_that_of_a_clock_in_shanghai(moment: int) -> None:
    day = day_of(moment)
    assert start_of(day) <= moment < start_of(day + 1)
    assert date_of(day) == (datetime.fromtimestamp(0, UTC) + timedelta(seconds=moment, hours=8)).date()


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_dates_are_read_with_and_without_a_time(day: date) -> None:
    assert date_of(number(day.isoformat())) == day
    assert day_number(f"{day.isoformat()}T23:30:00+08:00") == number(day.isoformat())


@pytest.mark.parametrize("text", ["", "yesterday", "2025-13-01", "2025年6月1日"])
def test_what_is_no_date_has_no_day(text: str) -> None:
    assert day_number(text) is None


def test_every_day_has_a_kind() -> None:
    assert {day_kind(day) for day in range(number("2004-01-01"), number("2030-01-01"))} == set(workdays.KINDS)
