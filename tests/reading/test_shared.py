"""The seed texts and the real pages, which live beside the repository; skipped where they are absent."""

import contextlib
import json
import random
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from crawler.exceptions import NoArticleError
from crawler.items import Article
from crawler.reading import read, read_text

_NAMES = re.compile(rb"\b(class|id)\s*=\s*(\"[^\"]*\"|'[^']*')", re.IGNORECASE)


@pytest.mark.parametrize("name", ["mirror-toned", "mirror-toneless"])
def test_a_seed_becomes_exactly_its_expected_record(shared: Path, name: str) -> None:
    expected = json.loads((shared / "seeds" / f"{name}.expected.json").read_text("utf-8"))
    article = read_text((shared / "seeds" / f"{name}.txt").read_text("utf-8"))
    for field in ("title", "published_at", "source", "body"):
        assert getattr(article, field) == expected[field]
    assert list(article.authors) == expected["authors"]
    assert list(article.breadcrumbs) == expected["breadcrumbs"]


def flat(text: str | None) -> str:
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def body_f1(got: str | None, want: str) -> float:
    a, b = (Counter(t[i : i + 3] for i in range(max(len(t) - 2, 1))) for t in (flat(got), flat(want)))
    return 2 * sum((a & b).values()) / (sum(a.values()) + sum(b.values()))


def right(article: Article, truth: dict[str, str]) -> bool:
    return (
        flat(article.title) == flat(truth["title"])
        and (article.published_at or "")[:10] == (truth["publish_date"] or "")[:10]
        and flat(article.source) == flat(truth["source"])
        and body_f1(article.body, truth["body"]) >= 0.95
    )


def renamed(page: bytes) -> bytes:
    rng = random.Random(5)
    if page.startswith(b"\xff\xfe"):
        return page
    return _NAMES.sub(lambda m: m[1] + b'="n%d"' % rng.randrange(10**9), page)


@pytest.mark.parametrize("rename", [False, True])
def test_real_pages_are_right_however_their_classes_are_called(shared: Path, rename: bool) -> None:  # noqa: FBT001
    verdicts = {}
    for path in sorted((shared / "pages" / "truth").glob("*.json")):
        page = next((shared / "pages" / "raw").glob(f"{path.stem}.*")).read_bytes()
        try:
            article = read(renamed(page) if rename else page)
        except NoArticleError:
            article = Article()
        verdicts[path.stem] = right(article, json.loads(path.read_text("utf-8")))
    wrong = [name for name, good in verdicts.items() if not good]
    assert len(wrong) <= 0.07 * len(verdicts), wrong


def test_list_pages_are_no_articles(shared: Path) -> None:
    pages = [p for p in sorted((shared / "pages" / "lists" / "raw").glob("*.html")) if p.stem not in {"L05", "L06"}]
    read_as_articles = []
    for page in pages:
        with contextlib.suppress(NoArticleError):
            read_as_articles.append((page.stem, read(page.read_bytes())))
    assert not read_as_articles
