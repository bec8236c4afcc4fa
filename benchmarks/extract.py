"""Time and accuracy of reading articles, interleaved in one process: ours, lxml.html's parse alone, and others.

    python -m benchmarks.extract [--pages ../shared/pages] [--rounds 15]

Every round runs every reader over every page with a truth, page by page in turn; of each page the best round of each
reader counts, in CPU time. trafilatura, GNE and htmldate are compared where they can be imported; they are no
dependency of this project (`pip install trafilatura lxml_html_clean gne htmldate` in an environment of its own). What a
reader does not give is left out of its line.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lxml.html  # type: ignore[import-untyped]
from selectolax.lexbor import LexborHTMLParser

from crawler.exceptions import NoArticleError
from crawler.extract import extract
from crawler.reading import read
from crawler.text.decode import decode
from crawler.text.page import parse_page

Reader = Callable[[bytes, str], Any]


def flat(text: str | None) -> str:
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def body_f1(got: str | None, want: str) -> float:
    a, b = (Counter(t[i : i + 3] for i in range(max(len(t) - 2, 1))) for t in (flat(got), flat(want)))
    shared = sum((a & b).values())
    return 2 * shared / (sum(a.values()) + sum(b.values()))


def ours(page: bytes, _: str) -> dict[str, str | None]:
    try:
        article = read(page)
    except NoArticleError:
        return {}
    return {"title": article.title, "date": article.published_at, "source": article.source, "body": article.body}


def readers() -> dict[str, Reader]:
    """Every reader that can run here; they get the page's bytes and its text."""
    found: dict[str, Reader] = {
        "lxml.html parse": lambda _, text: lxml.html.document_fromstring(text),
        "lexbor parse": lambda _, text: LexborHTMLParser(text),
        "decode + parse": lambda page, _: parse_page(page),
        "decode + parse + extract": lambda page, _: extract(parse_page(page)),
        "ours (with restoration)": ours,
    }
    for name, make in PEERS.items():
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            print(f"{name} is not compared: {error}")
        else:
            found[name] = make(module)
    return found


def _trafilatura(module: Any) -> Reader:
    def run(_: bytes, text: str) -> dict[str, str | None]:
        got = json.loads(module.extract(text, output_format="json", with_metadata=True, include_comments=False) or "{}")
        return {
            "title": got.get("title"),
            "date": got.get("date"),
            "source": got.get("sitename"),
            "body": got.get("text"),
        }

    return run


def _gne(module: Any) -> Reader:
    extractor = module.GeneralNewsExtractor()

    def run(_: bytes, text: str) -> dict[str, str | None]:
        got = extractor.extract(text)
        return {"title": got["title"], "date": got["publish_time"], "source": None, "body": got["content"]}

    return run


def _htmldate(module: Any) -> Reader:
    return lambda _, text: {"date": module.find_date(text)}


PEERS: dict[str, Callable[[Any], Reader]] = {"trafilatura": _trafilatura, "gne": _gne, "htmldate": _htmldate}
SLOW = 0.005
"""Seconds: a reader that takes so long for a page needs only a few rounds, its noise is small beside it."""
SLOW_ROUNDS = 2
FIELDS = ("title", "date", "source", "body", "right")
GIVES = {"gne": ("title", "date", "body"), "htmldate": ("date",)}
"""What the readers give that do not give everything."""


def accuracy(name: str, reader: Reader, pages: list[tuple[bytes, str, dict[str, Any]]]) -> str:
    """Share of pages with the right title, date and source, mean F1 of the body, share of pages right in all four."""
    tally: dict[str, float] = defaultdict(float)
    for page, text, truth in pages:
        try:
            got = reader(page, text) or {}
        except Exception as error:  # noqa: BLE001 - other people's readers fail as they like
            print(f"  failed on a page: {error!r:.80}")
            got = {}
        verdict = {
            "title": flat(got.get("title")) == flat(truth["title"]),
            "date": (got.get("date") or "")[:10] == (truth["publish_date"] or "")[:10],
            "source": flat(got.get("source")) == flat(truth["source"]),
        }
        f1 = body_f1(got.get("body"), truth["body"])
        for field, good in verdict.items():
            tally[field] += good
        tally["body"] += f1
        tally["right"] += f1 >= 0.95 and all(verdict.values())
    return "  ".join(f"{field} {tally[field] / len(pages):.3f}" for field in GIVES.get(name, FIELDS))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "pages")
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    pages = []
    for path in sorted((args.pages / "truth").glob("*.json")):
        page = next((args.pages / "raw").glob(f"{path.stem}.*")).read_bytes()
        pages.append((page, decode(page)[0], json.loads(path.read_text("utf-8"))))
    if not pages:
        raise SystemExit(f"no pages with a truth in {args.pages}: give their folder with --pages")
    size = sum(len(page) for page, *_ in pages) / len(pages)
    print(f"{len(pages)} pages, mean {size / 1000:.0f} kB, best of {args.rounds} rounds")
    found = readers()
    gc.collect()
    gc.freeze()  # as the commands do
    total = dict.fromkeys(found, 0.0)
    for page, text, _truth in pages:
        best = dict.fromkeys(found, float("inf"))
        for turn in range(args.rounds):
            for name, reader in found.items():
                if turn < SLOW_ROUNDS or best[name] < SLOW:
                    best[name] = min(best[name], seconds(reader, page, text))
        for name in found:
            total[name] += best[name]
    unit = total["lxml.html parse"]
    for name, spent in total.items():
        print(f"{name:26s} {spent / len(pages) * 1000:8.3f} ms/page {spent / unit:7.2f} x lxml's parse")
    for name in [name for name in found if name.startswith("ours") or name in PEERS]:
        print(f"{name:26s} {accuracy(name, found[name], pages)}")


def seconds(reader: Reader, page: bytes, text: str) -> float:
    """CPU seconds of one page; what was read is thrown away within them."""
    start = time.process_time()
    try:
        reader(page, text)
    except Exception:  # noqa: BLE001 - told with the accuracy
        return time.process_time() - start
    return time.process_time() - start


if __name__ == "__main__":
    main()
