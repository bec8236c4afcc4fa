"""One way of reading a torn run, and its price."""

from __future__ import annotations

import sys
from collections import Counter
from math import log
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from crawler.restore.conversion import simple
from crawler.restore.lexicon import BEGINS, SINGLE, character_cost, cost, pair
from crawler.restore.model import Tear

if TYPE_CHECKING:
    from collections.abc import Iterable


class _HasChar(Protocol):
    @property
    def char(self) -> str: ...


_HasCharT = TypeVar("_HasCharT", bound=_HasChar)

REACH: Final = 4
"""Characters that one step looks back: the longest words that decide between walks."""


_STOPS = frozenset("，、。；：！？,;:")
_TWO_STOPS = 8.0
# Particles and suffixes that open no clause, and words that none ends with.
_NOT_FIRST = frozenset("的地得了着过们吗呢吧之性化")
_NOT_LAST = frozenset("“《（和与及或在对把被将从向为以要使让由按因并且而都不也就很最更还又再已其所该这那每各")
_MISPLACED = 3.0
_SEEN = 2.0
_AGAIN = 1.0
_UNITS, _FIRST, _SECOND = ("utf-16-le", 0, 16) if sys.byteorder == "little" else ("utf-16-be", 16, 0)
# What ends a line, as an addition to what the character costs anywhere.
_AT_END = {"。": -2.5, "；": -1.5, "：": -1.5, "！": -3.5, "、": 3.0, "，": 6.0, "（": 6.0, "“": 6.0, "《": 6.0}
_OPENED_BY = {"）": "（", "”": "“", "》": "《", "〉": "〈", "】": "【", "〕": "〔", "」": "「", "』": "『"}
MARKED_BARE = 5.0
"""What a guessed character costs more that bears a reading elsewhere but none here."""


def misplaced_last(text: str) -> float:
    """What it costs to end a clause behind this text."""
    return _MISPLACED if text[-1:] in _NOT_LAST else 0.0


def at_end(char: str, line: str = "") -> float:
    """What it costs more to end a line with this character than to have it anywhere."""
    unopened = _OPENED_BY.get(char, "") not in line
    return _AT_END.get(char, 0.0) + misplaced_last(simple(char)) + (_MISPLACED if unopened else 0.0)


