"""A proxy for all portals or for one: everything that a portal is asked goes through it, and nothing of another."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from crawler.config import load_config
from crawler.exceptions import ConfigError
from crawler.portals import load_portals

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.crawl.conftest import Bench, MakeBench

PASSWORD = "hunter2"
"""Of a proxy that exists in these tests alone."""


@dataclass
class Proxy:
    """A forward proxy: passes requests on, one a connection, and remembers them."""

    password: str | None = None
    port: int = 0
    seen: list[str] = field(default_factory=list)

    def url(self, credentials: str = "") -> str:
        return f"http://{credentials}127.0.0.1:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, url, _ = first.split(" ")
        headers = dict(line.split(": ", 1) for line in lines if line)
        expected = base64.b64encode(f"user:{self.password}".encode()).decode()
        if self.password is not None and headers.pop("Proxy-Authorization", None) != f"Basic {expected}":
            writer.write(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
        else:
            self.seen.append(url)
            parts = urlsplit(url)
            body = await reader.readexactly(int(headers.get("Content-Length", "0")))
            there, here = await asyncio.open_connection(parts.hostname, parts.port)
            headers["Connection"] = "close"
            rest = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            here.write(f"{method} {target} HTTP/1.1\r\n{rest}\r\n".encode("latin-1") + body)
            writer.write(await there.read())
            here.close()
        await writer.drain()
        writer.close()


@asynccontextmanager
async def running(password: str | None = None) -> AsyncIterator[Proxy]:
    proxy = Proxy(password)
    async with await asyncio.start_server(proxy.answer, "127.0.0.1", 0) as server:
        proxy.port = server.sockets[0].getsockname()[1]
        yield proxy


def put(bench: Bench, folder: Path, value: str) -> None:
    """Set a proxy in the file of the TRS portal."""
    path = folder / "portals" / "replica-trs.toml"
    path.write_text(
        path.read_text("utf-8").replace("\n[politeness]", f'\nproxy = "{value}"\n\n[politeness]', 1), "utf-8"
    )
    bench.registry = load_portals(folder / "portals")


def asked(bench: Bench, portal: str) -> set[str]:
    return {request.url for request in bench.replica.requests.latest if request.portal == portal}


async def test_a_portals_proxy_carries_all_of_its_requests_and_no_others(bench: Bench, tmp_path: Path) -> None:
    async with running() as proxy:
        put(bench, tmp_path, proxy.url())
        report = await bench.poll("replica-trs/news")
        assert (report.new, report.error) == (20, None)
        assert set(proxy.seen) == asked(bench, "replica-trs")
        assert any(url.endswith("/robots.txt") for url in proxy.seen)
        through = len(proxy.seen)
        assert (await bench.poll("replica-json/yaowen")).new == 12
        assert len(proxy.seen) == through


async def test_a_proxy_for_all_portals_and_a_portals_own_before_it(make_bench: MakeBench, tmp_path: Path) -> None:
    async with running() as common, running() as own:
        counts = {"trs/news": 4, "json/yaowen": 3}
        bench: Bench = await make_bench(config={"proxy": common.url()}, articles=counts)
        put(bench, tmp_path, own.url())
        await bench.poll("replica-trs/news")
        await bench.poll("replica-json/yaowen")
        assert set(own.seen) == asked(bench, "replica-trs")
        assert set(common.seen) == asked(bench, "replica-json")


async def test_a_proxys_password_comes_from_the_environment_and_is_never_told(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with running(PASSWORD) as proxy:
        monkeypatch.setenv("REPLICA_PROXY", proxy.url(f"user:{PASSWORD}@"))
        put(bench, tmp_path, "env:REPLICA_PROXY")
        report = await bench.poll("replica-trs/policy")
        assert (report.new, report.error) == (8, None)
        assert all("Proxy-Authorization" not in request.headers for request in bench.replica.requests.latest)
        monkeypatch.setenv("REPLICA_PROXY", proxy.url("user:wrong-one@"))
        refused = await bench.poll("replica-trs/policy")
        assert refused.error is not None
    gone = await bench.poll("replica-trs/policy")
    assert gone.error is not None
    for text in (refused.error, gone.error, caplog.text, str(bench.registry.portals["replica-trs"])):
        assert PASSWORD not in text
        assert "wrong-one" not in text


async def test_a_common_proxys_password_is_not_told_either(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(PASSWORD) as proxy:
        monkeypatch.setenv("REPLICA_PROXY", proxy.url(f"user:{PASSWORD}@"))
        bench: Bench = await make_bench(config={"proxy": "env:REPLICA_PROXY"}, articles={"trs/news": 2})
        assert (await bench.poll("replica-trs/news")).new == 2
        assert proxy.seen
        assert PASSWORD not in repr(bench.config) + str(bench.config.model_dump())


@pytest.mark.parametrize("value", [f"ftp://{PASSWORD}:1", f"{PASSWORD}:3128", "env:", ""])
def test_what_is_no_proxy_is_refused_without_being_repeated(tmp_path: Path, value: str) -> None:
    path = tmp_path / "portalwatch.toml"
    path.write_text(f'proxy = "{value}"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"toml: proxy: is not a proxy: write http://host:port") as caught:
        load_config(path)
    assert PASSWORD not in str(caught.value)


async def test_a_backfill_and_its_files_go_through_it(bench: Bench, tmp_path: Path) -> None:
    from tests.crawl.test_backfill import Runner

    async with running() as proxy:
        put(bench, tmp_path, proxy.url())
        report: dict[str, Any] = await Runner(bench, tmp_path)("replica-trs/policy", attachments=True)
        assert report["complete"]
        assert report["attachments"]["fetched"] > 0
        assert {url for url in proxy.seen if url.endswith(".pdf")}
        assert set(proxy.seen) == asked(bench, "replica-trs")
