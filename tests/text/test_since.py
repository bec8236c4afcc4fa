from datetime import UTC, datetime

import pytest

from crawler.exceptions import UsageError
from crawler.text.since import parse_day

LATE_IN_LONDON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


def test_days_count_back_from_today_in_shanghai() -> None:
    assert parse_day("0d", LATE_IN_LONDON) == "2026-11-22"
    assert parse_day("7d", LATE_IN_LONDON) == "2026-11-15"
    assert parse_day(" 2025-06-01 ", LATE_IN_LONDON) == "2025-06-01"


@pytest.mark.parametrize("value", ["", "yesterday", "2025-13-01", "7", "-3d", "99999d" * 2, "99999999d"])
def test_anything_else_says_what_would_be_right(value: str) -> None:
    with pytest.raises(UsageError, match="2025-06-01"):
        parse_day(value, LATE_IN_LONDON)
