"""Whether one text is a reprint of another, or of the same template."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.dedup.align import Gap, Pair, gaps, masked, pairs, similarity
from crawler.dedup.evidence import Evidence, is_credit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.dedup.text import Text

MIN_SPAN = 0.5
"""Share of the span from the first common clause to the last, in the text where it is shorter, that must be common."""
MIN_SHORTER = 0.3
"""Share of the shorter text's characters that must be in the longer one; what is not there are notes around it."""
MIN_LONGER = 0.1
"""Share of the longer text's characters: half an article has 0.5, what is left of it when sentences are gone besides
0.15, an item of a digest less."""
GLANCE, GLANCE_BRIEF = 0.28, 0.1
"""Share of the clauses of the text with fewer that must be equal, whatever their order, told in microseconds: of 1,000
copies with all alterations together 998 have it; of articles of one style that share phrases and sentences 19 in 20
have less. A brief text may have few clauses without a wrong character."""
BRIEF = 240
"""Characters up to which a text is brief: a third of an ordinary article, a notice."""
MIN_EQUAL_SPAN = 0.45
"""Share of the span between the first and the last equal clause, where it is shorter, that must be equal: of copies
with one wrong character in a hundred 99 in 100 have 0.6, of articles that share phrases one in five half as much."""
WEIGHTS = (6.0, 2.5, 2.0, 3.0, 5.0, 4.0, 4.5)
"""What each sign weighs, in the order of `Evidence.against`: how much likelier it is between two notices of a family
than between a copy and its original. Logistic regression over 4,110 copies and 4,608 siblings, changed alike, of the
half of the benchmark that is not reported, rounded."""
COPIED, SLIP, MAX_COUNTED = 1.1, 0.45, 8
"""What a wrong character weighs against them, of a copy as bad as that: the first, and each one up to eight."""
SHORT, CHANCE, MAX_CHANCE = 120, 1.6, 4.0
"""In a longer text two wrong characters meet more often by chance, and editors replace a word: what is to be said
against a copy is less by `CHANCE` for each e-fold of `SHORT` characters, by so much at most. No number is excused so
where nothing else is wrong. (The same regression.)"""
END_CLAUSES, END_LENGTH = 3, 10
"""Clauses, and characters of each, of what a notice begins or ends with: whom it is for, who signs it and when."""
FREE_SLIPS, MAX_SLIPS = 2.0, 0.02
"""Wrong characters that are expected at most, and such a character: a bad copy has one in a hundred, a new version of a
law more."""
MAX_SCORE = 0.9
"""One sign of another case, and nothing that speaks for a bad copy, is too much. (The same regression's even odds.)"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`shared` is the share of the shorter text that the longer has too, `score` above `MAX_SCORE` for siblings.

    Both are 0 where that was not looked into, because too few clauses are equal. `unlike` weighs all differences: of
    several that are reprints the original is the one with the least.
    """

    reprint: bool
    shared: float
    score: float
    unlike: float = 0.0


@dataclass(slots=True)
class Comparison:
    """What two texts have in common, in characters: all, and between the first and the last common clause of each."""

    evidence: Evidence
    shared: int
    spans: tuple[int, int]
    lengths: tuple[int, int]

    @property
    def alike(self) -> bool:
        """Whether the one can be the other with notes around it or parts left out."""
        shorter, longer = sorted(self.lengths)
        return (
            self.shared > 0
            and self.shared >= MIN_SPAN * min(self.spans)
            and self.shared >= MIN_SHORTER * shorter
            and self.shared >= MIN_LONGER * longer
        )

    @property
    def signs(self) -> float:
        """The weighed signs of another case."""
        return sum(weight * count for weight, count in zip(WEIGHTS, self.evidence.against, strict=True))

    @property
    def unlike(self) -> float:
        """The weighed differences of all kinds."""
        return self.signs + self.evidence.slips

    @property
    def score(self) -> float:
        """The weighed signs of another case, less what speaks for a bad copy."""
        found, score = self.evidence, self.signs
        if score and (found.slips or found.names or found.runs or found.clauses):
            score -= min(MAX_CHANCE, CHANCE * math.log(max(self.shared, SHORT) / SHORT))
        if found.slips:
            score -= COPIED + SLIP * min(found.slips, MAX_COUNTED)
        expected = FREE_SLIPS + MAX_SLIPS * self.shared
        return score + 2 * max(0.0, found.slips - expected)


