"""What the lines below tell of how a line ends.

Paragraphs are lines of their own, but text that was set in lines of equal length goes on in the next one, and so does
text in which each link was put in a line of its own.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from crawler.restore.ngrams import BEFORE, behind, run_cost
from crawler.restore.patterns import PLAIN
from crawler.restore.walk import REACH, forms_of

MARKS: Final = "?\ufffd"
"""What a decoder writes for a byte that it cannot read."""
LINE_END: Final = "$"
"""The end of a line, as the n-grams know it."""

_PAIRS = tuple(zip("“‘《（【〔", "”’》）】〕", strict=True))
# What the last character of a line costs less that closes what the line has opened, or opens what the next ones close:
# the one may yet be closed there, the other is opened nowhere else.
_CLOSES = 4.0
_OPENS = 8.0
_LINES_AROUND = 2
# Characters looked at for the first or the last one, which may bear a reading.
_LOOKED_AT = 12


class Below(NamedTuple):
    """What the next line begins with, as the n-grams know it, and what it costs that this one ends or goes on there.

    `lacks` are the opening marks that the next lines lack.
    """

    forms: str = ""
    ends: float = 0.0
    goes_on: float = 0.0
    lacks: str = ""


NOTHING: Final = Below()


def belows(lines: list[str]) -> list[Below]:
    """What is below each line of a text that ends in a mark; of the others nothing is asked."""
    if not any(line.endswith(tuple(MARKS)) for line in lines):
        return [NOTHING] * len(lines)
    firsts = [_beginning(line) for line in [*lines[1:], ""]]
    # A line that ends in a hanzi goes on in the next, or is a heading.
    lasts = [PLAIN.sub("", line[-_LOOKED_AT:])[-1:] for line, first in zip(lines, firsts, strict=True) if first]
    share = (sum("\u4e00" <= last <= "\u9fff" for last in lasts) + 0.5) / (len(lasts) + 1)
    ends, goes_on = -math.log(1 - share), -math.log(share)
    return [
        Below(first, ends, goes_on, _lacking(lines, at)) if line.endswith(tuple(MARKS)) else NOTHING
        for at, (line, first) in enumerate(zip(lines, firsts, strict=True))
    ]


def _beginning(line: str) -> str:
    """How a line begins, as far as it is known; an indented one begins a paragraph."""
    known = forms_of(PLAIN.sub("", line[:_LOOKED_AT])[:REACH])
    return "" if LINE_END in known or any(mark in known for mark in "？" + MARKS) else known


def _lacking(lines: list[str], at: int) -> str:
    """The opening marks that the lines around one lack: those below close them, those up to it did not open them."""
    above = "".join(lines[max(0, at - _LINES_AROUND) : at + 1])
    below = "".join(lines[at + 1 : at + 1 + _LINES_AROUND])
    return "".join(
        opening
        for opening, closing in _PAIRS
        if closing in below and opening not in below[: below.index(closing)] and not _is_open(opening, closing, above)
    )


def _is_open(opening: str, closing: str, text: str) -> bool:
    return text.rfind(opening) > text.rfind(closing)


def gains_at_end(line: str, below: Below) -> dict[str, float]:
    """What some characters cost less at the end of a line: those that close or open what another part lacks."""
    gains: dict[str, float] = {}
    for opening, closing in _PAIRS:
        if _is_open(opening, closing, line):
            gains[closing] = -_CLOSES
        elif opening in below.lacks:
            gains[opening] = -_OPENS
    return gains


def end_cost(tail: str, below: Below) -> float:
    """What it costs that a line ends behind its last three characters."""
    if not below.forms:
        return behind(tail, LINE_END)
    return either(
        below.ends + behind(tail, LINE_END),
        below.goes_on + run_cost(tail, below.forms) - run_cost(BEFORE, below.forms),
    )


def either(one: float, other: float) -> float:
    """The cost of what happens in one of two ways."""
    return min(one, other) - math.log1p(math.exp(-abs(one - other)))
