"""What a restoration returns. All offsets count characters of the input and are half open, as slices are."""

from __future__ import annotations

from dataclasses import dataclass, field
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

    `confidence` (0 to 1) belongs to the verdict `script`: how sure it is that the text is of that kind. `converted`
    tells whether any traditional character was turned into a simplified one. `source` is the input and `spans` are the
    places in it of the readings that were taken out, kept as they are because a text may hold thousands that nobody
    asks for.
    """

    text: str
    script: Script
    confidence: float
    source: str = field(repr=False)
    spans: tuple[tuple[int, int], ...] = field(default=(), repr=False)
    tears: tuple[Tear, ...] = ()
    converted: bool = False

    @property
    def removals(self) -> tuple[Removal, ...]:
        """The inserted readings that were taken out, in the order of the input."""
        return tuple(Removal(start, end, self.source[start:end]) for start, end in self.spans)

    @property
    def annotations_removed(self) -> int:
        """How many inserted readings were taken out, those inside tears included."""
        return len(self.spans)

    @property
    def tears_repaired(self) -> int:
        """How many torn runs were put together again."""
        return len(self.tears)
