"""How likely a character is behind the three before it, in simplified Chinese news and official prose.

An interpolated model of runs of up to four characters (Witten and Bell 1991), pruned. Runs of two are strings, a line
a first character; longer ones lie in a table of 32-bit cells, found by a hash that adds a multiple of each character,
with two possible places for each. Both are built by `tools/build_restore_ngrams.py`. All costs are negative natural
logarithms of probabilities.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from crawler.restore.packed import line_starts, text_of, words_of

if TYPE_CHECKING:
    import re
    from array import array

LONGEST: Final = 4
WEIGHT: Final = 0x21
BEFORE: Final = "$$$"
"""What stands before the first character of a line; one of them ends a line."""
NOWHERE: Final = "\1\1\1"
"""What stands before a character of which nothing before is known."""

_BITS: Final = 20
SLOTS: Final = 1 << _BITS
_SHIFT: Final = 64 - _BITS
_SLOT: Final = SLOTS - 1
EMPTY: Final = 0
STEP: Final = 1 / 12
_MASK: Final = (1 << 64) - 1
# Odd multipliers of 64 bits: the golden ratio and the constants of SplitMix64 and MurmurHash3.
_BY_PLACE: Final = (0xFF51AFD7ED558CCD, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0x9E3779B97F4A7C15)
_LAST: Final = _BY_PLACE[3]
_FINGERPRINT: Final = 0xFFFF0000
_STRANGE: Final = 19.0
"""The cost of a character that the sources do not have."""

_NORMAL: Final = (
    {ord("0") + n: "0" for n in range(10)}
    | {0xFF10 + n: "0" for n in range(10)}
    | {start + n: "a" for start in (0x41, 0x61, 0xFF21, 0xFF41) for n in range(26)}
    | {ord(a): b for a, b in zip(",;:!?()", "，；：！？（）", strict=True)}
    | dict.fromkeys(map(ord, " \u3000\n\t\xa0"), "$")
)


def normal(text: str) -> str:
    """Digits, letters and spaces are all one to the model, and marks are full-width."""
    return text.translate(_NORMAL)


def bow_of(cost: float) -> float:
    """An addition as far as a cell can hold it."""
    return min(cost, 255 * STEP)


def key(run: str) -> int:
    """The hash of a run of up to four characters: 64 bits."""
    places = _BY_PLACE[-len(run) :]
    return (sum(ord(char) * place for char, place in zip(run, places, strict=True)) + len(run)) & _MASK


def slots(at: int) -> tuple[int, int]:
    """The two cells in which the run of this key may lie."""
    return at >> _SHIFT, (at >> 32 ^ at) & _SLOT


@lru_cache(maxsize=1)
def _cells() -> array[int]:
    cells = words_of("ngrams.bin")
    if sys.byteorder == "big":
        cells.byteswap()
    return cells


@lru_cache(maxsize=1)
def _rows() -> tuple[str, array[int]]:
    """All rows as one string, and where that of each character goes on behind it; 0 where it has none."""
    text = text_of("following.txt")
    return text, line_starts(text)


def _find(at: int) -> int:
    cells = _cells()
    cell = cells[at >> _SHIFT]
    if (cell ^ at) & _FINGERPRINT:
        cell = cells[(at >> 32 ^ at) & _SLOT]
        if (cell ^ at) & _FINGERPRINT:
            return EMPTY
    return cell


def _row(char: str) -> int:
    return _rows()[1][ord(char)] if char < "\U00010000" else 0


@lru_cache(maxsize=2048)
def alone(char: str) -> float:
    """The cost of a character of which nothing around is known."""
    start = _row(char)
    return (ord(_rows()[0][start]) - WEIGHT) / 6 if start else _STRANGE


def commoner(limit: float) -> dict[str, float]:
    """The characters of the sources that cost no more than this alone, each with its cost."""
    text, starts = _rows()
    costs = {text[start - 1]: (ord(text[start]) - WEIGHT) / 6 for start in starts if start}
    return {char: cost for char, cost in costs.items() if cost <= limit}


@lru_cache(maxsize=256)
def successors(char: str) -> tuple[str, float]:
    """The characters seen behind this one, the likeliest first, each with its weight; what any other costs more.

    A weight is one character, `WEIGHT` and six times the cost.
    """
    start = _row(char)
    text = _rows()[0]
    return (text[start + 2 : text.index("\n", start)], (ord(text[start + 1]) - WEIGHT) / 6) if start else ("", 0.0)


def pair_cost(first: str, second: str) -> float:
    """The cost of a character behind one other."""
    text, starts = _rows()
    start = starts[ord(first)] if first < "\U00010000" else 0
    if not start:
        return alone(second)
    end = text.index("\n", start)
    at = text.find(second, start + 2, end)
    # Costs stand between the characters: a mark or a letter may be one.
    while at > 0 and (at - start) & 1:
        at = text.find(second, at + 1, end)
    return (ord(text[at + 1]) - WEIGHT) / 6 if at >= 0 else (ord(text[start + 1]) - WEIGHT) / 6 + alone(second)


def first_of(chars: re.Pattern[str], behind: str) -> re.Match[str] | None:
    """The likeliest of some characters among those seen behind one, as the pattern finds it and its weight."""
    text, starts = _rows()
    start = starts[ord(behind)] if behind < "\U00010000" else 0
    return chars.search(text, start + 2, text.index("\n", start)) if start else None


class Context(NamedTuple):
    """What is known of the three characters before a place, looked up once for all that may follow."""

    cells: array[int]
    longest: int
    if_not: float
    longer: int
    if_not_longer: float
    last: str


@lru_cache(maxsize=256)
def context(tail: str) -> Context:
    """The context of the last three characters; `$` where the line begins, `NOWHERE` where nothing is known."""
    first, second, third = tail[0], tail[1], tail[2]
    longest = _find(key(tail)) & 0xFF
    longer = _find(key(tail[1:])) & 0xFF
    shared = ord(second) * _BY_PLACE[1] + ord(third) * _BY_PLACE[2]
    return Context(
        _cells(),
        ord(first) * _BY_PLACE[0] + shared + 4 if longest else 0,
        longest * STEP,
        shared + 3 if longer else 0,
        longer * STEP,
        third,
    )


def following(before: Context, char: str, pair: float | None = None) -> float:
    """The cost of a character in a context; `pair`, if known, is its cost behind the last one alone."""
    cells, longest, if_not, longer, if_not_longer, previous = before
    last = ord(char) * _LAST
    added = 0.0
    if longest:
        at = longest + last & _MASK
        cell = cells[at >> _SHIFT]
        if (cell ^ at) & _FINGERPRINT:
            cell = cells[(at >> 32 ^ at) & _SLOT]
        if not (cell ^ at) & _FINGERPRINT:
            return (cell >> 8 & 0xFF) * STEP
        added = if_not
    if longer:
        at = longer + last & _MASK
        cell = cells[at >> _SHIFT]
        if (cell ^ at) & _FINGERPRINT:
            cell = cells[(at >> 32 ^ at) & _SLOT]
        if not (cell ^ at) & _FINGERPRINT:
            return added + (cell >> 8 & 0xFF) * STEP
        added += if_not_longer
    return added + (pair_cost(previous, char) if pair is None else pair)


@lru_cache(maxsize=2048)
def behind(tail: str, char: str) -> float:
    """The cost of a character behind three others."""
    cells = _cells()
    first, second, third, last = ord(tail[0]), ord(tail[1]), ord(tail[2]), ord(char)
    later = second * _BY_PLACE[1] + third * _BY_PLACE[2] + last * _LAST
    at = first * _BY_PLACE[0] + later + 4 & _MASK
    cell = cells[at >> _SHIFT]
    if (cell ^ at) & _FINGERPRINT:
        cell = cells[(at >> 32 ^ at) & _SLOT]
    if not (cell ^ at) & _FINGERPRINT:
        return (cell >> 8 & 0xFF) * STEP
    at = first * _BY_PLACE[1] + second * _BY_PLACE[2] + third * _LAST + 3 & _MASK
    cell = cells[at >> _SHIFT]
    if (cell ^ at) & _FINGERPRINT:
        cell = cells[(at >> 32 ^ at) & _SLOT]
    added = 0 if (cell ^ at) & _FINGERPRINT else cell & 0xFF
    at = later + 3 & _MASK
    cell = cells[at >> _SHIFT]
    if (cell ^ at) & _FINGERPRINT:
        cell = cells[(at >> 32 ^ at) & _SLOT]
    if not (cell ^ at) & _FINGERPRINT:
        return (added + (cell >> 8 & 0xFF)) * STEP
    at = second * _BY_PLACE[2] + third * _LAST + 2 & _MASK
    cell = cells[at >> _SHIFT]
    if (cell ^ at) & _FINGERPRINT:
        cell = cells[(at >> 32 ^ at) & _SLOT]
    if not (cell ^ at) & _FINGERPRINT:
        added += cell & 0xFF
    return added * STEP + pair_cost(tail[2], char)


def run_cost(tail: str, text: str) -> float:
    """The cost of a normal text behind three characters."""
    total = 0.0
    for char in text:
        total += behind(tail, char)
        tail = tail[1:] + char
    return total
