"""Answer HTTP for one portal: switches first, then conditional requests, then the page, rendered until it changes."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from time import time
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from crawler.replica import blocks
from crawler.replica.chance import draw
from crawler.replica.families import flat_body
from crawler.replica.state import utc_now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.replica.cms import Target
    from crawler.replica.portal import Portal
    from crawler.replica.switches import Switches

_CODECS: Final = {"utf-8": "utf-8", "gbk": "gb18030", "utf-16": "utf-16"}
_LOG: Final = 20_000
_CACHE_BYTES: Final = 48 << 20
_LINGER: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was received; `at` is Unix time, `size` the bytes of the body sent."""

    at: float
    portal: str
    method: str
    url: str
    status: int
    size: int
    headers: dict[str, str]


class RequestLog:
    """The latest requests, and the number of all of them by URL and by status."""

    def __init__(self) -> None:
        self.latest: deque[Request] = deque(maxlen=_LOG)
        self.counts: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.in_flight: Counter[str] = Counter()
        self.peak: Counter[str] = Counter()

    def clear(self) -> None:
        """Forget everything but what is being answered right now."""
        self.latest.clear()
        self.counts.clear()
        self.statuses.clear()
        self.peak.clear()

    def enter(self, portal: str) -> None:
        """A request has come in."""
        self.in_flight[portal] += 1
        self.peak[portal] = max(self.peak[portal], self.in_flight[portal])

    def leave(self, request: Request) -> None:
        """A request was answered."""
        self.in_flight[request.portal] -= 1
        self.latest.append(request)
        self.counts[request.url] += 1
        self.statuses[request.status] += 1


class PageCache:
    """Encoded pages, the least used of which go first; 48 MB."""

    def __init__(self, most: int = _CACHE_BYTES) -> None:
        self._most = most
        self._size = 0
        self._pages: OrderedDict[Any, tuple[Any, bytes]] = OrderedDict()

    def get(self, key: Any, stamp: Any) -> bytes | None:
        """The page, if it was kept and its stamp has not changed."""
        found = self._pages.get(key)
        if found is None or found[0] != stamp:
            return None
        self._pages.move_to_end(key)
        return found[1]

    def put(self, key: Any, stamp: Any, page: bytes) -> None:
        """Keep a page."""
        if (old := self._pages.pop(key, None)) is not None:
            self._size -= len(old[1])
        self._pages[key] = (stamp, page)
        self._size += len(page)
        while self._size > self._most and self._pages:
            _, (_, dropped) = self._pages.popitem(last=False)
            self._size -= len(dropped)


