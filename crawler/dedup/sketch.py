"""What an article is looked up by: hashes of its clauses, in an order that every copy agrees on."""

from __future__ import annotations

from zlib import adler32, crc32

from crawler.dedup.clauses import split

MIN_CLAUSE = 7
"""Characters: shorter clauses are phrases that thousands of articles share."""
MIN_CHARACTERS = 40
"""Characters in such clauses below which an article is compared by its exact content alone: it says too little."""
MAX_SKETCH = 256
"""Hashes of an article that are looked up at most; a store looks up the first dozen and goes on only where these are
those of a family of notices."""


def sketch(body: str | None) -> tuple[int, ...]:
    """48-bit hashes of a body's clauses, ascending; empty for a body that says too little.

    The lowest hashes of a text are a random sample of its clauses, and the same sample in every copy that keeps them
    (bottom-k sketch: Cohen & Kaplan 2007). CRC-32 gives the order, Adler-32 the low bits: a clause costs 0.5 µs, a
    third of what a cryptographic hash does, and a collision costs one comparison of two texts.
    """
    if not body:
        return ()
    chosen = {clause for clause in split(body) if len(clause) >= MIN_CLAUSE}
    if sum(map(len, chosen)) < MIN_CHARACTERS:
        return ()
    hashes = sorted({crc32(data) << 16 | adler32(data) & 0xFFFF for data in map(str.encode, chosen)})
    return tuple(hashes[:MAX_SKETCH])
