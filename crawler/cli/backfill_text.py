"""Completeness reports and plans as lines for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawler.crawl.estimate import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTS = ("listed", "fetched", "extracted", "duplicate", "rejected", "gone", "pending")


def report_lines(report: dict[str, Any]) -> Iterator[str]:
    """A section's report: the verdict, what the site says, a row a month, and each URL that is no article."""
    verdict = "complete" if report["complete"] else "incomplete"
    counts = " · ".join(f"{report[name]} {name}" for name in COUNTS)
    yield f"{report['section']} {verdict} · {counts}"
    yield f"  {_span(report)}; {_site(report)}"
    took = f"{size(report['bytes'])}, {_hours(report['seconds'])}"
    yield f"  {report['pages']} list pages, {report['requests']} requests, {took}"
    if report["left_to_polls"]:
        yield f"  {report['left_to_polls']} pending are new posts: the next `crawl` or `watch` fetches them and alerts"
    if report["error"]:
        yield f"  stopped: {report['error']}; the same command goes on from there"
    elif report["pending"] > report["left_to_polls"]:
        yield "  what is pending failed three times; the next `crawl` or `backfill` tries it again"
    if report["attachments"]:
        yield f"  {_attachments(report['attachments'])}"
    width = max(len(str(report["listed"])), 9)
    if report["months"]:
        yield "  month    " + "".join(f" {name:>{width}}" for name in COUNTS)
    for month in report["months"]:
        yield f"  {month['month'] or 'undated':<9}" + "".join(f" {month[name]:>{width}}" for name in COUNTS)
    for one in report["rejections"]:
        yield f"  {one['state']} {one['url']}: {one['reason']}"


def report_total(reports: list[dict[str, Any]]) -> str:
    """The sum over sections."""
    complete = sum(report["complete"] for report in reports)
    counts = " · ".join(f"{sum(report[name] for report in reports)} {name}" for name in COUNTS)
    return f"total: {complete} of {len(reports)} sections complete · {counts}"


def _span(report: dict[str, Any]) -> str:
    ended = f"the walk ended: {report['ended']}" if report["walked"] else "the list has not been read to its end"
    since, until = report["since"], report["until"]
    if since is None and until is None:
        return ended
    return f"{since or 'the beginning'} to {until or 'now'}; {ended}"


def _site(report: dict[str, Any]) -> str:
    earliest = f"the earliest it lists is of {report['earliest']}" if report["earliest"] else "it prints no dates"
    count = report["site_count"]
    if count is None:
        return f"the site does not say how many there are; {earliest}"
    says = f"{count['least']}" if count["exact"] else f"{count['least']} to {count['most']}"
    missing = f", {report['missing']} more than its pages show" if report["missing"] else ""
    return f"the site counts {says}{missing}, {report['on_list']} addresses are on its list; {earliest}"


def _attachments(counts: dict[str, Any]) -> str:
    line = f"attachments: {counts['fetched']} fetched ({size(counts['bytes'])}), {counts['failed']} failed"
    return f"{line}; attachments.max_total_gigabytes is reached" if counts["full"] else line


def plan_line(plan: dict[str, Any]) -> str:
    """What one section will take."""
    name = plan["section"]
    if plan["error"]:
        return f"{name}: {plan['error']}"
    if plan["requests"] is None:
        return f"{name}: {plan['basis']}; it will be known when it has been read"
    return (
        f"{name}: about {plan['entries']} entries on {plan['pages']} pages ({plan['basis']}), {plan['known']} known:"
        f" {plan['requests']} requests, {spoken(plan['seconds'])}, {size(plan['bytes'])}"
    )


def plan_total(plans: list[dict[str, Any]]) -> str:
    """The sum: portals run side by side, the sections of one portal one after the other."""
    portals: dict[str, float] = {}
    for plan in plans:
        portal = plan["section"].partition("/")[0]
        portals[portal] = portals.get(portal, 0.0) + (plan["seconds"] or 0.0)
    requests = sum(plan["requests"] or 0 for plan in plans)
    total = sum(plan["bytes"] or 0 for plan in plans)
    unknown = sum(plan["requests"] is None for plan in plans)
    line = f"total: {requests} requests, {spoken(max(portals.values()))}, {size(total)}"
    return f"{line}; {unknown} of {len(plans)} sections cannot be reckoned" if unknown else line


def size(count: int) -> str:
    """Bytes as a person says them."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"


def _hours(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
