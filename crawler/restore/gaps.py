"""Fill gaps of one or several pairs of lost bytes with the characters that fit best between what is known around.

Of the characters around a pair the first has its lead byte left and the last its trail byte; what follows the last is
known again. So the search is a short chain. Its links are ranked by what is before them and its ends by what is behind
them; the likeliest of both, and those that often stand side by side, are joined, and the best of these are judged
together with the text on both sides before any walk is continued.
"""

from __future__ import annotations

import re
from functools import lru_cache
from heapq import nsmallest
from itertools import islice
from math import inf
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from crawler.restore.closing import Close, Ending, close_of
from crawler.restore.halves import bridges, broken_pairs, led, led_before_loss
from crawler.restore.lexicon import text_cost
from crawler.restore.ngrams import (
    NOWHERE,
    WEIGHT,
    alone,
    context,
    first_of,
    following,
    pair_cost,
    successors,
)
from crawler.restore.walk import REACH, SAID, WORDS_WEIGH, forms_of, with_own

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.restore.halves import Candidate
    from crawler.restore.lines import Below
    from crawler.restore.walk import Walk

# How many links are joined with the likeliest ends whatever stands between, and how many ends each. Pairs that were
# seen side by side are joined wherever they stand, as far as a link is not this much dearer than the cheapest.
_JOINED = 6
_ENDS = 4
_COMMON_ENDS = 24
_FAR = 12.0
_FAR_WITHIN = 9.0
# Of these the best are weighed with the text on both sides, as long as they are near the first.
_WEIGHED = 16
_QUICK = 4.0
_KEPT = 5
_HOPELESS = 8.0
_KEPT_LONGER = 8
# In the midst of a gap: links continued, how much of the row of what was seen behind each is tried, and common ones; at
# its last place also, of so many common ones, those that most often stand before one of the ends.
_CONTINUED = 24
_DEEP = 4
_SUCCESSORS = 600
_FEWER = 60
_COMMONEST = 30
_LEADING = 250
_LED = 40
_LINKED = 150
# Ends within this of the best are judged by the words that they make as well.
_CLEAR = 3.0

# A sort is quicker than a heap for the hundreds that there are at most.
_PRICE = itemgetter(0)


class _Link(NamedTuple):
    """A chain up to one of its characters: its price, what comes next is judged by, and the chain before it."""

    price: float
    trail: int
    char: str
    form: str
    tail: str
    previous: _Link | None


_Tried = tuple[float, float | None, "Candidate", _Link]
"""A first price, the cost of a character behind the link's alone where it is known, and the two."""

_Likely = tuple[float, float | None, Ending, _Link]
"""The same of a link and an end."""

_Weighed = tuple[float, float, Ending, _Link]
"""The price of a chain with the text behind it, without that, its end and its last link."""


def fill(walk: Walk, line: str, end: int, below: Below) -> Iterator[Walk]:
    """The likeliest walks across the marks from the walk's position up to `end`.

    Where `end` is the walk's position itself, one pair is gone without a mark.
    """
    if walk.pending is None:
        return
    close = close_of(line, end, walk.seen.marked, below)
    if close is None:
        return
    links = _first(walk)
    for left in range(end - walk.pos - 2, -1, -1):
        links = _next(walk, links, () if left else _leading_to(_forms(close)))
    for price, ending, link in _joined(walk, links, close):
        if close.skipped is None:
            yield walk.guess(_text(link) + ending.char, close.pos, close.pending, price)
        else:
            new = walk.guess(_text(link), walk.pos, 0, price).skip(close.pos, close.skipped)
            yield new.guess(ending.char, close.pos, close.pending, price)


def swallowed(walk: Walk, end: int, mark: str) -> Iterator[Walk]:
    """The likeliest walks up to `end`, where the last pair is a trail byte and an ASCII character: `mark`."""
    if end == walk.pos + 1:
        links = [
            _link(walk, one, price) for price, one in sorted(_priced(walk, led(walk.pending or 0)), key=_PRICE)[:_KEPT]
        ]
    else:
        links = _first(walk)
        for _ in range(end - walk.pos - 1):
            links = _next(walk, links)
    for link in sorted(links, key=_PRICE)[:_KEPT]:
        yield walk.guess(_text(link), walk.pos, 0, link.price).put(mark, end, None)


