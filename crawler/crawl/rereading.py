"""Read stored answers again with today's code: after an upgrade, without asking a portal for anything."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crawler import __version__
from crawler.crawl.attachments import with_known_files
from crawler.dedup import Fingerprint
from crawler.exceptions import NoArticleError, NotKeptError, UnreadablePageError, UsageError
from crawler.items import Article, ListEntry, Record
from crawler.reading import read_page
from crawler.reading.record import make_record
from crawler.store import ArticleWrite
from crawler.text.page import parse_page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from crawler.portals import Portal, Registry, Section
    from crawler.store import KeptPage, RawPage, Store, Stored

BATCH = 100
"""Articles between two notes of how far a run is; a kill costs reading as many again."""


def joined(first: Article, further: Article) -> Article:
    """An article with the page that follows it."""
    body = "\n".join(part for part in (first.body, further.body) if part) or None
    known = {attachment.url for attachment in first.attachments}
    attachments = (*first.attachments, *(a for a in further.attachments if a.url not in known))
    summary = first.restoration
    total = replace(
        summary,
        annotations_removed=summary.annotations_removed + further.restoration.annotations_removed,
        tears_repaired=summary.tears_repaired + further.restoration.tears_repaired,
        converted=summary.converted or further.restoration.converted,
    )
    return replace(first, body=body, attachments=attachments, restoration=total, next_page_url=further.next_page_url)


def content_type(head: bytes) -> str | None:
    """The Content-Type among header lines."""
    for line in head.splitlines():
        name, colon, value = line.partition(b":")
        if colon and name.strip().lower() == b"content-type":
            return value.strip().decode("latin-1")
    return None


def article_of(pages: Sequence[RawPage], section: Section) -> Article:
    """The article of its answers, read with today's code.

    Raises:
        NoArticleError: a page holds no article.
        UnreadablePageError: the bytes are no page.

    """
    first, *rest = (read_page(parse_page(one.body, one.url, content_type(one.head)), section.article) for one in pages)
    for further in rest:
        first = joined(first, further)
    return first


def newest_reading(pages: Sequence[KeptPage], revision: int) -> list[KeptPage]:
    """The answers that the newest revision was last read from; empty where they were not kept."""
    own = [one for one in pages if one.revision == revision and one.status == 200]
    last = max((one.reading for one in own), default=0)
    return [one for one in own if one.reading == last]


async def reread(store: Store, portal: Portal, section: Section, record: Record, now: float) -> Stored | None:
    """Read an article's newest revision again and keep what is read; null where its answers were not kept.

    Raises:
        NoArticleError: today's code finds no article.
        UnreadablePageError: the bytes are no page.
        NotKeptError: the bytes are not there any more, or damaged.
        StorageError: the store refused.

    """
    kept = newest_reading(await store.raw.pages(record.id), record.revision)
    if not kept:
        return None
    article = await asyncio.to_thread(lambda: article_of([store.raw.read(one) for one in kept], section))
    entry = ListEntry(url=record.url, title=record.title, published_at=record.published_at)
    seen, fetched = record.first_seen_at, record.fetched_at
    read = make_record(
        article, portal=portal, section=section, url=record.url, entry=entry, first_seen_at=seen, fetched_at=fetched
    )
    if read.attachments:
        read = await with_known_files(store, read)
    likeness = Fingerprint(read.title, read.body)
    return await store.rereading.keep(
        ArticleWrite(
            section_id=0, entry_key=None, article_id=record.id, keys=(), record=read, alert=False, now=now,
            likeness=likeness,
        )
    )  # fmt: skip


@dataclass(slots=True)
class RereadReport:
    """What a run did: articles read, those that read otherwise now, those that could not be read and why."""

    todo: int = 0
    read: int = 0
    changed: int = 0
    failed: int = 0
    resumed: bool = False
    problems: list[str] = field(default_factory=list)

    def problem(self, text: str) -> None:
        """Count a failure; the first fifty are told."""
        self.failed += 1
        if len(self.problems) < 50:
            self.problems.append(text)


async def reprocess(
    store: Store,
    registry: Registry,
    sections: Sequence[tuple[str, str]] | None,
    *,
    on_batch: Callable[[RereadReport], Awaitable[None]],
    clock: Callable[[], float] = time.time,
) -> RereadReport:
    """Read every stored article of sections (None: of all) again; goes on where the same run was cut short.

    Raises:
        StorageError: the store refused; what was committed stays.

    """
    name = _name(sections)
    at = await store.rereading.at(name)
    report = RereadReport(todo=await store.rereading.count(sections, at), resumed=at > 0)
    while batch := await store.rereading.following(sections, at, BATCH):
        for row, article_id in batch:
            at = row
            await _one(store, registry, article_id, report, clock())
        await store.rereading.move(name, at)
        await on_batch(report)
    await store.rereading.move(name, None)
    return report


async def _one(store: Store, registry: Registry, article_id: str, report: RereadReport, now: float) -> None:
    record = await store.articles.get(article_id)
    if record is None:
        return
    report.read += 1
    try:
        ((portal, section),) = registry.resolve(f"{record.portal}/{record.sections[0]}")
        stored = await reread(store, portal, section, record, now)
    except (NoArticleError, UnreadablePageError, UsageError, NotKeptError) as error:
        report.problem(f"{record.url}: {error}")
        return
    report.changed += stored is not None and stored.outcome == "reprocessed"


def _name(sections: Sequence[tuple[str, str]] | None) -> str:
    """The run's own name: of this version and these sections."""
    what = "all" if sections is None else " ".join(sorted("/".join(one) for one in sections))
    return f"reprocess {__version__} {hashlib.sha256(what.encode()).hexdigest()[:16]}"
