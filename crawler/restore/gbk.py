"""GBK, the two-byte code in which mirrors insert readings.

A character is a lead byte 0x81-0xFE and a trail byte 0x40-0x7E or 0x80-0xFE. Trail bytes below 0x80 are ASCII letters
and some marks: a decoder that lost its step finds it again there.
"""

from __future__ import annotations

from functools import lru_cache

LEADS = range(0x81, 0xFF)
TRAILS = (*range(0x40, 0x7F), *range(0x80, 0xFF))


@lru_cache(maxsize=512)
def character(lead: int, trail: int) -> str | None:
    """The character of two bytes; None where they make none (private use and holes of the code included)."""
    try:
        text = bytes((lead, trail)).decode("gbk")
    except UnicodeDecodeError:
        return None
    return text if len(text) == 1 else None


@lru_cache(maxsize=1024)
def code(char: str) -> tuple[int, int] | None:
    """The two bytes of a character; None for ASCII and for what GBK cannot write."""
    try:
        raw = char.encode("gbk")
    except UnicodeEncodeError:
        return None
    return (raw[0], raw[1]) if len(raw) == 2 else None


# Each trail byte behind a place for the lead byte, in a line of its own: a line feed is no trail byte.
_LEAD_HERE = b"\x01"
_PAIRS = b"\n".join(_LEAD_HERE + bytes((trail,)) for trail in TRAILS)


def row(lead: int) -> list[tuple[int, str]]:
    """All characters of a lead byte, each with its trail byte."""
    lines = _PAIRS.replace(_LEAD_HERE, bytes((lead,))).decode("gbk", "replace").split("\n")
    # What makes no character leaves a line that is not one character.
    return [pair for pair in zip(TRAILS, lines, strict=True) if len(pair[1]) == 1 and pair[1] != "\ufffd"]
