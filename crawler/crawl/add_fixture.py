"""Pages of a look at a portal as fixtures: each page as it came, beside it a draft of what should be read from it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from crawler.exceptions import NoArticleError, StorageError
from crawler.listing import read_list
from crawler.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crawler.crawl.add_draft import Survey

LISTS, PAGES = "lists", "pages"
"""Folders, called as those of the tests that the files go into."""


def save_fixture(survey: Survey, folder: Path) -> list[Path]:
    """Write the lists and the article of a survey below a folder; the files written, pages before their drafts.

    A draft is what is read from the saved bytes alone, as the tests read them, without headers or a portal file.

    Raises:
        StorageError: a file cannot be written.

    """
    written = []
    for path, content in _files(survey, folder):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(content)
        except OSError as error:
            raise StorageError(f"{path}: cannot be written: {error.strerror}") from error
        written.append(path)
    return written


def _files(survey: Survey, folder: Path) -> Iterator[tuple[Path, bytes]]:
    name = survey.draft.id
    for section, draft in zip(survey.sections, survey.draft.sections, strict=True):
        if section.reason is None:
            body, stem = section.fetched.body, f"{name}-{draft.id}"
            yield folder / LISTS / f"{stem}{_suffix(body)}", body
            yield folder / LISTS / f"{stem}.golden.json", _json(_list(body, section.fetched.url))
    if survey.sample is not None:
        body, url = survey.sample.fetched.body, survey.sample.fetched.url
        yield folder / PAGES / f"{name}-article.html", body
        try:
            yield (
                folder / PAGES / f"{name}-article.golden.json",
                _json({"url": url, "article": asdict(read(body, url))}),
            )
        except NoArticleError:  # only its headers told the encoding
            return


def _list(body: bytes, url: str) -> dict[str, Any]:
    page = read_list(body, url)
    entries = [asdict(entry) for entry in page.entries]
    return {"url": url, "entries": entries, "next_url": page.next_url, "total": page.total, "pages": page.pages}


def _suffix(body: bytes) -> str:
    head = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:5].lower()
    if head[:1] in {b"{", b"["}:
        return ".json"
    if head == b"<?xml":
        return ".xml"
    return ".html" if head[:1] == b"<" else ".js"


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")
