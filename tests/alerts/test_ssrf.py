"""Attempts to have a delivery sent where it must not go: none may reach the server that listens on loopback.

Every row goes the whole way of a channel: configuration, then an attempt, for a webhook and, where a host is freely
given, for apprise too. `pytest -s -k table` prints the rows with what refused them.
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from aiohttp.abc import AbstractResolver, ResolveResult

from crawler.alerts.channels import open_channels
from crawler.alerts.client import WebhookClient
from crawler.alerts.notify import Couriers
from crawler.alerts.sender import Sender
from crawler.config import Channel
from crawler.exceptions import ConfigError
from crawler.replica.receiver import Receiver

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

SPELLINGS = [
    ("plain", "127.0.0.1"),
    ("all of 127/8", "127.255.255.254"),
    ("decimal", "2130706433"),
    ("octal", "0177.0.0.1"),
    ("octal, one number", "017700000001"),
    ("octal, zeros before", "00000177.0.0.1"),
    ("hexadecimal", "0x7f000001"),
    ("hexadecimal parts", "0x7f.0x0.0x0.0x1"),
    ("hexadecimal, mixed", "0x7f.1"),
    ("short", "127.1"),
    ("short, three parts", "127.0.1"),
    ("zero", "0"),
    ("this host", "0.0.0.0"),
    ("unspecified IPv6", "[::]"),
    ("IPv6 loopback", "[::1]"),
    ("IPv6 loopback, written out", "[0:0:0:0:0:0:0:1]"),
    ("IPv4-mapped", "[::ffff:127.0.0.1]"),
    ("IPv4-mapped, hexadecimal", "[::ffff:7f00:1]"),
    ("IPv4-compatible", "[::127.0.0.1]"),
    ("IPv4-translated (SIIT)", "[::ffff:0:127.0.0.1]"),
    ("NAT64", "[64:ff9b::7f00:1]"),
    ("NAT64, local prefix", "[64:ff9b:1::7f00:1]"),
    ("6to4", "[2002:7f00:1::]"),
    ("Teredo", "[2001:0:7f00:1::]"),
    ("ISATAP", "[2606:4700::5efe:127.0.0.1]"),
    ("link-local with a zone", "[fe80::1%25lo]"),
    ("unique local", "[fd00:ec2::254]"),
    ("trailing dot", "127.0.0.1."),
    ("name", "localhost"),
    ("name, trailing dot", "localhost."),
    ("name, capitals", "LOCALHOST"),
    ("name, IPv6", "ip6-localhost"),
    ("wide digits", "１２７.0.0.1"),
    ("circled digits", "①②⑦.⓪.⓪.①"),
    ("ideographic full stops", "127。0。0。1"),
    ("wide full stops", "127．0｡0．1"),
    ("percent-encoded", "%31%32%37.0.0.1"),
    ("private, 10/8", "10.0.0.1"),
    ("private, 172.16/12", "172.16.0.1"),
    ("private, 192.168/16", "192.168.1.1"),
    ("carrier-grade NAT", "100.64.0.1"),
    ("metadata", "169.254.169.254"),
    ("metadata, decimal", "2852039166"),
    ("metadata, mapped", "[::ffff:a9fe:a9fe]"),
    ("metadata, of a public address", "168.63.129.16"),
    ("metadata, in CGNAT", "100.100.100.200"),
    ("benchmarking", "198.18.0.1"),
    ("multicast", "224.0.0.1"),
    ("broadcast", "255.255.255.255"),
]
URLS = [
    ("user name", "http://hooks.example.com@127.0.0.1:{port}/"),
    ("user name and password", "http://hooks.example.com:443@127.0.0.1:{port}/"),
    ("backslash", "http://hooks.example.com\\@127.0.0.1:{port}/"),
    ("backslash before the host", "http:\\\\127.0.0.1:{port}/"),
    ("fragment before the host", "http://127.0.0.1:{port}#@hooks.example.com/"),
    ("tab in the host", "http://127.0.0.1\t:{port}/"),
    ("newline in the URL", "http://127.0.0.1:{port}/\r\nHost: x"),
    ("one slash", "http:/127.0.0.1:{port}/"),
    ("socket file", "unix:///run/docker.sock"),
    ("socket file by HTTP", "http+unix://%2Frun%2Fdocker.sock/info"),
    ("file", "file:///etc/passwd"),
    ("another protocol", "gopher://127.0.0.1:{port}/"),
]
NAMES = [
    ("name of a private address", ["127.0.0.1"]),
    ("name of the metadata service", ["169.254.169.254"]),
    ("name of a mapped address", ["::ffff:127.0.0.1"]),
    ("name of IPv6 loopback", ["::1"]),
    ("name of several, one private", ["192.0.2.1", "127.0.0.1"]),
    ("name of this host", ["0.0.0.0"]),
]


class Names(AbstractResolver):
    """A resolver of our own: the first look-up gives a public address, as a check before would see it; later ones not.

    The public one is for whoever looks before dialling: nobody here does, so a test never dials it.
    """

    def __init__(self, addresses: list[str]) -> None:
        self._addresses = addresses
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        del family
        self.asked += 1
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        pass


@dataclass
class Trap:
    """Listens on one port of IPv4 and IPv6 loopback, and counts who connects."""

    port: int = 0
    connections: int = 0
    _servers: list[asyncio.Server] = field(default_factory=list)

    async def listen(self) -> None:
        for host in ("127.0.0.1", "::1"):
            server = await asyncio.start_server(self._connected, host, self.port)
            self._servers.append(server)
            self.port = self.port or server.sockets[0].getsockname()[1]

    def _connected(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    async def close(self) -> None:
        for server in self._servers:
            server.close()
            await server.wait_closed()


@pytest_asyncio.fixture
async def trap() -> AsyncIterator[Trap]:
    listening = Trap()
    await listening.listen()
    yield listening
    await listening.close()


@dataclass(frozen=True)
class Body:
    webhook_id: str = "test_1"
    body: bytes = b'{"type":"test","timestamp":"2026-11-22T04:00:00Z","data":{"message":"x"}}'


async def attempt(sender: Sender, url: str, kind: str = "webhook") -> str:
    """Why a URL was refused, or empty if it was not: by the configuration, or when it was dialled."""
    fields = {"secret": SECRET} if kind == "webhook" else {}
    channel = Channel.model_validate({"name": "x", "type": kind, "url": url, "allow_http": True, **fields})
    try:
        target = open_channels([channel])["x"]
    except ConfigError as error:
        return f"configuration: {error}"
    made = await sender.send(target, Body(), 1_795_320_000)
    return "" if made.delivered else f"attempt: {made.reason}"


@pytest.mark.parametrize("host", [host for _, host in SPELLINGS], ids=[name for name, _ in SPELLINGS])
async def test_no_spelling_of_an_address_is_dialled(trap: Trap, host: str) -> None:
    sender = Sender(WebhookClient(timeout=5))
    url = f"http://{host}:{trap.port}/hook"
    assert await attempt(sender, url)
    await sender.close()
    async with WebhookClient(timeout=5) as client:  # as it is written, without what the configuration makes of it
        assert not (await client.post(url, {}, b"{}", allow_private=False)).delivered
    assert trap.connections == 0


@pytest.mark.parametrize("url", [url for _, url in URLS], ids=[name for name, _ in URLS])
async def test_no_trick_of_a_url_is_followed(trap: Trap, url: str) -> None:
    sender = Sender(WebhookClient(timeout=5))
    why = await attempt(sender, url.format(port=trap.port))
    await sender.close()
    assert why
    assert trap.connections == 0


@pytest.mark.parametrize("addresses", [addresses for _, addresses in NAMES], ids=[name for name, _ in NAMES])
async def test_a_name_is_judged_by_what_is_dialled(trap: Trap, addresses: list[str]) -> None:
    names = Names(addresses)
    sender = Sender(WebhookClient(timeout=5, resolver=names))
    why = await attempt(sender, f"http://hooks.example.com:{trap.port}/hook")
    await sender.close()
    assert "refused (the channel does not say allow_private = true)" in why
    assert names.asked == 1, "looked up once, where it is dialled: nothing is left to rebind"
    assert trap.connections == 0


async def test_a_redirect_into_a_private_network_is_a_failure(trap: Trap) -> None:
    async with Receiver(location=f"http://127.0.0.1:{trap.port}/") as receiver, WebhookClient(timeout=5) as client:
        for status in (301, 302, 303, 307, 308):
            receiver.answer_next(status)
            made = await client.post(receiver.url, {}, b"{}", allow_private=True)
            assert (made.delivered, made.status) == (False, status)
    assert trap.connections == 0


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1/", "loopback"),
        ("http://2130706433:1/", "loopback"),
        ("http://127.1:1/", "loopback"),
        ("http://１２７.0.0.1:1/", "loopback"),
        ("http://[::ffff:10.0.0.1]:1/", "private"),
    ],
)
async def test_a_proxy_is_not_asked_for_private_addresses(trap: Trap, url: str, reason: str) -> None:
    async with WebhookClient(timeout=5) as client:
        made = await client.post(url, {}, b"{}", allow_private=False, proxy=f"http://127.0.0.1:{trap.port}")
    assert reason in made.reason
    assert trap.connections == 0


async def test_a_proxy_that_a_channel_names_is_used_wherever_it_is(trap: Trap) -> None:
    async with WebhookClient(timeout=5) as client:
        made = await client.post(
            "http://hooks.example.com/", {}, b"{}", allow_private=False, proxy=f"http://127.0.0.1:{trap.port}"
        )
    assert made.delivered
    assert trap.connections == 1


async def test_no_free_host_of_apprise_is_dialled(trap: Trap) -> None:
    """Every spelling at once: a courier for all, since each start takes a second."""
    pytest.importorskip("apprise", reason="apprise is not installed: the extra notify")
    couriers = Couriers()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(couriers.close)
        from crawler.alerts.message import Message

        for _, host in SPELLINGS:
            url = f"json://{host}:{trap.port}/"
            made = await couriers.send(url, Message("", "x"), "text", allow_private=False)
            assert not made.delivered, host
    assert trap.connections == 0


async def test_the_table_says_what_refused_each() -> None:
    """`-s` prints it, as Markdown."""
    rows = [(name, f"http://{host}/") for name, host in SPELLINGS]
    rows += [(name, url.replace(":{port}", "")) for name, url in URLS]
    sender = Sender(WebhookClient(timeout=5))
    told = [(name, url, await attempt(sender, url)) for name, url in rows]
    await sender.close()
    for name, addresses in NAMES:
        sender = Sender(WebhookClient(timeout=5, resolver=Names(addresses)))
        url = "http://hooks.example.com/"
        told.append((name, f"{url}, which is {', '.join(addresses)}", await attempt(sender, url)))
        await sender.close()
    assert all(why for _, _, why in told)
    for row in told:
        sys.stdout.write("| " + " | ".join(" ".join(repr(part)[1:-1].split()) for part in row) + " |\n")
