"""The peers of `benchmarks.reprints`: MinHashLSH of datasketch and a 64-bit simhash, on the same data and variants.

Needs the extra `bench` (datasketch and the numpy that it brings). Both hash character 3-grams. MinHashLSH has 128
permutations and a threshold of Jaccard .5; a simhash counts as near within 3 bits (Manku, Jain & Sarma 2007).
"""

from __future__ import annotations

import hashlib
import random
import time
from typing import TYPE_CHECKING

import numpy as np  # type: ignore[import-not-found, unused-ignore]
from datasketch import MinHash, MinHashLSH  # type: ignore[import-not-found, unused-ignore]

from benchmarks.reprint_corpus import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.reprint_corpus import Sample

THRESHOLD, PERMUTATIONS, BITS = 0.5, 128, 3


def grams(body: str) -> list[bytes]:
    """The character 3-grams of a body."""
    return [body[at : at + 3].encode() for at in range(max(1, len(body) - 2))]


def minhash(body: str) -> MinHash:
    made = MinHash(PERMUTATIONS)
    made.update_batch(grams(body))
    return made


def simhash(body: str) -> int:
    """64 bits: each is what most of the 3-grams' hashes have there (Charikar 2002)."""
    hashes = b"".join(hashlib.blake2b(gram, digest_size=8).digest() for gram in grams(body))
    bits = np.unpackbits(np.frombuffer(hashes, dtype=np.uint8).reshape(-1, 8), axis=1)
    return int.from_bytes(np.packbits(bits.mean(axis=0) > 0.5).tobytes(), "big")


class Peers:
    """Both indexes over one corpus."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.lsh = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
        start = time.process_time()
        for at, sample in enumerate(samples):
            self.lsh.insert(at, minhash(sample.body))
        self.lsh_ms = (time.process_time() - start) / len(samples) * 1e3
        start = time.process_time()
        self.prints = np.array([simhash(sample.body) for sample in samples], dtype=np.uint64)
        self.simhash_ms = (time.process_time() - start) / len(samples) * 1e3

    def alike(self, body: str) -> set[int]:
        """What MinHashLSH finds, by place in the corpus."""
        return set(self.lsh.query(minhash(body)))

    def near(self, body: str) -> set[int]:
        """What simhash finds."""
        return set(np.flatnonzero(np.bitwise_count(self.prints ^ simhash(body)) <= BITS).tolist())


def report(samples: Sequence[Sample], chosen: Sequence[Sample]) -> None:
    """Print recall a variant and how many of the originals are taken for a reprint of another article."""
    peers = Peers(samples)
    places = {sample.number: at for at, sample in enumerate(samples)}
    print(f"\npeers over the same {len(samples)} articles; {len(chosen)} originals")
    print(f"MinHashLSH: {peers.lsh_ms:.1f} ms an article to hash and insert; simhash: {peers.simhash_ms:.1f} ms")
    notices = [sample for sample in chosen if sample.family >= 0]
    for name, find in (("MinHashLSH", peers.alike), ("simhash", peers.near)):
        wrong = [len(find(sample.body) - {places[sample.number]}) for sample in notices]
        print(
            f"{name}: {sum(map(bool, wrong))} of {len(notices)} notices taken for another one, "
            f"{sum(wrong) / max(1, len(notices)):.0f} others found for each"
        )
    print(f"{'variant':28} {'MinHashLSH':>11} {'simhash':>8}")
    rng = random.Random(17)
    for variant, change in VARIANTS.items():
        copies = [(places[sample.number], change(rng, sample).body) for sample in chosen]
        alike = sum(at in peers.alike(body) for at, body in copies) / len(copies)
        near = sum(at in peers.near(body) for at, body in copies) / len(copies)
        print(f"{variant:28} {alike:11.3f} {near:8.3f}", flush=True)
