"""Walks that cost nearly the same, judged by the words that they make and by what the text has elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.restore.lexicon import text_cost
from crawler.restore.patterns import PLAIN
from crawler.restore.walk import SAID, WORDS_WEIGH, forms_of

if TYPE_CHECKING:
    from crawler.restore.walk import Walk

# How far from the place where two texts differ words may reach.
_REACH = 4


def by_words(priced: list[tuple[float, Walk]], line: str, context: str) -> Walk:
    """The best of some walks with their prices, where `context` stands before all of them."""
    texts = [context + _read(walk, line) for _price, walk in priced]
    left = _alike(texts)
    right = min(_alike([text[::-1] for text in texts]), min(map(len, texts)) - left)
    best, lowest = priced[0][1], None
    for text, (price, walk) in zip(texts, priced, strict=True):
        end = len(text) - right
        words = text_cost(forms_of(text[max(0, left - _REACH) : end + _REACH]))
        total = price + WORDS_WEIGH * words - SAID * walk.seen.has(text, left, end)
        if lowest is None or total < lowest:
            best, lowest = walk, total
    return best


def _alike(texts: list[str]) -> int:
    """How many characters all of them begin with."""
    size = 0
    for chars in zip(*texts, strict=False):
        if len(set(chars)) > 1:
            break
        size += 1
    return size


def _read(walk: Walk, line: str) -> str:
    """The text that a walk made of the line from its first tear to a little behind its place."""
    out = ""
    at = walk.tears[0].start if walk.tears else walk.pos
    for tear in walk.tears:
        out += PLAIN.sub("", line[at : tear.start]) + tear.restored
        at = tear.end
    return out + PLAIN.sub("", line[at : walk.pos + _REACH])
