"""The replica: portals on loopback addresses, started and stopped together."""

from __future__ import annotations

import asyncio
import errno
import threading
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from aiohttp import web

from crawler.replica import control, furniture, toml
from crawler.replica.ledger import Ledger
from crawler.replica.plans import PLANS, SHARES
from crawler.replica.portal import Plan, Portal
from crawler.replica.serving import PageCache, PortalServer, RequestLog
from crawler.replica.state import BEIJING
from crawler.replica.writing.author import Author

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from ssl import SSLContext

    from crawler.replica.certificates import Authority
    from crawler.replica.state import Article

_TRIES: Final = 20
_KEPT_POSTS: Final = 4096
_HINT: Final = "macOS knows 127.0.0.1 alone until told: sudo ifconfig lo0 alias 127.0.0.2 up (and so on, one a portal)"


class Replica:
    """Several portals that publish, edit, withdraw and misbehave as told.

    Use it as an async context manager on a running loop, or as a plain one, which serves from a thread of its own.
    Everything but starting and stopping may be called from any thread.

    Args:
        seed: the same seed gives the same articles and the same failures.
        articles: how many articles the past holds: a number spread over all sections, or one a section
            (`{"trs/news": 1000}`).
        port: the port of every portal; 0 for a free one, the same for all.
        control_port: where the control interface listens on 127.0.0.1; 0 for a free one, None for no interface.
        first_host: the first portal listens on 127.0.0.`first_host`, the next one on the address after it.
        today: the day after the newest article of the past; today in Beijing when absent.
        page_sizes: `small`, `real`, or sizes in bytes that furniture brings pages to in turn.
        polluted_share: the share of the past that is shown as on a mirror (the mirror section always is).
        plans: the portals.
        tls: the ids of portals on HTTPS; `authority_pem` is whom to trust then (SSL_CERT_FILE names it to OpenSSL).
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        articles: int | Mapping[str, int] = 100,
        port: int = 0,
        control_port: int | None = None,
        first_host: int = 2,
        today: date | None = None,
        page_sizes: Literal["small", "real"] | Sequence[int] = "small",
        polluted_share: float = 0.0,
        plans: Sequence[Plan] = PLANS,
        tls: Sequence[str] = (),
    ) -> None:
        if not 1 <= first_host <= 255 - len(plans):
            raise ValueError(f"first_host is from 1 to {255 - len(plans)}, not {first_host}")
        self.seed = seed
        self.control_url: str | None = None
        self.requests = RequestLog()
        self.today = today or datetime.now(BEIJING).date()
        author = Author(seed)
        author.write = lru_cache(maxsize=_KEPT_POSTS)(author.write)  # type: ignore[method-assign]
        named = {"small": furniture.SMALL, "real": furniture.REAL}
        sizes = named[page_sizes] if isinstance(page_sizes, str) else tuple(page_sizes)
        self.ledger = Ledger(lambda: self.portals)
        self.portals = tuple(
            Portal(
                plan, host=f"127.0.0.{first_host + place}", author=author, page_sizes=sizes, record=self.ledger.record
            )
            for place, plan in enumerate(plans)
        )
        for name, count in _spread(articles, plans).items():
            portal, _, section = name.partition("/")
            polluted = 1.0 if section == "mirror" else polluted_share
            self.portal(portal).load(section, count, self.today, polluted)
        self._authority = _authority() if tls else None
        for each in tls:
            self.portal(each).tls = True
        self._port = port
        self._control_port = control_port
        self._runners: list[web.ServerRunner | web.AppRunner] = []
        self._thread: _Thread | None = None

    # Finding things.

    def portal(self, name: str) -> Portal:
        """A portal by id; `trs` is short for `replica-trs`. Raises KeyError naming the portals there are."""
        for portal in self.portals:
            if name in {portal.id, portal.id.removeprefix("replica-")}:
                return portal
        raise KeyError(f"no portal {name!r}; there are {', '.join(portal.id for portal in self.portals)}")

    def article(self, name: str) -> Article:
        """An article by its key or by one of its URLs. Raises KeyError."""
        for portal in self.portals:
            for prefix in (portal.base, portal.id):
                if name.startswith(prefix + "/"):
                    rest = name.removeprefix(prefix)
                    found = portal.by_path.get(rest) or portal.by_number(rest.removeprefix("/"))
                    if found is not None:
                        return found
        raise KeyError(f"no article {name!r}")

    @property
    def authority_pem(self) -> bytes:
        """The certificate of the authority that signs those of portals on HTTPS; empty where there is none."""
        return self._authority.pem if self._authority is not None else b""

    def add_oddities(self) -> list[Article]:
        """Publish one of each kind of entry that trips crawlers, on the first TRS portal.

        A twin address, a copy and one address in two sections, a PDF, links to other hosts, an article with the date of
        its migration in META, a pinned old one, a back-dated one; and a reprint on other portals.
        """
        trs = next(portal for portal in self.portals if portal.plan.cms == "trs")
        day = self.today - timedelta(days=1)
        old = self.today - timedelta(days=2500)
        both = trs.publish("news", also=["notice"], published_at=day)
        articles = [
            both,
            trs.publish("policy", twin_in={"notice": "_gzk"}, published_at=day),
            trs.publish("news", copy_in=["notice"], published_at=day),
            trs.publish("notice", form="file", title="岚江省政务服务事项申报指南（2026年版）", published_at=day),
            trs.publish(
                "news",
                form="external",
                link="http://www.gov.cn/yaowen/liebiao/content_1.htm",
                title="山川国务会议研究部署冬季民生保障",
                published_at=day,
            ),
            trs.publish(
                "notice",
                form="external",
                link="https://mp.weixin.qq.com/s/replica",
                title="一图读懂岚江省乡村公共浴室建设管理办法",
                published_at=day,
            ),
            trs.publish("news", published_at=old, meta_date=self.today - timedelta(days=400)),
            trs.publish("notice", published_at=old, pinned=True),
            trs.publish("news", published_at=self.today - timedelta(days=40)),
        ]
        others = [portal for portal in self.portals if portal is not trs and "news" in portal.sections]
        articles += [portal.publish("news", reprint_of=both, published_at=day) for portal in others]
        return articles

    def switch(self, **changes: Any) -> None:
        """Turn switches of every portal."""
        for portal in self.portals:
            portal.switch(**changes)

    def portal_toml(self, name: str) -> str:
        """The portal file of one of the portals; it names the port, so the replica must have started."""
        return toml.portal_file(self.portal(name))

    def write_portals(self, folder: Path) -> list[Path]:
        """Write every portal's file into a folder, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for portal in self.portals:
            path = folder / f"{portal.id}.toml"
            path.write_text(toml.portal_file(portal), encoding="utf-8")
            paths.append(path)
        return paths

    # Running.

    async def start(self) -> None:
        """Listen. Raises OSError when the given port is taken, or no free one was found."""
        for attempt in range(_TRIES):
            try:
                await self._listen()
            except OSError as error:
                await self.stop()
                if error.errno == errno.EADDRNOTAVAIL:
                    raise OSError(error.errno, f"{error.strerror}; {_HINT}") from error
                if self._port or attempt == _TRIES - 1:
                    raise
            else:
                break
        if self._control_port is not None:
            runner = web.AppRunner(control.application(self), access_log=None)
            await runner.setup()
            self._runners.append(runner)
            await web.TCPSite(runner, "127.0.0.1", self._control_port).start()
            self.control_url = f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close every port."""
        runners, self._runners = self._runners, []
        for runner in runners:
            await runner.cleanup()

    async def _listen(self) -> None:
        port, cache = self._port, PageCache()
        for portal in self.portals:
            server = PortalServer(portal, seed=self.seed, log=self.requests, cache=cache)
            runner = web.ServerRunner(web.Server(server.handle, access_log=None), shutdown_timeout=0.5)
            await runner.setup()
            self._runners.append(runner)
            await web.TCPSite(runner, portal.host, port, backlog=512, ssl_context=self._context(portal)).start()
            port = portal.port = runner.addresses[0][1]

    def _context(self, portal: Portal) -> SSLContext | None:
        """What a portal on HTTPS serves with."""
        if self._authority is None or not portal.tls:
            return None
        return self._authority.context(portal.host, lambda: portal.panel.at("", None).certificate)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.stop()

    def __enter__(self) -> Self:
        self._thread = _Thread(self)
        self._thread.open()
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._thread is not None:
            self._thread.close()
            self._thread = None


class _Thread:
    """Serves a replica from a loop in a thread of its own."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="replica", daemon=True)

    def open(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._replica.start(), self._loop).result()

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._replica.stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _authority() -> Authority:
    from crawler.replica.certificates import Authority  # noqa: PLC0415 - cryptography costs 0.1 s, few replicas need it

    return Authority()


def _spread(articles: int | Mapping[str, int], plans: Sequence[Plan]) -> dict[str, int]:
    """How many articles each section starts with; a number is spread by `SHARES`, the rest over the first ones.

    Over other portals than the usual ones a number is spread evenly, the rest over the first ones too.
    """
    if not isinstance(articles, int):
        return dict(articles)
    if plans is not PLANS:
        names = [f"{plan.id}/{options['id']}" for plan in plans for options in plan.sections]
        each, more = divmod(articles, len(names))
        return {name: each + (place < more) for place, name in enumerate(names)}
    counts = {name: articles * share // 100 for name, share in SHARES.items()}
    left = articles - sum(counts.values())
    for name in list(counts)[:left]:
        counts[name] += 1
    return counts
