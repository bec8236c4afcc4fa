"""Every page of tests/pages is read into exactly its golden article, however its classes are called."""

import json
import random
import re
from dataclasses import asdict
from pathlib import Path

import pytest

from crawler.reading import read

PAGES = Path(__file__).resolve().parent.parent / "pages"
HTML = sorted(PAGES.glob("*.html"))
_NAMES = re.compile(r"\b(class|id)=(\"[^\"]*\"|'[^']*'|[^\s>\"']+)", re.IGNORECASE)


def golden(page: Path) -> tuple[str, dict[str, object]]:
    expected = page.with_suffix(".golden.json")
    assert expected.is_file(), f"{expected.name} is missing: write down what the page says"
    told = json.loads(expected.read_text("utf-8"))
    return told["url"], told["article"]


def as_json(page: bytes, url: str) -> object:
    return json.loads(json.dumps(asdict(read(page, url)), ensure_ascii=False))


def renamed(html: str, seed: int) -> str:
    """The page with every class and id renamed at random."""
    rng = random.Random(seed)
    return _NAMES.sub(lambda m: f'{m[1]}="x{rng.randrange(10**9)}"', html)


def test_there_are_pages_and_no_orphans() -> None:
    assert len(HTML) >= 12
    assert {p.name.removesuffix(".golden.json") for p in PAGES.glob("*.json")} == {p.stem for p in HTML}


@pytest.mark.parametrize("page", HTML, ids=lambda p: p.stem)
def test_a_page_is_read_as_its_golden_article(page: Path) -> None:
    url, expected = golden(page)
    assert as_json(page.read_bytes(), url) == expected


@pytest.mark.parametrize("page", HTML, ids=lambda p: p.stem)
def test_names_of_classes_do_not_matter(page: Path) -> None:
    url, expected = golden(page)
    assert as_json(renamed(page.read_text("utf-8"), 7).encode(), url) == expected


@pytest.mark.parametrize(
    ("stored", "mark"),
    [("gb18030", b""), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("utf-8", b"\xef\xbb\xbf")],
)
def test_encodings_do_not_matter(stored: str, mark: bytes) -> None:
    page = PAGES / "trs-news-migrated.html"
    url, expected = golden(page)
    html = page.read_text("utf-8")
    if stored == "gb18030":
        html = html.replace('charset="utf-8"', 'charset="gb2312"')
    assert as_json(mark + html.encode(stored), url) == expected
