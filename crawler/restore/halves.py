"""Which characters the halves that are left of them can be, and which halves make no character side by side."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from operator import itemgetter
from typing import NamedTuple

from crawler.restore import gbk
from crawler.restore.conversion import characters_simplified
from crawler.restore.ngrams import commoner, normal

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


class _Halves(NamedTuple):
    every: tuple[Candidate, ...]
    broken: dict[int, frozenset[int]]
    led: dict[int, tuple[Candidate, ...]]
    trailed: dict[int, tuple[Candidate, ...]]


@lru_cache(maxsize=1)
def _halves() -> _Halves:
    """All of GBK, looked through once."""
    known, unusual = commoner(_RARE), _unusual()
    broken = {0x80: frozenset(gbk.LEADS)}
    found: list[Candidate] = []
    for lead in gbk.LEADS:
        row = gbk.row(lead)
        broken[lead] = frozenset(gbk.LEADS).difference([trail for trail, _char in row])
        forms = normal(characters_simplified("".join([char for _trail, char in row])))
        found += [
            Candidate(price, lead, trail, char, char if form == char else form)
            for (trail, char), form in zip(row, forms, strict=True)
            if (price := known.get(form)) is not None and form not in _CLASSES and char not in unusual
        ]
    led: dict[int, list[Candidate]] = {lead: [] for lead in gbk.LEADS}
    trailed: dict[int, list[Candidate]] = {trail: [] for trail in gbk.TRAILS}
    found.sort(key=itemgetter(0))
    for one in found:
        led[one.lead].append(one)
        trailed[one.trail].append(one)
    return _Halves(
        tuple(found),
        {first: leads for first, leads in broken.items() if leads},
        {lead: tuple(row) for lead, row in led.items()},
        {trail: tuple(row) for trail, row in trailed.items()},
    )


@lru_cache(maxsize=1)
def _unusual() -> frozenset[str]:
    """Characters that no conversion of simplified text yields."""
    return frozenset((files("crawler.restore") / "data" / "unusual.txt").read_text("utf-8").strip())


def every() -> tuple[Candidate, ...]:
    """All characters worth trying, the commonest first."""
    return _halves().every


def broken_pairs() -> dict[int, frozenset[int]]:
    """For each trail byte that a reader out of step takes for a lead, the leads that make no character behind it.

    80 leads nothing, but ends 個 and some two hundred others.
    """
    return _halves().broken


def led(lead: int) -> tuple[Candidate, ...]:
    """The characters of a lead byte worth trying, the commonest first."""
    return _halves().led.get(lead, ())


@lru_cache(maxsize=len(gbk.LEADS))
def led_before_loss(lead: int) -> tuple[Candidate, ...]:
    """Those of them whose trail byte can be the first of a broken pair."""
    return tuple(one for one in led(lead) if one.trail in broken_pairs())


def trailed(trail: int) -> tuple[Candidate, ...]:
    """The characters of a trail byte worth trying, the commonest first."""
    return _halves().trailed.get(trail, ())


@lru_cache(maxsize=1)
def bridges() -> dict[str, tuple[Candidate, ...]]:
    """By form the characters whose trail byte can be the first of a broken pair, the commonest form first."""
    found: dict[str, list[Candidate]] = {}
    for one in every():
        if one.trail in broken_pairs():
            found.setdefault(one.form, []).append(one)
    return {form: tuple(row) for form, row in found.items()}
