"""A clock that somebody sets, under a watch and between two."""

import asyncio
import time
from dataclasses import replace

import pytest

from crawler.config import Config
from crawler.watch.schedule import Watcher
from tests.watch.conftest import MakePost

HOUR = 3600.0
SPEED = 1000.0
NAME = "replica-json/yaowen"


class Clock:
    """Runs `SPEED` times as fast as the machine's, and can be set."""

    def __init__(self) -> None:
        self.set_by, self._since = 0.0, time.time()

    def __call__(self) -> float:
        return self._since + (time.time() - self._since) * SPEED + self.set_by


@pytest.mark.parametrize("by", [1.5 * HOUR, -3 * HOUR])
async def test_a_poll_comes_as_long_after_the_last_one_as_it_would_have(make_post: MakePost, by: float) -> None:
    """Neither at once, because an hour seems to be over, nor an hour after the clock was set."""
    post = await make_post(articles={"json/yaowen": 5})
    sections, clock = post.process.store.sections, Clock()
    polled: list[float] = []
    watcher = post.watcher = Watcher(
        post.process,
        post.registry.resolve(NAME),
        Config(watch={"every": HOUR}).watch,
        on_report=lambda _: polled.append(clock()),
        clock=clock,
        speed=SPEED,
    )
    post.running = asyncio.create_task(watcher.run())

    async def planned() -> float:
        state = await sections.get(*NAME.split("/"))
        return state.next_poll_at or 0.0 if state is not None else 0.0

    async with asyncio.timeout(30):
        while not polled or clock() < polled[0] + HOUR / 2:
            before = await planned()
        clock.set_by = by
        while (after := await planned()) == before:
            assert len(polled) == 1
    assert after == pytest.approx(before + by, abs=HOUR / 10)


async def test_polls_that_lie_ahead_are_no_reason_to_wait(make_post: MakePost) -> None:
    """The clock was set back while no watch ran: how long ago the last poll was is not known."""
    post = await make_post(articles={"json/yaowen": 5})
    store = post.process.store
    post.start(NAME, every=HOUR)
    await post.another()
    post.watcher.stop()
    await post.running
    run = await store.runs.last((await store.sections.get(*NAME.split("/"))).id)
    ahead = time.time() + 1.5 * HOUR
    await store.runs.add(replace(run, started_at=ahead, finished_at=ahead))
    post.start(NAME, every=HOUR)
    await post.another()