class Seen:
    """Which runs of two and three characters a text has elsewhere: what it said once it is likely to say again.

    `marked` are the characters that bear readings in it.
    """

    __slots__ = ("_text", "_triples", "marked", "pairs")

    def __init__(self, text: str, marked: frozenset[str] = frozenset()) -> None:
        self._text = text
        self.marked = marked
        # Two code units at a time as one integer: half the time of a set of strings.
        raw = memoryview(text.encode(_UNITS, "surrogatepass"))
        self.pairs = Counter(raw[: len(raw) // 4 * 4].cast("I"))
        self.pairs.update(raw[2 : 2 + max(0, len(raw) - 2) // 4 * 4].cast("I"))
        self._triples: dict[str, bool] = {}

    def discount(self, before: str, char: str) -> float:
        """How much cheaper a character gets behind one or two others."""
        times = self.pairs.get(ord(before[-1]) << _FIRST | ord(char) << _SECOND) if before else None
        if times is None:
            return 0.0
        # A mark follows most words now and then.
        price = _SEEN + (_AGAIN * log(times) if char >= "\u4e00" and times > 1 else 0.0)
        if len(before) < 2:
            return price
        triple = before[-2:] + char
        found = self._triples.get(triple)
        if found is None:
            found = self._triples[triple] = triple in self._text
        return _SEEN + price if found else price

    def among(self, before: str, candidates: Iterable[_HasCharT]) -> list[_HasCharT]:
        """Those candidates that the text has behind this character."""
        pairs = self.pairs
        first = ord(before) << _FIRST
        return [one for one in candidates if first | ord(one.char) << _SECOND in pairs]


_NEW = object.__new__


class Walk:
    """A position in a line, what was read up to it, and what that costs (natural logarithm).

    `pending` is the lead byte already read of a character whose trail byte comes next, None while the reader is in
    step. `best[-n]` is the word cost of everything but the last n - 1 characters: the tail of a dynamic programme over
    words; `opened` tells whether words begin with the last two characters, and with the two one place before; `bias`
    is everything that counts beside the words. Walks are never changed, only continued.
    """

    __slots__ = (
        "began",
        "best",
        "bias",
        "last",
        "opened",
        "pending",
        "pos",
        "price",
        "raw",
        "removed",
        "seen",
        "settled",
        "tail",
        "tears",
        "written",
    )

    def __init__(self, pos: int, seen: Seen) -> None:
        self.pos = pos
        self.pending: int | None = None
        self.last = ""
        self.tail = ""
        self.raw = ""
        self.best: tuple[float, ...] = (0.0,)
        self.opened = (False, False)
        self.bias = 0.0
        self.price = 0.0
        self.began = -1
        self.written = ""
        self.settled = pos
        self.tears: tuple[Tear, ...] = ()
        self.removed: tuple[tuple[int, int], ...] = ()
        self.seen = seen

    def _copy(self, pos: int, pending: int | None) -> Walk:
        new = Walk.__new__(Walk)
        new.pos = pos
        new.pending = pending
        new.last = self.last
        new.tail = self.tail
        new.raw = self.raw
        new.best = self.best
        new.opened = self.opened
        new.bias = self.bias
        new.price = self.price
        new.began = self.began
        new.written = self.written
        new.settled = self.settled
        new.tears = self.tears
        new.removed = self.removed
        new.seen = self.seen
        return new

    def put(self, char: str, pos: int, pending: int | None, extra: float = 0.0) -> Walk:
        """Go on to `pos`, having read one more character."""
        form = simple(char)
        best = self.best
        tail = self.tail + form
        cheapest = best[-1] + character_cost(form) + (SINGLE if form >= "\u4e00" else 0.0)
        known = len(best)
        if form >= "\u4e00" and known > 1:
            price = pair(tail[-2], form)
            begun = price is not None
            if price is not None and price < BEGINS and best[-2] + price < cheapest:
                cheapest = best[-2] + price
            for size, opened in enumerate(self.opened[: known - 2], 3):
                price = cost(tail[-size:]) if opened else None
                if price is not None and best[-size] + price < cheapest:
                    cheapest = best[-size] + price
        else:
            begun = False
        if form in _STOPS:
            extra += _TWO_STOPS if self.last in _STOPS else misplaced_last(self.tail)
        elif form in _NOT_FIRST and self.last in _STOPS:
            extra += _MISPLACED
        new: Walk = _NEW(Walk)
        new.pos = pos
        new.pending = pending
        new.last = char
        new.tail = tail[-REACH:]
        new.raw = self.raw[-1:] + char
        new.best = (*best[1 - REACH :], cheapest)
        new.opened = (begun, self.opened[0])
        seen = self.seen
        if self.raw and ord(self.raw[-1]) << _FIRST | ord(char) << _SECOND in seen.pairs:
            extra -= seen.discount(self.raw, char)
        new.bias = bias = self.bias + extra
        new.price = cheapest + bias
        new.seen = seen
        new.removed = self.removed
        new.began = self.began
        new.written = self.written
        new.settled = self.settled
        new.tears = self.tears
        if self.began >= 0:
            new.written += char
            if pending is None:
                new.tears = (*self.tears, Tear(self.began, pos, new.written))
                new.began, new.written, new.settled = -1, "", pos
        return new

    def skip(self, pos: int, start: int | None = None) -> Walk:
        """Go on to `pos`, taking out the reading that begins here or at `start`."""
        new = self._copy(pos, self.pending)
        new.removed = (*self.removed, (self.pos if start is None else start, pos))
        return new

    def tear(self, pos: int, pending: int, extra: float) -> Walk:
        """Go on to `pos` out of step: the reading between was inserted behind the lead byte `pending`."""
        new = self._copy(pos, pending)
        new.removed = (*self.removed, (self.pos, pos))
        new.began = self.pos
        new.bias += extra
        new.price += extra
        return new

    def with_bias(self, extra: float) -> Walk:
        """The same walk, costlier."""
        new = self._copy(self.pos, self.pending)
        new.bias += extra
        new.price += extra
        return new
