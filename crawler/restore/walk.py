"""One way of reading a torn run, and its price."""

from __future__ import annotations

from functools import lru_cache
from math import exp, log
from typing import Final

from crawler.restore.conversion import simple
from crawler.restore.model import Tear
from crawler.restore.ngrams import BEFORE, NOWHERE, behind, normal

REACH: Final = 3
"""Characters before a place that its price depends on."""

MARKED_BARE: Final = 5.0
"""What a guessed character costs more that bears a reading elsewhere but none here."""

WORDS_WEIGH: Final = 0.4
SAID: Final = 1.5
"""What the cost of the words counts for beside that of the characters, and what each run of three characters that the
text has elsewhere takes off: measured on gaps made in half of the texts."""

# What the text itself said behind the same two characters counts for this share of the probability, and as many
# occurrences of those as this for half of that.
_OWN_SHARE = 0.35
_DOUBT = 1.5
# The price of a longer stretch without a choice in it says nothing more about how it began.
_PRICED = 6


def forms_of(text: str) -> str:
    """A text as the n-grams know it."""
    return "".join(map(form_of, text))


@lru_cache(maxsize=2048)
def form_of(char: str) -> str:
    """A character as the n-grams know it: simplified and normal."""
    return normal(simple(char)) if char else ""


class Seen:
    """What a text has elsewhere: what it said once it is likely to say again.

    `marked` are the characters that bear readings in it, `bare` what a guessed one costs more that bears none.
    """

    __slots__ = ("_after", "_runs", "_text", "bare", "marked")

    def __init__(self, text: str, marked: frozenset[str] = frozenset()) -> None:
        self._text = text
        self.marked = marked
        self.bare = dict.fromkeys(marked, MARKED_BARE)
        self._runs: dict[str, bool] = {}
        self._after: dict[str, tuple[int, dict[str, int]]] = {}

    def has(self, text: str, first: int, last: int) -> int:
        """How many of the runs of three characters of a text that touch the span the text has elsewhere."""
        times = 0
        for start in range(max(0, first - 2), min(last, len(text) - 2)):
            run = text[start : start + 3]
            found = self._runs.get(run)
            if found is None:
                known = self._after.get(run[:2])
                found = self._runs[run] = run in self._text if known is None else run[2] in known[1]
            times += found
        return times

    def after(self, before: str) -> tuple[int, dict[str, int]]:
        """How often the text has these two characters, and by what follows, one character and two, how often."""
        found = self._after.get(before)
        if found is None:
            counts: dict[str, int] = {}
            parts = self._text.split(before) if len(before) == 2 else [before]
            for part in parts[1:]:
                for size in (1, 2):
                    counts[part[:size]] = counts.get(part[:size], 0) + 1
            found = self._after[before] = (len(parts) - 1, counts)
        return found


def with_own(general: float, times: int, of: int) -> float:
    """The cost of a character of which the n-grams say that it is `general`, seen so many times of so many."""
    return min(general, -log((1 - _OWN_SHARE) * exp(-general) + _OWN_SHARE * times / (of + _DOUBT)))


_NEW = object.__new__


class Walk:
    """A position in a line, what was read up to it, and what that costs (natural logarithm).

    `pending` is the lead byte already read of a character whose trail byte comes next, None while the reader is in
    step. `tail` are the last three characters as the n-grams know them and `raw` the last two as they were read. Walks
    are never changed, only continued.
    """

    __slots__ = ("began", "pending", "pos", "price", "raw", "removed", "seen", "settled", "tail", "tears", "written")

    def __init__(self, pos: int, seen: Seen, context: str = "", *, opens: bool = True) -> None:
        self.pos = pos
        self.pending: int | None = None
        self.tail = ((BEFORE if opens else NOWHERE) + forms_of(context))[-REACH:]
        self.raw = context[-2:]
        self.price = 0.0
        self.began = -1
        self.written = ""
        self.settled = pos
        self.tears: tuple[Tear, ...] = ()
        self.removed: tuple[tuple[int, int], ...] = ()
        self.seen = seen

    @property
    def last(self) -> str:
        """The last character read, empty at the beginning of a line."""
        return self.raw[-1:]

    def _copy(self, pos: int, pending: int | None) -> Walk:
        new: Walk = _NEW(Walk)
        new.pos = pos
        new.pending = pending
        new.tail = self.tail
        new.raw = self.raw
        new.price = self.price
        new.began = self.began
        new.written = self.written
        new.settled = self.settled
        new.tears = self.tears
        new.removed = self.removed
        new.seen = self.seen
        return new

    def mend(self, text: str) -> None:
        """Add to what a torn run said; it ends where no byte is pending."""
        self.written += text
        if self.pending is None:
            self.tears = (*self.tears, Tear(self.began, self.pos, self.written))
            self.began, self.written, self.settled = -1, "", self.pos

    def put(self, text: str, pos: int, pending: int | None, extra: float = 0.0) -> Walk:
        """Go on to `pos`, having read one more character, or a stretch that leaves no choice."""
        new = self._copy(pos, pending)
        price, tail = self.price + extra, self.tail
        for char in text[:_PRICED]:
            form = form_of(char)
            price += behind(tail, form)
            tail = tail[1:] + form
        if len(text) > _PRICED:
            tail = forms_of(text[-REACH:])
        new.price, new.raw, new.tail = price, (self.raw + text)[-2:], tail
        if new.began >= 0:
            new.mend(text)
        return new

    def guess(self, text: str, pos: int, pending: int | None, price: float) -> Walk:
        """Go on to `pos` over a gap, having guessed some characters at a price that is known."""
        new = self._copy(pos, pending)
        new.price = price
        new.tail = (self.tail + forms_of(text))[-REACH:]
        new.raw = (self.raw + text)[-2:]
        if new.began >= 0:
            new.mend(text)
        return new

    def skip(self, pos: int, start: int | None = None) -> Walk:
        """Go on to `pos`, taking out the reading that begins here or at `start`."""
        new = self._copy(pos, self.pending)
        new.removed = (*self.removed, (self.pos if start is None else start, pos))
        if self.began < 0:
            new.settled += pos - self.pos
        return new

    def tear(self, pos: int, pending: int, extra: float) -> Walk:
        """Go on to `pos` out of step: the reading between was inserted behind the lead byte `pending`."""
        new = self._copy(pos, pending)
        new.removed = (*self.removed, (self.pos, pos))
        new.began = self.pos
        new.price += extra
        return new

    def dearer(self, extra: float) -> Walk:
        """The same walk, costlier."""
        new = self._copy(self.pos, self.pending)
        new.price += extra
        return new
