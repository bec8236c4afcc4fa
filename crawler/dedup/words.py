"""What differs between two texts, word by word: marks, blanks and the width of characters aside."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

MAX_CHARACTERS = 200_000
"""Characters of each text that are compared; two texts of that size take a second or two."""

# A number is one word with its point and per cent sign; so is a run of letters; of Chinese each character is one.
_WORD = re.compile(r"[0-9０-９]+(?:[.,．，][0-9０-９]+)*[%％‰]?|[A-Za-zＡ-Ｚａ-ｚ]+|[^\W_]")
_BRIDGE = 1
"""Equal words between two differences that are shown as part of one: 王小明 for 李小红 is one name for another."""


class Difference(NamedTuple):
    """`before` of the one text, at `[start:end]` of it, became `after` of the other, at `[there:there_end]`."""

    before: str
    after: str
    start: int
    end: int
    there: int
    there_end: int


def differences(one: str, other: str) -> list[Difference]:
    """What was removed, inserted or replaced, in order; empty if the texts say the same."""
    one, other = one[:MAX_CHARACTERS], other[:MAX_CHARACTERS]
    words, others = _words(one), _words(other)
    found: list[tuple[int, int, int, int]] = []
    for operation in Levenshtein.opcodes([word.key for word in words], [word.key for word in others]):
        if operation.tag == "equal":
            continue
        start, there = operation.src_start, operation.dest_start
        if found and start - found[-1][1] <= _BRIDGE and there - found[-1][3] <= _BRIDGE:
            start, _, there, _ = found.pop()
        found.append((start, operation.src_end, there, operation.dest_end))
    spans = [(*_span(words, start, end), *_span(others, there, upto)) for start, end, there, upto in found]
    return [Difference(one[span[0] : span[1]], other[span[2] : span[3]], *span) for span in spans]


class _Word(NamedTuple):
    key: str
    start: int
    end: int


def _words(text: str) -> list[_Word]:
    """Each word as it is compared, and its place."""
    found = []
    for match in _WORD.finditer(text):
        word = match[0]
        key = word if word.isascii() else unicodedata.normalize("NFKC", word)
        found.append(_Word(key, match.start(), match.end()))
    return found


def _span(words: list[_Word], start: int, end: int) -> tuple[int, int]:
    """The characters that words take up; of none the place after the word before."""
    if start < end:
        return words[start].start, words[end - 1].end
    at = words[start - 1].end if start else 0
    return at, at
