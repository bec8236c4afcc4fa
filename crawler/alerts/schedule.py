"""When a delivery is tried again."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

_MINUTE, _HOUR = 60.0, 3600.0

GAPS: tuple[float, ...] = (
    0.0, 5.0, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR,
)  # fmt: skip
"""Seconds before attempt 1, 2, ...: the example schedule of Standard Webhooks 1.0.0, about three days in all."""

JITTER = 0.1
"""A gap is stretched by up to this share, never shortened, so that failed deliveries do not come back in step."""

LONGEST_RETRY_AFTER = 24 * _HOUR
"""A receiver may ask for no more than the longest gap; beyond that its answer is a mistake or a trap."""


def retry_after_seconds(value: str | None, now: float) -> float | None:
    """Seconds that `Retry-After` asks for (RFC 9110: a number or an HTTP date), 0 to 24 h; None if it says nothing."""
    text = (value or "").strip()[:64]
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_RETRY_AFTER)
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        seconds = (moment - datetime.fromtimestamp(now, UTC)).total_seconds()
    except OverflowError:
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def next_attempt(
    attempts: int, now: float, retry_after: float | None, chance: random.Random, gaps: Sequence[float] = GAPS
) -> float | None:
    """When to try again after `attempts` failed attempts, in epoch seconds; None when the delivery is dead.

    `Retry-After` only ever lengthens the gap, and buys no attempt beyond the last.
    """
    if attempts >= len(gaps):
        return None
    gap = gaps[attempts] * (1 + JITTER * chance.random())
    return now + max(gap, retry_after or 0.0)
