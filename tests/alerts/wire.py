"""What services see, on loopback: a proxy that speaks TLS for their hosts, and a mail server; both keep what comes."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOSTS = (
    "qyapi.weixin.qq.com",
    "oapi.dingtalk.com",
    "open.feishu.cn",
    "open.larksuite.com",
    "api.telegram.org",
    "hooks.slack.com",
    "hooks.example.com",
)


@dataclass
class Seen:
    """One request as it came out of TLS."""

    host: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Wire:
    """Where to connect, what came, and what is answered: `answers` first, then `answer` for ever."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    answer: bytes = b'{"errcode":0,"code":0,"errmsg":"ok","ok":true}'
    status: bytes = b"200 OK"
    headers: bytes = b""


def authority(folder: Path, hosts: Sequence[str] = HOSTS) -> tuple[Path, ssl.SSLContext]:
    """A certificate authority of our own (its file), and a server's context with a certificate for the hosts."""
    now = datetime.now(UTC)
    until = now + timedelta(days=1)
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")])
    ca = (
        x509.CertificateBuilder(ca_name, ca_name, ca_key.public_key(), x509.random_serial_number(), now, until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, hosts[0])])
    leaf = (
        x509.CertificateBuilder(ca_name, name, key.public_key(), x509.random_serial_number(), now, until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    ca_file, leaf_file = folder / "ca.pem", folder / "leaf.pem"
    ca_file.write_bytes(ca.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    leaf_file.write_bytes(leaf.public_bytes(pem) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf_file)
    return ca_file, context


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    return method, target, headers, await reader.readexactly(int(headers.get("content-length", "0")))


@asynccontextmanager
async def tls_proxy(context: ssl.SSLContext) -> AsyncIterator[Wire]:
    """An HTTP proxy that is, whatever it is asked to connect to, itself what answers there."""
    wire = Wire("")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError, asyncio.IncompleteReadError):
            _, host, _, _ = await _request(reader)
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            await writer.drain()
            await writer.start_tls(context)
            _, target, headers, body = await _request(reader)
            wire.seen.append(Seen(host.partition(":")[0], target, headers, body))
            said = wire.answers.pop(0) if wire.answers else wire.answer
            length = b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(said)
            writer.write(b"HTTP/1.1 " + wire.status + b"\r\n" + wire.headers + length + said)
            await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield wire


@dataclass
class Mail:
    """One mail as it was handed over."""

    sender: str
    receivers: list[str]
    data: bytes


@dataclass
class MailServer:
    """Where it listens, what came, and the answer to the data."""

    port: int = 0
    mails: list[Mail] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    answer: bytes = b"250 2.0.0 queued"


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """A mail server that takes everything."""
    kept = MailServer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender, receivers = "", list[str]()
        with suppress(OSError, EOFError):
            writer.write(b"220 test ESMTP\r\n")
            while line := await reader.readline():
                verb, _, rest = line.decode().strip().partition(" ")
                match verb.upper():
                    case "EHLO" | "HELO":
                        answer = b"250-test\r\n250-AUTH PLAIN\r\n250 SIZE 1000000"
                    case "AUTH":
                        kept.logins.append(base64.b64decode(rest.partition(" ")[2]).decode())
                        answer = b"235 welcome"
                    case "MAIL":
                        sender, answer = rest, b"250 ok"
                    case "RCPT":
                        receivers.append(rest)
                        answer = b"250 ok"
                    case "DATA":
                        writer.write(b"354 go on\r\n")
                        data = await reader.readuntil(b"\r\n.\r\n")
                        kept.mails.append(Mail(sender, receivers, data))
                        answer = kept.answer
                    case "QUIT":
                        writer.write(b"221 bye\r\n")
                        break
                    case _:
                        answer = b"250 ok"
                writer.write(answer + b"\r\n")
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        kept.port = server.sockets[0].getsockname()[1]
        yield kept
