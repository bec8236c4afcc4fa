"""Which script a text is written in, from the characters that only one of the two scripts has."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from operator import ne
from typing import NamedTuple

# Enough for shares of a few percent; sampling keeps the cost of a long text flat.
_SAMPLE = 1600
_SLICES = 8


# Words that only a converter writes: the wrong traditional character for the sense, or the simplified one left where
# every author writes the other.
_MACHINE = re.compile("[方局全層表片]麵|曆[史屆來]|係統|複[興習]|[關對由基處]于|范[圍例]|准備|后[續期來]")
_ENOUGH_SIGNS = 2


class Tally(NamedTuple):
    """How many characters of a text only traditional and only simplified Chinese has."""

    traditional: int
    simplified: int

    @property
    def share(self) -> float:
        """The traditional ones' share of both, 0 where there is neither."""
        total = self.traditional + self.simplified
        return self.traditional / total if total else 0.0


@lru_cache(maxsize=1)
def _simplified_only() -> frozenset[str]:
    """Characters that stand for traditional ones and that traditional text (Big5) does not write itself."""
    text = (files("crawler.restore") / "data" / "characters.txt").read_text("utf-8")
    found = {line.split("\t")[1] for line in text.splitlines()}
    return frozenset(char for char in found if not char.encode("big5", "ignore"))


def tally(text: str, simplified: str) -> Tally:
    """Count in a text and its simplified form, of the same length."""
    return Tally(sum(map(ne, text, simplified)), sum(map(_simplified_only().__contains__, text)))


def sampled(text: str, simplified: str) -> tuple[Tally, float]:
    """The tally of a text, or of slices spread over a long one, and how many times longer the text is."""
    if len(text) <= _SAMPLE:
        return tally(text, simplified), 1.0
    size = _SAMPLE // _SLICES
    starts = [index * (len(text) - size) // (_SLICES - 1) for index in range(_SLICES)]
    pieces = "".join(text[start : start + size] for start in starts)
    counted = tally(pieces, "".join(simplified[start : start + size] for start in starts))
    if not counted.traditional:
        counted = tally(text, simplified)
        return counted, 1.0
    return counted, len(text) / _SAMPLE


def machine_made(text: str) -> bool:
    """Whether a traditional text has words that only a converter writes."""
    return len(_MACHINE.findall(text)) >= _ENOUGH_SIGNS
