"""Of the articles that share clauses with a text, the one that it reprints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from crawler.dedup.verdict import Text, compare

if TYPE_CHECKING:
    from collections.abc import Iterable


class Candidate(Protocol):
    """An article that may be the original."""

    @property
    def title(self) -> str | None:
        """Its title."""

    @property
    def body(self) -> str | None:
        """Its body."""


C = TypeVar("C", bound=Candidate)

ENOUGH = 0.95
"""Share of the shorter text found in the longer, without a sign of another case: no candidate can be much better."""


def choose(title: str | None, body: str | None, candidates: Iterable[C]) -> C | None:
    """The candidate that a text reprints: of several the one with the fewest signs of another case, or the first.

    Candidates are taken one at a time, the likeliest first, until one leaves nothing to wish for.
    """
    text: Text | None = None
    best: tuple[float, float] | None = None
    chosen: C | None = None
    for candidate in candidates:
        if text is None:
            text = Text(title, body)
        verdict = compare(text, Text(candidate.title, candidate.body))
        if not verdict.reprint:
            continue
        rank = (verdict.score, -verdict.shared)
        if best is None or rank < best:
            best, chosen = rank, candidate
        if verdict.shared >= ENOUGH and verdict.score <= 0:
            break
    return chosen
