"""One article address to a stored article: fetch, follow its further pages, read, one transaction."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.crawl.attachments import with_known_files
from crawler.crawl.emptied import LEFT_OVER, is_emptied, is_left_over
from crawler.crawl.fetch import Fetched, Fetcher, RefusedError, Traffic
from crawler.crawl.rereading import content_type, joined, newest_reading, reread
from crawler.crawl.turns import Turns, workers
from crawler.dedup import Fingerprint
from crawler.exceptions import FetchError, NoArticleError, NotKeptError, UnreadablePageError
from crawler.extract import block_reason
from crawler.items import ListEntry
from crawler.middlewares import RedirectedAwayError
from crawler.reading import read_page
from crawler.reading.record import make_record
from crawler.store import ArticleWrite, RawPage, Stored, Validators
from crawler.text.dates import rfc3339
from crawler.text.page import Page, parse_page
from crawler.text.urls import canonical_url, is_file, url_key

if TYPE_CHECKING:
    from crawler.crawl.attachments import AttachmentKeeper
    from crawler.items import Article, Record
    from crawler.portals import Portal, Section
    from crawler.store import Store, Visit

logger = logging.getLogger(__name__)

MAX_ARTICLE_PAGES = 20
"""Pages of one article; the longest among the measured real ones has 4."""
LARGE_PAGE = 1_000_000
"""Bytes from which a page is read in a thread, so that the loop goes on (reading takes about 10 ms a megabyte)."""
SHORT_BODY = 600
"""Characters: a page with less and no date may be a challenge or an error page; those that were seen say less."""
_FILE_TYPES = (
    "application/pdf",
    "application/msword",
    "application/vnd.",
    "application/zip",
    "application/octet-stream",
)


class GoneError(FetchError):
    """An address no longer shows its article; `page` is the answer that says so, if it is one of the portal."""

    def __init__(self, message: str, *, reason: str = "gone", page: RawPage | None = None) -> None:
        super().__init__(message, reason=reason)
        self.page = page


def validators_of(url: str, fetched: Fetched) -> Validators:
    """What to send with the next request for an address."""
    return Validators(key=url_key(url), etag=fetched.etag, last_modified=fetched.last_modified, body_sha256=None)


def raw_page(answer: Fetched | RefusedError, url: str = "") -> RawPage:
    """An answer as it is kept; `url` is that of a refusal."""
    head = answer.headers.to_string() if answer.headers is not None else b""
    return RawPage(answer.url if isinstance(answer, Fetched) else url, answer.status, head, answer.body)


class ArticleReader:
    """Fetches and reads the articles of one section, and stores what it reads."""

    def __init__(
        self,
        fetcher: Fetcher,
        store: Store,
        portal: Portal,
        section: Section,
        section_id: int,
        attachments: AttachmentKeeper | None = None,
        *,
        concurrency: int = 1,
    ) -> None:
        self._turns = Turns(workers(concurrency))
        self._attachments = attachments
        self._fetcher = fetcher
        self._store = store
        self._portal = portal
        self._section = section
        self._section_id = section_id

    async def take(
        self,
        entry: ListEntry,
        *,
        entry_key: bytes | None,
        alert: bool,
        now: float,
        next_visit_at: float | None,
        traffic: Traffic,
        validators: Validators | None = None,
        known: Visit | None = None,
    ) -> Stored | None:
        """Store the article of an entry; null if the server says that it has not changed.

        `known` is the article that is visited again.

        Raises:
            GoneError: the address shows no article any more.
            FetchError: no usable page came.
            NoArticleError: the page holds no article.
            UnreadablePageError: the bytes are no page.
            StorageError: the store refused.

        """
        if entry.form != "article":
            return await self._store_record(entry, entry.url, None, None, entry_key, alert, now, None)
        fetched = await self._fetch(entry, traffic, validators, known)
        if fetched is None:
            outside = replace(entry, form="external")
            return await self._store_record(outside, entry.url, None, None, entry_key, alert, now, None)
        if fetched.not_modified:
            return None
        if _is_file_answer(fetched):
            if known is not None:
                raise FetchError(f"{entry.url}: answers a file where an article was", reason="file")
            listed = replace(entry, form="file")
            return await self._store_record(listed, fetched.url, None, None, entry_key, alert, now, None)
        article, pages = await self._read(fetched, traffic, known)
        if known is not None and known.has_body and await self._is_left_over(article, known):
            raise GoneError(f"{fetched.url}: its text is gone", reason="emptied", page=pages[0])
        return await self._store_record(
            entry, fetched.url, article, validators_of(entry.url, fetched), entry_key, alert, now, next_visit_at, pages
        )

    async def _is_left_over(self, article: Article, known: Visit) -> bool:
        """Whether what was read of a page that is known is only what stands around its text."""
        body = article.body or ""
        if len(body) >= LEFT_OVER:
            return False
        before = await self._store.articles.get(known.article_id)
        if before is None or not is_left_over(body, before.body or "", body):
            return False
        kept = newest_reading(await self._store.raw.pages(known.article_id), before.revision)
        text = None
        if kept:
            try:
                answer = await asyncio.to_thread(self._store.raw.read, kept[0])
                text = parse_page(answer.body, answer.url, content_type(answer.head)).text
            except (NotKeptError, UnreadablePageError) as error:
                logger.info("%s: %s", known.url, error)
        return is_left_over(body, before.body or "", text)

    async def is_there(self, known: Visit, traffic: Traffic) -> bool:
        """Whether an article that is known is still shown; nothing is stored.

        Raises:
            StorageError: the store refused.

        """
        try:
            validators = await self._store.validators.get(known.key)
            fetched = await self._fetch(ListEntry(url=known.url), traffic, validators, known)
            if fetched is None or fetched.not_modified:
                return fetched is not None
            article = self._first_page(fetched, await self._page_of(fetched), known)
        except (FetchError, NoArticleError, UnreadablePageError):
            return False
        return not (known.has_body and await self._is_left_over(article, known))

    async def _fetch(
        self, entry: ListEntry, traffic: Traffic, validators: Validators | None, known: Visit | None
    ) -> Fetched | None:
        """The answer of an article's address; null if it leads to another host.

        Raises:
            GoneError: it is not there.
            FetchError: no usable answer came.

        """
        url = entry.url
        try:
            fetched = await self._fetcher.get(self._portal, url, validators=validators, traffic=traffic)
        except RedirectedAwayError as error:
            if known is not None:
                raise GoneError(f"{url}: {error}", reason="redirected") from error
            return None
        except RefusedError as error:
            if error.status in {404, 410}:
                raise GoneError(str(error), reason=error.reason, page=raw_page(error, url)) from error
            raise explain_refusal(error) from error
        if not fetched.not_modified and self._leads_home(url, fetched.url):
            raise GoneError(f"{url}: redirects to {fetched.url}, which is no article", page=raw_page(fetched))
        return fetched

    def _leads_home(self, asked: str, got: str) -> bool:
        if asked == got:
            return False
        key = url_key(canonical_url(got))
        roots = (str(self._portal.home), str(self._section.url), f"{str(self._portal.home).rstrip('/')}/index.html")
        return urlsplit(got).path in {"", "/"} or any(key == url_key(canonical_url(root)) for root in roots)

    async def _read(
        self, fetched: Fetched, traffic: Traffic, known: Visit | None = None
    ) -> tuple[Article, tuple[RawPage, ...]]:
        """The article of a page and those that follow it, and the answers as they came."""
        article = self._first_page(fetched, await self._page_of(fetched), known)
        seen = {fetched.url}
        pages = [raw_page(fetched)]
        while article.next_page_url and article.next_page_url not in seen and len(seen) < MAX_ARTICLE_PAGES:
            seen.add(article.next_page_url)
            further = await self._fetcher.get(self._portal, article.next_page_url, traffic=traffic)
            article = joined(article, self._read_page(further))
            pages.append(raw_page(further))
        return article, tuple(pages)

    async def _page_of(self, fetched: Fetched) -> Article | FetchError | NoArticleError:
        """The article of one page, or why it has none; a large page is read in a thread."""
        try:
            if len(fetched.body) >= LARGE_PAGE:
                return await asyncio.to_thread(self._read_page, fetched)
            return await self._turns.take(partial(self._read_page, fetched))
        except (FetchError, NoArticleError) as error:
            return error

    @staticmethod
    def _first_page(fetched: Fetched, article: Article | FetchError | NoArticleError, known: Visit | None) -> Article:
        """The article of a first page.

        Raises:
            GoneError: an article that is known is not on it.
            FetchError: it is a challenge or an error page.
            NoArticleError: there is none.

        """
        if isinstance(article, FetchError):
            if article.reason == "gone":
                raise GoneError(str(article), page=raw_page(fetched)) from article
            raise article
        had_body = known is not None and known.has_body
        if had_body and (isinstance(article, NoArticleError) or is_emptied(article.body)):
            raise GoneError(f"{fetched.url}: its text is gone", reason="emptied", page=raw_page(fetched))
        if isinstance(article, NoArticleError):
            raise article
        return article

    def _read_page(self, fetched: Fetched) -> Article:
        page: Page = parse_page(fetched.body, fetched.url, fetched.content_type)
        try:
            article = read_page(page, self._section.article)
        except NoArticleError:
            _refuse_block(page, fetched)
            raise
        if article.published_at is None and len(article.body or "") < SHORT_BODY:
            _refuse_block(page, fetched)
        return article

    async def _store_record(
        self,
        entry: ListEntry,
        url: str,
        article: Article | None,
        validators: Validators | None,
        entry_key: bytes | None,
        alert: bool,  # noqa: FBT001 - passed through from the entry
        now: float,
        next_visit_at: float | None,
        pages: tuple[RawPage, ...] = (),
    ) -> Stored:
        moment = rfc3339(now)
        record: Record = make_record(
            article,
            portal=self._portal,
            section=self._section,
            url=url,
            entry=entry,
            first_seen_at=moment,
            fetched_at=moment,
        )
        if record.title is None and record.body is None:
            raise NoArticleError(f"{url}: neither a title nor a body")
        if record.attachments:
            if self._attachments is not None:
                await self._attachments.fetch(record.attachments)
            record = await with_known_files(self._store, record)
        keys = dict.fromkeys((url_key(record.canonical_url), url_key(canonical_url(entry.url))))
        write = ArticleWrite(
            section_id=self._section_id,
            entry_key=entry_key,
            article_id=record.id,
            keys=tuple(keys),
            record=record,
            alert=alert,
            now=now,
            validators=validators,
            next_visit_at=next_visit_at,
            likeness=Fingerprint(record.title, record.body) if record.form == "article" else None,
            pages=pages,
        )
        stored = await self._store.articles.store(write)
        if stored.outcome == "stale":
            await self._read_again(stored.article_id, now)
            stored = await self._store.articles.store(replace(write, reread=True))
        return stored

    async def _read_again(self, article_id: str, now: float) -> None:
        """What an earlier version read, read with today's code: what differs then is the page's doing."""
        known = await self._store.articles.get(article_id)
        try:
            if known is not None:
                await reread(self._store, self._portal, self._section, known, now)
        except (NoArticleError, UnreadablePageError, NotKeptError) as error:
            logger.info("%s: cannot be read again: %s", known.url if known is not None else article_id, error)


def refusal(url: str, word: str) -> FetchError:
    """The error for a page that stands in the way of another, named by `block_reason`."""
    if word == "soft-404":
        return FetchError(f"{url}: an error page that says there is no such page", reason="gone")
    if word == "error-page":
        return FetchError(f"{url}: an error page of the server, with status 200", reason="error-page")
    return FetchError(f"{url}: blocked ({word})", reason="blocked")


def explain_refusal(error: RefusedError) -> FetchError:
    """The refusal as a block where its status or its page says so."""
    if error.status not in {404, 410} and error.body and len(error.body) < LARGE_PAGE:
        try:
            word = block_reason(parse_page(error.body, None, error.content_type), error.status)
        except UnreadablePageError:
            word = None
        if word is not None and (error.status < 500 or error.status == 521):
            return FetchError(f"{error}: blocked ({word})", reason="blocked")
    return error


def _refuse_block(page: Page, fetched: Fetched) -> None:
    """Raise FetchError where a page without much text is a challenge or an error page."""
    word = block_reason(page, fetched.status)
    if word is not None:
        raise refusal(fetched.url, word)


def _is_file_answer(fetched: Fetched) -> bool:
    kind = (fetched.content_type or "").partition(";")[0].strip().lower()
    return kind.startswith(_FILE_TYPES) or (is_file(fetched.url) and not kind.startswith("text/"))
