"""Fill gaps of one or several pairs of lost bytes with the characters that fit best between what is known around.

Of the characters around a pair the first has its lead byte left and the last its trail byte; what follows the last is
known again. So the search is a short chain, and each link is judged by the words that it makes with both its
neighbours, before any walk is continued.
"""

from __future__ import annotations

from functools import lru_cache
from heapq import nsmallest
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from crawler.restore import gbk
from crawler.restore.conversion import simple
from crawler.restore.halves import Candidate, bridges, broken_pairs, led, led_before_loss, trailed
from crawler.restore.lexicon import BEGINS, SINGLE, before, character_cost, continued, cost, pair, text_cost
from crawler.restore.patterns import PLAIN, TORN
from crawler.restore.readings import characters_read, homophones
from crawler.restore.walk import MARKED_BARE, REACH, at_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.restore.walk import Walk

MARKS = "?\ufffd"

_AHEAD = 3
_TRIED = 5
_KEPT = 24
_CONTINUED = 12
# Characters rarer than this (natural logarithm of one over the share) are tried only where they end a word.
_COMMON = 12.5
_COMMONEST = 8
_LAST_LEADS = 12
# A reading that is not the character's usual one, or a reading behind a character that no conversion changed.
_UNLIKELY = 4.0


class Ending(NamedTuple):
    """The last character of a gap: what it and the known text behind it cost beyond that text alone.

    `row` is `lexicon.before(form)`.
    """

    price: float
    lead: int
    char: str
    form: str
    row: str
    extra: float


class Close(NamedTuple):
    """How a gap ends: the characters that may end it, the likeliest first, and what follows them."""

    endings: tuple[Ending, ...]
    right: str
    pos: int
    pending: int | None
    skipped: int | None
    """Where a reading begins that is taken out before the last character."""
    read: bool


class _Link(NamedTuple):
    """A chain up to one of its characters: its price, the price without that character, and the chain before it.

    `joins` are the longer words that the next character can end, each with the price that the chain has then; `opened`
    the beginnings of words that reach from before this character to it, with the price before each.
    """

    price: float
    without: float
    trail: int
    char: str
    form: str
    previous: _Link | None
    joins: dict[str, float]
    opened: tuple[tuple[str, float], ...]


def code_of(char: str) -> tuple[int, int | None] | None:
    """The byte that ends the character read so far, and the lead byte of the next, if any; None if it ends nothing."""
    if char.isascii():
        return (ord(char), None) if 0x40 <= ord(char) < 0x7F else None
    code = gbk.code(char)
    return code if code and code[1] >= gbk.LEADS[0] else None


def fill(walk: Walk, line: str, end: int) -> Iterator[Walk]:
    """The likeliest walks across the marks from the walk's position up to `end`.

    Where `end` is the walk's position itself, one pair is gone without a mark.
    """
    if walk.pending is None:
        return
    close = _close(line, end, walk.seen.marked)
    if close is None:
        return
    links = _first(walk)
    for _ in range(end - walk.pos - 1):
        links = _next(walk, links)
    done: dict[str, Walk] = {}
    for _price, ending, link in _joined(walk, links, close):
        chain: list[str] = []
        at: _Link | None = link
        while at is not None:
            chain.append(at.char)
            at = at.previous
        chars = "".join(reversed(chain))
        new = done.get(chars)
        if new is None:
            new = walk
            for char in chars:
                new = new.put(char, walk.pos, 0, MARKED_BARE if char in walk.seen.marked else 0.0)
            done[chars] = new
        extra = ending.extra
        if close.skipped is not None:
            new = new.skip(close.pos, close.skipped)
        elif ending.char in walk.seen.marked and not close.read:
            extra += MARKED_BARE
        yield new.put(ending.char, close.pos, close.pending, extra)


def ranked(walk: Walk) -> list[tuple[float, Candidate]]:
    """The characters that the pending byte may lead, the likeliest behind the walk's words first."""
    candidates = led(walk.pending or 0)
    opened, joins = _open_words(walk)
    last = opened[0][0] if opened else "\n"
    fitting = {one.char: one for one in candidates[:_COMMONEST]}
    fitting |= {one.char: one for one in candidates if last in one.row or one.form in joins}
    if walk.raw:
        fitting |= {one.char: one for one in walk.seen.among(walk.raw[-1], candidates)}
    return sorted(_priced(walk, fitting.values(), opened, joins))


def _open_words(walk: Walk) -> tuple[tuple[tuple[str, float], ...], dict[str, float]]:
    """The beginnings of words that end here, with the price before each, and the words that one character would end."""
    tail, best = walk.tail, walk.best
    opened = []
    for size in range(1, min(len(tail), len(best) - 1) + 1):
        if tail[-size] < "\u3000":
            break
        if size == 1 or continued(tail[-size:]):
            opened.append((tail[-size:], best[-1 - size]))
    return tuple(opened), _joins(tuple(opened))


