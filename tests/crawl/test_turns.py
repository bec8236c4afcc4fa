from __future__ import annotations

import asyncio
from functools import partial

import pytest

from crawler.crawl.turns import AT_WORK, Turns, workers


async def test_calls_are_made_together_as_soon_as_there_are_enough() -> None:
    made: list[int] = []
    turns = Turns(3)
    went_on: list[int] = []

    async def caller(number: int) -> None:
        await turns.take(partial(made.append, number))
        went_on.append(number)

    first = [asyncio.create_task(caller(number)) for number in range(2)]
    await asyncio.sleep(0)
    assert made == []
    await asyncio.gather(caller(2), *first)
    assert made == [0, 1, 2]
    assert went_on == [0, 1, 2]


async def test_a_call_alone_is_made_after_a_lull() -> None:
    turns = Turns(8)
    assert await asyncio.wait_for(turns.take(lambda: 7), 10) == 7
    assert await asyncio.wait_for(turns.take(lambda: 8), 10) == 8


async def test_each_gets_its_own_result_or_error() -> None:
    def fail() -> int:
        raise ValueError("mine")

    turns = Turns(3)
    results = await asyncio.gather(
        turns.take(lambda: 1), turns.take(fail), turns.take(lambda: 3), return_exceptions=True
    )
    assert results[0] == 1
    assert isinstance(results[1], ValueError)
    assert results[2] == 3


async def test_a_call_that_was_cancelled_is_not_made() -> None:
    made: list[str] = []
    turns = Turns(2)
    given_up = asyncio.create_task(turns.take(lambda: made.append("given up")))
    await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    await turns.take(lambda: made.append("wanted"))
    assert made == ["wanted"]


def test_one_request_at_a_time_is_one_entry_at_a_time() -> None:
    assert workers(1) == 1
    assert (workers(2), workers(16), workers(20)) == (AT_WORK, AT_WORK, 20)
