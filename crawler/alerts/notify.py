"""Messages through apprise: which services there are, and a courier process that is ended when one hangs."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.alerts.client import TIMEOUT, Attempt
from crawler.alerts.message import Style
from crawler.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.alerts.message import Message

MISSING = "needs an extra: pip install 'portalwatch[notify]'"
START = 30.0
"""Seconds that a courier has to begin its work; it takes one, more on a busy machine."""
IDLE = 60.0
"""Seconds without an order after which a courier is let go: it holds some 60 MB."""
_LINE = 1 << 20
_HERE = str(Path(__file__).parents[2])
_COURIER = (sys.executable, "-P", "-m", "crawler.alerts.courier")

# What the services document, below it by what JSON puts around the text.
_STYLES = {
    "wecombot": Style("text", 2048, "bytes"),
    "feishu": Style("text", 19_000, "escaped"),
    "lark": Style("text", 19_000, "escaped"),
    "dingtalk": Style("markdown", 19_000, "escaped", 120),
}
# Seconds between two messages: WeCom and DingTalk take 20 a minute (and DingTalk then none for ten), Feishu 100.
_PACES = {"wecombot": 3.0, "dingtalk": 3.0, "feishu": 0.6, "lark": 0.6}
_PACE = 1.0
_MAIL = Style("html", 30_000, "characters", 200)
_LONGEST = 30_000
_LOCAL = frozenset({"blink1", "dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"})

_WECOM = re.compile(r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([0-9A-Za-z_-]+)")
_DINGTALK = re.compile(r"https://oapi\.dingtalk\.com/robot/send\?access_token=([0-9A-Za-z]+)")
_FEISHU = re.compile(r"https://open\.(feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/([0-9A-Za-z_-]+)/?")


def apprise_url(url: str, secret: str | None) -> str:
    """A service's URL as apprise knows it: robots of DingTalk, Feishu, Lark and WeCom may be given as those show them.

    Raises:
        ConfigError: a secret is given that has no place; the message holds no part of either.

    """
    if (match := _DINGTALK.fullmatch(url)) is not None:
        return f"dingtalk://{secret}@{match[1]}/" if secret else f"dingtalk://{match[1]}/"
    if secret is not None:
        raise ConfigError("secret: only the robot URL of DingTalk takes one; in an apprise URL it is a part of it")
    if (match := _WECOM.fullmatch(url)) is not None:
        return f"wecombot://{match[1]}/"
    if (match := _FEISHU.fullmatch(url)) is not None:
        return f"{'feishu' if match[1] == 'feishu.cn' else 'lark'}://{match[2]}/"
    return url


def describe(urls: Sequence[str]) -> list[dict[str, Any]]:
    """What apprise knows of each URL: see `crawler.alerts.courier.describe`.

    Raises:
        ConfigError: apprise is not installed, or does not start.

    """
    if importlib.util.find_spec("apprise") is None:
        raise ConfigError(MISSING)
    orders = "".join(json.dumps({"url": url}) + "\n" for url in urls)
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            [*_COURIER, "--describe"],
            input=orders,
            capture_output=True,
            text=True,
            timeout=START,
            env=_environment(None),
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ConfigError(f"apprise does not start: {type(error).__name__}") from None
    return [json.loads(line) for line in done.stdout.splitlines()]


def style_of(found: dict[str, Any], *, allow_http: bool) -> Style:
    """How messages to a service look.

    Raises:
        ConfigError: it is none, is on this machine, or would send in the clear without `allow_http`.

    """
    if "error" in found:
        raise ConfigError(f"url: apprise does not know this service: {found['error']}")
    schema: str = found["schema"]
    if schema in _LOCAL:
        raise ConfigError(f"url: {schema}:// shows messages on this machine; a channel is a receiver elsewhere")
    if found["plain"] and not allow_http:
        raise ConfigError(
            f"url: {schema}:// sends in the clear; use {schema}s:// where there is one, or allow_http = true"
        )
    if schema in _STYLES:
        return _STYLES[schema]
    if schema in {"mailto", "mailtos"}:
        return _MAIL
    forms = found["forms"]
    title = min(int(found["title_limit"]), 200)
    limit = min(max(int(found["limit"]), 60), _LONGEST)
    return Style("text" if "text" in forms else "html" if "html" in forms else "markdown", limit, "characters", title)


def pace_of(found: dict[str, Any]) -> float:
    """Seconds between the beginnings of two messages to a service."""
    return _PACES.get(found["schema"], _PACE)


def _environment(proxy: str | None) -> dict[str, str]:
    """The environment of a courier: no proxy but the channel's own, no file of passwords."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    kept["NETRC"] = os.devnull
    # ourselves from where we are, whatever folder this is: -P keeps the current one out
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, (_HERE, kept.get("PYTHONPATH"))))
    if proxy is not None:
        kept["HTTPS_PROXY"] = kept["HTTP_PROXY"] = proxy
    return kept


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


