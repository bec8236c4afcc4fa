"""Traditional characters to simplified ones."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

from opencc import OpenCC

from crawler.restore.lexicon import text_cost

_SURROGATE = re.compile("([\ud800-\udfff]+)")
_REACH = 4


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC(str(files("crawler.restore") / "data" / "simplify.json"))


def to_simplified(text: str) -> str:
    """Convert word by word, one character for one character; what cannot be UTF-8 stays as it is."""
    try:
        return str(_converter().convert(text))
    except UnicodeEncodeError:
        parts = _SURROGATE.split(text)
        parts[::2] = [_converter().convert(part) for part in parts[::2]]
        return "".join(parts)


@lru_cache(maxsize=8192)
def simple(char: str) -> str:
    """The simplified form of one character."""
    return to_simplified(char)


def settle_zhe(text: str) -> str:
    """Turn 著 to 着 where it is the particle. Only for text that knows no 着 of its own: there each 著 is meant."""
    if "著" not in text or "着" in text:
        return text
    parts = text.split("著")
    out = [parts[0]]
    for before, after in zip(parts, parts[1:], strict=False):
        left, right = before[-_REACH:], after[:_REACH]
        out.append("著" if text_cost(f"{left}著{right}") < text_cost(f"{left}着{right}") else "着")
        out.append(after)
    return "".join(out)
