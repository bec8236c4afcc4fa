"""Show a text as mirror sites do: in traditional characters, with the readings of some of them in parentheses.

Four styles were observed. `spaced`: toneless, a space after it, every character whose simplified form comes before
U+51B4; `toned`: tone marks, every occurrence of a fixed set of characters; `random`: toneless, some occurrences only,
unchanged characters too, now and then doubled; `torn`: as `toned`, but inserted into the GBK bytes wherever they match,
aligned or not.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources
from typing import Final

from opencc import OpenCC

from crawler.replica.chance import draw

_LAST_SPACED: Final = 0x51B3
_TONED_SHARE: Final = 0.45
_RANDOM_SHARE: Final = 0.25
_DOUBLED_SHARE: Final = 0.05


def pollute(text: str, style: str, seed: str) -> str:
    """`text` as a mirror prints it; the same characters are marked in every text of one `seed`."""
    converted = _converter().convert(text)
    if len(converted) != len(text):
        converted = "".join(_converter().convert(char) for char in text)
    if style == "torn":
        return "\n".join(_tear(line, seed, text) for line in converted.split("\n"))
    out: list[str] = []
    for at, (plain, char) in enumerate(zip(text, converted, strict=True)):
        out.append(char)
        reading = readings().get(char)
        if reading is None:
            continue
        changed = plain != char
        if style == "spaced" and changed and ord(plain) <= _LAST_SPACED:
            out.append(f"({toneless(reading)}) ")
        elif style == "toned" and changed and draw(seed, char) < _TONED_SHARE:
            out.append(f"({reading})")
        elif style == "random" and (drawn := draw(seed, at, char)) < _RANDOM_SHARE:
            out.append(f"({toneless(reading)})" * (2 if drawn < _DOUBLED_SHARE * _RANDOM_SHARE else 1))
    return "".join(out)


def _tear(line: str, seed: str, plain: str) -> str:
    raw = line.encode("gbk", "replace")
    for char in sorted(set(line) - set(plain)):
        reading = readings().get(char)
        if reading is None or draw(seed, char) >= _TONED_SHARE:
            continue
        key = char.encode("gbk", "replace")
        raw = raw.replace(key, key + f"({reading})".encode("gbk", "replace")) if key != b"?" else raw
    return _decode_leniently(raw)


def _decode_leniently(raw: bytes) -> str:
    """Decode pair by pair; a pair that is no character becomes one question mark."""
    out, at = [], 0
    while at < len(raw):
        width = 1 if raw[at] < 0x80 else 2
        out.append(raw[at : at + width].decode("gbk", "replace").replace("�", "?")[:1])
        at += width
    return "".join(out)


@cache
def _converter() -> OpenCC:
    return OpenCC("s2t")


@cache
def readings() -> dict[str, str]:
    """The first reading of a character, with its tone mark; the table is made by tests/replica/test_pollution.py."""
    table = resources.files("crawler.replica").joinpath("data/readings.txt").read_text(encoding="utf-8")
    return {
        char: reading for reading, _, chars in (line.partition(" ") for line in table.splitlines()) for char in chars
    }


@cache
def toneless(reading: str) -> str:
    """A reading without its tone mark; ü stays."""
    parts = unicodedata.normalize("NFD", reading)
    return unicodedata.normalize("NFC", "".join(char for char in parts if not _is_tone(char)))


def _is_tone(char: str) -> bool:
    return char in "\u0300\u0301\u0304\u030c"
