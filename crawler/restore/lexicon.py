"""How likely a run of simplified Chinese is, by the words it falls into.

The word list is one string, all words of a first character side by side, because a Python dictionary of it would take
forty times the memory. See `tools/build_restore_tables.py` for its format and its source.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from crawler.restore.packed import line_starts, text_of

if TYPE_CHECKING:
    from array import array

LONGEST = 6
SINGLE = 1.0
"""Added for a character that is a word of its own: official prose has fewer than the corpus of the word list."""

_UNKNOWN_HAN = 21.0
_PUNCTUATION = (
    dict.fromkeys("，、。；：“”（）《》！？", 5.0)
    | dict.fromkeys(",.;:()%-/ \t!?", 5.0)
    | dict.fromkeys("0123456789", 4.0)
)
_OTHER_MARK = 9.0
_USUAL_MARKS = frozenset("—…·‘’〈〉【】〔〕％￥①②③④⑤\u3000")
_RARE_MARK = 12.0
_LETTER = 6.0
_STRAY = 16.0


@lru_cache(maxsize=1)
def _words() -> tuple[str, array[int]]:
    """The list, and where the words of each character begin; 0 where it begins none."""
    text = text_of("words.txt")
    return text, line_starts(text)


@lru_cache(maxsize=2048)
def cost(word: str) -> float | None:
    """The negative natural logarithm of a word's share of running text; None for what is no word."""
    text, starts = _words()
    start = starts[ord(word[0])] if word[0] < "\U00010000" else 0
    if not start:
        return None
    found = text.find("|" + word[1:], start, text.index("\n", start))
    if found < 0:
        return None
    weight = ord(text[found + len(word)])
    return (weight - 33) / 4 if weight < 128 else None


@lru_cache(maxsize=1024)
def character_cost(char: str) -> float:
    """The cost of a character that stands alone, of whatever script."""
    if "\u4e00" <= char <= "\u9fff":
        text, starts = _words()
        start = starts[ord(char)]
        # The entry of the character itself comes first: nothing but its weight.
        return (ord(text[start + 1]) - 33) / 4 if start else _UNKNOWN_HAN
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
