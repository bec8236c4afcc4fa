"""Fill gaps of one or several pairs of lost bytes with the characters that fit best between what is known around.

Of the characters around a pair the first has its lead byte left and the last its trail byte; what follows the last is
known again. So the search is a short chain, and each link is judged by the words that it makes with both its
neighbours, before any walk is continued.
"""

from __future__ import annotations

from heapq import nsmallest
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from crawler.restore.closing import Close, Ending, close_of, rest_of
from crawler.restore.halves import Candidate, bridges, broken_pairs, led, led_before_loss
from crawler.restore.lexicon import BEGINS, continued, cost, pair
from crawler.restore.walk import MARKED_BARE, REACH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.restore.walk import Walk

_TRIED = 5
_KEPT = 24
_CONTINUED = 12
_WEIGHED = 60
_COMMONEST = 8


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


def fill(walk: Walk, line: str, end: int) -> Iterator[Walk]:
    """The likeliest walks across the marks from the walk's position up to `end`.

    Where `end` is the walk's position itself, one pair is gone without a mark.
    """
    if walk.pending is None:
        return
    close = close_of(line, end, walk.seen.marked)
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
    common, rare = bridges()
    tried = list(common)
    for form in dict.fromkeys(link.form for links in by_lead.values() for link in links):
        tried += [one for one in rare if form in one.row]
    for one in tried:
        fitting = by_lead.get(one.lead)
        if fitting is None:
            continue
        price, previous = _linked(fitting, one)
        if one.char in seen.marked:
            price += MARKED_BARE
        found.append((price, one, previous))
    found = [
        (price - seen.discount(link.char, one.char), one, link)
        for price, one, link in nsmallest(_WEIGHED, found, key=itemgetter(0))
    ]
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
    rest = rest_of(right)
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
