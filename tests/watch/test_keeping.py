"""What a watch does beside polling."""

import asyncio
import logging
from typing import Self

import pytest
from aiohttp import web

from crawler.config import Config, Watch
from crawler.watch.keeping import Keeping


def settings(**values: object) -> Watch:
    return Config.model_validate({"watch": values}).watch


async def nothing(by: float = 0.0) -> None:
    del by


async def test_a_clock_that_is_set_is_noticed() -> None:
    moments = iter([0.0, 0.01, 5000.0, *(5000.0 + step / 100 for step in range(10_000))])
    jumped, ticked, by = asyncio.Event(), asyncio.Event(), []

    async def tick() -> None:
        ticked.set()

    async def jump(seconds: float) -> None:
        by.append(seconds)
        jumped.set()

    keeping = Keeping(settings, lambda: next(moments), tick, jump, guard=False, look_every=0.01)
    task = asyncio.create_task(keeping.run())
    async with asyncio.timeout(20):
        await jumped.wait()
        await ticked.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert by == [pytest.approx(5000, abs=20)]


class Address:
    """A heartbeat address on loopback; each time it is asked it releases `asked`."""

    def __init__(self, status: int) -> None:
        self.asked = asyncio.Semaphore(0)
        self._status = status

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([web.get("/ping", self._answer)])
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        values = settings(heartbeat_url=f"http://127.0.0.1:{self._runner.addresses[0][1]}/ping", heartbeat_every=1)
        self.settings = values.model_copy(update={"heartbeat_every": 0.01})
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, _: web.Request) -> web.Response:
        self.asked.release()
        return web.Response(status=self._status)


async def test_the_heartbeat_address_is_asked_and_its_failure_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    async with Address(500) as address:
        keeping = Keeping(lambda: address.settings, lambda: 0.0, nothing, nothing, guard=False, look_every=60.0)
        with caplog.at_level(logging.WARNING):
            task = asyncio.create_task(keeping.run())
            async with asyncio.timeout(20):
                for _ in range(3):
                    await address.asked.acquire()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    assert caplog.text.count("answered 500") == 1


async def test_no_heartbeat_is_sent_while_the_store_refuses() -> None:
    looks = 0
    enough = asyncio.Event()

    def well() -> bool:
        nonlocal looks
        looks += 1
        if looks > 5:
            enough.set()
        return looks > 3

    async with Address(200) as address:
        keeping = Keeping(lambda: address.settings, lambda: 0.0, nothing, nothing, well=well, guard=False)
        task = asyncio.create_task(keeping.run())
        async with asyncio.timeout(20):
            await address.asked.acquire()
            assert looks == 4, "the first three times it was not well"
            await enough.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
