"""Fill the slots of hand-written sentences, the same way for the same seed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from crawler.replica.writing import names

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

_SLOT: Final = re.compile(r"\{([^{}]{1,20})\}")


class Grammar:
    """One article's draw: no phrase twice before its list is exhausted; fixed slots stay the same throughout."""

    def __init__(self, rng: random.Random, slots: Mapping[str, Sequence[str]], fixed: Mapping[str, str]) -> None:
        self._rng = rng
        self._slots = slots
        self._fixed = fixed
        self._left: dict[str, list[str]] = {}

    def fill(self, sentence: str) -> str:
        """`sentence` with every slot replaced. Raises KeyError for a slot that nothing fills."""
        return _SLOT.sub(lambda slot: self._draw(slot[1]), sentence)

    def _draw(self, slot: str) -> str:
        if (fixed := self._fixed.get(slot)) is not None:
            return fixed
        if phrases := self._slots.get(slot):
            left = self._left.get(slot)
            if not left:
                left = self._left[slot] = self._rng.sample(phrases, len(phrases))
            return left.pop()
        if (invented := names.name(self._rng, slot)) is not None:
            return invented
        raise KeyError(slot)
