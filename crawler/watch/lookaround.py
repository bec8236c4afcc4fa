"""Where a section went: the home page of its portal still names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.crawl.fetch import RefusedError
from crawler.exceptions import FetchError, UnreadablePageError
from crawler.middlewares import RedirectedAwayError
from crawler.text.page import parse_page
from crawler.text.urls import canonical_url, join

if TYPE_CHECKING:
    from crawler.crawl.fetch import Fetcher
    from crawler.portals import Portal, Section

_MOST_LINKS = 5000
_SERVER_ERROR = 500


async def new_address(fetcher: Fetcher, portal: Portal, section: Section) -> str | None:
    """Another address under which the portal's home page links to something with the section's name, if it does."""
    home = str(portal.home)
    try:
        fetched = await fetcher.get(portal, home)
        page = parse_page(fetched.body, fetched.url, fetched.content_type)
    except (FetchError, RefusedError, RedirectedAwayError, UnreadablePageError):
        return None
    old = canonical_url(str(section.url))
    for link in page.tree.css("a[href]")[:_MOST_LINKS]:
        if "".join((link.text() or "").split()) != "".join(section.name.split()):
            continue
        address = join(fetched.url, link.attributes.get("href") or "")
        if address is not None and address.startswith(("http://", "https://")) and canonical_url(address) != old:
            return address
    return None


async def home_answers(fetcher: Fetcher, portal: Portal) -> bool:
    """Whether a portal's home page comes at all, or anything that a server of it says."""
    try:
        await fetcher.get(portal, str(portal.home))
    except RedirectedAwayError:
        return True
    except RefusedError as error:
        return error.status < _SERVER_ERROR
    except FetchError as error:
        # Its robots.txt was read: the server is there.
        return error.reason == "robots" and "cannot be read" not in str(error)
    return True
