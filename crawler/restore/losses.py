"""Guess bytes that are gone without a trace, from the words around them.

Two bytes that make no character come out of a decoder as one `?`. Out of step these are the trail byte of one character
and the lead byte of the next (a pair in a private part of GBK), or a lone lead byte and the ASCII character that it
swallowed.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.restore.closing import ahead, code_of
from crawler.restore.gaps import fill, ranked, swallowed
from crawler.restore.lines import MARKS, Below, end_cost, gains_at_end
from crawler.restore.ngrams import NOWHERE, run_cost
from crawler.restore.patterns import PLAIN, TORN
from crawler.restore.walk import forms_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.restore.walk import Walk

_TRIED_DROPPED = 6
_TRIED_LAST = 8
# Before the next line has a say.
_LOOKED_AT = 40
_DROPPED = 6.0
_MOST = 4
# Beside a text out of step one in step has to cost this little more at most.
_CLEARLY = 1.0
# Where nothing can be read out of step: what a character of a text in step costs at most.
_PROSE = 9.0
_YEAR = re.compile(r"([09])\d\d年")
# What is left of a number without its first digit, or its last.
_NUMBER = re.compile(r"\d|[.,]\d|%")


def lost(walk: Walk, line: str, filler: str, below: Below) -> Iterator[Walk]:
    """All continuations of a walk out of step at a place where two bytes made no character."""
    if walk.pending is None:
        return
    end = walk.pos + 1
    if end == len(line):
        gains = gains_at_end(line[: walk.pos], below)
        tried = sorted((price + gains.get(one.char, 0.0), one) for price, one in ranked(walk))[:_LOOKED_AT]
        if below.forms:
            tried = sorted((price + end_cost(walk.tail[1:] + one.form, below), one) for price, one in tried)
        for _price, one in tried[:_TRIED_LAST]:
            extra = walk.seen.bare.get(one.char, 0.0) + gains.get(one.char, 0.0)
            yield walk.put(one.char, end, None, extra)
        return
    while end < len(line) - 1 and line[end] in MARKS and end - walk.pos < _MOST and not TORN.match(line, end):
        end += 1
    if end == walk.pos + 1 or line[end].isascii():
        yield from _alone(walk, line, end, filler)
    yield from fill(walk, line, end, below)


def _alone(walk: Walk, line: str, end: int, filler: str) -> Iterator[Walk]:
    """Continuations where the last mark was a lone lead byte and an ASCII character, and what follows is in step."""
    if _in_step(line, end):
        yield from swallowed(walk, end, _swallowed(line, end, filler))


def _in_step(line: str, end: int) -> bool:
    """Whether what follows may be read in step: not if it makes far better words out of step."""
    shifted = code_of(line[end])
    if shifted is None:
        return True
    if shifted[1] is None:
        # A letter between hanzi, or one that bears a reading, is the second byte of a character.
        return end + 1 < len(line) and line[end + 1].isascii() and not PLAIN.match(line, end + 1)
    plain = ahead(line, end + 1, None)
    out = ahead(line, end + 1, shifted[1])
    size = min(len(plain), len(out))
    if not size:
        return run_cost(NOWHERE, forms_of(plain)) < _PROSE * len(plain)
    return run_cost(NOWHERE, forms_of(plain[:size])) - run_cost(NOWHERE, forms_of(out[:size])) < _CLEARLY


def dropped(walk: Walk, line: str, below: Below) -> Iterator[Walk]:
    """Continuations over a private character that a reader left out: two halves of hanzi are gone without a mark."""
    for new in islice(fill(walk, line, walk.pos, below), _TRIED_DROPPED):
        yield new.dearer(_DROPPED)


def _swallowed(line: str, end: int, filler: str) -> str:
    """The ASCII character that went with a lone lead byte, of which nothing but its neighbours tells."""
    if year := _YEAR.match(line, end):
        return "2" if year[1] == "0" else "1"
    if _NUMBER.match(line, end) or not (line[end].isascii() or "\u4e00" <= line[end] <= "\u9fff"):
        return "?"
    # Some decoders lose the lead byte alone.
    return "" if line[end].isascii() and not line[end].isalnum() else filler
