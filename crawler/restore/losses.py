"""Guess bytes that are gone without a trace, from the words around them.

Two bytes that make no character come out of a decoder as one `?`. Out of step these are the trail byte of one character and
the lead byte of the next (a pair in a private part of GBK), or a lone lead byte and the ASCII character that it swallowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from crawler.restore import gbk
from crawler.restore.conversion import simple
from crawler.restore.lexicon import character_cost, cost
from crawler.restore.patterns import TORN
from crawler.restore.readings import homophones
from crawler.restore.walk import Walk

# Characters rarer than this (natural logarithm of one over the share) are not tried where only words tell.
_RARE = 12.5
_TRIED = 40
_TRIED_BEFORE_ASCII = 8
_YEAR = re.compile(r"([09])\d\d年")
# What ends a line, as an addition to what the character costs anywhere.
_AT_END = {"。": -2.5, "；": -1.5, "：": -1.5, "、": 3.0, "，": 3.0, "（": 6.0, "“": 6.0, "《": 6.0}


@lru_cache(maxsize=1)
def _broken_pairs() -> dict[int, tuple[int, ...]]:
    """For each lead byte the bytes that could be leads themselves and yet make no character behind it."""
    broken = {lead: tuple(t for t in gbk.LEADS if gbk.character(lead, t) is None) for lead in gbk.LEADS}
    return {lead: trails for lead, trails in broken.items() if trails}


@lru_cache(maxsize=1024)
def _common(lead: int) -> tuple[tuple[int, str, float], ...]:
    """The characters of a lead byte worth trying: trail byte, character, cost; the commonest first."""
    found = [(t, c, character_cost(simple(c))) for t, c in gbk.row(lead)]
    return tuple(sorted((row for row in found if row[2] <= _RARE), key=lambda row: row[2]))


@lru_cache(maxsize=1024)
def _leading(trail: int) -> dict[int, tuple[str, float]]:
    """By lead byte the characters of a trail byte worth trying, with their cost."""
    found = {}
    for lead in gbk.LEADS:
        char = gbk.character(lead, trail)
        if char is not None and (price := character_cost(simple(char))) <= _RARE:
            found[lead] = (char, price)
    return found


def lost(walk: Walk, line: str, filler: str) -> Iterator[Walk]:
    """All continuations of a walk out of step at a place where two bytes made no character."""
    if walk.pending is None:
        return
    end = walk.pos + 1
    if end == len(line):
        for _trail, char, _price in _common(walk.pending):
            yield walk.put(char, end, None, _AT_END.get(char, 0.0))
        return
    yield from _swallowed(walk, line, end, filler)
    if match := TORN.match(line, end):
        yield from _before_reading(walk, walk.pending, end, match[1])
        return
    following = _lead_of(line[end])
    if following is not None:
        yield from _pair(walk, walk.pending, end, following)


def _lead_of(char: str) -> int | None:
    if char.isascii():
        return ord(char) if 0x40 <= ord(char) < 0x7F else None
    code = gbk.code(char)
    return code[0] if code else None


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
    for _trail, char, _price in _common(walk.pending or 0)[:_TRIED_BEFORE_ASCII]:
        if mark:
            yield walk.put(char, walk.pos, 0).put(mark, end, None)
        else:
            yield walk.put(char, end, None)


def _pair(walk: Walk, pending: int, end: int, following: int) -> Iterator[Walk]:
    """The trail byte of one character and the lead byte of the next are gone: the likeliest pairs."""
    behind = _leading(following)
    before = walk.tail[-1:]
    ranked = []
    for trail, char, price in _common(pending):
        leads = _broken_pairs().get(trail, ())
        if not leads:
            continue
        first = simple(char)
        joined = cost(before + first) if before >= "\u4e00" else None
        price = price if joined is None else min(price, joined - character_cost(before))
        for lead in leads:
            if lead in behind:
                second, alone = behind[lead]
                word = cost(first + simple(second)) if first >= "\u4e00" else None
                ranked.append((price + alone if word is None else min(price + alone, word), char, lead))
    ranked.sort()
    for _price, char, lead in ranked[:_TRIED]:
        yield walk.put(char, end, lead)


def _before_reading(walk: Walk, pending: int, end: int, reading: str) -> Iterator[Walk]:
    """The same where the second character bears a reading and its trail byte is gone too."""
    read = {lead for lead in gbk.LEADS if homophones(lead, reading)}
    for trail, char, _price in _common(pending):
        for lead in _broken_pairs().get(trail, ()):
            if lead in read:
                yield walk.put(char, end, lead)
