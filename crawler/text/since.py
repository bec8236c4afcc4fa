"""Dates as a user types them: `2025-06-01` or `7d`, in Asia/Shanghai."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from crawler.exceptions import UsageError
from crawler.text.dates import SHANGHAI

_DAYS = re.compile(r"^(\d{1,5})d$")


def parse_day(value: str, now: datetime) -> str:
    """The day `YYYY-MM-DD` that a user means; `7d` counts back from today in Shanghai.

    Raises:
        UsageError: it is neither a day nor a number of days.

    """
    text = value.strip()
    days = _DAYS.match(text)
    today = now.astimezone(SHANGHAI).date()
    try:
        if days is not None:
            return (today - timedelta(days=int(days[1]))).isoformat()
        return date.fromisoformat(text).isoformat()
    except (ValueError, OverflowError):
        raise UsageError(
            f"{value!r} is not a date: write for example 2025-06-01, or 7d for the last seven days"
        ) from None