class Courier:
    """One courier process; orders go in as they come and end in any order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._open: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._reader = asyncio.create_task(self._read(), name="courier")
        self.stale = False

    @classmethod
    async def start(cls, *, allow_private: bool, proxy: str | None) -> Courier:
        """Start a process and wait until it works.

        Raises:
            OSError: it cannot be started, or ends at once.
            TimeoutError: it does not begin.

        """
        process = await asyncio.create_subprocess_exec(
            *_COURIER,
            *(["--allow-private"] if allow_private else []),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(proxy),
            limit=_LINE,
        )
        try:
            async with asyncio.timeout(START):
                ready = process.stdout is not None and await process.stdout.readline()
        except BaseException:
            await _end(process)
            raise
        if not ready:
            await _end(process)
            raise ChildProcessError("apprise does not start")
        return cls(process)

    @property
    def works(self) -> bool:
        """Whether it takes orders."""
        return not self.stale and not self._reader.done()

    @property
    def busy(self) -> bool:
        """Whether orders are under way."""
        return bool(self._open)

    async def carry(self, order: dict[str, Any]) -> dict[str, Any]:
        """Carry out an order.

        Raises:
            OSError: the process ended before it was done.

        """
        number = next(self._numbers)
        answer = self._open[number] = asyncio.get_running_loop().create_future()
        try:
            if self._process.stdin is None or self._reader.done():
                raise ChildProcessError("the courier process ended")
            self._process.stdin.write(json.dumps({"id": number, **order}).encode() + b"\n")
            await self._process.stdin.drain()
            carried: dict[str, Any] = await answer
            return carried
        finally:
            del self._open[number]

    async def _read(self) -> None:
        try:
            while self._process.stdout is not None and (line := await self._process.stdout.readline()):
                answer = json.loads(line)
                waiting = self._open.get(answer.pop("id"))
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
        finally:
            for waiting in self._open.values():
                if not waiting.done():
                    waiting.set_exception(ChildProcessError("the courier process ended"))

    async def close(self) -> None:
        """End the process at once."""
        await _end(self._process)
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader


class Couriers:
    """Sends messages; a process for each kind of permission, started when it is needed and let go when it is not."""

    def __init__(self, *, timeout: float = TIMEOUT, idle: float = IDLE) -> None:
        """Remember the limits, in seconds: of one message, and without any."""
        self._timeout = timeout
        self._idle = idle
        self._couriers: dict[tuple[bool, str | None], Courier] = {}
        self._starting = asyncio.Lock()
        self._timers: dict[tuple[bool, str | None], asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def send(
        self, url: str, message: Message, form: str, *, allow_private: bool, proxy: str | None = None
    ) -> Attempt:
        """Send one message and say how it ended; never raises for anything that the network or the service does."""
        kind = (allow_private, proxy)
        order = {"url": url, "title": message.title, "text": message.text, "form": form}
        try:
            courier = await self._courier(kind)
        except (OSError, TimeoutError) as error:
            return Attempt(None, f"apprise does not start: {type(error).__name__}")
        try:
            async with asyncio.timeout(self._timeout):
                answer = await courier.carry(order)
        except TimeoutError:
            courier.stale = True  # a thread of it hangs; others may finish
            return Attempt(None, f"no answer within {self._timeout:g} s")
        except OSError as error:
            return Attempt(None, str(error))
        finally:
            self._let_go_later(kind, courier)
        return Attempt(answer["status"], answer["reason"], answer["retry_after"], ok=answer["ok"])

    async def _courier(self, kind: tuple[bool, str | None]) -> Courier:
        async with self._starting:
            if (timer := self._timers.pop(kind, None)) is not None:
                timer.cancel()
            courier = self._couriers.get(kind)
            if courier is None or not courier.works:
                courier = self._couriers[kind] = await Courier.start(allow_private=kind[0], proxy=kind[1])
            return courier

    def _let_go_later(self, kind: tuple[bool, str | None], courier: Courier) -> None:
        if courier.busy:
            return
        if not courier.works:
            self._end(courier)
        elif self._couriers.get(kind) is courier and kind not in self._timers:
            self._timers[kind] = asyncio.get_running_loop().call_later(self._idle, self._let_go, kind)

    def _let_go(self, kind: tuple[bool, str | None]) -> None:
        del self._timers[kind]
        courier = self._couriers.get(kind)
        if courier is not None and not courier.busy:
            del self._couriers[kind]
            self._end(courier)

    def _end(self, courier: Courier) -> None:
        task = asyncio.create_task(courier.close(), name="end a courier")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """End every process; what is under way fails. It may be used again."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        couriers, self._couriers = list(self._couriers.values()), {}
        await asyncio.gather(*(courier.close() for courier in couriers), *self._ending)