def _joins(opened: tuple[tuple[str, float], ...]) -> dict[str, float]:
    joins: dict[str, float] = {}
    for prefix, price in opened:
        if len(prefix) > 1:
            for form, word in continued(prefix).items():
                if word < BEGINS and price + word < joins.get(form, BEGINS * BEGINS):
                    joins[form] = price + word
    return joins


def _opened(opened: tuple[tuple[str, float], ...], without: float, form: str) -> tuple[tuple[str, float], ...]:
    """The beginnings of words that reach to one more character."""
    longer = [
        (prefix + form, price)
        for prefix, price in opened
        if len(prefix) < REACH - 1 and (pair(prefix, form) if len(prefix) == 1 else continued(prefix).get(form))
    ]
    return ((form, without), *longer)


def _priced(
    walk: Walk, candidates: Iterable[Candidate], opened: tuple[tuple[str, float], ...], joins: dict[str, float]
) -> list[tuple[float, Candidate]]:
    """The price of the walk with each candidate."""
    now, raw, seen = walk.best[-1], walk.raw, walk.seen
    last, without = opened[0] if opened else ("", 0.0)
    out = []
    for found in candidates:
        price = now + found.price
        if last:
            at = found.row.find(last)
            if at >= 0 and found.row[at + 1] != "~":
                price = min(price, without + (ord(found.row[at + 1]) - 33) / 4)
        if found.form in joins:
            price = min(price, joins[found.form])
        price -= seen.discount(raw, found.char)
        if found.char in seen.marked:
            price += MARKED_BARE
        out.append((price, found))
    return out


def _first(walk: Walk) -> list[_Link]:
    opened, joins = _open_words(walk)
    now = walk.best[-1]
    out = []
    for price, found in _priced(walk, led_before_loss(walk.pending or 0), opened, joins):
        here = _opened(opened, now, found.form)
        out.append(_Link(price, now, found.trail, found.char, found.form, None, _joins(here), here))
    return out


def _next(walk: Walk, links: list[_Link]) -> list[_Link]:
    """One character further in a chain: both its bytes are lost, so only common ones are tried."""
    broken = broken_pairs()
    seen = walk.seen
    by_lead: dict[int, list[_Link]] = {}
    for link in sorted(links)[:_CONTINUED]:
        for lead in broken[link.trail]:
            by_lead.setdefault(lead, []).append(link)
    found: list[tuple[float, Candidate, _Link]] = []
    starts = list(dict.fromkeys(link.form for links in by_lead.values() for link in links))
    for one in bridges():
        fitting = by_lead.get(one.lead)
        if not fitting or (one.price > _COMMON and not any(form in one.row for form in starts)):
            continue
        price, previous = _linked(fitting, one)
        price -= seen.discount(previous.char, one.char)
        if one.char in seen.marked:
            price += MARKED_BARE
        found.append((price, one, previous))
    out = []
    for price, one, previous in nsmallest(_CONTINUED, found, key=itemgetter(0)):
        here = _opened(previous.opened, previous.price, one.form)
        out.append(_Link(price, previous.price, one.trail, one.char, one.form, previous, _joins(here), here))
    return out


def _linked(links: list[_Link], one: Candidate) -> tuple[float, _Link]:
    """The cheapest way to go on from one of these links, of which the first is the cheapest, and that link."""
    previous = links[0]
    price = previous.price + one.price
    for link in links:
        if link.form in one.row:
            word = link.without + (pair(link.form, one.form) or BEGINS)
            if word < price:
                previous, price = link, word
        if one.form in link.joins and link.joins[one.form] < price:
            previous, price = link, link.joins[one.form]
    return price, previous


def _joined(walk: Walk, links: list[_Link], close: Close) -> list[tuple[float, Ending, _Link]]:
    """The likeliest ends of the chains."""
    broken = broken_pairs()
    seen = walk.seen
    right = close.right
    rest = _rest(right)
    endings: Iterable[Ending] = close.endings
    if not close.read:
        # Sorting is quick where nearly all is in order.
        dear = [(one.price + (MARKED_BARE if one.char in seen.marked else 0.0), one) for one in close.endings]
        dear.sort(key=itemgetter(0))
        endings = [one for _price, one in dear]
    found: list[tuple[float, Ending, _Link]] = []
    for link in sorted(links)[:_KEPT]:
        price, without, char, form, joins = link.price, link.without, link.char, link.form, link.joins
        leads = broken[link.trail]
        fitting = [one for one in endings if one.lead in leads]
        likely = fitting[:_TRIED]
        likely += [one for one in fitting[_TRIED:] if form in one.row or one.form in joins]
        said = seen.among(char, fitting)
        likely += said
        for ending in likely:
            total = price + ending.price
            if form in ending.row:
                total = min(total, without + (pair(form, ending.form) or BEGINS) + ending.extra)
                for size in range(1, len(right) + 1):
                    longer = cost(form + ending.form + right[:size])
                    if longer is not None:
                        total = min(total, without + longer + rest[size] - rest[0] + ending.extra)
            if ending.form in joins:
                total = min(total, joins[ending.form] + ending.extra)
            if said and ending in said:
                total -= seen.discount(char, ending.char)
            if ending.char in seen.marked and not close.read:
                total += MARKED_BARE
            found.append((total, ending, link))
    return _best(found)


