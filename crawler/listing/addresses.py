"""Which list page is asked for first, and which one after it: an address, or a POST to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.listing.paging import asked_size, is_last, with_param
from crawler.text.urls import join, url_key

if TYPE_CHECKING:
    from crawler.items import ListPage
    from crawler.portals import Section


@dataclass(frozen=True, slots=True)
class ListAddress:
    """One list page of a section: its address, its number from 1, and the body of a POST (null for GET)."""

    url: str
    number: int = 1
    body: str | None = None

    @property
    def media_type(self) -> str:
        """Of the body of the POST: JSON if it opens with a brace, else a form."""
        is_json = (self.body or "").lstrip().startswith("{")
        return "application/json" if is_json else "application/x-www-form-urlencoded"

    @property
    def key(self) -> bytes:
        """16 bytes that stand for the page: of the address alone, or of it and the body of the POST."""
        if self.body is None:
            return url_key(self.url)
        return url_key(f"{self.url}{'&' if '?' in self.url else '?'}{self.body}")


def list_address(section: Section, url: str, number: int) -> ListAddress:
    """Page `number` of a section's list, at an address that is known."""
    post = section.list.post
    return ListAddress(url, number, None if post is None else post.replace("{page}", str(number)))


def first_page(section: Section) -> ListAddress:
    """Where a section's list begins."""
    return list_address(section, str(section.url), 1)


def page_after(section: Section, address: ListAddress, page: ListPage) -> ListAddress | None:
    """Where a list goes on after a page, or null at its end.

    The portal file's POST counts its own pages; else the page's pager says it; else the portal file's parameter or
    rule, up to the number of pages that the page claims. Where nothing claims an end, an empty page is it.
    """
    hints, number = section.list, address.number + 1
    if hints.post is not None and "{page}" in hints.post:
        return None if _ended(page, address) else list_address(section, address.url, number)
    if page.next_url is not None:
        return list_address(section, page.next_url, number)
    if page.pages is not None and address.number >= page.pages:
        return None
    if hints.page_param is not None and hints.entries is None and page.entries:
        return list_address(section, with_param(address.url, hints.page_param, str(number)), number)
    if hints.page_url is None:
        return None
    path = hints.page_url.replace("{page}", str(number)).replace("{page0}", str(number - 1))
    url = join(str(section.url), path)
    return None if url is None else list_address(section, url, number)


def _ended(page: ListPage, address: ListAddress) -> bool:
    """Whether a list that is asked for by POST ends with this page."""
    rows = len(page.entries)
    asked = asked_size(address.url, address.body)
    return not rows or is_last(address.number, rows, total=page.total, pages=page.pages, asked=asked)
