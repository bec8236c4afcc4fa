"""A portal for one address on a host that no file describes: for looking once, with all the care of a known one."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import HttpUrl

from crawler.exceptions import UsageError
from crawler.portals.models import Portal

_MAX_URL = 2000


def passing_portal(url: str) -> Portal:
    """A portal whose one section is `url`, and whose only host is that of `url`; certificates and robots count.

    Raises:
        UsageError: it is no address of a page.

    """
    parts = urlsplit(url) if url.isprintable() and "[" not in url else None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.netloc or len(url) > _MAX_URL:
        raise UsageError(f"{url[:200]!r}: not an address: write it as in https://www.example.gov.cn/zwgk/")
    try:
        host = HttpUrl(url).host or ""
        home = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
        fact = {"evidence": "named on the command line", "seen": "undated"}
        section = {"id": "page", "name": host, "kind": "other", "url": url, **fact}
        site = {"id": "passing", "name": host, "region": "000000", "home": home, "hosts": [host], "cms": "other"}
        return Portal.model_validate({**site, **fact, "section": [section]})
    except ValueError as error:
        raise UsageError(f"{url[:200]!r}: not an address whose host could be asked") from error
