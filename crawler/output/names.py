"""What the files of one sink are called.

`articles.jsonl` and, beside a file that had to be left alone, `articles-2.jsonl`; with rotation
`articles-2026-11.jsonl` and `articles-2026-11_2.jsonl`.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Literal

from crawler.text.dates import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Rotation = Literal["none", "day", "month"]
_FORMATS: dict[Rotation, str] = {"none": "", "day": "%Y-%m-%d", "month": "%Y-%m"}
_PATTERNS: dict[Rotation, str] = {
    "none": r"()(?:-[1-9]\d*)?",
    "day": r"-(\d{4}-\d\d-\d\d)(?:_[1-9]\d*)?",
    "month": r"-(\d{4}-\d\d)(?:_[1-9]\d*)?",
}


def period(at: float, rotation: Rotation) -> str:
    """The day or month, in Asia/Shanghai, of UTC epoch seconds; empty without rotation."""
    return datetime.fromtimestamp(at, SHANGHAI).strftime(_FORMATS[rotation])


def period_of(path: Path, base: Path, rotation: Rotation) -> str | None:
    """The period that a file's name says; None when it is not a name this rotation gives."""
    found = re.fullmatch(re.escape(base.stem) + _PATTERNS[rotation] + re.escape(base.suffix), path.name)
    return found[1] if found else None


def candidates(base: Path, period_name: str) -> Iterator[Path]:
    """The names for a period in the order of preference, without end."""
    stem = f"{base.stem}-{period_name}" if period_name else base.stem
    joint = "_" if period_name else "-"
    yield base.with_name(stem + base.suffix)
    for number in count(2):
        yield base.with_name(f"{stem}{joint}{number}{base.suffix}")