def examine(one: Text, other: Text, found: Sequence[Gap] | None = None) -> Comparison:
    """Lay two texts beside each other; `found` are the gaps between their equal clauses, if they are known."""
    evidence = Evidence()
    a, b = one.clauses, other.clauses
    if one.title and other.title and one.title != other.title and similarity(masked(one.title), masked(other.title)):
        evidence.add_pair(one.title, other.title)
        evidence.common = 0  # of the bodies alone
    equal, span_a, span_b = one.length, one.length, other.length
    for gap in gaps(a, b) if found is None else found:
        equal -= _length(a, gap.a0, gap.a1)
        paired = pairs(one.masked, other.masked, gap)
        if not gap.inside and gap.a1 - gap.a0 != gap.b1 - gap.b0:
            # A bare number beside another at an end, where one text goes on, is no changed number.
            paired = [pair for pair in paired if not (a[pair.a].isdecimal() or b[pair.b].isdecimal())]
        for i, j in paired:
            if gap.inside or not (is_credit(a[i]) or is_credit(b[j])):
                evidence.add_pair(a[i], b[j])
        altered_a, altered_b = {pair.a for pair in paired}, {pair.b for pair in paired}
        lone_a = [a[i] for i in range(gap.a0, gap.a1) if i not in altered_a]
        lone_b = [b[j] for j in range(gap.b0, gap.b1) if j not in altered_b]
        if gap.inside or _are_names(lone_a, lone_b):
            evidence.add_replaced(lone_a, lone_b)
        if not gap.inside:
            outer = _outer(gap, paired, at_end=gap.a1 == len(a) and gap.b1 == len(b))
            span_a -= _length(a, outer.a0, outer.a1)
            span_b -= _length(b, outer.b0, outer.b1)
    evidence.settle()
    return Comparison(evidence, equal + evidence.common, (span_a, span_b), (one.length, other.length))


def _is_scattered(one: Text, other: Text, between: Sequence[Gap]) -> bool:
    """Whether equal clauses are too few, where they are, for one text to be the other: phrases of one style."""
    equal, span_a, span_b = one.length, one.length, other.length
    for gap in between:
        lost = _length(one.clauses, gap.a0, gap.a1)
        equal -= lost
        if not gap.inside:
            span_a -= lost
            span_b -= _length(other.clauses, gap.b0, gap.b1)
    return equal < MIN_EQUAL_SPAN * min(span_a, span_b)


def _length(clauses: Sequence[str], start: int, end: int) -> int:
    return sum(map(len, clauses[start:end]))


def _are_names(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether what stands at an end of both texts is an address or a signature, and not what was left out or added."""
    return len(before) == len(after) <= END_CLAUSES and all(len(clause) <= END_LENGTH for clause in (*before, *after))


def _outer(gap: Gap, paired: Sequence[Pair], *, at_end: bool) -> Gap:
    """The part of a gap at either end of the texts that lies beyond what they have in common."""
    if not paired:
        return gap
    if at_end:
        return gap._replace(a0=paired[-1].a + 1, b0=paired[-1].b + 1)
    return gap._replace(a1=paired[0].a, b1=paired[0].b)


def glance(one: Text, other: Text) -> int:
    """How many clauses two texts have in common; 0 if too few for a reprint."""
    clauses, others = one.distinct, other.distinct
    shared, fewer = len(clauses & others), min(len(clauses), len(others))
    if shared >= GLANCE * fewer:
        return shared
    return shared if shared >= GLANCE_BRIEF * fewer and min(one.length, other.length) <= BRIEF else 0


def compare(one: Text, other: Text) -> Verdict:
    """Whether two texts tell one story in the same words."""
    nothing = Verdict(reprint=False, shared=0.0, score=0.0)
    if not glance(one, other):
        return nothing
    between = list(gaps(one.clauses, other.clauses))
    if min(one.length, other.length) > BRIEF and _is_scattered(one, other, between):
        return nothing
    found = examine(one, other, between)
    shared = found.shared / max(1, min(found.lengths))
    if not found.alike:
        return Verdict(reprint=False, shared=shared, score=0.0)
    return Verdict(reprint=found.score <= MAX_SCORE, shared=shared, score=found.score, unlike=found.unlike)
