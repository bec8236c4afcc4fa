"""What an article is looked up by, and how the original is told from its neighbours."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol, TypeVar
from zlib import adler32, crc32

from crawler.dedup.clauses import split
from crawler.dedup.text import Recent, Text
from crawler.dedup.verdict import compare, glance

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

MIN_CLAUSE = 7
"""Characters: shorter clauses are phrases that thousands of articles share, unless they are names and numbers."""
MIN_CHARACTERS = 40
"""Characters in such clauses below which an article is compared by its exact content alone: it says too little."""
SAMPLE = 24
"""Clauses of an ordinary article that are looked up. Half of them are kept: of a copy that has a third of these one
chance in 130 is left that none is found."""
MAX_LINES = 20_000
"""Characters of a text without clauses whose lines are looked at."""
WINDOW = 8
"""Characters of a piece of a clause: a name with what is around it."""
MAX_WINDOWS, MAX_CLAUSES, MAX_SHORT = 40, 72, 55
"""Pieces, clauses, and short clauses and pairs, that are looked up of one of a family; the measured notices have 20,
20 and 40."""
COMPARED = 6
"""Candidates that are compared, those that share most clauses and numbers: a copy shares more with its original than
with all but some of a hundred siblings of it."""
ENOUGH = 0.95
"""Share of the shorter text found in the longer, without any difference: no candidate can be much better."""

_NUMBER = re.compile(r"\d+")
_recent = Recent()


class Candidate(Protocol):
    """An article that may be the original."""

    @property
    def content(self) -> bytes | None:
        """The hash of its title and body."""

    def read(self) -> tuple[str | None, str | None]:
        """Its title and body."""


C = TypeVar("C", bound=Candidate)


class Fingerprint:
    """Hashes of an article's clauses, in an order that every copy agrees on.

    `sample` are the lowest: a random sample of the clauses, the same in every copy that keeps them (bottom-k sketch:
    Cohen & Kaplan 2007); none for a body that says too little. A hash has 48 bits: CRC-32 gives the order and Adler-32
    the low bits. That costs 0.5 µs a clause, a third of what a cryptographic hash does, and a collision costs one
    comparison of two texts.
    """

    __slots__ = ("_ordered", "_text", "sample")

    def __init__(self, title: str | None, body: str | None) -> None:
        """Hash the clauses of a body; the title is used where a body alone does not tell."""
        text = self._text = Text(title, body)
        long = {clause for clause in text.clauses if len(clause) >= MIN_CLAUSE}
        characters = sum(map(len, long))
        if body and characters < MIN_CHARACTERS:
            # Tables and lists of names and numbers: their lines are as long as clauses are elsewhere.
            lines = ("".join(split(line)) for line in body[:MAX_LINES].split("\n"))
            long = {line for line in lines if len(line) >= MIN_CLAUSE}
            characters = sum(map(len, long))
        said = map(str.encode, long) if characters >= MIN_CHARACTERS else ()
        self._ordered = sorted([(crc32(clause), clause) for clause in said])
        self.sample = tuple(order << 16 | adler32(clause) & 0xFFFF for order, clause in self._ordered[:SAMPLE])

    def details(self, common: Collection[int]) -> Sequence[int]:
        """What tells one notice of a family from the next, as hashes; `common` are those of the sample that do not.

        Pieces of the clauses that are not common, which one wrong character leaves whole on one side of it; further
        clauses; the title; the short clauses (names, numbers), each clause with the one that follows it, and each
        number with one and two that follow it: notices may share each of their names and dates with some others, but
        hardly two.
        """
        clauses = self._text.clauses
        telling = [clause for h, (_, clause) in zip(self.sample, self._ordered, strict=False) if h not in common]
        windows = [piece for clause in telling for piece in _windows(clause.decode())]
        numbers = _NUMBER.findall("\n".join(clauses))
        runs = (pairwise(clauses), pairwise(numbers), zip(numbers, numbers[1:], numbers[2:], strict=False))
        follow = [" ".join(run) for runs_of_one_kind in runs for run in runs_of_one_kind]
        short = {clause for clause in clauses if len(clause) < MIN_CLAUSE}
        return [
            *_hashes(windows)[:MAX_WINDOWS],
            *(order << 16 | adler32(clause) & 0xFFFF for order, clause in self._ordered[SAMPLE:MAX_CLAUSES]),
            *_hashes([f"# {self._text.title}"]),
            *_hashes([*short, *follow])[:MAX_SHORT],
        ]

    def choose(self, candidates: Iterable[C]) -> C | None:
        """The candidate that the article reprints: of several the one that differs least.

        Those that share most clauses and numbers are compared, until one leaves nothing to wish for. No text is read
        that this process read or wrote of late.
        """
        text = self._text
        likely: list[tuple[int, int, C, Text]] = []
        for number, candidate in enumerate(candidates):
            other = _text_of(candidate)
            shared = glance(text, other)
            if shared:
                shared += len(text.numbers & other.numbers)
                likely.append((-shared, number, candidate, other))
        likely.sort(key=lambda one: one[:2])
        best: tuple[float, float] | None = None
        chosen: C | None = None
        for _, _, candidate, other in likely[:COMPARED]:
            verdict = compare(text, other)
            if not verdict.reprint:
                continue
            rank = (verdict.unlike, -verdict.shared)
            if best is None or rank < best:
                best, chosen = rank, candidate
            if verdict.shared >= ENOUGH and not verdict.unlike:
                break
        return chosen

    def remember(self, content: bytes) -> None:
        """Keep the article's text at hand, by the hash of its title and body: it becomes a candidate of others."""
        _recent.put(content, self._text)


def _text_of(candidate: Candidate) -> Text:
    content = candidate.content
    found = _recent.get(content) if content is not None else None
    if found is None:
        found = Text(*candidate.read())
        if content is not None:
            _recent.put(content, found)
    return found


def _windows(clause: str) -> Iterator[str]:
    """Pieces of a clause, counted from its head and from its tail."""
    if len(clause) <= WINDOW:
        return
    for at in range(0, len(clause) - WINDOW // 2, WINDOW):
        yield f"<{clause[at : at + WINDOW]}"
    for at in range(len(clause), WINDOW // 2, -WINDOW):
        yield f">{clause[max(0, at - WINDOW) : at]}"


def _hashes(features: Iterable[str]) -> list[int]:
    return sorted({crc32(data) << 16 | adler32(data) & 0xFFFF for data in map(str.encode, features)})
