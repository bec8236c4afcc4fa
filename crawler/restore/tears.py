"""Put characters together again that an insertion between their bytes has torn.

A mirror inserts `(zhǔn)` after the two bytes of 準 wherever it finds these bytes, also where they are the trail byte of one
character and the lead byte of the next. A lenient decoder then loses the byte before `(` together with it, reads the rest
one byte out of step, and falls into step again at an ASCII byte. This module walks such a run byte by byte, once for each
byte that may have been lost, and keeps the walk whose characters fall into the likeliest words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from crawler.restore import gbk
from crawler.restore.conversion import simple
from crawler.restore.lexicon import LONGEST, character_cost, cost
from crawler.restore.model import Removal, Tear
from crawler.restore.patterns import PLAIN, TORN
from crawler.restore.readings import characters_read, homophones

# Penalties in natural logarithms, beside the cost of words: a rare reading, a character that no conversion changed.
_SECOND_READING = 2.0
_UNCHANGED = 3.0
_KNOWN_MARK = 3.0
_SPARE = 20.0
# A walk this much costlier than the best one is given up; so are all but the best ones beyond this many.
_HOPELESS = 22.0
_WIDTH = 48
# Characters rarer than this are not tried where nothing but the words around tells what was lost.
_RARE = 13.0
# After so many characters in step the run is over.
_SETTLED = 7
_CONTEXT = 12
_LOST = "?\ufffd"
_ASCII_TRAILS = range(0x40, 0x7F)


@dataclass(frozen=True, slots=True)
class _Walk:
    pos: int
    pending: int | None
    tail: str
    best: tuple[float, ...]
    last: str
    written: str
    began: int
    settled: int
    tears: tuple[Tear, ...]
    removed: tuple[tuple[int, int], ...]

    @property
    def price(self) -> float:
        return self.best[-1]

    def put(self, char: str, pos: int, pending: int | None, extra: float = 0.0) -> _Walk:
        """This walk with one more character; `pending` is the lead byte already read of the next one."""
        new = simple(char)
        best = self.best
        cheapest = best[-1] + character_cost(new)
        tail = self.tail + new
        for size in range(2, min(len(tail), len(best)) + 1):
            price = cost(tail[-size:])
            if price is not None and best[-size] + price < cheapest:
                cheapest = best[-size] + price
        return replace(
            self,
            pos=pos,
            pending=pending,
            tail=tail[-LONGEST:],
            best=(*best[1 - LONGEST :], cheapest + extra),
            last=char,
            written=self.written + char if self.began >= 0 else "",
        )._closed()

    def _closed(self) -> _Walk:
        if self.pending is not None or self.began < 0:
            return self
        tear = Tear(self.began, self.pos, self.written)
        return replace(self, tears=(*self.tears, tear), began=-1, written="", settled=self.pos)


def repair(line: str, marked: frozenset[str], filler: str) -> tuple[list[Tear], list[Removal]]:
    """The torn runs of one line, mended, and the readings that lay in them.

    `marked` are the characters that bear readings elsewhere in the text; `filler` stands for an ASCII character that was
    lost without a trace.
    """
    tears: list[Tear] = []
    removals: list[Removal] = []
    at = 0
    while match := TORN.search(line, at):
        walk = _mend(line, match.start(), at, marked, filler)
        if walk is None or not walk.tears:
            at = match.end()
            continue
        tears.extend(walk.tears)
        removals.extend(Removal(start, end, line[start:end]) for start, end in walk.removed)
        at = max(walk.settled, match.end())
    return tears, removals


def _mend(line: str, start: int, floor: int, marked: frozenset[str], filler: str) -> _Walk | None:
    context = PLAIN.sub("", line[max(floor, start - 6 * _CONTEXT) : start])[-_CONTEXT:]
    first = _Walk(start, None, "", (0.0,), "", "", -1, start, (), ())
    for char in context:
        first = first.put(char, start, None)
    walks = [first]
    while True:
        pos = min(walk.pos for walk in walks)
        goal = max(walk.settled for walk in walks) + _SETTLED
        if pos >= len(line) or (pos >= goal and all(walk.pending is None for walk in walks)):
            break
        moving = [walk for walk in walks if walk.pos == pos]
        waiting = [walk for walk in walks if walk.pos != pos]
        moved = [new for walk in moving for new in _step(walk, line, context, marked, filler)]
        walks = _prune(waiting + moved)
        if not walks:
            return None
    whole = [walk for walk in walks if walk.pending is None]
    return min(whole, key=lambda walk: walk.price, default=None)


def _prune(walks: list[_Walk]) -> list[_Walk]:
    """Of walks that can no longer differ in what follows the cheapest, and of the rest only the hopeful."""
    if len(walks) < 2:
        return walks
    kept: dict[tuple[int, int | None, str], _Walk] = {}
    for walk in walks:
        key = (walk.pos, walk.pending, walk.tail[1:])
        if key not in kept or walk.price < kept[key].price:
            kept[key] = walk
    limit = min(walk.price for walk in kept.values()) + _HOPELESS
    hopeful = [walk for walk in kept.values() if walk.price <= limit]
    return sorted(hopeful, key=lambda walk: walk.price)[:_WIDTH]


def _step(walk: _Walk, line: str, context: str, marked: frozenset[str], filler: str) -> Iterable[_Walk]:
    pos = walk.pos
    char = line[pos]
    if char == "(" and (match := PLAIN.match(line, pos)):
        return _reading(walk, match.end(), match[1])
    if char in _LOST and (match := TORN.match(line, pos)):
        return _torn(walk, match.end(), match[1], marked)
    if walk.pending is None:
        return (walk.put(char, pos + 1, None),)
    if char in _LOST:
        return _lost(walk, line, filler)
    if char.isascii():
        made = gbk.character(walk.pending, ord(char)) if ord(char) in _ASCII_TRAILS else None
        return (walk.put(made, pos + 1, None),) if made else ()
    return _wide(walk, char)


def _wide(walk: _Walk, char: str) -> Iterable[_Walk]:
    """A character read out of step: its lead byte ends one character, its trail byte begins the next."""
    bytes_ = gbk.code(char)
    made = gbk.character(walk.pending or 0, bytes_[0]) if bytes_ else None
    if bytes_ is None or made is None:
        return ()
    if bytes_[1] < 0x80:
        # The trail is an ASCII letter of the original that a stray lead byte had swallowed.
        letter = chr(bytes_[1])
        inside = walk.put(made, walk.pos, bytes_[1])
        return (inside.put(letter, walk.pos + 1, None),)
    return (walk.put(made, walk.pos + 1, bytes_[1]),)


def _reading(walk: _Walk, end: int, reading: str) -> Iterable[_Walk]:
    """A reading with both parentheses: of the character before it, in step or out of step."""
    if walk.pending is None:
        if walk.last and walk.last in characters_read(reading):
            return (replace(walk, pos=end, removed=(*walk.removed, (walk.pos, end))),)
        return (walk.put("(", walk.pos + 1, None),)
    return (replace(walk, pos=end, removed=(*walk.removed, (walk.pos, end))),)


def _torn(walk: _Walk, end: int, reading: str, marked: frozenset[str]) -> Iterator[_Walk]:
    removed = (*walk.removed, (walk.pos, end))
    if walk.pending is not None:
        # Out of step a reading in its right place looks torn; the decoder is in step behind it.
        for _trail, char, usual in homophones(walk.pending, reading):
            yield replace(walk, removed=removed).put(char, end, None, _prior(char, usual, marked))
        return
    yield walk.put("?", walk.pos + 1, None, _SPARE)
    before = gbk.code(walk.last)
    if before is None:
        return
    for trail, char, usual in homophones(before[1], reading) if before[1] >= gbk.LEADS[0] else ():
        best = (*walk.best[:-1], walk.price + _prior(char, usual, marked))
        yield replace(walk, pos=end, pending=trail, began=walk.pos, best=best, removed=removed)


def _prior(char: str, usual: bool, marked: frozenset[str]) -> float:
    price = 0.0 if usual else _SECOND_READING
    if simple(char) == char:
        price += _UNCHANGED
    return price - _KNOWN_MARK if char in marked else price


def _lost(walk: _Walk, line: str, filler: str) -> Iterator[_Walk]:
    """A place where two bytes made no character: both belong to hanzi, or a stray lead byte swallowed an ASCII one."""
    pending = walk.pending or 0
    end = walk.pos + 1
    following = _next_byte(line, end)
    for lead in gbk.LEADS:
        made = gbk.character(pending, lead)
        if made is None or character_cost(simple(made)) > _RARE:
            continue
        here = walk.put(made, end, None)
        if end == len(line):
            yield here
            continue
        yield replace(walk, pos=walk.pos).put(made, walk.pos, 0).put(filler, end, None)
        if following is None:
            continue
        for trail in gbk.LEADS:
            if gbk.character(lead, trail) is None:
                after = gbk.character(trail, following)
                if after is not None and character_cost(simple(after)) <= _RARE:
                    yield walk.put(made, end, trail)


def _next_byte(line: str, pos: int) -> int | None:
    if pos >= len(line):
        return None
    char = line[pos]
    if char.isascii():
        return ord(char) if ord(char) in _ASCII_TRAILS else None
    bytes_ = gbk.code(char)
    return bytes_[0] if bytes_ else None
