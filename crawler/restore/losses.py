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
from crawler.restore.patterns import PLAIN, TORN
from crawler.restore.readings import characters_read, homophones
from crawler.restore.walk import Walk, misplaced_last

# Characters rarer than this (natural logarithm of one over the share) are not tried where only words tell.
_RARE = 12.5
_TRIED = 16
_TRIED_BEFORE_ASCII = 8
_TRIED_DEEPER = 4
_COMMON = 9.0
_DROPPED = 8.0
_UNLIKELY = 4.0
MARKS = "?\ufffd"
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
            yield walk.put(char, end, None, _AT_END.get(char, 0.0) + misplaced_last(simple(char)))
        return
    yield from _swallowed(walk, line, end, filler)
    if match := TORN.match(line, end):
        yield from _before_reading(walk, match.end(), match[1])
    elif line[end] in MARKS:
        yield from _double(walk, line, end)
    elif following := _code_of(line[end]):
        # An ASCII trail byte ends the run, so a reading behind it is that of the character it completes.
        reading = PLAIN.match(line, end + 1) if following[1] is None else None
        yield from _pairs(walk, end, *following, characters_read(reading[1]) if reading else "")


def _code_of(char: str) -> tuple[int, int | None] | None:
    """The byte that ends the character read so far, and the lead byte of the next; None for one that ends no character."""
    if char.isascii():
        return (ord(char), None) if 0x40 <= ord(char) < 0x7F else None
    code = gbk.code(char)
    return code if code and code[1] >= gbk.LEADS[0] else None


def dropped(walk: Walk, line: str) -> Iterator[Walk]:
    """Continuations over a private character that a reader left out: two halves of hanzi are gone, no mark stands there."""
    following = _code_of(line[walk.pos])
    if following is None or walk.pending is None:
        return
    for new in _pairs(walk, walk.pos, *following, ""):
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
    for _trail, char, _price in _common(walk.pending or 0)[:_TRIED_BEFORE_ASCII]:
        if mark:
            yield walk.put(char, walk.pos, 0).put(mark, end, None)
        else:
            yield walk.put(char, end, None)


def _pairs(walk: Walk, end: int, following: int, pending: int | None, only: str) -> Iterator[Walk]:
    """The trail byte of one character and the lead byte of the next are gone: the likeliest pairs of characters."""
    behind = _leading(following)
    if only:
        behind = {lead: found for lead, found in behind.items() if found[0] in only}
    before = walk.tail[-1:]
    ranked = []
    for trail, char, alone in _common(walk.pending or 0):
        leads = _broken_pairs().get(trail, ())
        if not leads:
            continue
        first = simple(char)
        joined = cost(before + first) if before >= "\u4e00" else None
        price = alone if joined is None else min(alone, joined - character_cost(before))
        for lead in leads:
            if lead in behind:
                second, other = behind[lead]
                both = price + other
                word = cost(first + simple(second)) if first >= "\u4e00" else None
                if word is not None and word < both:
                    both = word
                ranked.append((both - walk.seen.discount(char, second), char, lead, second))
    ranked.sort()
    for _price, char, lead, second in ranked[:_TRIED]:
        yield walk.put(char, walk.pos, lead).put(second, end + 1, pending)


def _before_reading(walk: Walk, end: int, reading: str) -> Iterator[Walk]:
    """The same where the second character bears a reading that follows."""
    for trail, char, _price in _common(walk.pending or 0):
        for lead in _broken_pairs().get(trail, ()):
            for _trail, second, usual in homophones(lead, reading):
                extra = 0.0 if usual and simple(second) != second else _UNLIKELY
                yield walk.put(char, walk.pos, lead).skip(end, walk.pos + 1).put(second, end, None, extra)


@lru_cache(maxsize=1)
def _bridges() -> tuple[tuple[int, int, str, float], ...]:
    """The commonest characters whose trail byte can be the first of a broken pair: lead, trail, character, cost."""
    found = [
        (lead, trail, char, price)
        for lead in gbk.LEADS
        for trail, char, price in _common(lead)
        if price <= _COMMON and trail in _broken_pairs()
    ]
    return tuple(sorted(found, key=lambda row: row[3]))


def _double(walk: Walk, line: str, end: int) -> Iterator[Walk]:
    """Two broken pairs in a row: three characters, of which the middle one must be a common one."""
    if end + 1 == len(line):
        yield from _last_two(walk, end)
        return
    following = _code_of(line[end + 1])
    if following is None:
        return
    behind = _leading(following[0])
    ranked = []
    for trail, char, price in _common(walk.pending or 0):
        leads = _broken_pairs().get(trail, ())
        for lead, middle, second, other in _bridges():
            if lead in leads:
                word = cost(simple(char) + simple(second)) if char >= "\u4e00" else None
                ranked.append((price + other if word is None else min(price + other, word), char, lead, middle, second))
    ranked.sort()
    for _price, char, lead, middle, second in ranked[:_TRIED]:
        thirds = sorted((behind[third][1], third) for third in _broken_pairs()[middle] if third in behind)
        for _alone, third in thirds[:_TRIED_DEEPER]:
            bridged = walk.put(char, end, lead).put(second, end + 1, third)
            yield bridged.put(behind[third][0], end + 2, following[1])


def _last_two(walk: Walk, end: int) -> Iterator[Walk]:
    """A broken pair and then the last byte of the line: two characters."""
    for trail, char, _price in _common(walk.pending or 0):
        for lead in _broken_pairs().get(trail, ()):
            first = walk.put(char, end, lead)
            for _trail, last, price in _common(lead)[:_TRIED_DEEPER]:
                if price <= _COMMON:
                    yield first.put(last, end + 1, None, _AT_END.get(last, 0.0) + misplaced_last(simple(last)))
