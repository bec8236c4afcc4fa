"""One spider for every portal.

Under `scrapy crawl` it walks its portal's sections and yields records. In the resident crawler it only keeps the
engine open while
`resident` runs: section jobs then use the engine themselves (see crawler.crawl.resident).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Request, Spider

from crawler.exceptions import NoArticleError, UnreadablePageError
from crawler.listing import read_list
from crawler.listing.addresses import first_page, page_after
from crawler.reading import read_page
from crawler.reading.record import make_record
from crawler.text.dates import rfc3339
from crawler.text.page import parse_page
from crawler.text.since import parse_day
from crawler.text.urls import canonical_url, url_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from scrapy.http import Response

    from crawler.items import ListEntry, Record
    from crawler.listing.addresses import ListAddress
    from crawler.portals import Portal, Section

MAX_PAGES = 10_000
"""Pages of one list; the longest list in the portal facts has 1,291."""


def request_meta(portal: Portal, delay: float, concurrency: int) -> dict[str, Any]:
    """What requests to a portal carry for the middlewares; its file's politeness wins over the defaults given."""
    politeness = portal.politeness
    meta: dict[str, Any] = {
        "portal_hosts": portal.hosts,
        "politeness": (
            delay if politeness.delay is None else politeness.delay,
            concurrency if politeness.concurrency is None else politeness.concurrency,
        ),
        "obey_robots": politeness.robots,
        "verify_tls": politeness.verify_tls,
    }
    proxy = portal.proxy_url()
    if proxy is not None:
        meta["proxy"] = proxy
    return meta


class PortalSpider(Spider):
    """Crawls one portal; `-a section=<id>` takes one section, `-a since=<date or Nd>` stops at older entries."""

    name = "portal"
    portal: ClassVar[Portal]

    def __init__(
        self,
        section: str | None = None,
        since: str | None = None,
        resident: Callable[[PortalSpider], Awaitable[None]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._resident = resident
        self._since = parse_day(since, datetime.now(UTC)) if since else None
        self._section = section
        self._seen_pages: set[tuple[str, bytes]] = set()
        self._seen_urls: set[bytes] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Wait for the resident crawler to end, or ask for the first page of each section."""
        if self._resident is not None:
            await self._resident(self)
            return
        sections = [s for s in self.portal.sections if s.enabled or s.id == self._section]
        if self._section is not None:
            sections = [s for s in sections if s.id == self._section]
            if not sections:
                known = ", ".join(s.id for s in self.portal.sections)
                self.logger.error("%s has no section %r; it has: %s", self.portal.id, self._section, known)
        for section in sections:
            yield self._list_request(section, first_page(section))

    def _meta(self) -> dict[str, Any]:
        settings = self.crawler.settings
        return request_meta(self.portal, settings.getfloat("DOWNLOAD_DELAY"), 1)

    def _list_request(self, section: Section, address: ListAddress) -> Request:
        arguments: dict[str, Any] = {}
        if address.body is not None:
            arguments = {"method": "POST", "body": address.body, "headers": {"Content-Type": address.media_type}}
        return Request(
            address.url,
            callback=self.parse_list,
            cb_kwargs={"section": section, "address": address},
            meta=self._meta(),
            dont_filter=True,
            **arguments,
        )

    def parse_list(self, response: Response, section: Section, address: ListAddress) -> Iterator[Request | Record]:
        """Yield a list page's article requests, then its next page, until it ends, repeats itself or is too old."""
        try:
            page = read_list(
                response.body,
                response.url,
                content_type=_content_type(response),
                hints=section.list,
                cms=self.portal.cms,
                hosts=self.portal.hosts,
            )
        except UnreadablePageError as error:
            self.logger.error("%s/%s: %s: %s", self.portal.id, section.id, response.url, error)  # noqa: TRY400 - one line
            return
        if not page.entries:
            self.logger.error(
                "%s/%s: %s: no entries: %s",
                self.portal.id,
                section.id,
                response.url,
                page.reason or "the list is empty",
            )
            return
        fresh = 0
        for entry in page.entries:
            key = url_key(canonical_url(entry.url))
            if key in self._seen_urls:
                continue
            fresh += 1
            self._seen_urls.add(key)
            if self._since and entry.published_at and entry.published_at[:10] < self._since:
                continue
            yield from self._follow(section, entry)
        older = self._since is not None and all(
            e.published_at and e.published_at[:10] < self._since for e in page.entries
        )
        following = page_after(section, address, page)
        if following is not None and fresh and not older and address.number < MAX_PAGES:
            yield self._list_request(section, following)

    def _follow(self, section: Section, entry: ListEntry) -> Iterator[Request | Record]:
        if entry.form != "article":
            now = rfc3339(time.time())
            yield make_record(
                None, portal=self.portal, section=section, url=entry.url, entry=entry, first_seen_at=now, fetched_at=now
            )
            return
        yield Request(
            entry.url, callback=self.parse_article, cb_kwargs={"section": section, "entry": entry}, meta=self._meta()
        )

    def parse_article(self, response: Response, section: Section, entry: ListEntry) -> Iterator[Record]:
        """Yield the record of an article page."""
        try:
            article = read_page(parse_page(response.body, response.url, _content_type(response)), section.article)
        except (UnreadablePageError, NoArticleError) as error:
            self.logger.error("%s/%s: %s: %s", self.portal.id, section.id, response.url, error)  # noqa: TRY400 - one line
            return
        now = rfc3339(time.time())
        yield make_record(
            article,
            portal=self.portal,
            section=section,
            url=response.url,
            entry=entry,
            first_seen_at=now,
            fetched_at=now,
        )


def _content_type(response: Response) -> str | None:
    value = response.headers.get("Content-Type")
    return value.decode("latin-1") if value else None
