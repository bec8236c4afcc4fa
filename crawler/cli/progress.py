"""Progress on stderr: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.common import is_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crawler.crawl.section import SectionReport

LINE_EVERY = 5.0
"""Seconds between two plain progress lines of a section."""


def summary(report: dict[str, Any]) -> str:
    """A section's closing line, from a report as data: `shanxi/news 12 new · 1 revised · 0 failed`."""
    parts = [f"{report['new']} new", f"{report['revised']} revised", f"{report['failed']} failed"]
    if report["withdrawn"]:
        parts.insert(2, f"{report['withdrawn']} withdrawn")
    line = f"{report['section']} {' · '.join(parts)}"
    return f"{line} · {report['error']}" if report["error"] else line


@contextmanager
def progress(
    total: int, *, quiet: bool
) -> Iterator[tuple[Callable[[SectionReport], None], Callable[[SectionReport], None]]]:
    """Give two callbacks, for a report that changed and for one that is complete; `total` counts sections."""
    if quiet:
        yield (lambda _: None), (lambda _: None)
    elif is_terminal():
        with _bar(total) as callbacks:
            yield callbacks
    else:
        yield _lines()


def _lines() -> tuple[Callable[[SectionReport], None], Callable[[SectionReport], None]]:
    told: dict[str, float] = {}

    def changed(report: SectionReport) -> None:
        now = time.monotonic()
        if now - told.setdefault(report.name, now) >= LINE_EVERY:
            told[report.name] = now
            click.echo(f"{report.name}: {report.entries} entries listed, {report.new} new so far", err=True)

    return changed, lambda _: None


@contextmanager
def _bar(total: int) -> Iterator[tuple[Callable[[SectionReport], None], Callable[[SectionReport], None]]]:
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        overall = bar.add_task("sections", total=total)
        tasks: dict[str, object] = {}

        def changed(report: SectionReport) -> None:
            found = report.listed_new
            done = report.new + report.unchanged + report.linked + report.failed
            if report.name not in tasks:
                tasks[report.name] = bar.add_task(report.name, total=found)
            bar.update(tasks[report.name], total=max(found, done), completed=done)  # type: ignore[arg-type]

        def ended(report: SectionReport) -> None:
            bar.advance(overall)
            if report.name in tasks:
                bar.update(tasks.pop(report.name), visible=False)  # type: ignore[arg-type]

        yield changed, ended
