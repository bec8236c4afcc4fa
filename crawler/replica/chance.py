"""Chance that depends on nothing but its name."""

from __future__ import annotations

from hashlib import blake2b


def draw(*name: object) -> float:
    """A number from 0 up to 1; the same for the same name, unrelated for any other (a checksum would be linear)."""
    digest = blake2b("|".join(map(str, name)).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / (1 << 64)
