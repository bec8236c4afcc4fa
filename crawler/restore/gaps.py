"""Fill gaps of one or several pairs of lost bytes with the characters that fit best between what is known around.

Of the characters around a pair the first has its lead byte left and the last its trail byte; what follows the last is
known again. So the search is a short chain. Its links are ranked by what is before them and its ends by what is behind
them; the likeliest of both, and those that often stand side by side, are joined, and the best of these are judged
together with the text on both sides before any walk is continued.
"""

from __future__ import annotations

from heapq import nsmallest
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from crawler.restore.closing import Close, Ending, close_of
from crawler.restore.halves import bridges, broken_pairs, led, led_before_loss
from crawler.restore.lexicon import text_cost
from crawler.restore.ngrams import NOWHERE, WEIGHT, alone, behind, context, following, run_cost, successors
from crawler.restore.walk import MARKED_BARE, REACH, SAID, WORDS_WEIGH, forms_of, with_own

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.restore.halves import Candidate
    from crawler.restore.walk import Walk

# How many links are joined with the likeliest ends whatever stands between, and how many ends each; how many links more
# are joined with those ends alone that were seen behind them.
_JOINED = 6
_ENDS = 4
_SEEN_BESIDE = 4
_WEIGHED = 8
_KEPT = 5
_HOPELESS = 8.0
_KEPT_LONGER = 8
# In the midst of a gap: links continued, how much of the row of what was seen behind each is tried, and common ones.
_CONTINUED = 24
_DEEP = 4
_SUCCESSORS = 600
_FEWER = 60
_COMMONEST = 30
_LINKED = 150
# Ends within this of the best are judged by the words that they make as well.
_CLEAR = 5.0


class _Link(NamedTuple):
    """A chain up to one of its characters: its price, what comes next is judged by, and the chain before it."""

    price: float
    trail: int
    char: str
    form: str
    tail: str
    previous: _Link | None


_Weighed = tuple[float, float, Ending, _Link]
"""The price of a chain with the text behind it, without that, its end and its last link."""


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
    for price, ending, link in _joined(walk, links, close):
        new = _put(walk, link)
        if close.skipped is not None:
            new = new.skip(close.pos, close.skipped)
        new = new.put(ending.char, close.pos, close.pending)
        yield new.dearer(price - new.price)


def swallowed(walk: Walk, end: int, mark: str) -> Iterator[Walk]:
    """The likeliest walks up to `end`, where the last pair is a trail byte and an ASCII character: `mark`."""
    if end == walk.pos + 1:
        links = [_link(walk, one, price) for price, one in ranked(walk)]
    else:
        links = _first(walk)
        for _ in range(end - walk.pos - 1):
            links = _next(walk, links)
    for link in nsmallest(_KEPT, links):
        yield _put(walk, link).put(mark, end, None)


def ranked(walk: Walk) -> list[tuple[float, Candidate]]:
    """The characters that the pending byte may lead, the likeliest behind the walk's words first."""
    return sorted(_priced(walk, led(walk.pending or 0)))


def _priced(walk: Walk, candidates: Iterable[Candidate]) -> list[tuple[float, Candidate]]:
    """The price of the walk with each candidate."""
    now, marked, before = walk.price, walk.seen.marked, context(walk.tail)
    total, own = walk.seen.after(walk.raw)
    out = []
    for found in candidates:
        price = following(before, found.form)
        if found.char in own:
            price = with_own(price, own[found.char], total)
        if found.char in marked:
            price += MARKED_BARE
        out.append((now + price, found))
    return out


def _link(walk: Walk, found: Candidate, price: float) -> _Link:
    return _Link(price, found.trail, found.char, found.form, walk.tail[1:] + found.form, None)


def _put(walk: Walk, link: _Link) -> Walk:
    """The walk continued by a chain, whose last lead byte is not known yet."""
    new = walk.put(_text(link), walk.pos, 0)
    # The price of the chain is the same but for what the text itself told.
    return new.dearer(link.price - new.price)


def _first(walk: Walk) -> list[_Link]:
    return [_link(walk, one, price) for price, one in _priced(walk, led_before_loss(walk.pending or 0))]


