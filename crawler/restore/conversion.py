"""Traditional characters to simplified ones."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

from opencc import OpenCC

from crawler.restore.lexicon import character_cost, cost, text_cost

_SURROGATE = re.compile("([\ud800-\udfff]+)")

# Words of up to four characters decide.
_REACH = 3

# How much likelier (natural logarithm) another form must make the words around than the usual one: of the order of the
# cost's own error. A character that is also good simplified Chinese in its place needs more.
_MARGIN = 0.5
_OWN_MARGIN = 1.0
_BOTH_MARGIN = 4.0


# Converters merge these with their usual form everywhere or nowhere. A text that has both was not merged.
_MERGED = "著拚"


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC(str(files("crawler.restore") / "data" / "simplify.json"))


@lru_cache(maxsize=1)
def _ambiguous() -> dict[str, str]:
    text = (files("crawler.restore") / "data" / "ambiguous.txt").read_text("utf-8")
    return dict(line.split("\t") for line in text.splitlines())


def characters_simplified(text: str) -> str:
    """Convert one character to one character; what cannot be UTF-8 stays as it is."""
    try:
        return str(_converter().convert(text))
    except UnicodeEncodeError:
        parts = _SURROGATE.split(text)
        parts[::2] = [_converter().convert(part) for part in parts[::2]]
        return "".join(parts)


@lru_cache(maxsize=2048)
def simple(char: str) -> str:
    """The simplified form of one character, the usual one where there are several."""
    forms = _ambiguous().get(char)
    return forms[0] if forms else characters_simplified(char)


@lru_cache(maxsize=1)
def _ambiguous_place() -> re.Pattern[str]:
    return re.compile(f"[{''.join(_ambiguous())}]")


def settle(text: str) -> str:
    """Give each ambiguous character the form that suits the words around, in a text that is simplified otherwise."""
    pieces: list[str] = []
    at = 0
    settled = ""
    for match in _ambiguous_place().finditer(text):
        place = match.start()
        settled = (settled + text[max(at, place - _REACH) : place])[-_REACH:]
        # Hard line breaks fall into words.
        left, right = settled.replace("\n", ""), text[place + 1 : place + 1 + _REACH].replace("\n", "")
        char, forms = text[place], _ambiguous()[text[place]]
        usual, margin = forms[0], _MARGIN
        if usual == char or (char in _MERGED and usual in text):
            margin = _OWN_MARGIN if usual == char else _BOTH_MARGIN
            usual = char
        chosen = _choose(left, usual, forms, right, margin)
        pieces += (text[at:place], chosen)
        settled += chosen
        at = place + 1
    pieces.append(text[at:])
    return "".join(pieces)


def _is_word(text: str) -> bool:
    return len(text) > 1 and cost(text) is not None


@lru_cache(maxsize=4096)
def _choose(left: str, usual: str, forms: str, right: str, margin: float) -> str:
    """The form that makes the likeliest words; the usual one unless another beats it by the margin.

    Standing alone, all forms count alike: how common a character is elsewhere says nothing about this place.
    """
    joined = [form for form in forms if _is_word(left[-1:] + form) or _is_word(form + right[:1])]
    if joined == [usual]:
        return usual
    best, lowest = usual, 0.0
    given = text_cost(left + usual + right)
    for form in forms:
        if form == usual:
            continue
        alone = max(0.0, character_cost(usual) - character_cost(form))
        gain = text_cost(left + form + right) - given + alone + margin
        if gain < lowest:
            best, lowest = form, gain
    return best
