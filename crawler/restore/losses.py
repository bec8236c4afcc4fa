"""Guess bytes that are gone without a trace, from the words around them.

Two bytes that make no character come out of a decoder as one `?`. Out of step these are the trail byte of one character
and the lead byte of the next (a pair in a private part of GBK), or a lone lead byte and the ASCII character that it
swallowed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING

from crawler.restore import gbk
from crawler.restore.conversion import characters_simplified, simple
from crawler.restore.lexicon import character_cost, cost, followers
from crawler.restore.patterns import PLAIN, TORN
from crawler.restore.readings import characters_read, homophones
from crawler.restore.walk import REACH, Walk, misplaced_last

if TYPE_CHECKING:
    from collections.abc import Iterator

# Characters rarer than this (natural logarithm of one over the share) are not tried where only words tell.
_RARE = 12.5
_TRIED = 12
_TRIED_DROPPED = 6
_LISTED = 64
_NO_WORD = 99.0
_TRIED_BEFORE_ASCII = 8
_TRIED_DEEPER = 4
_COMMON = 11.5
_DROPPED = 6.0
_UNLIKELY = 4.0
MARKS = "?\ufffd"
_YEAR = re.compile(r"([09])\d\d年")
# What ends a line, as an addition to what the character costs anywhere.
_AT_END = {"。": -2.5, "；": -1.5, "：": -1.5, "、": 3.0, "，": 3.0, "（": 6.0, "“": 6.0, "《": 6.0}


@lru_cache(maxsize=1)
def _broken_pairs() -> dict[int, frozenset[int]]:
    """For each trail byte that a reader out of step takes for a lead, the leads that make no character behind it.

    80 leads nothing, but ends 個 and some two hundred others.
    """
    firsts = (0x80, *gbk.LEADS)
    broken = {first: frozenset(lead for lead in gbk.LEADS if gbk.character(first, lead) is None) for first in firsts}
    return {first: leads for first, leads in broken.items() if leads}


@lru_cache(maxsize=1)
def _unusual() -> frozenset[str]:
    """Characters that no conversion of simplified text yields."""
    return frozenset((files("crawler.restore") / "data" / "unusual.txt").read_text("utf-8").strip())


@lru_cache(maxsize=128)
def _common(lead: int) -> tuple[tuple[int, str, float], ...]:
    """The characters of a lead byte worth trying: trail byte, character, cost; the commonest first."""
    row = gbk.row(lead)
    forms = characters_simplified("".join(char for _trail, char in row))
    found = [(trail, char, character_cost(form)) for (trail, char), form in zip(row, forms, strict=True)]
    worth = [entry for entry in found if entry[2] <= _RARE and entry[1] not in _unusual()]
    return tuple(sorted(worth, key=lambda entry: entry[2]))


@lru_cache(maxsize=256)
def _leading(trail: int) -> dict[int, tuple[str, float]]:
    """By lead byte the characters of a trail byte worth trying, with their cost."""
    column = [(lead, char) for lead in gbk.LEADS if (char := gbk.character(lead, trail)) is not None]
    forms = characters_simplified("".join(char for _lead, char in column))
    prices = [(lead, char, character_cost(form)) for (lead, char), form in zip(column, forms, strict=True)]
    return {lead: (char, price) for lead, char, price in prices if price <= _RARE and char not in _unusual()}


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
    """The byte that ends the character read so far, and the lead byte of the next, if any; None if it ends nothing."""
    if char.isascii():
        return (ord(char), None) if 0x40 <= ord(char) < 0x7F else None
    code = gbk.code(char)
    return code if code and code[1] >= gbk.LEADS[0] else None


def dropped(walk: Walk, line: str) -> Iterator[Walk]:
    """Continuations over a private character that a reader left out: two halves of hanzi are gone without a mark."""
    following = _code_of(line[walk.pos])
    if following is None or walk.pending is None:
        return
    for new in islice(_pairs(walk, walk.pos, *following, ""), _TRIED_DROPPED):
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
    ranked = sorted((price - walk.seen.discount(walk.raw, char), char) for _, char, price in _common(walk.pending or 0))
    for _price, char in ranked[:_TRIED_BEFORE_ASCII]:
        if mark:
            yield walk.put(char, walk.pos, 0).put(mark, end, None)
        else:
            yield walk.put(char, end, None)


def _pairs(walk: Walk, end: int, following: int, pending: int | None, only: str) -> Iterator[Walk]:
    """The trail byte of one character and the lead byte of the next are gone: the likeliest pairs of characters.

    `only`, where not empty, are the characters that the second can be.
    """
    ranked = [
        (_in_context(walk, price, alone, char, second), char, second)
        for price, alone, char, _lead, second in _couples(walk.pending or 0, following, only)
    ]
    ranked.sort()
    firsts: dict[str, Walk] = {}
    for _price, char, second in ranked[:_TRIED]:
        first = firsts.get(char)
        if first is None:
            first = firsts[char] = walk.put(char, walk.pos, 0)
        yield first.put(second, end + 1, pending)


def _in_context(walk: Walk, price: float, alone: float, first: str, second: str) -> float:
    """The price of two characters, less what they save by making words with those before."""
    form, other = simple(first), simple(second)
    tail, best = walk.tail, walk.best
    for size in range(1, min(len(tail), len(best) - 1) + 1):
        before = tail[-size:]
        if before[0] < "\u4e00":
            break
        spent = best[-1] - best[-1 - size]
        if size < REACH - 1:
            word = cost(before + form + other)
            if word is not None:
                price = min(price, word - spent)
        word = cost(before + form)
        if word is not None:
            price = min(price, price - alone + word - spent)
    return price - walk.seen.discount(first, second) - walk.seen.discount(walk.raw, first)


@lru_cache(maxsize=512)
def _couples(pending: int, following: int, only: str) -> tuple[tuple[float, float, str, int, str], ...]:
    """The commonest two characters between two known bytes: cost of both, of the first alone, first, lead, second."""
    behind = _leading(following)
    if only:
        behind = {lead: found for lead, found in behind.items() if found[0] in only}
    found = []
    for trail, char, alone in _common(pending):
        leads = _broken_pairs().get(trail)
        if leads:
            words = followers(simple(char))
            for lead in leads & behind.keys():
                second, other = behind[lead]
                both = min(alone + other, words.get(simple(second), _NO_WORD))
                found.append((both, alone, char, lead, second))
    found.sort()
    return tuple(found[:_LISTED])


def _before_reading(walk: Walk, end: int, reading: str) -> Iterator[Walk]:
    """The same where the second character bears a reading that follows."""
    read = homophones(reading)
    for trail, char, _price in _common(walk.pending or 0):
        leads = _broken_pairs().get(trail, frozenset()) & read.keys()
        if leads:
            first = walk.put(char, walk.pos, 0).skip(end, walk.pos + 1)
            for lead in leads:
                for _trail, second, usual in read[lead]:
                    extra = 0.0 if usual and simple(second) != second else _UNLIKELY
                    yield first.put(second, end, None, extra)


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
    if following[1] is None and (reading := PLAIN.match(line, end + 2)):
        only = characters_read(reading[1])
        behind = {lead: found for lead, found in behind.items() if found[0] in only}
    seen = walk.seen
    ranked = sorted(
        (_in_context(walk, price, alone, char, second), char, middle, second)
        for price, alone, char, middle, second in _bridged(walk.pending or 0)
    )
    for _price, char, middle, second in ranked[:_TRIED]:
        bridge = walk.put(char, end, 0).put(second, end + 1, 0)
        thirds = sorted(
            (behind[t][1] - seen.discount(second, behind[t][0]), t) for t in _broken_pairs()[middle] & behind.keys()
        )
        for _alone, third in thirds[:_TRIED_DEEPER]:
            yield bridge.put(behind[third][0], end + 2, following[1])


@lru_cache(maxsize=256)
def _bridged(pending: int) -> tuple[tuple[float, float, str, int, str], ...]:
    """The commonest two characters behind a known byte: cost, cost of the first, first, trail of the second, second."""
    found = []
    for trail, char, alone in _common(pending):
        leads = _broken_pairs().get(trail)
        if leads:
            words = followers(simple(char))
            for lead, middle, second, other in _bridges():
                if lead in leads:
                    price = min(alone + other, words.get(simple(second), _NO_WORD))
                    found.append((price, alone, char, middle, second))
    found.sort()
    return tuple(found[:_LISTED])


def _last_two(walk: Walk, end: int) -> Iterator[Walk]:
    """A broken pair and then the last byte of the line: two characters."""
    for _price, char, lead, last in _closings(walk.pending or 0):
        ending = _AT_END.get(last, 0.0) + misplaced_last(simple(last))
        yield walk.put(char, end, lead).put(last, end + 1, None, ending)


@lru_cache(maxsize=256)
def _closings(pending: int) -> tuple[tuple[float, str, int, str], ...]:
    """The likeliest two characters behind a known byte that end a line: cost, first, lead of the second, second."""
    found = []
    for trail, char, alone in _common(pending):
        words = followers(simple(char))
        for lead in _broken_pairs().get(trail, frozenset()):
            for _trail, last, other in _common(lead)[:_TRIED]:
                price = min(alone + other, words.get(simple(last), _NO_WORD))
                found.append((price + _AT_END.get(last, 0.0) + misplaced_last(simple(last)), char, lead, last))
    found.sort()
    return tuple(found[:_TRIED])