def ranked(walk: Walk) -> list[tuple[float, Candidate]]:
    """The characters that the pending byte may lead, the likeliest behind the walk's words first."""
    return sorted(_priced(walk, led(walk.pending or 0)))


def _priced(walk: Walk, candidates: Iterable[Candidate]) -> list[tuple[float, Candidate]]:
    """The price of the walk with each candidate."""
    now, bare, before = walk.price, walk.seen.bare, context(walk.tail)
    total, own = walk.seen.after(walk.raw)
    out = []
    for found in candidates:
        price = following(before, found.form)
        if found.char in own:
            price = with_own(price, own[found.char], total)
        if found.char in bare:
            price += bare[found.char]
        out.append((now + price, found))
    return out


def _link(walk: Walk, found: Candidate, price: float) -> _Link:
    return _Link(price, found.trail, found.char, found.form, walk.tail[1:] + found.form, None)


def _first(walk: Walk) -> list[_Link]:
    return [_link(walk, one, price) for price, one in _priced(walk, led_before_loss(walk.pending or 0))]


def _forms(close: Close) -> str:
    return "".join(sorted({one.form for one in close.endings}))


@lru_cache(maxsize=64)
def _leading_to(forms: str) -> tuple[str, ...]:
    """The characters that often stand before one of these."""
    beside = _beside(forms)
    met = ((form, first_of(beside, form)) for form in islice(bridges(), _LEADING))
    found = [(alone(form) + (ord(match[2]) - WEIGHT) / 6, form) for form, match in met if match]
    return tuple(form for _cost, form in nsmallest(_LED, found))


def _next(walk: Walk, links: list[_Link], leading: tuple[str, ...] = ()) -> list[_Link]:
    """One character further in a chain: both its bytes are lost, so only common ones are tried."""
    broken, by_form, bare = broken_pairs(), bridges(), walk.seen.bare
    ordered = sorted(links, key=_PRICE)[:_CONTINUED]
    pairs: list[_Tried] = sorted(_tried(ordered), key=_PRICE)[:_LINKED]
    for link in ordered[:_DEEP]:
        leads = broken[link.trail]
        pairs += [(0.0, None, one, link) for form in leading for one in by_form[form] if one.lead in leads]
    found: dict[tuple[str, int], _Link] = {}
    for _price, pair, one, link in pairs:
        if (one.char, id(link)) not in found:
            price = link.price + following(context(link.tail), one.form, pair) + bare.get(one.char, 0.0)
            found[one.char, id(link)] = _Link(price, one.trail, one.char, one.form, link.tail[1:] + one.form, link)
    return list(found.values())


def _tried(links: list[_Link]) -> Iterator[_Tried]:
    """What was seen behind some links, and what is common everywhere."""
    broken, by_form = broken_pairs(), bridges()
    common = [(form, alone(form)) for form in islice(by_form, _COMMONEST)]
    limit = inf
    for at, link in enumerate(links):
        leads, price = broken[link.trail], link.price
        row, if_not = successors(link.form)
        if row and not at:
            limit = price + (ord(row[1]) - WEIGHT) / 6 + _FAR_WITHIN
        for place in range(0, min(len(row), _SUCCESSORS if at < _DEEP else _FEWER), 2):
            pair = (ord(row[place + 1]) - WEIGHT) / 6
            if price + pair > limit:
                break
            for one in by_form.get(row[place], ()):
                if one.lead in leads:
                    yield price + pair, pair, one, link
        for form, rest in common if at < _DEEP else ():
            for one in by_form[form]:
                if one.lead in leads:
                    yield price + if_not + rest, None, one, link


def _joined(walk: Walk, links: list[_Link], close: Close) -> list[tuple[float, Ending, _Link]]:
    """The likeliest ends of the chains."""
    longer = bool(links) and links[0].previous is not None
    bare = {} if close.read else walk.seen.bare
    weighed: list[_Weighed] = []
    for _quick, pair, one, link in _likely(walk, links, close):
        own = following(context(link.tail), one.form, pair)
        said = _said(walk, link)
        if one.char in said:
            own = with_own(own, said[one.char], said[""])
        own += link.price + one.extra + bare.get(one.char, 0.0)
        weighed.append((own + close.cost((link.tail + one.form)[-REACH:]), own, one, link))
    weighed.sort(key=_PRICE)
    if len(weighed) > 1 and weighed[1][0] < weighed[0][0] + _CLEAR:
        weighed = _by_words(walk, weighed, close.right)
    best: dict[tuple[str, int], tuple[float, Ending, _Link]] = {}
    for price, own, one, link in weighed:
        if len(best) == (_KEPT_LONGER if longer else _KEPT) or price > weighed[0][0] + _HOPELESS:
            break
        best.setdefault((one.char, id(link)), (own, one, link))
    return list(best.values())


