"""The large tables, read so that nothing is left of the reading: what is read at once leaves holes in memory that stay.

They lie uncompressed, so that the first torn text does not wait for them; a wheel compresses them all the same.
"""

from __future__ import annotations

from array import array
from codecs import getincrementaldecoder
from functools import partial
from importlib.resources import as_file, files

_PIECE = 1 << 15


def text_of(name: str) -> str:
    """A text file."""
    decode = getincrementaldecoder("utf-8")().decode
    with as_file(files("crawler.restore") / "data" / name) as path, path.open("rb") as table:
        return "".join([decode(piece) for piece in iter(partial(table.read, _PIECE), b"")])


def words_of(name: str) -> array[int]:
    """A file of unsigned integers of 32 bits, as they are in it."""
    with as_file(files("crawler.restore") / "data" / name) as path, path.open("rb") as table:
        found = array("I", (0,)) * (path.stat().st_size // array("I").itemsize)
        table.readinto(found)
    return found


def line_starts(text: str) -> array[int]:
    """For each character (of the Basic Multilingual Plane) where the line that it leads goes on; 0 where none does."""
    starts = array("I", bytes(4 * 0x10000))
    start, size = 0, len(text)
    while start < size:
        code = ord(text[start])
        start += 1
        if code < 0x10000:
            starts[code] = start
        start = text.index("\n", start) + 1
    return starts
