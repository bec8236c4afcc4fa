"""Pollute simplified Chinese the ways that mirror pages were seen to do it. Everything is decided by the arguments."""

from functools import lru_cache
from typing import Literal

from opencc import OpenCC
from pypinyin import Style, pinyin

Way = Literal["s2t", "s2tw", "s2hk", "over", "sparing"]
WAYS: tuple[Way, ...] = ("s2t", "s2tw", "s2hk", "over", "sparing")

# A converter without words takes one traditional character for all senses (局麵, 曆史), another leaves half of them.
_OVER = dict(zip("面系制历复干于里后准为众", "麵係製曆複幹於裏後準為眾", strict=True))
_SPARED = frozenset("后范制征布里于面系历复余郁谷")


@lru_cache(maxsize=8)
def _converter(name: str) -> OpenCC:
    return OpenCC(name)


def to_traditional(text: str, way: Way) -> str:
    """Convert as a mirror does: with OpenCC's phrases, or character by character."""
    if way in {"s2t", "s2tw", "s2hk"}:
        return str(_converter(way).convert(text))
    single = _converter("s2t").convert
    if way == "over":
        return "".join(_OVER.get(char) or str(single(char)) for char in text)
    return "".join(char if char in _SPARED else str(single(char)) for char in text)


def reading(char: str, *, toned: bool) -> str:
    """A character's own reading, whatever the word."""
    return str(pinyin(char, style=Style.TONE if toned else Style.NORMAL)[0][0])


def changed(text: str) -> list[str]:
    """The traditional characters of a text, each once."""
    simple = _converter("t2s").convert
    return sorted({char for char in text if "\u4e00" <= char <= "\u9fff" and simple(char) != char})


def annotate(text: str, chosen: frozenset[str], *, toned: bool, space: str = "", twice: bool = False) -> str:
    """Put its reading behind every chosen character, and a space behind each reading where the style has one."""
    out = []
    for char in text:
        out.append(char)
        if char in chosen:
            out.append(f"({reading(char, toned=toned)})" * (2 if twice else 1) + space)
    return "".join(out)


def tear(line: str, chosen: frozenset[str]) -> str:
    """Insert toned readings into the GBK bytes of a line wherever the bytes of a chosen character stand, then decode.

    A reader that meets a lead byte with no fitting trail byte drops both and writes one question mark.
    """
    raw = line.encode("gbk", "replace")
    inserts: dict[int, bytes] = {}
    for char in chosen:
        key = char.encode("gbk")
        at = raw.find(key)
        while at >= 0:
            inserts[at + 2] = f"({reading(char, toned=True)})".encode("gbk")
            at = raw.find(key, at + 1)
    pieces = []
    last = 0
    for at in sorted(inserts):
        pieces += [raw[last:at], inserts[at]]
        last = at
    return _lenient(b"".join([*pieces, raw[last:]]))


def _lenient(raw: bytes) -> str:
    out = []
    at = 0
    while at < len(raw):
        size = 1 if raw[at] < 0x80 else 2
        try:
            out.append(raw[at : at + size].decode("gbk"))
        except UnicodeDecodeError:
            out.append("?")
        at += size
    return "".join(out)
