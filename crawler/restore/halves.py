"""Which characters the halves that are left of them can be, and which halves make no character side by side."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from crawler.restore import gbk
from crawler.restore.conversion import characters_simplified
from crawler.restore.ngrams import alone, normal

# Characters rarer than this (natural logarithm of one over the share) are not tried where only the text around tells.
_RARE = 13.0
_CLASSES = "0a$"
"""Full-width digits, letters and spaces: the n-grams do not tell one from another."""


class Candidate(NamedTuple):
    """A character worth trying: its bytes, its simplified form as the n-grams know it, and that form's cost alone."""

    price: float
    lead: int
    trail: int
    char: str
    form: str


@lru_cache(maxsize=1)
def broken_pairs() -> dict[int, frozenset[int]]:
    """For each trail byte that a reader out of step takes for a lead, the leads that make no character behind it.

    80 leads nothing, but ends 個 and some two hundred others.
    """
    firsts = (0x80, *gbk.LEADS)
    broken = {first: frozenset(gbk.LEADS).difference(trail for trail, _char in gbk.row(first)) for first in firsts}
    return {first: leads for first, leads in broken.items() if leads}


@lru_cache(maxsize=1)
def _unusual() -> frozenset[str]:
    """Characters that no conversion of simplified text yields."""
    return frozenset((files("crawler.restore") / "data" / "unusual.txt").read_text("utf-8").strip())


def _worth(made: list[tuple[int, int, str]]) -> tuple[Candidate, ...]:
    forms = normal(characters_simplified("".join(char for _lead, _trail, char in made)))
    found = []
    for (lead, trail, char), form in zip(made, forms, strict=True):
        price = alone(form)
        if price <= _RARE and form not in _CLASSES and char not in _unusual():
            found.append(Candidate(price, lead, trail, char, char if form == char else form))
    return tuple(sorted(found))


@lru_cache(maxsize=len(gbk.LEADS))
def led(lead: int) -> tuple[Candidate, ...]:
    """The characters of a lead byte worth trying, the commonest first."""
    return _worth([(lead, trail, char) for trail, char in gbk.row(lead)])


@lru_cache(maxsize=len(gbk.LEADS))
def led_before_loss(lead: int) -> tuple[Candidate, ...]:
    """Those of them whose trail byte can be the first of a broken pair."""
    return tuple(one for one in led(lead) if one.trail in broken_pairs())


def trailed(trail: int) -> tuple[Candidate, ...]:
    """The characters of a trail byte worth trying, the commonest first."""
    return _by_trail().get(trail, ())


@lru_cache(maxsize=1)
def _by_trail() -> dict[int, tuple[Candidate, ...]]:
    found: dict[int, list[Candidate]] = {}
    for one in sorted(one for lead in gbk.LEADS for one in led(lead)):
        found.setdefault(one.trail, []).append(one)
    return {trail: tuple(row) for trail, row in found.items()}


@lru_cache(maxsize=1)
def bridges() -> dict[str, tuple[Candidate, ...]]:
    """By form the characters whose trail byte can be the first of a broken pair, the commonest form first."""
    found: dict[str, list[Candidate]] = {}
    for one in sorted(one for lead in gbk.LEADS for one in led_before_loss(lead)):
        found.setdefault(one.form, []).append(one)
    return {form: tuple(row) for form, row in found.items()}