class PortalServer:
    """The HTTP half of a portal."""

    def __init__(self, portal: Portal, *, seed: int, log: RequestLog, cache: PageCache) -> None:
        self._portal = portal
        self._seed = seed
        self._log = log
        self._cache = cache
        self._asked: Counter[str] = Counter()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request and log it."""
        portal = self._portal
        self._log.enter(portal.id)
        at, status, size = time(), 0, 0
        try:
            response = await self._answer(request)
            if portal.tls:
                response.force_close()  # each request a handshake: a certificate that changes is seen by the next one
            status = response.status
            size = (
                int(response.headers.get("Content-Length", "0") or 0)
                if not isinstance(response, web.Response)
                else len(_bytes(response))
            )
            return response
        finally:
            self._log.leave(
                Request(
                    at, portal.id, request.method, portal.base + request.raw_path, status, size, dict(request.headers)
                )
            )

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        query: Mapping[str, str] = request.query
        if request.method == "POST":
            query = {**query, **flat_body(await request.text())}
        used: list[Switches] = []

        def at(where: str, section: str | None) -> Switches:
            used.append(self._portal.panel.at(where, section))
            return used[-1]

        target = None if path == "/robots.txt" else self._portal.cms.find(path, query, at)
        switches = used[-1] if used else self._portal.panel.at(path, None)
        turn = self._asked[request.raw_path] = self._asked[request.raw_path] + 1
        if switches.down or self._drawn("reset", request.raw_path, turn) < switches.reset_share:
            return reset(request)
        if path == "/robots.txt":
            return self._robots(switches)
        if switches.delay:
            await asyncio.sleep(switches.delay)
        if (wrong := self._wrong(request, switches, turn)) is not None:
            return wrong
        if target is None or (target.article is not None and target.article.withdrawn not in {None, "emptied"}):
            return self._gone(path, target, switches)
        if target.location is not None:
            return web.Response(status=302, headers={"Location": target.location})
        return await self._page(request, target, switches, turn)

    def _drawn(self, what: str, url: str, turn: int) -> float:
        """A number from 0 up to 1 that depends on the seed, the URL and how often it was asked for."""
        return draw(self._seed, what, url, turn)

    def _wrong(self, request: web.BaseRequest, switches: Switches, turn: int) -> web.Response | None:
        """The answer when a switch forbids the page."""
        again = {} if switches.retry_after is None else {"Retry-After": str(switches.retry_after)}
        if switches.status is not None:
            return _html(blocks.failure(switches.status), switches.status, again)
        if switches.fail_share and self._drawn("fail", request.raw_path, turn) < switches.fail_share:
            return _html(blocks.failure(switches.fail_status), switches.fail_status, again)
        if switches.block is not None:
            status = int(switches.block) if switches.block.isdigit() else 200
            return _html(blocks.challenge(switches.block, self._portal.host), status, blocks.cookies(switches.block))
        if switches.redirect is not None:
            location = switches.redirect.replace("{path}", request.raw_path)
            return web.Response(status=switches.redirect_status, headers={"Location": location})
        return None

    def _robots(self, switches: Switches) -> web.Response:
        if switches.robots_status is not None:
            return web.Response(status=switches.robots_status, text="")
        if switches.robots is None:
            return _html(blocks.failure(404), 404, {})
        return web.Response(text=switches.robots, content_type="text/plain")

    def _gone(self, path: str, target: Target | None, switches: Switches) -> web.Response:
        """The answer where there is no page, or no longer one."""
        how = target.article.withdrawn if target is not None and target.article is not None else None
        if how == "410":
            return _html(blocks.failure(410), 410, {})
        address = self._portal.base + "/" if how == "redirect" else self._portal.moved_to(path)
        if address is not None:
            return web.Response(status=302 if how else 301, headers={"Location": address})
        return _html(blocks.not_found(self._portal.site_name), 200 if switches.soft_404 else 404, {})

    async def _page(
        self, request: web.BaseRequest, target: Target, switches: Switches, turn: int
    ) -> web.StreamResponse:
        headers = {}
        stamp = (target.stamp, switches.look)
        etag = f'"{blake2b(repr(stamp).encode(), digest_size=8).hexdigest()}"'
        if switches.validators in {"both", "etag"}:
            headers["ETag"] = etag
        if switches.validators in {"both", "last-modified"}:
            headers["Last-Modified"] = format_datetime(target.modified.astimezone(utc_now().tzinfo), usegmt=True)
        if _unchanged(request, headers):
            return web.Response(status=304, headers=headers)
        key = (self._portal.id, request.raw_path, request.method == "POST" and repr(target.stamp))
        body = self._cache.get(key, stamp)
        if body is None:
            content = target.render()
            body = (
                content
                if isinstance(content, bytes)
                else content.encode(_CODECS[switches.charset], "xmlcharrefreplace")
            )
            self._cache.put(key, stamp, body)
        headers["Content-Type"] = target.media_type + (
            f"; charset={switches.header_charset}" if switches.header_charset else ""
        )
        if switches.truncate is not None and self._drawn("cut", request.raw_path, turn) < switches.truncate_share:
            return await _truncated(request, body, headers, switches.truncate)
        return web.Response(body=body, headers=headers)


def _unchanged(request: web.BaseRequest, headers: Mapping[str, str]) -> bool:
    """Whether the client holds the current validators; an ETag decides before a date (RFC 9110, 13.2.2)."""
    held, current = request.headers.get("If-None-Match"), headers.get("ETag")
    if held is not None and current is not None:
        return not {tag.strip().removeprefix("W/") for tag in held.split(",")}.isdisjoint({"*", current})
    since, modified = request.headers.get("If-Modified-Since"), headers.get("Last-Modified")
    if since is None or modified is None:
        return False
    try:
        return parsedate_to_datetime(since) >= parsedate_to_datetime(modified)
    except (TypeError, ValueError):
        return False


async def _truncated(
    request: web.BaseRequest, body: bytes, headers: Mapping[str, str], share: float
) -> web.StreamResponse:
    """Promise the whole body, send a part of it, close."""
    response = web.StreamResponse(headers=headers)
    response.content_length = len(body)
    response.force_close()
    await response.prepare(request)
    await response.write(body[: int(len(body) * share)])
    return response


def reset(request: web.BaseRequest) -> web.Response:
    """Close the connection with RST, as a firewall does."""
    transport = request.transport
    if transport is not None:
        held = transport.get_extra_info("socket")
        if held is not None:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        transport.abort()
    return web.Response(status=499)


def _html(text: str, status: int, headers: Mapping[str, str]) -> web.Response:
    return web.Response(status=status, text=text, content_type="text/html", headers=headers)


def _bytes(response: web.Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b""
