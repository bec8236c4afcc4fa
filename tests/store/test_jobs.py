from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from crawler.store import HandedJob

if TYPE_CHECKING:
    from crawler.store import Store


async def test_a_job_goes_from_hand_to_hand(store: Store) -> None:
    number = await store.jobs.submit("crawl", {"targets": ["山西/news"], "max_pages": None}, 1.0)
    queued = HandedJob(number, "crawl", {"targets": ["山西/news"], "max_pages": None}, "queued")
    assert await store.jobs.get(number) == queued
    claimed = await store.jobs.claim(2.0)
    assert claimed == HandedJob(number, "crawl", queued.arguments, "running")
    assert await store.jobs.claim(2.0) is None
    await store.jobs.progress(number, {"done": 1}, 3.0)
    await store.jobs.finish(number, {"new": 12}, 4.0)
    assert await store.jobs.get(number) == HandedJob(
        number, "crawl", queued.arguments, "done", {"done": 1}, {"new": 12}
    )
    assert await store.jobs.get(number + 1) is None


async def test_jobs_are_claimed_in_order_and_each_once(store: Store) -> None:
    numbers = [await store.jobs.submit("crawl", {"n": number}, 1.0) for number in range(6)]
    claimed = await asyncio.gather(*(store.jobs.claim(2.0) for _ in range(8)))
    assert sorted(job.id for job in claimed if job) == numbers


async def test_what_a_dead_holder_left_running_is_queued_again(store: Store) -> None:
    number = await store.jobs.submit("crawl", {}, 1.0)
    done = await store.jobs.submit("crawl", {}, 1.0)
    for _ in range(2):
        await store.jobs.claim(2.0)
    await store.jobs.finish(done, {}, 3.0)
    assert await store.jobs.release_running() == 1
    again = await store.jobs.claim(4.0)
    assert again is not None
    assert again.id == number
