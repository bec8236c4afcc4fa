"""Writes docs/portals.md from the built-in portal files: what is covered, and how each address is known.

python tools/portal_coverage.py [--out FILE] [--check]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from crawler.portals import load_portals
from crawler.portals.models import Cms, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crawler.portals import Portal, Section

PAGE = Path(__file__).resolve().parent.parent / "docs" / "portals.md"

HEAD = """\
# Portals

Generated from `crawler/portals/data/` by `tools/portal_coverage.py`; do not edit.

**Nothing on this page was checked live.** Every address was read in public code or text, named as its evidence with
the date of that evidence; "code" means that the list's address itself stands there, "inferred" that only articles of
the list were seen. Portals move: an address of 2024 may be gone. `portalwatch check` says what answers from where you
are.

A section is on if the evidence for its list's address is of 2022 or later. Older, undated or inferred ones are there
but off, with the reason, and so are front pages, search pages and addresses that a newer one has replaced;
`portalwatch crawl portal/section` runs one all the same. "Access" is how the portal's front page answered somebody's
request, as published, and when; it may answer you otherwise.
"""


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Lines of a Markdown table."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"


def counts(sections: Iterable[Section]) -> tuple[int, int]:
    """How many sections are on, and off."""
    tally = Counter(section.enabled for section in sections)
    return tally[True], tally[False]


def overview(portals: Sequence[Portal]) -> Iterator[str]:
    """The table of portals, and the counts by kind and CMS."""
    every = [section for portal in portals for section in portal.sections]
    on, off = counts(every)
    yield "## Overview"
    yield ""
    yield f"{len(portals)} portals, {len(every)} sections: {on} on, {off} off."
    yield ""
    yield from table(
        ("Portal", "Name", "Region", "CMS", "Access", "Seen", "On", "Off", "News on"),
        (
            (
                f"[{p.id}](#{p.id})",
                p.name,
                p.region,
                p.cms,
                p.status,
                p.status_seen or "",
                *counts(p.sections),
                sum(s.enabled and s.kind == "news" for s in p.sections) or "none",
            )
            for p in portals
        ),
    )
    yield ""
    yield from table(
        ("Kind", "On", "Off"), ((kind, *counts(s for s in every if s.kind == kind)) for kind in get_args(Kind))
    )
    yield ""
    yield from table(
        ("CMS", "Portals", "On", "Off"),
        (
            (cms, sum(p.cms == cms for p in portals), *counts(s for p in portals if p.cms == cms for s in p.sections))
            for cms in get_args(Cms)
        ),
    )
    yield ""
    yield "By kind and CMS, on / off:"
    yield ""
    yield from table(
        ("Kind", *get_args(Cms)),
        (
            (
                kind,
                *(
                    " / ".join(
                        map(str, counts(s for p in portals if p.cms == cms for s in p.sections if s.kind == kind))
                    )
                    for cms in get_args(Cms)
                ),
            )
            for kind in get_args(Kind)
        ),
    )
    yield ""
    years = Counter(section.seen[:4] for section in every if section.enabled)
    yield (
        "Evidence of the sections that are on: "
        + ", ".join(f"{n} of {year}" for year, n in sorted(years.items()))
        + "."
    )
    yield ""


def chapter(portal: Portal) -> Iterator[str]:
    """One portal: its facts and every section."""
    yield f"## {portal.id}"
    yield ""
    yield f"{portal.name} · <{portal.home}> · region {portal.region} · CMS {portal.cms} · access {portal.status}"
    yield ""
    if portal.status_evidence is not None:
        yield f"Access: {portal.status_evidence} ({portal.status_seen})."
        yield ""
    yield f"Evidence: {portal.evidence} ({portal.seen})."
    yield ""
    if portal.notes is not None:
        yield portal.notes
        yield ""
    yield from table(
        ("Section", "Name", "Kind", "On", "Address", "Known by", "Seen", "Evidence"),
        (
            (
                f"`{s.id}`",
                s.name,
                s.kind,
                "on" if s.enabled else f"off: {s.reason}",
                f"<{s.url}>",
                s.basis,
                s.seen,
                s.evidence,
            )
            for s in portal.sections
        ),
    )
    yield ""


def render(portals: Sequence[Portal]) -> str:
    """The whole page."""
    lines = [HEAD, *overview(portals)]
    for portal in portals:
        lines += chapter(portal)
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Write the page, or with --check say whether it is up to date (exit status 1 if not)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    page = render(list(load_portals().portals.values()))
    if not options.check:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(page, "utf-8")
        return 0
    if options.out.is_file() and options.out.read_text("utf-8") == page:
        return 0
    print(f"{options.out} is out of date: run python tools/portal_coverage.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
