"""How pages are compressed, and told from each other.

Zstd at level 1, a frame a page. Of 65 real pages, per 85 kB of a page: zlib-1 624 µs and 3.6 times smaller; zstd 3
181 µs and 3.95; zstd 1 155 µs and 3.7; zstd -1 123 µs and 3.2; zstd -5 102 µs and 2.8; the `zstandard` package the same
within 5 %. In the writer's thread, on pages that no cache holds, levels 1, -1 and -5 cost the same. Pages of a host and
of similar size share most of their bytes, so each is compressed with an earlier one of the same pack as its dictionary
(its base): a fifth less CPU in all, 12 times smaller instead of 5 on 700 pages of the replica. Equal bodies are found
by two CRCs (of all and of the end) and the length, and then compared: SHA-256 takes 48 µs, the CRCs 14.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections import OrderedDict
from typing import NamedTuple

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL = 1
BASES = 48
"""Bases of which the tables are kept, about 250 kB each."""
MAX_BASE = 98_304
"""Bytes of a page that serve as a base: the mean page is smaller."""
MIN_BASE = 1_000
"""Bytes from which a page has anything in common worth its tables."""
ALONE = -1
"""The offset of the base of a frame that has none."""
_DIGEST = struct.Struct("<III")
_TAIL = 4096


def digest(body: bytes) -> bytes:
    """12 bytes that are the same for the same body, and hardly ever for another one."""
    return _DIGEST.pack(zlib.crc32(body), zlib.crc32(body[-_TAIL:]), len(body))


class _Base(NamedTuple):
    """A record of the pack that is being written, and a compressor with its tables."""

    offset: int
    compressor: zstd.ZstdCompressor


class Frames:
    """Compresses the pages of one pack; the first two of a kind alone, the second becomes the base of the next ones."""

    def __init__(self) -> None:
        self._alone = zstd.ZstdCompressor(level=LEVEL)
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._bases: OrderedDict[str, _Base] = OrderedDict()

    def compress(self, kind: str, body: bytes) -> tuple[bytes, int]:
        """A frame, and the offset of its base."""
        base = self._bases.get(kind)
        if base is None:
            return self._alone.compress(body, zstd.ZstdCompressor.FLUSH_FRAME), ALONE
        self._bases.move_to_end(kind)
        return base.compressor.compress(body, zstd.ZstdCompressor.FLUSH_FRAME), base.offset

    def written(self, kind: str, body: bytes, offset: int) -> None:
        """A page was written without a base."""
        if kind not in self._seen:
            self._seen[kind] = None
            if len(self._seen) > 100 * BASES:
                self._seen.popitem(last=False)
        elif len(body) >= MIN_BASE:
            prefix = zstd.ZstdDict(body[:MAX_BASE], is_raw=True)
            compressor = zstd.ZstdCompressor(level=LEVEL, zstd_dict=prefix.as_digested_dict)
            self._bases[kind] = _Base(offset, compressor)
            if len(self._bases) > BASES:
                self._bases.popitem(last=False)
