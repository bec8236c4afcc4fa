"""One attempt at one delivery: a POST that trusts neither the address it is sent to nor the answer."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import aiohttp
from yarl import URL

from crawler import __version__
from crawler.alerts.addresses import AddressRefusedError, guarded_socket, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from aiohttp.abc import AbstractResolver

TIMEOUT = 15.0
"""Seconds for a whole attempt, name resolution and answer included (Standard Webhooks 1.0.0 suggests 15 to 30)."""
ANSWER_LIMIT = 2048
"""Bytes of an answer that are read and kept as the reason of a failure."""
_KEEP_ALIVE = 2.0  # seconds: long enough for a burst, shorter than the idle limit of common servers (5 s)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended: the status of the answer if there was one, why it failed, and its `Retry-After` as sent.

    `ok` is False where a service answers 2xx and says that it took nothing.
    """

    status: int | None
    reason: str = ""
    retry_after: str | None = None
    ok: bool = True

    @property
    def delivered(self) -> bool:
        """Only 2xx is a delivery; a redirect is a failure and never followed."""
        return self.ok and self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The receiver wants no more deliveries."""
        return self.status == 410


class WebhookClient:
    """Posts bytes. Environment proxies, cookies, redirects and compressed answers are all off; TLS is verified.

    Without `allow_private` each address is checked when it is dialled, whatever name led there.
    """

    def __init__(self, *, timeout: float = TIMEOUT, resolver: AbstractResolver | None = None) -> None:
        """Remember the limits; connections are made at the first post.

        Args:
            timeout: seconds for a whole attempt.
            resolver: another resolver than the system's.

        """
        self._timeout = timeout
        self._resolver = resolver
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection; the client may be used again."""
        sessions, self._sessions = list(self._sessions.values()), {}
        for session in sessions:
            await session.close()

    def _session(self, *, allow_private: bool) -> aiohttp.ClientSession:
        session = self._sessions.get(allow_private)
        if session is None:
            connector = aiohttp.TCPConnector(
                limit=0,  # the deliverer bounds what is under way
                resolver=self._resolver,
                keepalive_timeout=_KEEP_ALIVE,
                socket_factory=None if allow_private else guarded_socket,
            )
            session = self._sessions[allow_private] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=self._timeout),
                auto_decompress=False,
                trust_env=False,
                headers={
                    "user-agent": f"portalwatch/{__version__}",
                    "content-type": "application/json",
                    "accept-encoding": "identity",
                },
            )
        return session

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *, allow_private: bool, proxy: str | None = None
    ) -> Attempt:
        """Send one attempt and say how it ended; never raises for anything that the network or the receiver does.

        A proxy, if the channel has one, is dialled wherever it is; what it dials is its own affair, but the host of
        the URL must not be a private address even so.
        """
        if proxy is not None and not allow_private:
            why = _private_host(url)
            if why is not None:
                return Attempt(None, why)
        status: int | None = None
        try:
            async with self._session(allow_private=allow_private or proxy is not None).post(
                URL(url, encoded=True), data=body, headers=headers, allow_redirects=False, proxy=proxy
            ) as response:
                status = response.status
                retry_after = response.headers.get("retry-after")
                if 200 <= status < 300:
                    return Attempt(status)
                text = await _read_bounded(response)
                return Attempt(status, f"HTTP {status}: {text}" if text else f"HTTP {status}", retry_after)
        except TimeoutError:
            return Attempt(None, f"no answer within {self._timeout:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Attempt(None, _explain(error))


def _private_host(url: str) -> str | None:
    """Why a URL must not be asked of a proxy: its host is a private address in any spelling that a resolver takes."""
    host = URL(url, encoded=True).host or ""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None  # a name: the proxy resolves it
    for *_, target in found:
        why = refusal(str(target[0]))
        if why is not None:
            return str(AddressRefusedError(str(target[0]), why))
    return None


async def _read_bounded(response: aiohttp.ClientResponse) -> str:
    """The first bytes of an answer as one printable line; what an answer that breaks off had sent so far."""
    received = bytearray()
    try:
        while len(received) < ANSWER_LIMIT:
            part = await response.content.read(ANSWER_LIMIT - len(received))
            if not part:
                break
            received += part
    except (TimeoutError, aiohttp.ClientError, OSError):
        pass  # the status has been read: that decides
    if not response.content.at_eof():
        response.close()
    text = received.decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _explain(error: Exception) -> str:
    """One line without the URL, whose path and query may hold a token."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            text = f"TLS: {error.certificate_error}"
        case aiohttp.ClientConnectorError():
            text = f"connect: {error.os_error}"
        case aiohttp.ServerDisconnectedError():
            text = "the receiver closed the connection without an answer"
        case aiohttp.ClientResponseError():
            text = f"not an HTTP answer: {error.message}"
        case aiohttp.InvalidURL():
            text = "the URL cannot be used: its host is not a name or a plain address"
        case OSError():
            text = f"connection: {error.strerror or type(error).__name__}"
        case _:
            text = f"connection: {type(error).__name__}"
    return text[:ANSWER_LIMIT]
