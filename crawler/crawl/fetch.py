"""One request to a portal, from a section job's view: a page, "not modified", or one reason why not."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.useragent import UserAgentMiddleware
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

from crawler import __version__
from crawler.exceptions import FetchError
from crawler.middlewares import RedirectedAwayError, RobotsForbiddenError, UndecodableError, WaitRequestedError
from crawler.spiders.portal import request_meta

if TYPE_CHECKING:
    from scrapy.core.engine import ExecutionEngine
    from scrapy.http import Headers, Response

    from crawler.config import Config
    from crawler.portals import Portal
    from crawler.store import Validators

_OK = 200
_NOT_MODIFIED = 304
_TRANSPORT: tuple[tuple[type[Exception], str, str], ...] = (
    (DownloadTimeoutError, "timeout", "no answer in time"),
    (CannotResolveHostError, "dns", "its name cannot be resolved"),
    (ResponseDataLossError, "truncated", "the answer broke off"),
    (DownloadConnectionRefusedError, "connection", "no connection"),
    (UnsupportedURLSchemeError, "address", "not an address that can be fetched"),
    (DownloadCancelledError, "too-large", "the answer is larger than allowed"),
    (DownloadFailedError, "connection", "the connection failed"),
)


def user_agent(contact: str | None) -> str:
    """Who we say we are: the product with its version, and whom to write to."""
    return f"Mozilla/5.0 (compatible; portalwatch/{__version__}; {contact or 'contact not configured'})"


@dataclass(slots=True)
class Traffic:
    """What a job asked for and got; counts of answers, and bytes of bodies."""

    requests: int = 0
    not_modified: int = 0
    bytes: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer with status 200, or 304 with an empty body; `url` is the address after redirects inside the portal."""

    url: str
    status: int
    body: bytes
    content_type: str | None
    etag: str | None
    last_modified: str | None
    headers: Headers | None = None

    @property
    def not_modified(self) -> bool:
        """Whether the server said that the copy we know still holds."""
        return self.status == _NOT_MODIFIED


class RefusedError(FetchError):
    """An answer with another status than 200 and 304; `body` is kept, since it may say why."""

    def __init__(
        self,
        message: str,
        *,
        reason: str,
        status: int,
        body: bytes,
        content_type: str | None,
        headers: Headers | None = None,
    ) -> None:
        super().__init__(message, reason=reason)
        self.status = status
        self.body = body
        self.content_type = content_type
        self.headers = headers


class Fetcher:
    """Asks the resident crawler's engine for pages; at most a host's own concurrency is dispatched at once.

    More would only queue inside the engine, where it cannot be cancelled (a stop then took 16 s).
    """

    def __init__(self, engine: ExecutionEngine, config: Config) -> None:
        self._engine = engine
        self._config = config
        self._gates: dict[str, asyncio.Semaphore] = {}

    def configure(self, config: Config) -> None:
        """Go on by another configuration, from the next request on."""
        self._config = config
        self._gates = {}
        for each in self._engine.downloader.middleware.middlewares:
            if isinstance(each, UserAgentMiddleware):
                each.user_agent = user_agent(config.politeness.contact)

    async def get(
        self,
        portal: Portal,
        url: str,
        *,
        body: str | None = None,
        validators: Validators | None = None,
        traffic: Traffic | None = None,
        max_bytes: int | None = None,
    ) -> Fetched:
        """Fetch one address of a portal, by POST if a `body` is given (JSON if it opens with a brace, else a form).

        `max_bytes` is another limit than the 20 MB of every answer.

        Raises:
            RefusedError: the server answered with another status than 200 or 304.
            RedirectedAwayError: the address leads to another host.
            FetchError: no usable answer; `reason` says which way.

        """
        traffic = traffic if traffic is not None else Traffic()
        meta = self._meta(portal)
        if max_bytes is not None:
            meta["download_maxsize"] = max_bytes
        if body is None:
            request = Request(url, headers=_conditional(validators), meta=meta)
        else:
            kind = "application/json" if body.lstrip().startswith("{") else "application/x-www-form-urlencoded"
            request = Request(url, method="POST", body=body, headers={"Content-Type": kind}, meta=meta)
        concurrency = request.meta["politeness"][1]
        gate = self._gates.setdefault(urlsplit(url).hostname or "", asyncio.Semaphore(concurrency))
        async with gate:
            traffic.requests += 1
            try:
                response = await self._engine.download_async(request)
            except RedirectedAwayError:
                raise
            except WaitRequestedError as error:
                raise FetchError(f"{url}: {error}", reason="retry-after", retry_after=error.seconds) from error
            except RobotsForbiddenError as error:
                raise FetchError(f"{error}{_why_unread(url, error)}", reason="robots") from error
            except UndecodableError as error:
                raise FetchError(str(error), reason="encoding") from error
            except IgnoreRequest as error:
                raise FetchError(f"{url}: {error}", reason="refused") from error
            except tuple(kind for kind, _, _ in _TRANSPORT) as error:
                raise _transport_error(url, error) from error
        return _answer(url, response, traffic)

    def _meta(self, portal: Portal) -> dict[str, Any]:
        politeness = self._config.politeness
        meta = request_meta(portal, politeness.delay, politeness.concurrency)
        meta["download_timeout"] = politeness.timeout
        if not politeness.robots:
            meta["obey_robots"] = False
        if "proxy" not in meta and (proxy := self._config.proxy_url()) is not None:
            meta["proxy"] = proxy
        return meta


def _conditional(validators: Validators | None) -> dict[str, str]:
    headers = {}
    if validators is not None and validators.etag:
        headers["If-None-Match"] = validators.etag
    if validators is not None and validators.last_modified:
        headers["If-Modified-Since"] = validators.last_modified
    return headers


def _answer(url: str, response: Response, traffic: Traffic) -> Fetched:
    traffic.bytes += len(response.body)
    content_type = _header(response, "Content-Type")
    if response.status == _NOT_MODIFIED:
        traffic.not_modified += 1
    elif response.status != _OK:
        raise RefusedError(
            f"{url}: answered {response.status}",
            reason=f"http-{response.status}",
            status=response.status,
            body=response.body,
            content_type=content_type,
            headers=response.headers,
        )
    return Fetched(
        url=response.url,
        status=response.status,
        body=response.body,
        content_type=content_type,
        etag=_header(response, "ETag"),
        last_modified=_header(response, "Last-Modified"),
        headers=response.headers,
    )


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    # longer values are hostile: they would be stored and sent back with every poll
    return value.decode("latin-1") if value and len(value) <= 1000 else None


def _why_unread(url: str, error: RobotsForbiddenError) -> str:
    """`: certificate` and the like where robots.txt got no answer: the host's trouble, not its wish."""
    cause = error.__cause__
    if isinstance(cause, Exception) and isinstance(cause, tuple(kind for kind, _, _ in _TRANSPORT)):
        return f": {_transport_error(url, cause).reason}"
    return ""


def _transport_error(url: str, error: Exception) -> FetchError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return FetchError(
                f"{url}: its certificate is not valid: {getattr(cause, 'verify_message', cause)}", reason="certificate"
            )
        if isinstance(cause, ssl.SSLError):
            return FetchError(f"{url}: no TLS connection: {cause.reason}", reason="tls")
        cause = cause.__cause__ or cause.__context__
    for kind, reason, says in _TRANSPORT:
        if isinstance(error, kind):
            return FetchError(f"{url}: {says}", reason=reason)
    raise AssertionError(error)
