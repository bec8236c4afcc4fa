"""Guess bytes that are gone without a trace, from the words around them.

Two bytes that make no character come out of a decoder as one `?`. Out of step these are the trail byte of one character
and the lead byte of the next (a pair in a private part of GBK), or a lone lead byte and the ASCII character that it
swallowed.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.restore.closing import MARKS, ahead, code_of
from crawler.restore.gaps import fill, ranked
from crawler.restore.halves import led
from crawler.restore.lexicon import text_cost
from crawler.restore.patterns import TORN
from crawler.restore.walk import MARKED_BARE, at_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.restore.walk import Walk

_TRIED_DROPPED = 6
_TRIED_BEFORE_ASCII = 5
_DROPPED = 6.0
_MOST = 4
_CLEARLY = 12.0
_YEAR = re.compile(r"([09])\d\d年")


def lost(walk: Walk, line: str, filler: str) -> Iterator[Walk]:
    """All continuations of a walk out of step at a place where two bytes made no character."""
    if walk.pending is None:
        return
    end = walk.pos + 1
    if end == len(line):
        for found in led(walk.pending):
            extra = at_end(found.char, line) + (MARKED_BARE if found.char in walk.seen.marked else 0.0)
            yield walk.put(found.char, end, None, extra)
        return
    if _in_step(line, end):
        yield from _swallowed(walk, line, end, filler)
    while end < len(line) - 1 and line[end] in MARKS and end - walk.pos < _MOST and not TORN.match(line, end):
        end += 1
    yield from fill(walk, line, end)


def _in_step(line: str, end: int) -> bool:
    """Whether what follows may be read in step: not if it makes far better words out of step."""
    shifted = code_of(line[end])
    if shifted is None or shifted[1] is None:
        return True
    plain = ahead(line, end + 1, None)
    out = ahead(line, end + 1, shifted[1])
    return len(plain) > len(out) or text_cost(plain) - text_cost(out) < _CLEARLY


def dropped(walk: Walk, line: str) -> Iterator[Walk]:
    """Continuations over a private character that a reader left out: two halves of hanzi are gone without a mark."""
    for new in islice(fill(walk, line, walk.pos), _TRIED_DROPPED):
        yield new.with_bias(_DROPPED)


def _swallowed(walk: Walk, line: str, end: int, filler: str) -> Iterator[Walk]:
    """One lead byte is gone with the ASCII character behind it, which nothing but its neighbours tells."""
    year = _YEAR.match(line, end)
    mark = filler
    if year:
        mark = "2" if year[1] == "0" else "1"
    elif line[end].isdigit():
        mark = "?"
    elif line[end].isascii() and not line[end].isalnum():
        # Some decoders lose the lead byte alone.
        mark = ""
    for _price, found in ranked(walk)[:_TRIED_BEFORE_ASCII]:
        extra = MARKED_BARE if found.char in walk.seen.marked else 0.0
        if mark:
            yield walk.put(found.char, walk.pos, 0, extra).put(mark, end, None)
        else:
            yield walk.put(found.char, end, None, extra)
