"""What a backfill came to, held against what the site says about itself."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from crawler.crawl.cursor import Cursor
from crawler.store import Month
from crawler.text.dates import rfc3339

if TYPE_CHECKING:
    from crawler.store import Backfill, Store

COUNTS = tuple(field.name for field in fields(Month) if field.name != "month")
MOST_NAMED = 100_000
"""Rejected URLs named in one report."""


async def completeness(
    store: Store, name: str, backfill: Backfill, *, now: float, error: str | None = None, reason: str | None = None
) -> dict[str, Any]:
    """The report of a backfill as JSON data; every number is counted in the ledger when it is made.

    `complete` is true when the list was read to the end of the span, nothing is pending but new posts that the next
    poll fetches (`left_to_polls`), and no fewer entries (or rows) were read than the site counts.

    Raises:
        StorageError: the store refused.

    """
    cursor = Cursor.load(backfill.state)
    months = await store.backfills.months(backfill.section_id, backfill.since, backfill.until)
    sums = {name: sum(getattr(month, name) for month in months) for name in COUNTS}
    seen = await store.backfills.seen(backfill)
    whole = backfill.since is None and backfill.until is None
    site = cursor.site_count if whole else None
    left = await store.backfills.left_to_polls(backfill)
    missing = None if site is None else max(site[0] - max(seen, cursor.rows), 0)
    walked = backfill.walked_at is not None
    return {
        "section": name,
        "since": backfill.since,
        "until": backfill.until,
        "started_at": rfc3339(backfill.started_at),
        "reported_at": rfc3339(now),
        "walked": walked,
        "complete": walked and error is None and sums["pending"] == left and not missing,
        "ended": cursor.ended,
        "pages": cursor.pages,
        **sums,
        "left_to_polls": left,
        "on_list": seen,
        "site_count": None if site is None else {"least": site[0], "most": site[1], "exact": site[0] == site[1]},
        "missing": missing,
        "earliest": cursor.earliest,
        "months": [asdict(month) for month in months],
        "requests": cursor.requests,
        "bytes": cursor.bytes,
        "seconds": round(cursor.seconds, 1),
        "error": error,
        "reason": reason,
        "attachments": None,
    }


async def with_rejections(store: Store, backfill: Backfill, report: dict[str, Any]) -> dict[str, Any]:
    """A report with every URL that is no article, and why: rejected, gone, or failed and pending.

    They are read from the ledger when a report is shown, so that a kept report stays small.

    Raises:
        StorageError: the store refused.

    """
    found = await store.backfills.unfinished(backfill.section_id, backfill.since, backfill.until, MOST_NAMED)
    named = [
        {"url": one.url, "state": one.state, "reason": one.reason, "at": None if one.at is None else rfc3339(one.at)}
        for one in found
    ]
    return {**report, "rejections": named}


async def kept_report(store: Store, name: str, section_id: int, now: float) -> dict[str, Any] | None:
    """The report of a section's newest backfill: as kept when it ended, or counted now if it was cut short.

    Null where there was none.

    Raises:
        StorageError: the store refused.

    """
    latest = await store.backfills.latest(section_id)
    if latest is None:
        return None
    report = latest.report
    if latest.finished_at is None or report is None:
        said = report or {}
        report = await completeness(store, name, latest, now=now, error=said.get("error"), reason=said.get("reason"))
    return await with_rejections(store, latest, report)
