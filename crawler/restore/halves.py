"""Which characters the halves that are left of them can be, and which halves make no character side by side."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from crawler.restore import gbk
from crawler.restore.conversion import characters_simplified
from crawler.restore.lexicon import SINGLE, before, character_cost

# Characters rarer than this (natural logarithm of one over the share) are not tried where only words tell.
_RARE = 13.0
# Rarer ones, as words of their own, are tried in the midst of a gap only where they end a word.
_COMMON = 12.0


class Candidate(NamedTuple):
    """A character worth trying: its bytes, its simplified form, and what it costs as a word of its own.

    `row` is `lexicon.before(form)`.
    """

    price: float
    lead: int
    trail: int
    char: str
    form: str
    row: str


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
    forms = characters_simplified("".join(char for _lead, _trail, char in made))
    found = []
    for (lead, trail, char), form in zip(made, forms, strict=True):
        price = character_cost(form)
        if price <= _RARE and char not in _unusual():
            alone = price + (SINGLE if form >= "\u4e00" else 0.0)
            found.append(Candidate(alone, lead, trail, char, form, before(form)))
    return tuple(sorted(found))


@lru_cache(maxsize=64)
def led(lead: int) -> tuple[Candidate, ...]:
    """The characters of a lead byte worth trying, the commonest first."""
    return _worth([(lead, trail, char) for trail, char in gbk.row(lead)])


@lru_cache(maxsize=128)
def led_before_loss(lead: int) -> tuple[Candidate, ...]:
    """Those of them whose trail byte can be the first of a broken pair."""
    return _worth([(lead, trail, char) for trail, char in gbk.row(lead) if trail in broken_pairs()])


@lru_cache(maxsize=96)
def trailed(trail: int) -> tuple[Candidate, ...]:
    """The characters of a trail byte worth trying, the commonest first."""
    return _worth([(lead, trail, char) for lead in gbk.LEADS if (char := gbk.character(lead, trail)) is not None])


@lru_cache(maxsize=1)
def bridges() -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """The characters whose trail byte can be the first of a broken pair: the common ones, and the rare ones."""
    found = sorted(one for lead in gbk.LEADS for one in led_before_loss(lead))
    rare = next((at for at, one in enumerate(found) if one.price > _COMMON), len(found))
    return tuple(found[:rare]), tuple(found[rare:])
