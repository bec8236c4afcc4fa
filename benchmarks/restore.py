"""How exact and how fast restoration is, on text polluted in every style, against OpenCC's t2s on the same text.

    python -m benchmarks.restore [--texts FILE.jsonl] [--documents N]

Without a file it takes `../shared/text/policy.jsonl` where that is there, else the texts of the tests. For each style
and each way of converting: the character error rate (Levenshtein distance over the original's length) of restoration
and of t2s alone, the documents that came back exactly, and the time as a multiple of t2s's, all in this process.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from opencc import OpenCC
from rapidfuzz.distance import Levenshtein

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from crawler.restore import restore  # noqa: E402 (the root must be importable first)
from tests.restore.pollution import WAYS, annotate, changed, tear, to_traditional  # noqa: E402
from tests.restore.samples import ALL  # noqa: E402

LONGEST = 20_000
SHARE = 0.45
"""Of a text's traditional characters, how many bear readings: mirrors range from a quarter to nearly all."""


def _clean(text: str, chosen: frozenset[str]) -> str:  # noqa: ARG001 (one signature for all styles)
    return text


def _spaced(text: str, chosen: frozenset[str]) -> str:
    return annotate(text, chosen, toned=False, space=" ")


def _toned(text: str, chosen: frozenset[str]) -> str:
    return annotate(text, chosen, toned=True)


def _torn(text: str, chosen: frozenset[str]) -> str:
    return "\n".join(tear(line, chosen) for line in text.split("\n"))


STYLES: dict[str, Callable[[str, frozenset[str]], str]] = {
    "none": _clean,
    "spaced": _spaced,
    "toned": _toned,
    "torn": _torn,
}


def load(path: Path | None, documents: int) -> list[str]:
    """The texts of a JSONL file (strings), evenly spread, or those of the tests."""
    path = path or ROOT.parent / "shared" / "text" / "policy.jsonl"
    if not path.is_file():
        return list(ALL)
    texts = [json.loads(line)[:LONGEST] for line in path.read_text("utf-8").splitlines()]
    return texts[:: max(1, len(texts) // documents)][:documents]


def timed(work: Callable[[str], str], text: str) -> tuple[str, float]:
    """What it returns and the processor time that it took, in seconds."""
    start = time.process_time()
    result = work(text)
    return result, time.process_time() - start


def main() -> None:
    """Print one line a style and way, and one for text that must stay."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--documents", type=int, default=20)
    args = parser.parse_args()
    originals = load(args.texts, args.documents)
    t2s = OpenCC("t2s")
    for style, pollute in STYLES.items():
        for way in WAYS:
            errors = theirs = length = exact = 0
            ours_time = theirs_time = 0.0
            for number, original in enumerate(originals):
                converted = to_traditional(original, way)
                choose = random.Random(number)
                chosen = frozenset(char for char in changed(converted) if choose.random() < SHARE)
                dirty = pollute(converted, chosen)
                got, seconds = timed(lambda text: restore(text).text, dirty)
                ours_time += seconds
                plain, seconds = timed(t2s.convert, dirty)
                theirs_time += seconds
                errors += Levenshtein.distance(got, original)
                theirs += Levenshtein.distance(plain, original)
                length += len(original)
                exact += got == original
            print(
                f"{style:6} {way:7} CER {100 * errors / length:.4f} % (t2s {100 * theirs / length:.2f} %)"
                f"  exact {exact}/{len(originals)}  time {ours_time / theirs_time:.1f} x t2s"
            )
    stayed = sum(restore(text).text == text for text in originals)
    ours_time = sum(timed(lambda text: restore(text).text, text)[1] for text in originals)
    theirs_time = sum(timed(t2s.convert, text)[1] for text in originals)
    print(f"simplified text unchanged {stayed}/{len(originals)}  time {ours_time / theirs_time:.1f} x t2s")


if __name__ == "__main__":
    main()
