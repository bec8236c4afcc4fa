"""Quiet hours: until when a rule keeps silent."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def parse_span(span: str) -> tuple[time, time]:
    """The two times of `22:00-07:00`.

    Raises:
        ValueError: it is no such span, or both times are the same.

    """
    first, _, last = span.partition("-")
    begin, end = (datetime.strptime(text.strip(), "%H:%M").time() for text in (first, last))  # noqa: DTZ007 - of any day
    if begin == end:
        raise ValueError(f"{span!r} begins and ends at the same time")
    return begin, end


def quiet_until(at: float, span: str, zone: ZoneInfo) -> float | None:
    """When the quiet hours that a moment falls into end, in epoch seconds; None outside of them.

    A span whose end is before its beginning goes over midnight. The beginning is quiet, the end is not.

    Raises:
        ValueError: the span is none.

    """
    begin, end = parse_span(span)
    local = datetime.fromtimestamp(at, zone)
    now = local.timetz().replace(tzinfo=None)
    quiet = begin <= now < end if begin < end else now >= begin or now < end
    if not quiet:
        return None
    day = local.date() + timedelta(days=1 if now >= end else 0)
    return datetime.combine(day, end, zone).timestamp()
