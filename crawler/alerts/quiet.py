"""Quiet hours and digests: until when a rule keeps silent."""

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


def next_digest(at: float, every: str, day_time: str, zone: ZoneInfo) -> float:
    """When the digest goes out that something of a moment belongs to, in epoch seconds; always after the moment.

    `hourly` is the next full hour of the zone, `daily` the next `HH:MM` of it. What happens in the very second of a
    digest belongs to the next one.
    """
    local = datetime.fromtimestamp(at, zone)
    if every == "hourly":
        # Full hours also where the zone's offset to UTC is not; an hour is 3600 s on any day.
        into = local.minute * 60 + local.second + local.microsecond / 1e6
        return round(at - into) + 3600.0
    hour, minute = (int(part) for part in day_time.split(":"))
    due = datetime.combine(local.date(), time(hour, minute), zone).timestamp()
    if due <= at:
        due = datetime.combine(local.date() + timedelta(days=1), time(hour, minute), zone).timestamp()
    return due
