"""What an edit did to a text, sentence by sentence, and within a sentence word by word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from rapidfuzz.distance import Levenshtein

from crawler.dedup.align import gaps, masked, pairs
from crawler.dedup.words import Difference, differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Piece = tuple[Literal["same", "removed", "inserted"], str]

MAX_SENTENCES = 4_000
"""Sentences of each text that are laid beside each other."""

_SENTENCE = re.compile(r"[^。！？；\n]*(?:[。！？；][”’」』）)]?|\n|$)")


class Change(NamedTuple):
    """One sentence that an edit touched; the pieces in order make up both its old and its new form."""

    kind: Literal["changed", "removed", "inserted"]
    pieces: tuple[Piece, ...]


def changes(before: str, after: str) -> list[Change]:
    """The sentences that were changed, taken out or put in, in the order of the text."""
    return list(_changes(_sentences(before), _sentences(after)))


def _sentences(text: str) -> list[str]:
    found = (match[0].strip() for match in _SENTENCE.finditer(text))
    return [sentence for sentence in found if sentence][:MAX_SENTENCES]


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    masked_old, masked_new = list(map(masked, old)), list(map(masked, new))
    for gap in gaps(old, new):
        i, j = gap.a0, gap.b0
        for pair in (*pairs(masked_old, masked_new, gap), None):
            a, b = pair or (gap.a1, gap.b1)
            yield from (Change("removed", (("removed", sentence),)) for sentence in old[i:a])
            yield from (Change("inserted", (("inserted", sentence),)) for sentence in new[j:b])
            if pair is not None:
                yield Change("changed", pieces(old[a], new[b]))
            i, j = a + 1, b + 1


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Two forms of a sentence as one line of pieces; where only marks differ, the marks."""
    found = differences(before, after) or _marks(before, after)
    made: list[Piece] = []
    at = 0
    for one in found:
        made += [("same", before[at : one.start]), ("removed", one.before), ("inserted", one.after)]
        at = one.end
    made.append(("same", before[at:]))
    return tuple((kind, text) for kind, text in made if text)


def _marks(before: str, after: str) -> list[Difference]:
    found = []
    for one in Levenshtein.opcodes(before, after):
        if one.tag != "equal":
            start, end, there, upto = one.src_start, one.src_end, one.dest_start, one.dest_end
            found.append(Difference(before[start:end], after[there:upto], start, end, there, upto))
    return found
