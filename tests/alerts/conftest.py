import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from standardwebhooks.webhooks import Webhook

from crawler.config import Channel, Config, Rule
from crawler.items import Attachment, Record
from crawler.reading.record import content_sha256
from crawler.replica.receiver import Receiver
from crawler.store import ArticleWrite, Event, Store, Stored
from crawler.text.urls import url_key

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
NOON = 1_795_320_000.0  # 2026-11-22 12:00 in Shanghai


def make_record(number: int = 1, **fields: object) -> Record:
    values: dict[str, object] = {
        "made_by": "portalwatch test",
        "id": f"a{number}",
        "url": f"https://www.example.cn/news/t{number}.html",
        "canonical_url": f"https://www.example.cn/news/t{number}.html",
        "portal": "shanxi",
        "portal_name": "山西省人民政府",
        "region": "140000",
        "sections": ("news",),
        "kind": "news",
        "title": f"第{number}号通知",
        "first_seen_at": "2026-11-22T04:00:00Z",
        "fetched_at": "2026-11-22T04:00:00Z",
        "body": f"正文第{number}段。",
        "attachments": (Attachment(url="https://www.example.cn/a.pdf", name="附件"),),
        "content_sha256": "0" * 64,
    }
    return Record(**{**values, **fields})  # type: ignore[arg-type]


def make_event(kind: str = "published", *, seq: int = 1, alert: bool = True, **fields: object) -> Event:
    changes = ("title", "body") if kind == "revised" else ()
    record = make_record(seq, seq=seq, event=kind, **fields)
    return Event(seq=seq, type=kind, at=NOON, alert=alert, record=record, changes=changes)


class Newsroom:
    """Puts articles of our own writing into a store, as a crawl would."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOON

    async def publish(
        self, number: int, *, portal: str = "shanxi", text: str = "正文", alert: bool = True, **fields: object
    ) -> Stored:
        self.now += 1
        section = await self.store.sections.open(portal, "news")
        url = f"https://{portal}.example.cn/news/t{number}.html"
        title = f"第{number}号通知"
        record = make_record(
            number,
            id=f"{portal}{number}",
            url=url,
            canonical_url=url,
            portal=portal,
            title=title,
            body=text,
            **fields,
            content_sha256=content_sha256(title, text),
        )
        write = ArticleWrite(
            section_id=section.id,
            entry_key=None,
            article_id=record.id,
            keys=(url_key(url),),
            record=record,
            alert=alert,
            now=self.now,
        )
        return await self.store.articles.store(write)


class Clock:
    """A clock that is set by the test."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


class Make:
    """Values with defaults."""

    secret = SECRET
    noon = NOON
    record = staticmethod(make_record)
    event = staticmethod(make_event)

    @staticmethod
    def channel(url: str, name: str = "desk", **fields: object) -> Channel:
        values = {"name": name, "url": url, "secret": SECRET, "allow_private": True, "allow_http": True, **fields}
        return Channel.model_validate(values)

    @staticmethod
    def rule(name: str = "all", **fields: object) -> Rule:
        return Rule.model_validate({"name": name, "channels": ("desk",), **fields})

    @classmethod
    def config(cls, *channels: Channel, rules: Sequence[Rule] | None = None) -> Config:
        return Config(rules=tuple(rules) if rules is not None else (cls.rule(),), channels=channels)


@pytest.fixture(scope="session")
def make() -> type[Make]:
    return Make


def signed_text_holds(headers: Mapping[str, str], body: bytes, secret: str = SECRET) -> bool:
    """Whether the public library signs the same, at the time that the headers say."""
    given = {name.lower(): value for name, value in headers.items()}
    at = datetime.fromtimestamp(int(given["webhook-timestamp"]), UTC)
    wanted = Webhook(secret).sign(given["webhook-id"], at, body.decode())
    return wanted in given["webhook-signature"].split(" ")


@pytest.fixture
def signed() -> Callable[..., bool]:
    return signed_text_holds


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path / 'portalwatch.db'}")
    yield opened
    await opened.close()


@pytest.fixture
def newsroom(store: Store) -> Newsroom:
    return Newsroom(store)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as listening:
        yield listening


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@asynccontextmanager
async def serve_bytes(answer: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server that answers any request with the same bytes and closes."""

    async def answer_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(answer_one, "127.0.0.1", 0, ssl=tls)
    async with server:
        scheme = "http" if tls is None else "https"
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"


@pytest.fixture(scope="session")
def raw_server() -> Callable[..., AbstractAsyncContextManager[str]]:
    return serve_bytes
