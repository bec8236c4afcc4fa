"""How far backfills are, on stderr: bars on a terminal, plain lines elsewhere; each section's and all of them."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import click

from crawler.cli.common import is_terminal
from crawler.crawl.estimate import spoken, total_left

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

LINE_EVERY = 10.0
"""Seconds between two plain lines of a section, and of the total."""


class Display(Protocol):
    """Shows sections' progress (`BackfillProgress.data`) as it comes, and reports when they are done."""

    def update(self, sections: list[dict[str, Any]]) -> None: ...  # noqa: D102
    def done(self, report: dict[str, Any]) -> None: ...  # noqa: D102


@contextmanager
def show_progress(total: int, *, quiet: bool) -> Iterator[Display]:
    """Give the display that fits where stderr goes; `total` counts sections."""
    if quiet:
        yield _Nothing()
    elif is_terminal():
        from rich.console import Console  # noqa: PLC0415 - only on a terminal
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[say]}"),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            yield _Bars(bars, total)
    else:
        yield _Lines(total)


def say(section: dict[str, Any]) -> str:
    """What a section is at, and what is left of it."""
    phase = section["phase"]
    if phase == "waiting":
        return "waits for another section of its portal"
    if section["note"]:
        return str(section["note"])
    left = f"{spoken(section['left'])} left" if section["left"] is not None else "time left unknown"
    if phase == "listing":
        of = f" of {section['pages_expected']}" if section["pages_expected"] else ""
        unsaid = "" if section["pages_expected"] else ": the list does not say how long it is"
        return f"list page {section['pages']}{of} · {section['listed']} entries · {left}{unsaid}"
    if phase == "attachments":
        return f"attachments of {section['done']} articles"
    failed = f" · {section['failed']} failed" if section["failed"] else ""
    return f"{section['done']} of {section['todo']} fetched{failed} · {left}"


def brief(section: dict[str, Any]) -> str:
    """The same beside a bar, which shows the counts."""
    if section["phase"] in {"listing", "fetching"} and not section["note"]:
        what = "of the list" if section["phase"] == "listing" else "of the articles"
        return f"{what} · {spoken(section['left'])} left" if section["left"] is not None else what
    return say(section)


class _Nothing:
    def update(self, sections: list[dict[str, Any]]) -> None:
        del sections

    def done(self, report: dict[str, Any]) -> None:
        del report


class _Total:
    """The progress of every section seen so far."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._sections: dict[str, dict[str, Any]] = {}
        self._done = 0

    def note(self, sections: list[dict[str, Any]]) -> None:
        for section in sections:
            self._sections[section["section"]] = section

    def done(self, name: str) -> int:
        self._sections.pop(name, None)
        self._done += 1
        return self._done

    def say(self) -> str:
        if self._done == self._total:
            return "done"
        left, unknown = total_left(self._sections.values())
        parts = [f"{spoken(left)} left" if left is not None else "time left unknown"]
        if unknown:
            parts.append(f"without {unknown} {'section' if unknown == 1 else 'sections'} that cannot be told yet")
        return f"{self._done} of {self._total} sections done · {' '.join(parts)}"


class _Lines:
    def __init__(self, total: int) -> None:
        self._total = _Total(total)
        self._several = total > 1
        self._told: dict[str, float] = {}

    def update(self, sections: list[dict[str, Any]]) -> None:
        self._total.note(sections)
        for section in sections:
            if section["phase"] != "done" and self._is_time(section["section"]):
                click.echo(f"{section['section']}: {say(section)}", err=True)
        if self._several and self._is_time(""):
            click.echo(f"all: {self._total.say()}", err=True)

    def done(self, report: dict[str, Any]) -> None:
        self._total.done(report["section"])
        click.echo(f"{report['section']}: done", err=True)

    def _is_time(self, name: str) -> bool:
        now = time.monotonic()
        if now - self._told.setdefault(name, now) < LINE_EVERY:
            return False
        self._told[name] = now
        return True


class _Bars:
    def __init__(self, bars: Progress, total: int) -> None:
        self._bars = bars
        self._total = _Total(total)
        self._all = bars.add_task("all", total=total, say="")
        self._tasks: dict[str, TaskID] = {}

    def update(self, sections: list[dict[str, Any]]) -> None:
        self._total.note(sections)
        for section in sections:
            name, listing = section["section"], section["phase"] == "listing"
            if name not in self._tasks:
                self._tasks[name] = self._bars.add_task(name, total=None, say="")
            total = section["pages_expected"] if listing else section["todo"]
            completed = section["pages"] if listing else section["done"]
            self._bars.update(self._tasks[name], total=total, completed=completed, say=brief(section))
        self._bars.update(self._all, say=self._total.say())

    def done(self, report: dict[str, Any]) -> None:
        self._bars.update(self._all, completed=self._total.done(report["section"]), say=self._total.say())
        task = self._tasks.pop(report["section"], None)
        if task is not None:
            self._bars.update(task, visible=False)
