"""A receiver of webhooks that keeps every request, and answers well or badly as told.

`python -m crawler.replica.receiver --port 0 --control-port 0 --jsonl FILE` prints one JSON line with its addresses and
serves until SIGINT or SIGTERM. It keeps records and checks nothing: whether a signature holds is for the reader of the
records to say.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import random
import signal
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from aiohttp import web

from crawler.replica import control
from crawler.replica.serving import reset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEPT: Final = 100_000
_BODY: Final = 4 << 20
_HANG: Final = 3600.0
_WORDS: Final = frozenset({"ok", "hang", "reset", "half-close"})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST: `at` is Unix time, `body` the raw bytes as UTF-8 text, or None and `body_base64` where they are none.

    `answered` is what it got: a status, `hang`, `reset` or `half-close`.
    """

    n: int
    at: float
    path: str
    headers: dict[str, str]
    body: str | None
    body_base64: str | None
    answered: str

    @property
    def raw(self) -> bytes:
        """The body as it came."""
        return self.body.encode() if self.body is not None else base64.b64decode(self.body_base64 or "")


class Receiver:
    """Listens on 127.0.0.1 (or another loopback address) and records what is posted to any path.

    An answer is `ok` (204), a status (`503`), `hang`, `reset` or `half-close`. `mix` gives answers weights and draws
    among them by `seed`; `answer_next` puts answers ahead of the drawing. `jsonl` gets one line a delivery, on disk
    before the answer is sent.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        control_port: int | None = None,
        jsonl: Path | None = None,
        mix: Mapping[str, float] | None = None,
        retry_after: int | str | None = None,
        location: str = "/moved",
        seed: int = 1,
    ) -> None:
        self.deliveries: deque[Delivery] = deque(maxlen=_KEPT)
        self.control_url: str | None = None
        self.retry_after = retry_after
        self._location = location
        self._host, self._port, self._control_port = host, port, control_port
        self._rng = random.Random(seed)
        self._next: deque[str] = deque()
        self._journal = _Journal(jsonl) if jsonl is not None else None
        self._runners: list[web.ServerRunner | web.AppRunner] = []
        self._count = 0
        self._arrived = asyncio.Condition()
        self._released = asyncio.Event()
        self._mix: dict[str, float] = {}
        self.behave(mix or {"ok": 1})

    @property
    def url(self) -> str:
        """Where to post to."""
        return f"http://{self._host}:{self._port}/hook"

    def behave(self, mix: Mapping[str, float]) -> None:
        """Draw answers by these weights from now on. Raises ValueError for an answer that does not exist."""
        for answer in mix:
            _check(answer)
        self._mix = dict(mix)

    def answer_next(self, *answers: str | int) -> None:
        """Give the next requests these answers, one each."""
        for answer in answers:
            _check(str(answer))
        self._next.extend(str(answer) for answer in answers)

    async def wait_for(self, count: int) -> list[Delivery]:
        """The deliveries as soon as there are `count`."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: self._count >= count)
        return list(self.deliveries)

    async def start(self) -> None:
        """Listen."""
        runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.5)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, self._host, self._port, backlog=512).start()
        self._port = runner.addresses[0][1]
        if self._control_port is not None:
            app = web.Application(middlewares=[control.errors])
            app.add_routes(
                [web.get("/deliveries", self._show), web.post("/behave", self._told), web.post("/clear", self._clear)]
            )
            desk = web.AppRunner(app, access_log=None)
            await desk.setup()
            self._runners.append(desk)
            await web.TCPSite(desk, "127.0.0.1", self._control_port).start()
            self.control_url = f"http://127.0.0.1:{desk.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the ports; hanging answers are let go."""
        self._released.set()
        runners, self._runners = self._runners, []
        for runner in runners:
            await runner.cleanup()
        if self._journal is not None:
            self._journal.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.stop()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        at = time.time()
        raw = await request.content.read(_BODY)
        while len(raw) < _BODY and (more := await request.content.read(_BODY - len(raw))):
            raw += more
        answer = self._next.popleft() if self._next else self._draw()
        text, coded = _text(raw)
        self._count += 1
        delivery = Delivery(self._count, at, request.path, dict(request.headers), text, coded, answer)
        self.deliveries.append(delivery)
        if self._journal is not None:
            await self._journal.append(json.dumps(asdict(delivery), ensure_ascii=False).encode() + b"\n")
        async with self._arrived:
            self._arrived.notify_all()
        return await self._answer(request, answer)

    def _draw(self) -> str:
        return self._rng.choices(list(self._mix), list(self._mix.values()))[0]

    async def _answer(self, request: web.BaseRequest, answer: str) -> web.StreamResponse:
        match answer:
            case "ok":
                return web.Response(status=204)
            case "hang":
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._released.wait(), _HANG)
                return reset(request)
            case "reset":
                return reset(request)
            case "half-close":
                response = web.StreamResponse()
                response.content_length = 100
                response.force_close()
                await response.prepare(request)
                await response.write(b"{")
                return response
            case _:
                headers = {"Location": self._location} if answer.startswith("3") else {}
                if self.retry_after is not None and answer in {"429", "503"}:
                    headers["Retry-After"] = str(self.retry_after)
                return web.Response(status=int(answer), headers=headers, text=f"answer {answer} as told")

    async def _show(self, _: web.Request) -> web.Response:
        return web.json_response([asdict(one) for one in self.deliveries])

    async def _told(self, request: web.Request) -> web.Response:
        wanted: dict[str, Any] = await request.json()
        if "mix" in wanted:
            self.behave(wanted["mix"])
        if "retry_after" in wanted:
            self.retry_after = wanted["retry_after"]
        self.answer_next(*wanted.get("next", ()))
        return web.json_response({})

    async def _clear(self, _: web.Request) -> web.Response:
        self.deliveries.clear()
        return web.json_response({})


