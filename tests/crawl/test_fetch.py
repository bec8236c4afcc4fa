import datetime as dt
import gzip
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crawler.config import Config
from crawler.crawl.fetch import Fetched, Fetcher, RefusedError, Traffic
from crawler.crawl.resident import resident_crawler
from crawler.exceptions import FetchError
from crawler.middlewares import RedirectedAwayError
from crawler.portals import Portal, parse_portal
from crawler.store import Validators

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """A real server whose answers a test writes, and a portal that lives on it."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.requests: list[web.Request] = []

    async def serve(self, handler: Handler, *, tls: ssl.SSLContext | None = None, extra: str = "") -> Portal:
        async def record(request: web.BaseRequest) -> web.StreamResponse:
            assert isinstance(request, web.BaseRequest)
            if request.path == "/robots.txt":
                return web.Response(status=404)
            self.requests.append(request)  # type: ignore[arg-type]
            return await handler(request)  # type: ignore[arg-type]

        runner = web.ServerRunner(web.Server(record, access_log=None), shutdown_timeout=0.1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        base = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
        text = f"""
id = "site"
name = "站"
region = "990009"
home = "{base}/"
hosts = ["127.0.0.1"]
cms = "other"
evidence = "test"
seen = "2026-11"
[politeness]
delay = 0
{extra}
[[section]]
id = "news"
name = "要闻"
kind = "news"
url = "{base}/list"
evidence = "test"
seen = "2026-11"
"""
        return parse_portal(text.encode(), "site.toml", "site")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        yield Site(stack)


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with resident_crawler(Config(politeness={"timeout": 2})) as made:
        yield made


async def get(fetcher: Fetcher, portal: Portal, path: str = "page", **arguments: Any) -> Fetched:
    return await fetcher.get(portal, f"{portal.home}{path}", **arguments)


def answer(**arguments: Any) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(**arguments)

    return handler


async def test_an_answer_carries_its_validators_and_they_are_sent_back(site: Site, fetcher: Fetcher) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"a"':
            return web.Response(status=304)
        return web.Response(text="一页", headers={"ETag": '"a"', "Last-Modified": "Sat, 21 Nov 2026 00:00:00 GMT"})

    portal = await site.serve(handler)
    traffic = Traffic()
    first = await get(fetcher, portal, traffic=traffic)
    assert (first.etag, first.last_modified) == ('"a"', "Sat, 21 Nov 2026 00:00:00 GMT")
    known = Validators(key=b"k" * 16, etag=first.etag, last_modified=first.last_modified)
    assert (await get(fetcher, portal, validators=known, traffic=traffic)).not_modified
    assert (traffic.requests, traffic.not_modified, traffic.bytes) == (2, 1, len("一页".encode()))
    assert "portalwatch/" in site.requests[0].headers["User-Agent"]


async def test_a_get_has_no_body_and_a_post_says_how_long_its_is(site: Site, fetcher: Fetcher) -> None:
    portal = await site.serve(answer(body=b"<p>page</p>"))
    await get(fetcher, portal)
    await get(fetcher, portal, body="page=2")
    read, sent = site.requests
    assert "Content-Length" not in read.headers
    assert "Transfer-Encoding" not in read.headers
    assert sent.headers["Content-Length"] == "6"


async def test_validators_do_not_travel_with_a_redirect(site: Site, fetcher: Fetcher) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/page":
            return web.Response(status=302, headers={"Location": "/other"})
        if "If-None-Match" in request.headers:
            return web.Response(status=304)
        return web.Response(text="another page")

    portal = await site.serve(handler)
    known = Validators(key=b"k" * 16, etag='"a"', last_modified=None)
    got = await get(fetcher, portal, validators=known)
    assert (got.status, got.body, got.url) == (200, b"another page", f"{portal.home}other")


async def test_a_redirect_to_another_host_raises_with_its_address(site: Site, fetcher: Fetcher) -> None:
    portal = await site.serve(answer(status=302, headers={"Location": "http://127.0.0.99:1/x"}))
    with pytest.raises(RedirectedAwayError) as caught:
        await get(fetcher, portal)
    assert caught.value.url == "http://127.0.0.99:1/x"


async def test_redirects_in_a_circle_end(site: Site, fetcher: Fetcher) -> None:
    portal = await site.serve(answer(status=302, headers={"Location": "/page"}))
    with pytest.raises(FetchError):
        await get(fetcher, portal)
    assert len(site.requests) <= 6


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"status": 404}, "http-404"),
        ({"status": 403, "text": "no"}, "http-403"),
        ({"body": b"not gzip at all", "headers": {"Content-Encoding": "gzip"}}, "encoding"),
        ({"body": gzip.compress(b"x" * 1000)[:-20], "headers": {"Content-Encoding": "gzip"}}, "encoding"),
        ({"body": gzip.compress(bytes(30_000_000)), "headers": {"Content-Encoding": "gzip"}}, "refused"),
    ],
)
async def test_unusable_answers_have_a_reason(
    site: Site, fetcher: Fetcher, arguments: dict[str, Any], reason: str
) -> None:
    portal = await site.serve(answer(**arguments))
    with pytest.raises(FetchError) as caught:
        await get(fetcher, portal)
    assert caught.value.reason == reason
    assert "\n" not in str(caught.value)


async def test_an_answer_larger_than_the_limit_is_refused(site: Site, fetcher: Fetcher) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(40):
            await response.write(bytes(1_000_000))
        return response

    portal = await site.serve(endless)
    with pytest.raises(FetchError) as caught:
        await get(fetcher, portal)
    assert caught.value.reason == "too-large"


async def test_a_server_that_does_not_answer_is_a_timeout(site: Site) -> None:
    import asyncio

    released = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    portal = await site.serve(hang)
    async with resident_crawler(Config(politeness={"timeout": 0.2})) as impatient:
        with pytest.raises(FetchError) as caught:
            await get(impatient, portal)
    released.set()
    assert caught.value.reason == "timeout"


async def test_nothing_listens(fetcher: Fetcher, site: Site) -> None:
    portal = await site.serve(answer(text="x"))
    with pytest.raises(FetchError) as caught:
        await fetcher.get(portal, "http://127.0.0.1:9/")
    assert caught.value.reason == "robots", "without its robots.txt a host is not asked (RFC 9309)"
    assert str(caught.value).endswith(": connection"), "and why it was not read is kept"


async def test_a_wait_that_is_asked_for_is_kept(site: Site, fetcher: Fetcher) -> None:
    portal = await site.serve(answer(status=503, headers={"Retry-After": "7200"}))
    with pytest.raises(FetchError) as caught:
        await get(fetcher, portal)
    assert caught.value.reason == "retry-after"
    assert 7000 < (caught.value.retry_after or 0) <= 7200
    assert len(site.requests) == 1


async def test_a_short_wait_is_waited_for(site: Site, fetcher: Fetcher) -> None:
    async def busy_once(_: web.Request) -> web.Response:
        if len(site.requests) == 1:
            return web.Response(status=429, headers={"Retry-After": "1"})
        return web.Response(text="later")

    portal = await site.serve(busy_once)
    assert (await get(fetcher, portal)).body == b"later"


async def test_a_status_that_is_no_page_keeps_its_body(site: Site, fetcher: Fetcher) -> None:
    portal = await site.serve(answer(status=412, text="challenge"))
    with pytest.raises(RefusedError) as caught:
        await get(fetcher, portal)
    assert (caught.value.status, caught.value.body) == (412, b"challenge")


async def test_certificates_are_verified_unless_the_portal_file_says_otherwise(
    site: Site, fetcher: Fetcher, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tls = _self_signed(tmp_path)
    portal = await site.serve(answer(text="secret"), tls=tls, extra="robots = false")
    with pytest.raises(FetchError) as caught:
        await get(fetcher, portal)
    assert caught.value.reason == "certificate"
    trusting = portal.model_copy(update={"politeness": portal.politeness.model_copy(update={"verify_tls": False})})
    assert (await get(fetcher, trusting)).body == b"secret"
    assert "certificate is not verified" in caplog.text


async def test_a_certificate_that_keeps_robots_txt_from_being_read_is_named(
    site: Site, fetcher: Fetcher, tmp_path: Path
) -> None:
    portal = await site.serve(answer(text="secret"), tls=_self_signed(tmp_path))
    with pytest.raises(FetchError) as caught:
        await get(fetcher, portal)
    assert caught.value.reason == "robots"
    assert str(caught.value).endswith("forbids everything (RFC 9309): certificate")


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "site.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
