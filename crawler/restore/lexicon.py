"""How likely a run of simplified Chinese is, by the words it falls into.

The word list is one string, all words of a first character side by side, because a Python dictionary of it would take
forty times the memory. See `tools/build_restore_tables.py` for its format and its source.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib.resources import files

LONGEST = 6
SINGLE = 1.0
"""Added for a character that is a word of its own: official prose has fewer than the corpus of the word list."""

_UNKNOWN_HAN = 21.0
_PUNCTUATION = (
    dict(zip("，、。；：“”（）《》", (2.9, 3.5, 3.6, 4.8, 5.0, 5.0, 5.0, 5.2, 5.2, 5.6, 5.6), strict=True))
    | dict.fromkeys(",.;:()%-/ \t", 5.0)
    | dict.fromkeys("0123456789", 4.0)
)
_OTHER_MARK = 9.0
_USUAL_MARKS = frozenset("—…·‘’〈〉【】〔〕％￥①②③④⑤\u3000")
_RARE_MARK = 12.0
_LETTER = 6.0
_STRAY = 16.0


@lru_cache(maxsize=1)
def _words() -> tuple[str, dict[str, tuple[int, int]]]:
    text = gzip.decompress((files("crawler.restore") / "data" / "words.txt.gz").read_bytes()).decode("utf-8")
    index = {}
    start = 0
    while start < len(text):
        end = text.index("\n", start) + 1
        index[text[start]] = (start + 1, end)
        start = end
    return text, index


@lru_cache(maxsize=1)
def _beginnings() -> dict[str, str]:
    """By second character the first ones of all words, each with the weight of the word that the two make."""
    text = gzip.decompress((files("crawler.restore") / "data" / "pairs.txt.gz").read_bytes()).decode("utf-8")
    return {line[0]: line[1:] for line in text.split("\n") if line}


BEGINS = 99.0
"""The price of two characters that are no word, but that longer words begin with."""


def pair(first: str, second: str) -> float | None:
    """The cost of a word of two characters; BEGINS where only longer words begin so; None where none does."""
    row = _beginnings().get(second)
    if row is None:
        return None
    at = row.find(first)
    # Weights stand between the characters: a mark or a letter is none of these.
    if at < 0 or first < "\u3000":
        return None
    weight = ord(row[at + 1])
    return (weight - 33) / 4 if weight < 126 else BEGINS


def before(second: str) -> str:
    """The characters, a weight behind each, that words have before this one in second place."""
    return _beginnings().get(second, "")


@lru_cache(maxsize=1024)
def continued(prefix: str) -> dict[str, float]:
    """What words go on with behind a prefix of two or more characters: by the next one the cost of the word it ends.

    BEGINS where only longer words go on so.
    """
    text, index = _words()
    if pair(prefix[0], prefix[1]) is None:
        return {}
    at, end = index[prefix[0]]
    needle = "|" + prefix[1:]
    found: dict[str, float] = {}
    while (at := text.find(needle, at, end)) >= 0:
        at += len(needle)
        if text[at] > "~":
            weight = ord(text[at + 1])
            # The shorter words come first.
            found.setdefault(text[at], (weight - 33) / 4 if weight < 128 else BEGINS)
    return found


@lru_cache(maxsize=4096)
def cost(word: str) -> float | None:
    """The negative natural logarithm of a word's share of running text; None for what is no word."""
    if len(word) > 1:
        known = pair(word[0], word[1])
        if known is None or len(word) == 2:
            return None if known == BEGINS else known
    text, index = _words()
    span = index.get(word[0])
    if span is None:
        return None
    found = text.find("|" + word[1:], *span)
    if found < 0:
        return None
    weight = ord(text[found + len(word)])
    return (weight - 33) / 4 if weight < 128 else None


@lru_cache(maxsize=4096)
def character_cost(char: str) -> float:
    """The cost of a character that stands alone, of whatever script."""
    if "\u4e00" <= char <= "\u9fff":
        text, index = _words()
        span = index.get(char)
        # The entry of the character itself comes first: nothing but its weight.
        return _UNKNOWN_HAN if span is None else (ord(text[span[0] + 1]) - 33) / 4
    if char in _PUNCTUATION:
        return _PUNCTUATION[char]
    if char.isascii():
        return _LETTER if char.isalnum() else _OTHER_MARK
    if char in _USUAL_MARKS or "\uff00" <= char <= "\uff5e":
        return _OTHER_MARK
    return _RARE_MARK if "\u2000" <= char <= "\u24ff" or "\u3000" <= char <= "\u303f" else _STRAY


def text_cost(text: str) -> float:
    """The cost of the cheapest way to cut a text into words."""
    best = [0.0]
    for end in range(1, len(text) + 1):
        char = text[end - 1]
        cheapest = best[end - 1] + character_cost(char) + (SINGLE if char >= "\u4e00" else 0.0)
        for start in range(max(0, end - LONGEST), end - 1):
            price = cost(text[start:end]) if "\u4e00" <= text[start] <= "\u9fff" else None
            if price is not None and best[start] + price < cheapest:
                cheapest = best[start] + price
        best.append(cheapest)
    return best[-1]
