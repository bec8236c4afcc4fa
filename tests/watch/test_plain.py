from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.config import Config, Watch
from crawler.exceptions import ConfigError
from crawler.text.dates import SHANGHAI
from crawler.watch.pacing import Adaptive
from crawler.watch.plain import Cron, Fixed, Hours, hours_of, pace_of
from crawler.watch.workdays import DAY


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


def settings(**values: object) -> Watch:
    return Config.model_validate({"watch": values}).watch


def test_a_fixed_interval_is_kept() -> None:
    assert Fixed(600.0).next("a", 1000.0).at == 1600.0
    assert Fixed(0.0).next("a", 1000.0).at > 1000.0, "never without a pause"


def test_cron_is_read_on_a_clock_in_shanghai() -> None:
    cron = Cron("0 8-18 * * mon-fri")
    assert cron.next("a", at("2026-11-20T08:00:00")).at == at("2026-11-20T09:00:00")
    assert cron.next("a", at("2026-11-20T18:30:00")).at == at("2026-11-23T08:00:00"), "over the weekend"


@pytest.mark.parametrize("wrong", ["0 25 * * *", "x * * * *", "0 0 31 2 *", "0 8 * * 5-1", "0 8 * * 8", "0 8 * * max"])
def test_a_cron_expression_that_is_none_or_never_comes_is_named(wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"watch\.cron"):
        Cron(wrong)


@pytest.mark.parametrize(
    ("weekdays", "days"),
    [
        ("1-5", "Mon Tue Wed Thu Fri"),
        ("mon-fri", "Mon Tue Wed Thu Fri"),
        ("0", "Sun"),
        ("7", "Sun"),
        ("0-2", "Mon Tue Sun"),
        ("5-7", "Fri Sat Sun"),
        ("fri-sun", "Fri Sat Sun"),
        ("1,3,sat", "Mon Wed Sat"),
        ("1-5/2", "Mon Wed Fri"),
        ("*", "Mon Tue Wed Thu Fri Sat Sun"),
    ],
)
def test_weekdays_are_counted_as_crontab_does(weekdays: str, days: str) -> None:
    """2026-11-16 is a Monday."""
    cron = Cron(f"0 8 * * {weekdays}")
    found, moment = [], at("2026-11-16T00:00:00")
    while (moment := cron.next("a", moment).at) < at("2026-11-23T00:00:00"):
        found.append(datetime.fromtimestamp(moment, SHANGHAI).strftime("%a"))
    assert " ".join(found) == days


def test_windows_blackouts_and_working_days() -> None:
    hours = hours_of(settings(windows=["07:00-22:00"], blackout=["12:00-13:00"], working_days=True))
    assert hours.next(at("2023-09-27T10:00:00")) == at("2023-09-27T10:00:00")
    assert hours.next(at("2023-09-27T12:30:00")) == at("2023-09-27T13:00:00")
    assert hours.next(at("2023-09-27T23:00:00")) == at("2023-09-28T07:00:00")
    assert hours.next(at("2023-09-28T22:00:00")) == at("2023-10-07T07:00:00"), "a Saturday worked in exchange"


def test_a_window_may_reach_over_midnight() -> None:
    hours = hours_of(settings(windows=["22:00-02:00"]))
    assert hours.allows(at("2023-09-27T23:00:00"))
    assert hours.allows(at("2023-09-27T01:00:00"))
    assert hours.next(at("2023-09-27T02:00:00")) == at("2023-09-27T22:00:00")
    assert hours_of(settings(windows=["20:00-24:00"])).allows(at("2023-09-27T23:59:59"))


def test_hours_that_leave_nothing_are_refused() -> None:
    with pytest.raises(ConfigError, match="no time to poll"):
        hours_of(settings(windows=["07:00-08:00"], blackout=["06:00-09:00"]))


spans = st.lists(st.tuples(st.integers(0, 23), st.integers(1, 24)).map(lambda s: (s[0] * 3600.0, s[1] * 3600.0)))


@given(spans, spans, st.booleans(), st.floats(1.6e9, 1.7e9))
def test_the_next_open_moment_is_open_and_none_before_it_is(
    windows: list[tuple[float, float]],
    blackout: list[tuple[float, float]],
    working: bool,  # noqa: FBT001
    moment: float,
) -> None:
    windows = [span for span in windows if span[0] != span[1]]
    blackout = [span for span in blackout if span[0] != span[1]]
    hours = Hours(tuple(windows), tuple(blackout), working)
    try:
        found = hours.next(moment)
    except ConfigError:
        assert not any(hours.allows(moment + step * 1800) for step in range(48 * 14))
        return
    assert hours.allows(found)
    assert found >= moment
    steps = int(min(found - moment, 14 * DAY) // 1800)
    assert not any(hours.allows(moment + step * 1800) for step in range(steps) if moment + step * 1800 < found)


def test_the_schedule_of_a_configuration() -> None:
    assert isinstance(pace_of(settings(every="10m")), Fixed)
    assert isinstance(pace_of(settings(cron="0 8 * * *")), Cron)
    adaptive = pace_of(settings(budget="20m"))
    assert isinstance(adaptive, Adaptive)
    assert adaptive.interval == 1200.0
    daily = pace_of(settings(budget=5000))
    assert isinstance(daily, Adaptive)
    assert daily.per_day == 5000.0
    assert isinstance(pace_of(settings()), Adaptive)
