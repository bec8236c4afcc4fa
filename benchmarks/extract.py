"""Time and accuracy of reading articles, interleaved in one process: ours, lxml.html's parse alone, and others.

    python benchmarks/extract.py [--pages ../shared/pages] [--rounds 9]

Every round runs every reader over every page with a truth; the best round of each counts, in CPU time. trafilatura,
GNE and htmldate are compared where they can be imported (they are no dependency of this project); a missing one is
named.
"""

from __future__ import annotations

import argparse
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
    for name, make in (("trafilatura", _trafilatura), ("gne", _gne), ("htmldate", _htmldate)):
        try:
            module = importlib.import_module(name)
        except ImportError:
            print(f"{name} is not installed: not compared")
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


def accuracy(reader: Reader, pages: list[tuple[bytes, str, dict[str, Any]]]) -> str:
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
        for name, good in verdict.items():
            tally[name] += good
        tally["body"] += f1
        tally["right"] += f1 >= 0.95 and all(verdict.values())
    return "  ".join(f"{name} {tally[name] / len(pages):.3f}" for name in ("title", "date", "source", "body", "right"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "pages")
    parser.add_argument("--rounds", type=int, default=9)
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
    best = dict.fromkeys(found, float("inf"))
    for _ in range(args.rounds):
        for name, reader in found.items():
            if best[name] > 0.05 * len(pages) and best[name] != float("inf"):
                continue  # a slow reader needs no second round
            start = time.process_time()
            for page, text, _truth in pages:
                try:
                    reader(page, text)
                except Exception:  # noqa: BLE001, S112 - counted as wrong below
                    continue
            best[name] = min(best[name], time.process_time() - start)
    unit = best["lxml.html parse"]
    for name, seconds in best.items():
        print(f"{name:26s} {seconds / len(pages) * 1000:8.3f} ms/page {seconds / unit:7.2f} x lxml's parse")
    for name in [name for name in found if name.startswith("ours") or name in {"trafilatura", "gne", "htmldate"}]:
        print(f"{name:26s} {accuracy(found[name], pages)}")


if __name__ == "__main__":
    main()
