"""Two lists of clauses beside each other: which are the same, which are altered, which stand on one side alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import Indel, LCSseq

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SIMILAR = 0.5
"""Share of two clauses' characters that they have in common (Indel similarity) from which one is the other, altered."""
MAX_CELLS = 2_500
"""Pairs of clauses compared within one gap; a larger gap is two different passages."""

_DIGIT = re.compile(r"\d")


class Gap(NamedTuple):
    """A stretch without an equal clause: `[a0:a1]` of one text, `[b0:b1]` of the other; inside: between equal ones."""

    a0: int
    a1: int
    b0: int
    b1: int
    inside: bool


class Pair(NamedTuple):
    """A clause and what became of it."""

    a: int
    b: int


def gaps(a: Sequence[str], b: Sequence[str]) -> Iterator[Gap]:
    """The stretches between the longest common subsequence of clauses."""
    at_a = at_b = 0
    blocks = LCSseq.editops(a, b).as_matching_blocks()
    for block in blocks:
        if block.a > at_a or block.b > at_b:
            last = block.size == 0
            yield Gap(at_a, block.a, at_b, block.b, inside=not last and (at_a > 0 and at_b > 0))
        at_a, at_b = block.a + block.size, block.b + block.size


def masked(clause: str) -> str:
    """A clause with equal digits, so that a clause with another number is the same clause with another number."""
    return _DIGIT.sub("0", clause)


def similarity(one: str, other: str) -> float:
    """The share of their characters that two clauses have in common, 0 to 1; 0 where they are not `SIMILAR`."""
    return Indel.normalized_similarity(one, other, score_cutoff=SIMILAR)


def pairs(a: Sequence[str], b: Sequence[str], gap: Gap) -> list[Pair]:
    """The clauses of a gap that are one another, altered: the assignment in order with the most similarity.

    Of masked clauses; see `masked`.
    """
    rows, columns = gap.a1 - gap.a0, gap.b1 - gap.b0
    if not rows or not columns or rows * columns > MAX_CELLS:
        return []
    if rows == columns == 1:
        return [Pair(gap.a0, gap.b0)] if similarity(a[gap.a0], b[gap.b0]) else []
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    score = [[similarity(a[gap.a0 + i], b[gap.b0 + j]) for j in range(columns)] for i in range(rows)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            here = score[i][j]
            kept = here * (len(a[gap.a0 + i]) + len(b[gap.b0 + j])) + best[i + 1][j + 1] if here else 0.0
            best[i][j] = max(kept, best[i + 1][j], best[i][j + 1])
    found = []
    i = j = 0
    while i < rows and j < columns:
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            found.append(Pair(gap.a0 + i, gap.b0 + j))
            i, j = i + 1, j + 1
    return found