def _likely(walk: Walk, links: list[_Link], close: Close) -> list[_Likely]:
    """The pairs of a link and an end that are worth weighing, by what stands beside each of the two."""
    broken = broken_pairs()
    bare = {} if close.read else walk.seen.bare
    rests: dict[str, list[tuple[float, Ending]]] = {}
    for one in close.endings:
        rests.setdefault(one.form, []).append((one.rest + bare.get(one.char, 0.0), one))
    beside = _beside("".join(sorted(rests)))
    common = [(one.price + bare.get(one.char, 0.0), one) for one in close.endings[:_COMMON_ENDS]]
    least = min([rest for row in rests.values() for rest, _one in row], default=0.0)
    found: list[_Likely] = []
    ordered = sorted(links, key=_PRICE)[:_LINKED]
    limit = ordered[0].price + _FAR if ordered else 0.0
    dearest = inf
    for at, link in enumerate(ordered):
        price, said = link.price, _said(walk, link)
        if price > limit:
            break
        row, if_not = successors(link.form)
        # A row leads with the likeliest.
        if at >= _JOINED and not said and (not row or price + least + (ord(row[1]) - WEIGHT) / 6 > dearest):
            continue
        leads = broken[link.trail]
        for form, weight in beside.findall(row):
            pair = (ord(weight) - WEIGHT) / 6
            for rest, one in rests[form]:
                quick = price + pair + rest
                if quick <= dearest and one.lead in leads:
                    found.append((quick, pair, one, link))
                    dearest = min(dearest, quick + _QUICK)
        if at < _JOINED:
            fitting = (pair for pair in common if pair[1].lead in leads and pair[1].form not in row)
            found += [(price + if_not + cost, None, one, link) for cost, one in islice(fitting, _ENDS)]
        if said:
            found += [
                (price + rest + with_own(pair_cost(link.form, one.form), said[one.char], said[""]), None, one, link)
                for ends in rests.values()
                for rest, one in ends
                if one.char in said and one.lead in leads
            ]
    found.sort(key=_PRICE)
    return [entry for entry in found[:_WEIGHED] if entry[0] <= found[0][0] + _QUICK]


@lru_cache(maxsize=256)
def _beside(forms: str) -> re.Pattern[str]:
    """What finds any of these characters, and its weight, in a row."""
    return re.compile(f"([{re.escape(forms)}])(.)" if forms else "(?!)()()")


def _said(walk: Walk, link: _Link) -> dict[str, int]:
    """What the text has elsewhere behind the walk's last two characters and a first link; how often."""
    if link.previous is not None:
        return {}
    _total, own = walk.seen.after(walk.raw)
    times = own.get(link.char)
    if times is None:
        return {}
    said = {both[1]: count for both, count in own.items() if len(both) == 2 and both[0] == link.char}
    said[""] = times
    return said


def _by_words(walk: Walk, weighed: list[_Weighed], right: str) -> list[_Weighed]:
    """The same, judged by the words that they make as well where they are close."""
    limit = weighed[0][0] + _CLEAR
    judged = []
    for price, own, one, link in weighed:
        if price > limit:
            break
        raw = walk.raw + _text(link) + one.char + right[:2]
        extra = WORDS_WEIGH * text_cost((walk.tail + forms_of(raw[len(walk.raw) :])).strip("$" + NOWHERE))
        extra -= SAID * walk.seen.has(raw, len(walk.raw), len(raw) - len(right[:2]))
        judged.append((extra, price, own, one, link))
    least = min(entry[0] for entry in judged)
    return sorted(
        ((price + extra - least, own + extra - least, one, link) for extra, price, own, one, link in judged),
        key=_PRICE,
    )


def _text(link: _Link) -> str:
    text = ""
    at: _Link | None = link
    while at is not None:
        text = at.char + text
        at = at.previous
    return text