class _Journal:
    """Lines on disk before anybody goes on; lines that arrive during one fsync share the next."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._lock = asyncio.Lock()
        self._written = self._synced = 0

    async def append(self, line: bytes) -> None:
        self._file.write(line)
        self._written += 1
        mine = self._written
        async with self._lock:
            if self._synced < mine:
                upto = self._written
                await asyncio.to_thread(os.fsync, self._file.fileno())
                self._synced = upto

    def close(self) -> None:
        self._file.close()


def _check(answer: str) -> None:
    if answer not in _WORDS and not (answer.isdigit() and 200 <= int(answer) <= 599):
        raise ValueError(f"no answer {answer!r}: it is a status, or {', '.join(sorted(_WORDS))}")


def _text(raw: bytes) -> tuple[str | None, str | None]:
    try:
        return raw.decode(), None
    except UnicodeDecodeError:
        return None, base64.b64encode(raw).decode()


def _mix(text: str) -> dict[str, float]:
    """Read `ok=80,503=15,reset=5`."""
    return {answer: float(weight) for answer, _, weight in (part.partition("=") for part in text.split(","))}


async def _serve(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    receiver = Receiver(
        host=options.host,
        port=options.port,
        control_port=options.control_port,
        jsonl=options.jsonl,
        mix=options.mix,
        retry_after=options.retry_after,
        seed=options.seed,
    )
    async with receiver:
        sys.stdout.write(json.dumps({"url": receiver.url, "control": receiver.control_url, "pid": os.getpid()}) + "\n")
        sys.stdout.flush()
        await stopped.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(
        prog="python -m crawler.replica.receiver", description="A receiver of webhooks for tests."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--jsonl", type=Path, help="append every delivery to this file, synced line by line")
    parser.add_argument(
        "--mix", type=_mix, help="weights of answers: ok=80,503=10,429=2,301=1,410=0,hang=1,reset=5,half-close=1"
    )
    parser.add_argument("--retry-after", help="sent with 429 and 503")
    parser.add_argument("--seed", type=int, default=1)
    asyncio.run(_serve(parser.parse_args(arguments)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
