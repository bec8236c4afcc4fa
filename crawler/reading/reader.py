"""Decode, extract, restore: from what was fetched to an article."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.extract import extract, extract_text, replaced, scan
from crawler.items import Article, Policy, RestorationSummary
from crawler.restore import Restoration, restore
from crawler.text.page import Page, parse_page

if TYPE_CHECKING:
    from crawler.extract import Scan
    from crawler.portals.models import ArticleHints

_SCRIPTS = {
    "en": re.compile(r"[A-Za-z]"),
    "bo": re.compile(r"[\u0f00-\u0fff]"),
    "mn": re.compile(r"[\u1800-\u18af\u0400-\u04ff]"),
    "ug": re.compile(r"[\u0600-\u06ff]"),
}
_HAN = re.compile(r"[\u3400-\u9fff]+")
_SAMPLE = 3000
"""Characters of a body that tell its language."""
_WEIGHT = 5
"""A Chinese character says as much as four to five letters of a word."""


def read(page: bytes, url: str | None = None, content_type: str | None = None) -> Article:
    """The article of a saved or fetched page.

    Args:
        page: the bytes of the page.
        url: its address, to make links absolute.
        content_type: the Content-Type header it came with.

    Raises:
        UnreadablePageError: the bytes hold no page.
        NoArticleError: the page holds no article; the message says what it is instead.

    """
    return read_page(parse_page(page, url, content_type))


def read_page(page: Page, hints: ArticleHints | None = None) -> Article:
    """The article of a parsed page, restored; `hints` are a portal file's selectors for body and title.

    Raises:
        NoArticleError: the page holds no article; the message says what it is instead.

    """
    found = scan(page)
    article, done = _restore(extract(page, hints, found))
    if done.script != "hans":
        # A copy from a mirror: its labels and its headline are polluted too, so restore all texts and extract again.
        article, _ = _restore(extract(page, hints, _restored_scan(found)))
    return replace(article, restoration=_summary(done), language=_language(article.body))


def read_text(text: str) -> Article:
    """The article of a plain text: headline, perhaps breadcrumbs and a line of date and source, body.

    Raises:
        NoArticleError: the text holds none.

    """
    done = restore(text.replace("\r\n", "\n").replace("\r", "\n"))
    article = extract_text(done.text)
    return replace(article, restoration=_summary(done), language=_language(article.body))


def _summary(done: Restoration) -> RestorationSummary:
    return RestorationSummary(
        script=done.script,
        annotations_removed=done.annotations_removed,
        tears_repaired=done.tears_repaired,
        converted=done.converted,
    )


_POLICY = ("index_number", "doc_number", "issuer", "topic", "validity")


def _restore(article: Article) -> tuple[Article, Restoration]:
    """Restore all fields as one text, so that short ones share the verdict of the whole."""
    policy = article.policy
    fields: list[str] = [article.title or "", article.source or ""]
    fields += [getattr(policy, name) or "" for name in _POLICY] if policy is not None else []
    keywords = policy.keywords if policy is not None else ()
    counts = [len(article.authors), len(article.breadcrumbs), len(keywords), len(article.attachments)]
    fields += [*article.authors, *article.breadcrumbs, *keywords, *(file.name for file in article.attachments)]
    joined = "\n".join([*(field.replace("\n", " ") for field in fields), article.body or ""])
    done = restore(joined)
    if done.text == joined:
        return article, done
    lines = done.text.split("\n")
    taken = iter(lines)
    title, source = next(taken) or None, next(taken) or None
    if policy is not None:
        named = {name: next(taken) or None for name in _POLICY}
    authors, crumbs, keys, names = (tuple(next(taken) for _ in range(count)) for count in counts)
    if policy is not None:
        policy = Policy(**named, written_on=policy.written_on, effective_on=policy.effective_on, keywords=keys)
    restored = replace(
        article,
        title=title,
        source=source,
        authors=authors,
        breadcrumbs=crumbs,
        policy=policy,
        attachments=tuple(replace(file, name=name) for file, name in zip(article.attachments, names, strict=True)),
        body="\n".join(taken) or None,
    )
    return restored, done


def _restored_scan(found: Scan) -> Scan:
    """A page's flat view in which every text, META tag and the title are restored with one verdict."""
    names = list(found.meta)
    before = [*found.texts, *found.meta.values(), found.document_title]
    after = restore("\n".join([text.replace("\n", " ") for text in before])).text.split("\n")
    size = len(found.texts)
    clean = replaced(found, after[:size])
    clean.meta = dict(zip(names, after[size:], strict=False))
    clean.document_title = after[-1]
    return clean


def _language(body: str | None) -> str | None:
    """ISO 639-1 code of the language that most of a body is written in."""
    if not body:
        return None
    sample = body[:_SAMPLE]
    # The first third nearly always decides: no other script can outweigh so many Chinese characters.
    for size in (len(sample) // 3, _SAMPLE):
        han = _WEIGHT * sum(map(len, _HAN.findall(sample, 0, size)))
        if han >= len(sample):
            return "zh"
    counts = {language: len(letters.findall(sample)) for language, letters in _SCRIPTS.items()}
    language = max(counts, key=lambda code: counts[code])
    return language if counts[language] > han else "zh"
