import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crawler.alerts.client import ANSWER_LIMIT, Attempt, WebhookClient
from crawler.replica.receiver import Receiver


class LocalNames(AbstractResolver):
    """A name server of our own: every name leads to these addresses, one lookup after the other."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = list(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        del family
        address = self._addresses.pop(0) if len(self._addresses) > 1 else self._addresses[0]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        pass


def port_of(receiver: Receiver) -> str:
    return receiver.url.rsplit(":", 1)[1].split("/")[0]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "localhost6",
        "１２７.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "10.0.0.1",
        "[fe80::1]",
        "[fd00:ec2::254]",
    ],
)
async def test_no_spelling_of_a_private_address_is_dialled(receiver: Receiver, host: str) -> None:
    async with WebhookClient(timeout=5) as client:
        url = f"http://{host}:{port_of(receiver)}/hook"
        attempt = await client.post(url, {}, b"{}", allow_private=False)
    assert attempt.status is None
    assert not attempt.delivered
    assert not receiver.deliveries


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "::1", "10.0.0.1", "100.64.0.1"])
async def test_a_name_that_leads_to_a_private_address_is_refused_by_address(receiver: Receiver, address: str) -> None:
    async with WebhookClient(timeout=5, resolver=LocalNames(address)) as client:
        url = f"http://hooks.example.com:{port_of(receiver)}/hook"
        attempt = await client.post(url, {}, b"{}", allow_private=False)
    assert attempt.status is None
    assert "refused" in attempt.reason
    assert "allow_private" in attempt.reason
    assert not receiver.deliveries


async def test_a_name_that_is_bound_anew_between_attempts_is_judged_at_each_dial(receiver: Receiver) -> None:
    """Both answers are refused ones, since a test dials no public address; the reason shows which one was judged."""
    names = LocalNames("192.0.2.1", "127.0.0.1")
    url = f"http://hooks.example.com:{port_of(receiver)}/hook"
    reasons = []
    for _ in range(2):
        async with WebhookClient(timeout=5, resolver=names) as client:
            reasons.append((await client.post(url, {}, b"{}", allow_private=False)).reason)
    assert "192.0.2.1" in reasons[0]
    assert "127.0.0.1" in reasons[1]
    assert not receiver.deliveries


async def test_a_connection_allowed_for_one_channel_is_not_reused_for_another(receiver: Receiver) -> None:
    async with WebhookClient(timeout=5, resolver=LocalNames("127.0.0.1")) as client:
        url = f"http://hooks.example.com:{port_of(receiver)}/hook"
        assert (await client.post(url, {}, b"{}", allow_private=True)).delivered
        assert not (await client.post(url, {}, b"{}", allow_private=False)).delivered
    assert len(receiver.deliveries) == 1


async def test_proxies_of_the_environment_are_ignored(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with WebhookClient(timeout=5) as client:
        assert (await client.post(receiver.url, {}, b"{}", allow_private=True)).delivered


async def test_the_bytes_arrive_as_given(receiver: Receiver) -> None:
    async with WebhookClient() as client:
        await client.post(receiver.url, {"webhook-id": "x"}, "正文".encode(), allow_private=True)
    assert receiver.deliveries[0].raw == "正文".encode()


async def test_a_failure_keeps_a_bounded_printable_part_of_the_answer(receiver: Receiver, raw_server: Any) -> None:
    async with (
        raw_server(
            b"HTTP/1.1 500 No\r\nContent-Length: 9000000\r\nRetry-After: 7\r\n\r\n" + b"\x1b[31m\x00bad\n" * 100_000
        ) as url,
        WebhookClient(timeout=5) as client,
    ):
        attempt = await client.post(url, {}, b"{}", allow_private=True)
    assert attempt.status == 500
    assert attempt.retry_after == "7"
    assert attempt.reason.startswith("HTTP 500: [31m bad [31m bad")
    assert attempt.reason.isprintable()
    assert len(attempt.reason) <= ANSWER_LIMIT + 20
    assert not receiver.deliveries


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", 200),
        (b"HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nhalf", 500),
        (b"HTTP/1.1 500 No\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalf", 500),
        (b"SSH-2.0-OpenSSH_9.6\r\n", None),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000 + b"\r\n", None),
        (b"", None),
        (b"HTTP/1.1 101 Switching\r\n\r\n", 101),
    ],
)
async def test_no_answer_breaks_the_client(raw_server: Any, answer: bytes, status: int | None) -> None:
    async with raw_server(answer) as url, WebhookClient(timeout=5) as client:
        attempt: Attempt = await client.post(url, {}, b"{}", allow_private=True)
    assert attempt.status == status
    assert attempt.delivered is (status == 200)
    assert attempt.delivered or attempt.reason


async def test_nobody_listening_is_a_reason(unused_port: int) -> None:
    async with WebhookClient(timeout=5) as client:
        attempt = await client.post(f"http://127.0.0.1:{unused_port}/t0ken", {}, b"{}", allow_private=True)
    assert attempt.status is None
    assert attempt.reason.startswith("connect: ")
    assert "t0ken" not in attempt.reason


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that no authority vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    both = folder / "both.pem"
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    both.write_bytes(certificate.public_bytes(pem) + key.private_bytes(pem, pkcs8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context


async def test_a_certificate_that_nobody_vouches_for_is_refused(raw_server: Any, tmp_path: Path) -> None:
    ok = b"HTTP/1.1 204 Fine\r\n\r\n"
    async with raw_server(ok, self_signed(tmp_path)) as url, WebhookClient(timeout=5) as client:
        attempt = await client.post(url, {}, b"{}", allow_private=True)
    assert attempt.status is None
    assert attempt.reason.startswith("TLS: ")