def _best(found: list[tuple[float, Ending, _Link]]) -> list[tuple[float, Ending, _Link]]:
    """The cheapest, each once."""
    found.sort(key=itemgetter(0))
    best: dict[tuple[str, int], tuple[float, Ending, _Link]] = {}
    for one in found:
        best.setdefault((one[1].char, id(one[2])), one)
        if len(best) == _TRIED:
            break
    return list(best.values())


@lru_cache(maxsize=512)
def _rest(right: str) -> tuple[float, ...]:
    """The cost of a text and of what is left of it behind each of its characters."""
    return tuple(text_cost(right[start:]) for start in range(len(right) + 1))


def _close(line: str, end: int, marked: frozenset[str]) -> Close | None:
    if end == len(line) - 1 and line[end] in MARKS:
        return Close(_line_ends(), "", end + 1, None, None, read=False)
    if match := TORN.match(line, end):
        # Out of step a reading in its right place looks torn; the decoder is in step behind it.
        right = ahead(line, match.end(), None, marked)
        return Close(_read_ends(match[1], right), right, match.end(), None, end, read=True)
    following = code_of(line[end])
    if following is None:
        return None
    trail, pending = following
    right = ahead(line, end + 1, pending, marked)
    # An ASCII trail byte ends the run, so a reading behind it is that of the character it completes.
    reading = PLAIN.match(line, end + 1) if pending is None else None
    only = characters_read(reading[1]) if reading else ""
    return Close(_ends(trail, right, only), right, end + 1, pending, None, read=bool(only))


@lru_cache(maxsize=64)
def _ends(trail: int, right: str, only: str) -> tuple[Ending, ...]:
    return tuple(
        sorted(
            Ending(_forward(one.price, one.form, right), one.lead, one.char, one.form, one.row, 0.0)
            for one in trailed(trail)
            if not only or one.char in only
        )
    )


@lru_cache(maxsize=64)
def _read_ends(reading: str, right: str) -> tuple[Ending, ...]:
    found = []
    for lead, row in homophones(reading).items():
        for _trail, char, usual in row:
            form = simple(char)
            extra = 0.0 if usual and form != char else _UNLIKELY
            price = _forward(character_cost(form) + SINGLE, form, right) + extra
            found.append(Ending(price, lead, char, form, before(form), extra))
    return tuple(sorted(found))


@lru_cache(maxsize=1)
def _line_ends() -> tuple[Ending, ...]:
    found = []
    for lead in gbk.LEADS:
        ends = [(at_end(one.char), one) for one in led(lead)[:_LAST_LEADS]]
        found += [Ending(one.price + extra, lead, one.char, one.form, one.row, extra) for extra, one in ends]
    return tuple(sorted(found))


def _forward(alone: float, form: str, right: str) -> float:
    """The price of a character with the text behind it beyond the price of that text."""
    price = alone
    if right and form in before(right[0]):
        rest = _rest(right)
        for size in range(1, len(right) + 1):
            word = cost(form + right[:size])
            if word is not None:
                price = min(price, word + rest[size] - rest[0])
    return price


def ahead(line: str, pos: int, pending: int | None, marked: frozenset[str] = frozenset()) -> str:
    """The next characters, simplified, as far as they are known: up to a mark.

    Of the characters of a torn reading it is one of those that bear readings elsewhere, or else the commonest.
    """
    out = ""
    while pos < len(line) and len(out) < _AHEAD:
        char = line[pos]
        if char in MARKS:
            match = TORN.match(line, pos)
            read = homophones(match[1]).get(pending or 0) if match else None
            if match is None or not read:
                break
            known = [simple(made) for _trail, made, _usual in read if made in marked]
            out += min(known or [simple(made) for _trail, made, _usual in read], key=character_cost)
            pos = match.end()
            pending = None
            continue
        if pending is None:
            if char == "(" and (match := PLAIN.match(line, pos)):
                pos = match.end()
                continue
            out += simple(char)
            pos += 1
            continue
        code = (ord(char), None) if char.isascii() else gbk.code(char)
        made = gbk.character(pending, code[0]) if code and code[0] >= gbk.TRAILS[0] else None
        if code is None or made is None:
            break
        out += simple(made)
        pos += 1
        if code[1] is not None and code[1] < 0x80:
            # The trail is an ASCII letter of the original that a stray lead byte had swallowed.
            out += chr(code[1])
            pending = None
        else:
            pending = code[1]
    return out
