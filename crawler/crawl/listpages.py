"""List pages from a section job's view: asked for, read, and refused where they cannot be told for sure."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from crawler.crawl.article import LARGE_PAGE, explain_refusal, refusal
from crawler.crawl.fetch import Fetched, Fetcher, RefusedError, Traffic
from crawler.exceptions import FetchError
from crawler.extract import block_reason
from crawler.listing import read_list
from crawler.store import Listed
from crawler.text.page import parse_page
from crawler.text.urls import canonical_url, url_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.items import ListEntry, ListPage
    from crawler.listing.addresses import ListAddress
    from crawler.portals import Portal, Section
    from crawler.store import Validators

LEAST_CONFIDENCE = 0.5
"""A list read with less is a question for a person, not a guess. Of 43 real and replica lists read right none was
below 0.7; a page whose list was empty, where only a side bar was left to read, had 0.44.
"""


class ListReader:
    """Fetches and reads the list pages of one section."""

    def __init__(self, fetcher: Fetcher, portal: Portal, section: Section) -> None:
        self._fetcher = fetcher
        self._portal = portal
        self._section = section

    async def fetch(self, address: ListAddress, traffic: Traffic, validators: Validators | None = None) -> Fetched:
        """Ask for a list page.

        Raises:
            FetchError: no usable answer came; blocked where its page says so.
            RedirectedAwayError: the address leads to another host.

        """
        try:
            return await self._fetcher.get(
                self._portal,
                address.url,
                body=address.body,
                validators=None if address.body is not None else validators,
                traffic=traffic,
            )
        except RefusedError as error:
            raise explain_refusal(error) from error

    async def read(self, fetched: Fetched, address: ListAddress) -> ListPage:
        """The entries of a list page; a large one is read in a thread, so that the loop goes on.

        Raises:
            FetchError: it is a challenge or an error page.
            UnreadablePageError: the bytes are no page.

        """
        if len(fetched.body) >= LARGE_PAGE:
            return await asyncio.to_thread(self._read, fetched, address)
        return self._read(fetched, address)

    def _read(self, fetched: Fetched, address: ListAddress) -> ListPage:
        page = read_list(
            fetched.body,
            fetched.url,
            content_type=fetched.content_type,
            hints=self._section.list,
            cms=self._portal.cms,
            hosts=self._portal.hosts,
        )
        if not page.entries and fetched.body.lstrip()[:1] not in b"{[":
            word = block_reason(parse_page(fetched.body, fetched.url, fetched.content_type), fetched.status)
            if word is not None:
                raise refusal(address.url, word)
        return page


def check_list(page: ListPage, address: ListAddress) -> None:
    """Refuse a page that is no list, or whose list cannot be told for sure.

    Raises:
        FetchError: it has no entries, or its confidence is below `LEAST_CONFIDENCE`.

    """
    if not page.entries:
        raise FetchError(f"{address.url}: no entries: {page.reason or 'the list is empty'}", reason="no-entries")
    if page.confidence < LEAST_CONFIDENCE:
        why = page.reason or "nothing marks it"
        raise FetchError(
            f"{address.url}: no list that can be told for sure ({why}): hints in the portal file help",
            reason="unsure",
        )


def listed(entries: Sequence[ListEntry]) -> list[Listed]:
    """Entries as they go into the ledger, each address once."""
    found: dict[bytes, Listed] = {}
    for entry in entries:
        canonical = canonical_url(entry.url)
        key = url_key(canonical)
        if key not in found:
            found[key] = Listed(
                key=key,
                url=entry.url,
                canonical_url=canonical,
                title=entry.title,
                published_at=entry.published_at,
                form=entry.form,
            )
    return list(found.values())
