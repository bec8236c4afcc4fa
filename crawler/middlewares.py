"""Politeness, robots.txt and redirects for portals, and the transport, as Scrapy components.

What a request may do is in its meta: `portal_hosts` (hosts it may be redirected to), `politeness` (delay in seconds,
concurrency),
`obey_robots`, `verify_tls`.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import sys
import time
import zlib
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

import aiohttp
import brotli
from protego import Protego
from scrapy.core.downloader.handlers._aiohttp import AiohttpDownloadHandler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Request, Response
from scrapy.utils.httpobj import urlparse_cached

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdError
else:
    from backports.zstd import ZstdError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy import Spider
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

JITTER = 0.25
"""Share of the delay that is added at random, only upward, so that a portal's own limit is never undercut."""
MAX_WAIT = 30.0
"""Seconds a request waits for a host that asked for patience; a longer wait is left to the caller's schedule."""
MAX_CRAWL_DELAY = 60.0
"""Seconds; a longer Crawl-delay in robots.txt is capped, or one line could stop a section for days."""
ROBOTS_AGENT = "portalwatch"
"""The product token that robots.txt groups are matched with."""
ROBOTS_LIFETIME = 86_400.0
"""RFC 9309 section 2.4: a copy of robots.txt should not be used for more than 24 hours."""
ROBOTS_RETRY = 600.0
"""Seconds until an unreachable robots.txt is asked for again; until then it forbids everything (RFC 9309, 2.3.1.4)."""
ROBOTS_MAX_BYTES = 512_000
"""RFC 9309 section 2.5: parsers must read at least 500 kibibytes."""
TRANSPORT_ERRORS: tuple[type[Exception], ...] = (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
"""What the engine raises instead of an answer."""
_DECODE_ERRORS = (EOFError, OSError, ValueError, zlib.error, brotli.error, ZstdError)
_MULTIPLE_CHOICES = 300
_CLIENT_ERROR = 400
_SERVER_ERROR = 500


class WaitRequestedError(IgnoreRequest):
    """The host asked (Retry-After) to be left alone for `seconds`, longer than a request may wait."""

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(f"{host} asks to wait {seconds:.0f} s")
        self.seconds = seconds


class RobotsForbiddenError(IgnoreRequest):
    """robots.txt forbids this address, or could not be read."""


class UndecodableError(IgnoreRequest):
    """The answer's Content-Encoding does not fit its bytes."""


class RedirectedAwayError(IgnoreRequest):
    """The answer leads to a host that is not the portal's; `url` is where."""

    def __init__(self, url: str) -> None:
        super().__init__(f"redirects to another host: {url[:200]}")
        self.url = url


class BodilessRequest(aiohttp.ClientRequest):
    """A request whose empty body is none.

    Scrapy hands over b"" with every GET, for which aiohttp would send `Content-Length: 0`, which no browser does, from
    a task of its own.
    """

    def update_body_from_data(self, body: object, _stacklevel: int = 3) -> None:
        """Take the body, or none."""
        super().update_body_from_data(body or None, _stacklevel)


class PortalDownloadHandler(AiohttpDownloadHandler):
    """Scrapy's aiohttp transport; a portal file may ask not to verify certificates, which is logged once a host."""

    experimental: ClassVar[bool] = (
        False  # chosen by measurement, see crawler.settings; without it every start would warn
    )
    lazy = True
    """One handler a scheme, each with certificates to load (25 ms): made when first asked for."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._session._request_class = BodilessRequest  # noqa: SLF001 - the base class makes the session
        self._verifying = self._ssl_context
        self._trusting: ssl.SSLContext | None = None
        self._told: set[str] = set()

    @asynccontextmanager
    async def _make_request(  # type: ignore[override]
        self,
        request: Request,
        timeout: float,  # noqa: ASYNC109 - the base class names it
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        # The base class reads the context when it builds its request, before the first await.
        self._ssl_context = self._verifying if request.meta.get("verify_tls", True) else self._unverified(request)
        async with super()._make_request(request, timeout) as response:
            yield response

    def _unverified(self, request: Request) -> ssl.SSLContext:
        host = urlparse_cached(request).hostname or ""
        if host not in self._told:
            self._told.add(host)
            logger.warning("%s: its certificate is not verified, as its portal file asks", host)
        if self._trusting is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self._trusting = context
        return self._trusting


class PortalCompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's decompression, with one error for bytes that are not what their header says."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Decompress.

        Raises:
            UndecodableError: the bytes are not what Content-Encoding says.

        """
        del spider
        try:
            return super().process_response(request, response)
        except _DECODE_ERRORS as error:
            raise UndecodableError(f"{response.url}: its Content-Encoding does not fit its bytes") from error


class PortalRedirectMiddleware(RedirectMiddleware):
    """Follows redirects inside the portal's hosts only, without the validators of the first address.

    Validators must not travel: another page's 304 would read as "this article is unchanged".
    """

    def _engine_started(self) -> None:
        """Look for no Referer middleware: none is wanted (the base class would warn)."""

    def handle_referer(self, request: Request, response: Response) -> None:
        """Send no Referer at all."""
        del response
        request.headers.pop("Referer", None)

    def _redirect(self, redirected: Request, request: Request, reason: object) -> Request:
        host = urlparse_cached(redirected).hostname or ""
        hosts = request.meta.get("portal_hosts")
        if hosts is not None and host not in hosts:
            raise RedirectedAwayError(redirected.url)
        redirected.headers.pop("If-None-Match", None)
        redirected.headers.pop("If-Modified-Since", None)
        redirected.meta.pop("download_slot", None)
        return super()._redirect(redirected, request, reason)


def retry_after(value: bytes | None, now: float) -> float | None:
    """Seconds of a Retry-After header, given as seconds or as a date (RFC 9110, 10.2.3); null if it is neither."""
    if value is None:
        return None
    text = value.decode("latin-1").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    return max(when.timestamp() - now, 0.0)


class PolitenessMiddleware:
    """Keeps each host's delay and concurrency, and honours Retry-After and Crawl-delay, which Scrapy does not.

    Scrapy drops idle slots after a minute, so the values go into the per-slot settings and into the live slot.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._not_before: dict[str, float] = {}
        self._crawl_delay: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PolitenessMiddleware:
        """Build from the crawler, as Scrapy does."""
        instance = cls(crawler)
        crawler.portal_politeness = instance  # type: ignore[attr-defined]
        return instance

    def set_crawl_delay(self, host: str, seconds: float) -> None:
        """Take a host's Crawl-delay from its robots.txt; it only ever lengthens the configured delay."""
        self._crawl_delay[host] = min(seconds, MAX_CRAWL_DELAY)

    async def process_request(self, request: Request) -> None:
        """Set the host's slot, and wait while the host asked for it.

        Raises:
            WaitRequestedError: the host asked for more than `MAX_WAIT` seconds.

        """
        host = urlparse_cached(request).hostname or ""
        self._set_slot(request, host)
        wait = self._not_before.get(host, 0.0) - time.monotonic()
        if wait > MAX_WAIT:
            raise WaitRequestedError(host, wait)
        if wait > 0:
            await asyncio.sleep(wait)

    def process_response(self, request: Request, response: Response) -> Response:
        """Remember how long the host asked to be left alone."""
        if response.status in {429, 503}:
            seconds = retry_after(response.headers.get("Retry-After"), time.time())
            if seconds:
                host = urlparse_cached(request).hostname or ""
                # one host cannot ask for more than a day
                self._not_before[host] = time.monotonic() + min(seconds, 86_400.0)
        return response

    def _set_slot(self, request: Request, host: str) -> None:
        delay, concurrency = request.meta.get("politeness", (None, None))
        if delay is None:
            return
        delay = max(delay, self._crawl_delay.get(host, 0.0))
        # Scrapy draws delay * (1 ± jitter); centred higher by the same share it never falls below the delay.
        centre, jitter = delay * (1 + JITTER), JITTER / (1 + JITTER)
        downloader = self._crawler.engine.downloader
        downloader.per_slot_settings[host] = {"delay": centre, "concurrency": concurrency, "jitter": jitter}
        slot = downloader.slots.get(host)
        if slot is not None:
            slot.delay, slot.concurrency, slot.jitter = centre, concurrency, jitter


@dataclass(slots=True)
class _Robots:
    rules: Protego | None
    """Null forbids everything."""
    until: float
    why: Exception | None = None
    """What kept it from being read, if no answer came."""


class PortalRobotsMiddleware:
    """robots.txt by RFC 9309: kept 24 hours; 4xx allows everything, 5xx or unreachable forbids everything."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._agent = ROBOTS_AGENT
        self._known: dict[str, _Robots] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PortalRobotsMiddleware:
        """Build from the crawler, as Scrapy does."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request pass if robots.txt does.

        Raises:
            RobotsForbiddenError: it does not, or it could not be read.

        """
        if not request.meta.get("obey_robots", True):
            return
        parts = urlsplit(request.url)
        root = f"{parts.scheme}://{parts.netloc}"
        robots = self._known.get(root)
        if robots is None or robots.until < time.monotonic():
            async with self._locks.setdefault(root, asyncio.Lock()):
                robots = self._known.get(root)
                if robots is None or robots.until < time.monotonic():
                    robots = self._known[root] = await self._fetch(root, request)
        if robots.rules is None:
            raise RobotsForbiddenError(
                f"{root}/robots.txt cannot be read, which forbids everything (RFC 9309)"
            ) from robots.why
        if not robots.rules.can_fetch(request.url, self._agent):
            raise RobotsForbiddenError(f"{root}/robots.txt forbids {request.url[:200]}")

    async def _fetch(self, root: str, request: Request) -> _Robots:
        meta = {
            key: value
            for key, value in request.meta.items()
            if key in {"portal_hosts", "politeness", "verify_tls", "proxy"}
        }
        try:
            response = await self._crawler.engine.download_async(
                Request(f"{root}/robots.txt", meta={**meta, "obey_robots": False, "download_maxsize": ROBOTS_MAX_BYTES})
            )
        except RedirectedAwayError:
            return _Robots(Protego.parse(""), time.monotonic() + ROBOTS_LIFETIME)
        except TRANSPORT_ERRORS as error:
            logger.info("%s/robots.txt is unreachable: %s", root, error)
            return _Robots(None, time.monotonic() + ROBOTS_RETRY, error)
        if response.status >= _SERVER_ERROR or response.status == 429:
            return _Robots(None, time.monotonic() + ROBOTS_RETRY)
        if response.status >= _MULTIPLE_CHOICES:
            return _Robots(Protego.parse(""), time.monotonic() + ROBOTS_LIFETIME)
        rules = Protego.parse(response.body[:ROBOTS_MAX_BYTES].decode("utf-8", "replace"))
        delay = rules.crawl_delay(self._agent)
        politeness = getattr(self._crawler, "portal_politeness", None)
        if delay and politeness is not None:
            politeness.set_crawl_delay(urlsplit(root).hostname or "", float(delay))
            logger.info("%s asks for a Crawl-delay of %s s", root, delay)
        return _Robots(rules, time.monotonic() + ROBOTS_LIFETIME)
