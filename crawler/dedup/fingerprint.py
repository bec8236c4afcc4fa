"""What an article is looked up by, and how the original is told from its neighbours."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol, TypeVar
from zlib import adler32, crc32

from crawler.dedup.clauses import fold, split
from crawler.dedup.verdict import Text, compare

if TYPE_CHECKING:
    from collections.abc import Iterable

MIN_CLAUSE = 7
"""Characters: shorter clauses are phrases that thousands of articles share, unless they are names and numbers."""
MIN_CHARACTERS = 40
"""Characters in such clauses below which an article is compared by its exact content alone: it says too little."""
SAMPLE = 24
"""Clauses of an ordinary article that are looked up. Half of them are kept: of a copy that has a third of these one
chance in 130 is left that none is found."""
MAX_LINES = 20_000
"""Characters of a text without clauses whose lines are looked at."""
MAX_CLAUSES, MAX_SHORT = 72, 80
"""Clauses, and short ones and pairs, that are looked up of one of a family; the measured notices have 20 and 40."""
ENOUGH = 0.95
"""Share of the shorter text found in the longer, without a sign of another case: no candidate can be much better."""

_NUMBER = re.compile(r"\d+")


class Candidate(Protocol):
    """An article that may be the original."""

    @property
    def title(self) -> str | None:
        """Its title."""

    @property
    def body(self) -> str | None:
        """Its body."""


C = TypeVar("C", bound=Candidate)


class Fingerprint:
    """Hashes of an article's clauses, in an order that every copy agrees on.

    `sample` are the lowest: a random sample of the clauses, the same in every copy that keeps them (bottom-k sketch:
    Cohen & Kaplan 2007); none for a body that says too little. A hash has 48 bits: CRC-32 gives the order and Adler-32
    the low bits. That costs 0.5 µs a clause, a third of what a cryptographic hash does, and a collision costs one
    comparison of two texts.
    """

    __slots__ = ("_body", "_clauses", "_hashes", "_title", "sample")

    def __init__(self, title: str | None, body: str | None) -> None:
        """Hash the clauses of a body; the title is used where a body alone does not tell."""
        self._title, self._body = title, body
        self._clauses = split(body) if body else []
        long = {clause for clause in self._clauses if len(clause) >= MIN_CLAUSE}
        if body and sum(map(len, long)) < MIN_CHARACTERS:
            # Tables and lists of names and numbers: their lines are as long as clauses are elsewhere.
            lines = ("".join(split(line)) for line in body[:MAX_LINES].split("\n"))
            long = {line for line in lines if len(line) >= MIN_CLAUSE}
        self._hashes = _hashes(long) if sum(map(len, long)) >= MIN_CHARACTERS else []
        self.sample = tuple(self._hashes[:SAMPLE])

    def details(self) -> list[int]:
        """What tells one notice of a family from the next, as hashes.

        Further clauses, the short ones (names, numbers), each clause with the one that follows it, each number with one
        and two that follow it, and the title: notices may share each of their names and dates with some others, but
        hardly two.
        """
        short = {clause for clause in self._clauses if len(clause) < MIN_CLAUSE}
        numbers = _NUMBER.findall(fold(self._body or ""))
        runs = (pairwise(self._clauses), pairwise(numbers), zip(numbers, numbers[1:], numbers[2:], strict=False))
        follow = [" ".join(run) for runs_of_one_kind in runs for run in runs_of_one_kind]
        title = f"# {fold(self._title or '')}"
        return [*self._hashes[SAMPLE:MAX_CLAUSES], *_hashes([title]), *_hashes([*short, *follow])[:MAX_SHORT]]

    def choose(self, candidates: Iterable[C]) -> C | None:
        """The candidate that the article reprints: of several the one with the fewest signs of another case.

        Candidates are taken one at a time, the likeliest first, until one leaves nothing to wish for.
        """
        text: Text | None = None
        best: tuple[float, float] | None = None
        chosen: C | None = None
        for candidate in candidates:
            if text is None:
                text = Text(self._title, self._body)
            verdict = compare(text, Text(candidate.title, candidate.body))
            if not verdict.reprint:
                continue
            rank = (verdict.score, -verdict.shared)
            if best is None or rank < best:
                best, chosen = rank, candidate
            if verdict.shared >= ENOUGH and verdict.score <= 0:
                break
        return chosen


def _hashes(features: Iterable[str]) -> list[int]:
    return sorted({crc32(data) << 16 | adler32(data) & 0xFFFF for data in map(str.encode, features)})
