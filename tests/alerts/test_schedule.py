import random
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.alerts.schedule import GAPS, JITTER, LONGEST_RETRY_AFTER, next_attempt, retry_after_seconds

NOW = 1_795_320_000.0


def test_the_gaps_are_the_published_ones() -> None:
    hours = 3600.0
    assert (0, 5, 300, 1800, 2 * hours, 5 * hours, 10 * hours, 14 * hours, 20 * hours, 24 * hours) == GAPS


@given(attempts=st.integers(1, 9), seed=st.integers())
def test_jitter_only_ever_lengthens_a_gap(attempts: int, seed: int) -> None:
    again = next_attempt(attempts, NOW, None, random.Random(seed))
    assert again is not None
    assert GAPS[attempts] <= again - NOW <= GAPS[attempts] * (1 + JITTER) + 1e-6


def test_after_the_last_attempt_there_is_none_whatever_the_receiver_asks() -> None:
    assert next_attempt(10, NOW, None, random.Random(1)) is None
    assert next_attempt(10, NOW, 60.0, random.Random(1)) is None


def test_retry_after_lengthens_but_never_shortens() -> None:
    chance = random.Random(1)
    assert next_attempt(1, NOW, 600.0, chance) == NOW + 600
    again = next_attempt(3, NOW, 1.0, chance)
    assert again is not None
    assert again >= NOW + 1800


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("-5", None),
        ("soon", None),
        ("1e9", None),
        ("٣", None),
        ("999999999999999999", LONGEST_RETRY_AFTER),
        (formatdate(NOW + 90, usegmt=True), 90.0),
        (formatdate(NOW - 90, usegmt=True), 0.0),
        (formatdate(NOW + 1e8, usegmt=True), LONGEST_RETRY_AFTER),
    ],
)
def test_retry_after_is_read_and_bounded(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds


@given(st.text())
def test_no_header_breaks_the_reading(value: str) -> None:
    seconds = retry_after_seconds(value, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_RETRY_AFTER
