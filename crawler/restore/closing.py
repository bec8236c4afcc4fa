"""How a gap of lost bytes ends: which characters may end it, and what is known of the text behind it."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crawler.restore import gbk
from crawler.restore.halves import every, trailed
from crawler.restore.lines import LINE_END, MARKS, Below, either, end_cost, gains_at_end
from crawler.restore.ngrams import BEFORE, alone, behind, pair_cost, run_cost
from crawler.restore.patterns import PLAIN, TORN
from crawler.restore.readings import characters_read, homophones
from crawler.restore.walk import form_of, forms_of

if TYPE_CHECKING:
    from crawler.restore.halves import Candidate

_AHEAD = 3
_LAST_TRIED = 80
# After so many characters the likeliest ones to end a line are known well enough to tell where to stop.
_LOOKED_AT = 400
# A reading that is not the character's usual one, or a reading behind a character that no conversion changed.
_UNLIKELY = 4.0


class Ending(NamedTuple):
    """The last character of a gap, and what it costs with the next one behind it where nothing before is known.

    `rest` is what of this the next one costs, and `extra` what the character costs more than its place.
    """

    price: float
    lead: int
    char: str
    form: str
    extra: float
    rest: float


class Close(NamedTuple):
    """How a gap ends: the characters that may end it, the likeliest first, and what follows them."""

    endings: tuple[Ending, ...]
    right: str
    """The characters behind the gap as far as they are known."""
    forms: str
    """The same, as the n-grams know them."""
    pos: int
    pending: int | None
    skipped: int | None
    """Where a reading begins that is taken out before the last character."""
    read: bool
    below: Below | None = None
    """Where the gap ends its line."""

    def cost(self, tail: str) -> float:
        """What it costs that the text goes on so behind the last three characters."""
        return run_cost(tail, self.forms) if self.below is None else end_cost(tail, self.below)


def code_of(char: str) -> tuple[int, int | None] | None:
    """The byte that ends the character read so far, and the lead byte of the next, if any; None if it ends nothing."""
    if char.isascii():
        return (ord(char), None) if 0x40 <= ord(char) < 0x7F else None
    code = gbk.code(char)
    return code if code and code[1] >= gbk.LEADS[0] else None


def close_of(line: str, end: int, marked: frozenset[str], below: Below) -> Close | None:
    """How a gap up to `end` ends; None where what stands there cannot follow a gap."""
    if end == len(line) - 1 and line[end] in MARKS:
        ends = _line_ends_here(line[:end], below)
        return Close(ends, LINE_END, LINE_END, end + 1, None, None, read=False, below=below)
    if match := TORN.match(line, end):
        # Out of step a reading in its right place looks torn; the decoder is in step behind it.
        right = ahead(line, match.end(), None, marked)
        forms = forms_of(right)
        return Close(_read_ends(match[1], forms[:1]), right, forms, match.end(), None, end, read=True)
    following = code_of(line[end])
    if following is None:
        return None
    trail, pending = following
    right = ahead(line, end + 1, pending, marked)
    forms = forms_of(right)
    # An ASCII trail byte ends the run, so a reading behind it is that of the character it completes.
    reading = PLAIN.match(line, end + 1) if pending is None else None
    only = characters_read(reading[1]) if reading else ""
    return Close(_ends(trail, forms[:1], only), right, forms, end + 1, pending, None, read=bool(only))


@lru_cache(maxsize=64)
def _ends(trail: int, right: str, only: str) -> tuple[Ending, ...]:
    return tuple(sorted([_ending(one, right) for one in trailed(trail) if not only or one.char in only]))


@lru_cache(maxsize=64)
def _read_ends(reading: str, right: str) -> tuple[Ending, ...]:
    found = []
    for lead, row in homophones(reading).items():
        for _trail, char, usual in row:
            form = form_of(char)
            extra = 0.0 if usual and form != char else _UNLIKELY
            rest = extra + (pair_cost(form, right) if right else 0.0)
            found.append(Ending(alone(form) + rest, lead, char, form, extra, rest))
    return tuple(sorted(found))


def _line_ends_here(line: str, below: Below) -> tuple[Ending, ...]:
    """The likeliest ends of any line, and those that close or open what another part of this text lacks."""
    forms = below.forms[:1]
    found = _line_ends(forms, below.ends, below.goes_on)
    gains = gains_at_end(line, below)
    if not gains:
        return found
    others = [one for one in found if one.char not in gains]
    for one in every():
        if one.char in gains:
            ending, gain = _line_end(one, forms, below.ends, below.goes_on), gains[one.char]
            others.append(ending._replace(price=ending.price + gain, extra=gain, rest=ending.rest + gain))
    return tuple(sorted(others))


@lru_cache(maxsize=16)
def _line_ends(below: str, ends: float, goes_on: float) -> tuple[Ending, ...]:
    found: list[Ending] = []
    dearest = math.inf
    # What follows costs nothing at least; two ways that cost the same are twice as likely as one.
    least = min(0.0, goes_on - behind(BEFORE, below)) - math.log(2) if below else 0.0
    for one in every():
        if one.price + least > dearest:
            break
        found.append(_line_end(one, below, ends, goes_on))
        if len(found) == _LOOKED_AT:
            dearest = sorted(found)[_LAST_TRIED - 1].price
    return tuple(sorted(found)[:_LAST_TRIED])


def _line_end(one: Candidate, below: str, ends: float, goes_on: float) -> Ending:
    ending = _ending(one, LINE_END)
    if not below:
        return ending
    rest = either(ends + ending.rest, goes_on + pair_cost(one.form, below) - behind(BEFORE, below))
    return ending._replace(price=one.price + rest, rest=rest)


def _ending(one: Candidate, right: str) -> Ending:
    rest = pair_cost(one.form, right) if right else 0.0
    return Ending(one.price + rest, one.lead, one.char, one.form, 0.0, rest)


def ahead(line: str, pos: int, pending: int | None, marked: frozenset[str] = frozenset()) -> str:
    """The next characters as far as they can be told: up to a mark, or to the line's end.

    Of the characters of a torn reading it is one of those that bear readings elsewhere, or else the commonest.
    """
    out = ""
    while len(out) < _AHEAD:
        if pos >= len(line):
            return out + LINE_END
        char = line[pos]
        if char in MARKS:
            match = TORN.match(line, pos)
            read = homophones(match[1]).get(pending or 0) if match else None
            if match is None or not read:
                break
            known = [made for _trail, made, _usual in read if made in marked]
            out += min(known or [made for _trail, made, _usual in read], key=lambda made: alone(form_of(made)))
            pos = match.end()
            pending = None
            continue
        if pending is None:
            if char == "(" and (match := PLAIN.match(line, pos)):
                pos = match.end()
                continue
            out += char
            pos += 1
            continue
        code = (ord(char), None) if char.isascii() else gbk.code(char)
        made = gbk.character(pending, code[0]) if code and code[0] >= gbk.TRAILS[0] else None
        if code is None or made is None:
            break
        out += made
        pos += 1
        if code[1] is not None and code[1] < 0x80:
            # The trail is an ASCII letter of the original that a stray lead byte had swallowed.
            out += chr(code[1])
            pending = None
        else:
            pending = code[1]
    return out