def _next(walk: Walk, links: list[_Link]) -> list[_Link]:
    """One character further in a chain: both its bytes are lost, so only common ones are tried."""
    broken = broken_pairs()
    by_form = bridges()
    marked = walk.seen.marked
    common = [(form, alone(form)) for form in list(by_form)[:_COMMONEST]]
    tried: list[tuple[float, Candidate, _Link]] = []
    for at, link in enumerate(nsmallest(_CONTINUED, links)):
        leads, price = broken[link.trail], link.price
        row, if_not = successors(link.form)
        for place in range(0, min(len(row), _SUCCESSORS if at < _DEEP else _FEWER), 2):
            rest = (ord(row[place + 1]) - WEIGHT) / 6
            tried += [(price + rest, one, link) for one in by_form.get(row[place], ()) if one.lead in leads]
        for form, rest in common if at < _DEEP else ():
            tried += [(price + if_not + rest, one, link) for one in by_form[form] if one.lead in leads]
    found: dict[tuple[str, int], tuple[float, Candidate, _Link]] = {}
    for _price, one, link in nsmallest(_LINKED, tried, key=itemgetter(0)):
        price = link.price + behind(link.tail, one.form) + (MARKED_BARE if one.char in marked else 0.0)
        found[one.char, id(link)] = (price, one, link)
    return [
        _Link(price, one.trail, one.char, one.form, link.tail[1:] + one.form, link)
        for price, one, link in found.values()
    ]


def _joined(walk: Walk, links: list[_Link], close: Close) -> list[tuple[float, Ending, _Link]]:
    """The likeliest ends of the chains."""
    longer = bool(links) and links[0].previous is not None
    marked = frozenset() if close.read else walk.seen.marked
    right = forms_of(close.right)
    weighed: list[_Weighed] = []
    for one, link in _likely(walk, links, close, longer=longer):
        own = behind(link.tail, one.form)
        said = _said(walk, link)
        if one.char in said:
            own = with_own(own, said[one.char], said[""])
        own += link.price + one.extra + (MARKED_BARE if one.char in marked else 0.0)
        weighed.append((own + run_cost((link.tail + one.form)[-REACH:], right), own, one, link))
    weighed.sort(key=itemgetter(0))
    if len(weighed) > 1 and weighed[1][0] < weighed[0][0] + _CLEAR:
        weighed = _by_words(walk, weighed, close.right)
    best: dict[tuple[str, int], tuple[float, Ending, _Link]] = {}
    for price, own, one, link in weighed:
        if len(best) == (_KEPT_LONGER if longer else _KEPT) or price > weighed[0][0] + _HOPELESS:
            break
        best.setdefault((one.char, id(link)), (own, one, link))
    return list(best.values())


def _likely(walk: Walk, links: list[_Link], close: Close, *, longer: bool) -> list[tuple[Ending, _Link]]:
    """The pairs of a link and an end that are worth weighing, by what stands beside each of the two."""
    broken = broken_pairs()
    marked = frozenset() if close.read else walk.seen.marked
    rests = [(one.price - alone(one.form) + (MARKED_BARE if one.char in marked else 0.0), one) for one in close.endings]
    found: list[tuple[float, Ending, _Link]] = []
    fits: dict[int, list[tuple[float, Ending]]] = {}
    for at, link in enumerate(nsmallest(_LINKED if longer else _JOINED + _SEEN_BESIDE, links)):
        fitting = fits.get(link.trail)
        if fitting is None:
            leads = broken[link.trail]
            fitting = fits[link.trail] = [pair for pair in rests if pair[1].lead in leads]
        row, if_not = successors(link.form)
        price, said = link.price, _said(walk, link)
        for place, (rest, one) in enumerate(fitting):
            beside = row.find(one.form)
            if beside >= 0 and not beside & 1:
                general = (ord(row[beside + 1]) - WEIGHT) / 6
            elif (place < _ENDS and at < _JOINED) or one.char in said:
                general = if_not + alone(one.form)
            else:
                continue
            if one.char in said:
                general = with_own(general, said[one.char], said[""])
            found.append((price + rest + general, one, link))
    return [(one, link) for _price, one, link in nsmallest(_WEIGHED, found, key=itemgetter(0))]


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
        key=itemgetter(0),
    )


def _text(link: _Link) -> str:
    text = ""
    at: _Link | None = link
    while at is not None:
        text = at.char + text
        at = at.previous
    return text
