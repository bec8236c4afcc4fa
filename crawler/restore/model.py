"""What a restoration returns. All offsets count characters of the input and are half open, as slices are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Script = Literal["hans", "hant-machine", "hant"]
"""Simplified; traditional that a machine made of simplified; traditional as written."""

Hant = Literal["convert", "keep"]


class Removal(NamedTuple):
    """An inserted reading that was taken out: `input[start:end] == text`."""

    start: int
    end: int
    text: str


class Tear(NamedTuple):
    """A run of characters that an insertion between two bytes had destroyed: `input[start:end]` became `restored`.

    `restored` is the run before conversion to simplified characters.
    """

    start: int
    end: int
    restored: str


@dataclass(frozen=True, slots=True)
class Restoration:
    """A restored text and everything that was done to it.

    `confidence` (0 to 1) belongs to the verdict `script`: how sure it is that the text is of that kind. `converted` tells
    whether any traditional character was turned into a simplified one.
    """

    text: str
    script: Script
    confidence: float
    removals: tuple[Removal, ...] = ()
    tears: tuple[Tear, ...] = ()
    converted: bool = False

    @property
    def annotations_removed(self) -> int:
        """How many inserted readings were taken out, those inside tears included."""
        return len(self.removals)

    @property
    def tears_repaired(self) -> int:
        """How many torn runs were put together again."""
        return len(self.tears)
