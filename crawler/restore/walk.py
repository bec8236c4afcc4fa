"""One way of reading a torn run, and its price."""

from __future__ import annotations

from typing import Final

from crawler.restore.conversion import simple
from crawler.restore.lexicon import character_cost, cost
from crawler.restore.model import Tear

REACH: Final = 4
"""Characters that one step looks back: the longest words that decide between walks."""


_STOPS = frozenset("，、。；：！？,;:")
_TWO_STOPS = 8.0
_SEEN = 2.0


class Seen:
    """Which runs of two and three characters a text has elsewhere: what it said once it is likely to say again."""

    __slots__ = ("_found",)

    def __init__(self, text: str) -> None:
        self._found = {text[i : i + 2] for i in range(len(text) - 1)}
        self._found.update(text[i : i + 3] for i in range(len(text) - 2))

    def discount(self, before: str, char: str) -> float:
        """How much cheaper a character gets behind two others."""
        if before[-1:] + char not in self._found:
            return 0.0
        return 2 * _SEEN if len(before) > 1 and before[-2:] + char in self._found else _SEEN


class Walk:
    """A position in a line, what was read up to it, and what that costs (natural logarithm).

    `pending` is the lead byte already read of a character whose trail byte comes next, None while the reader is in step.
    `best[-n]` is the price of everything but the last n - 1 characters: the tail of a dynamic programme over words.
    Walks are never changed, only continued.
    """

    __slots__ = ("began", "best", "last", "pending", "pos", "raw", "removed", "seen", "settled", "tail", "tears", "written")

    def __init__(
        self,
        pos: int,
        pending: int | None,
        last: str,
        tail: str,
        best: tuple[float, ...],
        began: int,
        written: str,
        settled: int,
        tears: tuple[Tear, ...],
        removed: tuple[tuple[int, int], ...],
        raw: str,
        seen: Seen,
    ) -> None:
        self.pos = pos
        self.pending = pending
        self.last = last
        self.tail = tail
        self.best = best
        self.began = began
        self.written = written
        self.settled = settled
        self.tears = tears
        self.removed = removed
        self.raw = raw
        self.seen = seen

    @property
    def price(self) -> float:
        """What this walk costs so far."""
        return self.best[-1]

    def put(self, char: str, pos: int, pending: int | None, extra: float = 0.0) -> Walk:
        """Go on to `pos`, having read one more character."""
        new = simple(char)
        best = self.best
        tail = self.tail + new
        cheapest = best[-1] + character_cost(new)
        if new >= "\u4e00":
            for size in range(2, min(len(tail), len(best)) + 1):
                price = cost(tail[-size:])
                if price is not None and best[-size] + price < cheapest:
                    cheapest = best[-size] + price
        elif new in _STOPS and self.last in _STOPS:
            cheapest += _TWO_STOPS
        cheapest -= self.seen.discount(self.raw, char)
        began, written, settled, tears = self.began, self.written, self.settled, self.tears
        if began >= 0:
            written += char
            if pending is None:
                tears = (*tears, Tear(began, pos, written))
                began, written, settled = -1, "", pos
        return Walk(
            pos,
            pending,
            char,
            tail[-REACH:],
            (*best[1 - REACH :], cheapest + extra),
            began,
            written,
            settled,
            tears,
            self.removed,
            (self.raw + char)[-2:],
            self.seen,
        )

    def skip(self, pos: int, start: int | None = None) -> Walk:
        """Go on to `pos`, taking out the reading that begins here or at `start`."""
        removed = (*self.removed, (self.pos if start is None else start, pos))
        return Walk(
            pos,
            self.pending,
            self.last,
            self.tail,
            self.best,
            self.began,
            self.written,
            self.settled,
            self.tears,
            removed,
            self.raw,
            self.seen,
        )

    def tear(self, pos: int, pending: int, extra: float) -> Walk:
        """Go on to `pos` out of step: the reading between was inserted behind the lead byte `pending`."""
        best = (*self.best[:-1], self.best[-1] + extra)
        removed = (*self.removed, (self.pos, pos))
        return Walk(pos, pending, self.last, self.tail, best, self.pos, "", self.settled, self.tears, removed, self.raw, self.seen)
