import math

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.watch.rhythm import (
    BINS,
    PRIOR_SHAPE,
    Intensity,
    Rhythm,
    Shared,
    expected_between,
    expected_polls,
    intensity_of,
    next_poll,
    seeded,
    shared_of,
)
from crawler.watch.workdays import DAY, KINDS, day_kind, day_number, start_of

MONDAY = day_number("2023-05-08") or 0
SATURDAY = MONDAY + 5


def weekdays(count: int, each: int) -> dict[int, int]:
    """Posts on each of the last working days before a Monday."""
    days = [day for day in range(MONDAY - 4 * count, MONDAY) if day_kind(day) == "work"]
    return dict.fromkeys(days[-count:], each)


def flat(rate: float) -> Intensity:
    return Intensity(rate, dict.fromkeys(KINDS, (rate / DAY,) * BINS))


def test_nothing_known_is_the_prior() -> None:
    intensity = intensity_of(Rhythm(), Shared())
    assert math.isclose(intensity.rate, 0.3)
    assert intensity.at(start_of(MONDAY) + 10 * 3600) > 5 * intensity.at(start_of(MONDAY) + 3 * 3600)
    assert intensity.at(start_of(MONDAY) + 10 * 3600) > 3 * intensity.at(start_of(SATURDAY) + 10 * 3600)


def test_the_rate_is_that_of_the_dates_on_the_first_page() -> None:
    assert 1.6 < intensity_of(seeded(weekdays(10, 2), MONDAY), Shared()).rate < 2.2
    assert 6 < intensity_of(seeded(weekdays(5, 10), MONDAY), Shared()).rate < 11
    slow = {MONDAY - 20 * place: 1 for place in range(1, 20)}
    assert 0.03 < intensity_of(seeded(slow, MONDAY), Shared()).rate < 0.12


def test_a_pinned_old_entry_does_not_lower_the_rate() -> None:
    plain = intensity_of(seeded(weekdays(10, 2), MONDAY), Shared()).rate
    pinned = intensity_of(seeded({**weekdays(10, 2), MONDAY - 700: 1}, MONDAY), Shared()).rate
    assert pinned > 0.8 * plain


def test_days_without_a_post_count_and_what_is_long_ago_fades() -> None:
    rhythm = seeded(weekdays(10, 2), MONDAY)
    rates = []
    for week in range(1, 20):
        rhythm.close(MONDAY + 7 * week)
        rates.append(intensity_of(rhythm, Shared()).rate)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.3 * rates[0]


def test_a_section_that_posts_on_weekends_is_polled_on_weekends() -> None:
    every_day = dict.fromkeys(range(MONDAY - 40, MONDAY), 3)
    busy, office = seeded(every_day, MONDAY), seeded(weekdays(28, 3), MONDAY)
    at = start_of(SATURDAY) + 10 * 3600
    assert intensity_of(busy, Shared()).at(at) > 3 * intensity_of(office, Shared()).at(at)


def test_the_shape_of_the_day_is_learned_and_shared() -> None:
    night = Rhythm()
    for _ in range(200):
        night.seen_between(start_of(MONDAY) + 3 * 3600, start_of(MONDAY) + 4 * 3600)
    shared = shared_of([night, Rhythm()])
    assert shared.shape[3] > 5 * PRIOR_SHAPE[3]
    assert math.isclose(sum(shared.shape), 1.0)
    own, other = intensity_of(night, shared), intensity_of(Rhythm(), shared)
    at = start_of(MONDAY) + 3.5 * 3600
    assert own.at(at) / own.rate > 1.5 * other.at(at) / other.rate > 1.5 * PRIOR_SHAPE[3] / 3600


@given(st.floats(0, 2 * DAY), st.floats(0, 3 * DAY), st.integers(1, 50))
def test_posts_between_two_polls_count_whole_however_the_hours_lie(start: float, span: float, count: int) -> None:
    rhythm = Rhythm()
    rhythm.seen_between(start_of(MONDAY) + start, start_of(MONDAY) + start + span, count)
    assert math.isclose(sum(rhythm.hours), count, rel_tol=1e-6)


@given(st.floats(0.01, 500), st.floats(1, 1e5))
@settings(max_examples=60)
def test_the_next_poll_is_where_the_expected_delay_passes_the_threshold(rate: float, threshold: float) -> None:
    """With an even intensity the integral is rate*t²/2."""
    last = start_of(MONDAY) + 12345.0
    exact = math.sqrt(2 * threshold * DAY / rate)
    found = next_poll(flat(rate), last, threshold, 300.0, 7200.0) - last
    assert math.isclose(found, min(max(exact, 300.0), 7200.0), rel_tol=1e-6)


@given(st.floats(0, 7 * DAY), st.floats(1e-3, 1e9))
@settings(max_examples=60)
def test_the_next_poll_keeps_floor_and_cap_always(offset: float, threshold: float) -> None:
    last = start_of(MONDAY) + offset
    intensity = intensity_of(seeded(weekdays(10, 2), MONDAY), Shared())
    assert 300.0 - 1e-3 <= next_poll(intensity, last, threshold, 300.0, 7200.0) - last <= 7200.0 + 1e-3


def test_the_integral_is_followed_through_hours_of_different_intensity() -> None:
    """Compared with a sum over single seconds."""
    intensity = intensity_of(seeded(weekdays(10, 3), MONDAY), Shared())
    last = start_of(MONDAY) + 6.6 * 3600
    threshold, posts, delay, at = 400.0, 0.0, 0.0, last
    while delay < threshold:
        delay += posts + intensity.at(at + 0.5) / 2
        posts += intensity.at(at + 0.5)
        at += 1.0
    assert abs(next_poll(intensity, last, threshold, 60.0, 14400.0) - at) <= 2.0


def test_a_rhythm_without_any_posts_is_polled_at_the_cap() -> None:
    last = start_of(MONDAY)
    assert next_poll(flat(0.0), last, 100.0, 300.0, 7200.0) == last + 7200.0


def test_the_forecast_of_polls_is_near_what_is_made() -> None:
    intensity = intensity_of(seeded(weekdays(10, 3), MONDAY), Shared())
    start, end = start_of(MONDAY), start_of(MONDAY + 1)
    at, made = start, 0
    while at < end:
        at = next_poll(intensity, at, 900.0, 300.0, 7200.0)
        made += 1
    forecast = expected_polls(intensity, "work", 900.0, 300.0, 7200.0)
    assert math.isclose(forecast, expected_between(intensity, start, end, 900.0, 300.0, 7200.0), rel_tol=1e-6)
    assert abs(made - forecast) < 0.15 * forecast
