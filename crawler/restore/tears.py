"""Put characters together again that an insertion between their bytes has torn.

A mirror inserts `(zhǔn)` after the two bytes of 準 wherever it finds these bytes, also where they are the trail byte of
one character and the lead byte of the next. A lenient decoder then loses the byte before `(` together with it, reads
the rest one byte out of step, and falls into step again at an ASCII byte. This module walks such a run byte by byte,
once for each byte that may have been lost, and keeps the walk whose characters fall into the likeliest words.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.restore import gbk, losses
from crawler.restore.contest import by_words
from crawler.restore.conversion import simple
from crawler.restore.lines import MARKS, NOTHING, Below, end_cost
from crawler.restore.ngrams import alone
from crawler.restore.patterns import PLAIN, TORN
from crawler.restore.readings import characters_read, homophones
from crawler.restore.walk import Seen, Walk, form_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.restore.model import Tear

# Penalties in natural logarithms, beside the cost of words: a rare reading, a character that no conversion changed, a
# question mark that is one, a reading that is none of the character before it; and the reward of a character that
# bears readings elsewhere in the text.
_SECOND_READING = 2.0
_UNCHANGED = 3.0
_GENUINE_MARK = 20.0
_GENUINE_READING = 8.0
_KNOWN = 3.0
_BARE = 3.0
_COMMONNESS = 0.4
# A walk this much costlier than the best one is given up; so are all but the best ones beyond this many.
_HOPELESS = 11.0
_WIDTH = 12
_PACE = 5.0
_LEAP = 4
_FORKING = 5
_FORKED = 3.5
_DROPPING = 2
# Of so many walks those are compared by their words that are this near the cheapest one.
_COMPARED = 6
_CLOSE = 4.0
# A private character is looked for this near behind the reading only, in characters.
_NEAR = 24
# Characters rarer than this make a mended run doubtful.
_DOUBTFUL = 11.0
# After so many characters in step the run is over.
_SETTLED = 3
_CONTEXT = 3
_ASCII_TRAILS = range(0x40, 0x7F)
_MARK = re.compile(f"[{MARKS}]")
# Runs without a private character are mostly short; a longer one is read in several stretches.
_WIDE = re.compile("[^\\x00-\\x7f\ufffd]{2,64}")


@dataclass(frozen=True, slots=True)
class Habits:
    """What the whole text tells of its mirror.

    The characters that bear readings, the ASCII mark most often between two hanzi, whether the mirror dropped private
    characters instead of marking them, and the words; of one line what begins the next.
    """

    text: str
    marked: frozenset[str]
    filler: str
    drops: bool
    seen: Seen
    below: Below = NOTHING


def repair(line: str, habits: Habits) -> tuple[list[Tear], list[tuple[int, int]]]:
    """The torn runs of one line, mended, and the readings in them and right behind them."""
    tears: list[Tear] = []
    removals: list[tuple[int, int]] = []
    at = 0
    while match := TORN.search(line, at):
        # Some decoders mark each byte.
        start = match.start() - (match.start() > at and line[match.start() - 1] in MARKS)
        walk = _mend(line, start, at, habits, dropping=False)
        if habits.drops and (walk is None or _doubtful(walk)):
            # Some readers drop a private character without a trace: look for one only where nothing else fits.
            walk = min(
                (w for w in (walk, _mend(line, start, at, habits, dropping=True)) if w is not None),
                key=lambda w: w.price / max(1, len(w.tears)) if w.tears else math.inf,
                default=None,
            )
        if walk is None or not walk.tears:
            at = match.end()
            continue
        tears.extend(walk.tears)
        removals.extend(walk.removed)
        at = max(walk.settled, match.end())
    return tears, removals


def _doubtful(walk: Walk) -> bool:
    """Whether a mended run has a character that hardly anyone writes."""
    return any(alone(form_of(char)) > _DOUBTFUL for tear in walk.tears for char in tear.restored)


def _mend(line: str, start: int, floor: int, habits: Habits, *, dropping: bool) -> Walk | None:
    before = line[max(floor, start - 10 * _CONTEXT) : start]
    context = PLAIN.sub("", before)[-_CONTEXT:]
    first = Walk(start, habits.seen, context, opens=start <= 10 * _CONTEXT and not floor)
    walks = [first]
    while walks and not _over(walks, line, habits):
        pos = walks[0].pos
        if len(walks) == 1 and not dropping and line[pos] not in MARKS:
            # Most of a run has one reading only.
            walks = list(_step(walks[0], line, habits))
        else:
            walks = _advance(walks, line, habits, dropping=dropping)
    whole = [walk for walk in walks if walk.pending is None]
    ranked = sorted(((walk.price + _at_end(walk, line, habits.below), at, walk) for at, walk in enumerate(whole)))
    close = [entry for entry in ranked[:_COMPARED] if entry[0] < ranked[0][0] + _CLOSE]
    if len(close) > 1:
        return by_words([(price, walk) for price, _at, walk in close], line, context)
    return ranked[0][2] if ranked else None


def _at_end(walk: Walk, line: str, below: Below) -> float:
    """What it costs to end the line where the walk does."""
    return end_cost(walk.tail, below) if walk.pos >= len(line) else 0.0


def _over(walks: list[Walk], line: str, habits: Habits) -> bool:
    """Whether the line is at its end, or all walks have been in step for some time.

    A single one needs no more to be chosen, but where characters were dropped it is still to be compared.
    """
    pos = min([walk.pos for walk in walks])
    if pos >= len(line):
        return True
    only = walks[0] if len(walks) == 1 and not habits.drops else None
    if only and only.tears and only.pending is None and line[pos] != "(":
        return not _MARK.search(line, pos, only.settled + _SETTLED)
    return all(walk.pending is None and pos >= walk.settled + _SETTLED for walk in walks)


def _advance(walks: list[Walk], line: str, habits: Habits, *, dropping: bool) -> list[Walk]:
    """Continue the walks that are furthest behind."""
    pos = min([walk.pos for walk in walks])
    moving = [walk for walk in walks if walk.pos == pos]
    if line[pos] in MARKS and not TORN.match(line, pos):
        # Each walk forks widely here.
        moving = _fewer(moving)
    moved = [new for walk in moving for new in _step(walk, line, habits, dropping=dropping)]
    if dropping:
        best = sorted(
            (walk for walk in moving if walk.pending is not None and pos - walk.began < _NEAR),
            key=lambda walk: walk.price,
        )
        moved += [new for walk in best[:_DROPPING] for new in losses.dropped(walk, line, habits.below)]
    return _prune(moved + [walk for walk in walks if walk.pos != pos])


def _fewer(walks: list[Walk]) -> list[Walk]:
    """The cheapest walks for each byte that waits for its partner: nothing has been read yet that tells these apart."""
    best: dict[int | None, list[Walk]] = {}
    for walk in sorted(walks, key=lambda walk: walk.price)[:_WIDTH]:
        kept = best.setdefault(walk.pending, [])
        if not kept or (len(kept) < _FORKING and walk.price < kept[0].price + _FORKED):
            kept.append(walk)
    return [walk for kept in best.values() for walk in kept]


def _prune(walks: list[Walk]) -> list[Walk]:
    """Of walks that can no longer differ in what follows the cheapest, and of the rest only the hopeful."""
    if len(walks) < 2:
        return walks
    kept: dict[tuple[int, int | None, str], Walk] = {}
    for walk in walks:
        key = (walk.pos, walk.pending, walk.tail)
        if key not in kept or walk.price < kept[key].price:
            kept[key] = walk
    # A walk that is ahead of the others has paid for more characters.
    behind = min(walk.pos for walk in walks)
    ranked = sorted(
        (walk.price - _PACE * min(walk.pos - behind, _LEAP), at, walk) for at, walk in enumerate(kept.values())
    )
    limit = ranked[0][0] + _HOPELESS
    return [walk for price, _at, walk in ranked[:_WIDTH] if price <= limit]


def _step(walk: Walk, line: str, habits: Habits, *, dropping: bool = False) -> Iterable[Walk]:  # noqa: PLR0911 (one return a kind of token)
    pos = walk.pos
    char = line[pos]
    if char == "(" and (match := PLAIN.match(line, pos)):
        return _reading(walk, line, match.end(), match[1])
    if char in MARKS:
        if match := TORN.match(line, pos):
            return _torn(walk, match.end(), match[1], habits)
        if match := TORN.match(line, pos + 1):
            # Either both bytes were replaced one by one, or something else is lost before.
            both = _torn(walk, match.end(), match[1], habits)
            return both if walk.pending is None else (*both, *losses.lost(walk, line, habits.filler, habits.below))
    if walk.pending is None:
        return (walk.put(char, pos + 1, None),)
    if char in MARKS:
        return losses.lost(walk, line, habits.filler, habits.below)
    if char.isascii():
        made = gbk.character(walk.pending, ord(char)) if ord(char) in _ASCII_TRAILS else None
        return (walk.put(made, pos + 1, None),) if made else ()
    return (() if dropping else _stretch(walk, walk.pending, line)) or _wide(walk, walk.pending, char)


def _stretch(walk: Walk, pending: int, line: str) -> Iterable[Walk]:
    """All characters read out of step up to the next mark, reading or ASCII character, where none leaves a choice."""
    match = _WIDE.match(line, walk.pos)
    if match is None:
        return ()
    try:
        raw = bytes((pending,)) + match[0].encode("gbk")
        text = raw[:-1].decode("gbk")
    except UnicodeError:
        return ()
    # A trail byte below 81 is a letter of its own out of step, or nothing.
    if min(raw[2::2]) < gbk.LEADS[0]:
        return ()
    return (walk.put(text, match.end(), raw[-1]),)


def _wide(walk: Walk, pending: int, char: str) -> Iterable[Walk]:
    """A character read out of step: its lead byte ends one character, its trail byte begins the next."""
    code = gbk.code(char)
    made = gbk.character(pending, code[0]) if code else None
    if code is None or made is None:
        return ()
    if code[1] == 0x80:
        return ()
    if code[1] < 0x80:
        # The trail is an ASCII letter of the original that a stray lead byte had swallowed.
        return (walk.put(made, walk.pos, code[1]).put(chr(code[1]), walk.pos + 1, None),)
    return (walk.put(made, walk.pos + 1, code[1]),)


def _reading(walk: Walk, line: str, end: int, reading: str) -> Iterable[Walk]:
    """A reading with both parentheses: of the character before it, read in step or out of step."""
    before = walk.last if walk.pending is None else line[walk.pos - 1]
    if before and (before in characters_read(reading) or (before == ")" and walk.removed)):
        return (walk.skip(end),)
    left = _GENUINE_READING if characters_read(reading) else 0.0
    return (walk.put("(", walk.pos + 1, None, left),) if walk.pending is None else ()


def _torn(walk: Walk, end: int, reading: str, habits: Habits) -> Iterator[Walk]:
    if walk.pending is not None:
        # Out of step a reading in its right place looks torn; the decoder is in step behind it.
        for _trail, char, usual in homophones(reading).get(walk.pending, ()):
            yield walk.skip(end).put(char, end, None, _prior(char, habits, usual=usual))
        return
    yield walk.put("?", walk.pos + 1, None, _GENUINE_MARK)
    before = gbk.code(walk.last) if walk.last else None
    if before is None or before[1] < gbk.LEADS[0]:
        return
    for trail, char, usual in homophones(reading).get(before[1], ()):
        if trail >= gbk.LEADS[0]:
            yield walk.tear(end, trail, _prior(char, habits, usual=usual))


def _prior(char: str, habits: Habits, *, usual: bool) -> float:
    """How unlikely it is that a mirror annotates this character, before the words around are looked at."""
    form = simple(char)
    price = _COMMONNESS * alone(form) + (0.0 if usual else _SECOND_READING)
    if char in habits.marked:
        return price - _KNOWN
    if form == char:
        price += _UNCHANGED
    # A set of characters is annotated wherever they stand: one that is bare elsewhere is not of the set.
    return price + _BARE if char in habits.text else price
