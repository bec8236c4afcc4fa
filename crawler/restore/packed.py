"""The compressed tables, read piece by piece: what is unpacked at once leaves holes in memory that stay."""

from __future__ import annotations

import gzip
from array import array
from codecs import getincrementaldecoder
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE = 1 << 15


def _pieces(name: str) -> Iterator[bytes]:
    with (files("crawler.restore") / "data" / name).open("rb") as packed, gzip.open(packed) as unpacked:
        while piece := unpacked.read(_PIECE):
            yield piece


def text_of(name: str) -> str:
    """A text file."""
    decode = getincrementaldecoder("utf-8")().decode
    return "".join([decode(piece) for piece in _pieces(name)])


def words_of(name: str) -> array[int]:
    """A file of unsigned integers of 32 bits, as they are in it."""
    found = array("I")
    for piece in _pieces(name):
        found.frombytes(piece)
    return found


def line_starts(text: str) -> array[int]:
    """For each character (of the Basic Multilingual Plane) where the line that it leads goes on; 0 where none does."""
    starts = array("I", bytes(4 * 0x10000))
    start = 0
    while start < len(text):
        if text[start] < "\U00010000":
            starts[ord(text[start])] = start + 1
        start = text.index("\n", start) + 1
    return starts
