"""Every page of tests/lists is read as its golden file says; fields that a golden file lacks are not compared."""

import json
from pathlib import Path
from typing import Any

import pytest

from crawler.listing import read_list

LISTS = Path(__file__).resolve().parent.parent / "lists"
GOLDENS = sorted(LISTS.glob("*.golden.json"))
PAGES = sorted(p for p in LISTS.iterdir() if not p.name.endswith(".golden.json"))


def page_of(golden: Path) -> Path:
    name = golden.name.removesuffix(".golden.json")
    return next(p for p in PAGES if p.stem == name)


def test_every_page_has_its_golden_file() -> None:
    assert {p.stem for p in PAGES} == {g.name.removesuffix(".golden.json") for g in GOLDENS}
    assert len(GOLDENS) > 80


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda g: g.name.removesuffix(".golden.json"))
def test_golden(golden: Path) -> None:
    want: dict[str, Any] = json.loads(golden.read_text("utf-8"))
    page = read_list(page_of(golden).read_bytes(), want["url"])
    assert [
        {"url": e.url, "title": e.title, "published_at": e.published_at, "form": e.form} for e in page.entries
    ] == want["entries"]
    for name in ("next_url", "total", "pages", "interface"):
        if name in want:
            assert getattr(page, name) == want[name], name
    assert bool(page.entries) or page.reason
