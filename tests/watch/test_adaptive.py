"""The adaptive watch as it runs, with a clock of the test's own beside the real scheduler."""

import asyncio
import time

import pytest

from crawler.config import Config
from crawler.exceptions import ConfigError
from crawler.watch.schedule import Reread, Watcher
from tests.watch.conftest import MakePost, Post

ARTICLES = {"trs/news": 25, "trs/policy": 25, "json/yaowen": 12}
NAMES = ("replica-trs/news", "replica-trs/policy", "replica-json/yaowen")
PACE = 2000.0
"""Seconds of the watch's own clock in one of the machine's: the waits of a day pass in a minute."""


def start(post: Post, *names: str, **options: object) -> Watcher:
    begun = time.time()
    chosen = [pair for name in names for pair in post.registry.resolve(name)]
    settings = Config.model_validate({"watch": options}).watch
    watcher = Watcher(
        post.process,
        chosen,
        settings,
        on_report=post._report,
        clock=lambda: begun + (time.time() - begun) * PACE,
        speed=PACE,
    )
    post.watcher = watcher
    post.running = asyncio.create_task(watcher.run())
    return watcher


async def test_polls_follow_the_rhythm_and_their_reasons_are_kept(make_post: MakePost) -> None:
    post = await make_post(articles=ARTICLES)
    start(post, *NAMES)
    await post.until(lambda: all(len(post.seen(name)) >= 4 for name in NAMES))
    post.watcher.stop()
    await post.running
    for state in await post.process.store.sections.all():
        runs = [run.started_at for run in await post.process.store.runs.recent(state.id, 10)][::-1]
        assert len(runs) >= 4
        assert state.next_poll_at is not None
        assert "posts a working day expected" in (state.next_poll_why or "")


async def test_a_fault_while_it_runs_is_told_and_its_end_too(make_post: MakePost) -> None:
    post = await make_post(articles=ARTICLES)
    start(post, *NAMES)
    await post.until(lambda: all(post.seen(name) for name in NAMES))
    post.replica.portal("trs").switch(block="page")
    events = post.process.store.events

    async def told(count: int) -> list[tuple[str, str, str]]:
        while len(found := await events.notices(0, 10)) < count:
            await post.another()
        return [(one.type, one.data["name"], one.data["verdict"]) for one in found]

    assert await told(1) == [("portal.fault", "replica-trs", "blocked")]
    post.replica.portal("trs").heal()
    assert await told(2) == [
        ("portal.fault", "replica-trs", "blocked"),
        ("portal.fault.recovered", "replica-trs", "blocked"),
    ]


async def test_a_paused_section_is_left_alone_until_it_is_resumed(make_post: MakePost) -> None:
    post = await make_post(articles=ARTICLES)
    sections = post.process.store.sections
    paused = await sections.open("replica-json", "yaowen")
    await sections.pause(paused.id, None)
    start(post, *NAMES)
    await post.until(lambda: len(post.seen(NAMES[0])) >= 3)
    assert not post.seen(NAMES[2])
    state = await sections.get("replica-json", "yaowen")
    assert state is not None
    assert state.next_poll_why == "paused"
    await sections.resume(paused.id)
    await post.until(lambda: bool(post.seen(NAMES[2])))


async def test_the_configuration_is_read_again_on_request_and_a_mistake_in_it_is_said(
    make_post: MakePost, caplog: pytest.LogCaptureFixture
) -> None:
    post = await make_post(articles=ARTICLES)
    given: dict[str, tuple[str, ...]] = {"names": NAMES[:1]}

    def reload() -> Reread:
        if not given["names"]:
            raise ConfigError("portalwatch.toml: watch.every: wrong")
        chosen = [pair for name in given["names"] for pair in post.registry.resolve(name)]
        config = post.config.model_copy(update={"watch": Config.model_validate({"watch": {"every": 0.2}}).watch})
        return Reread(config, post.registry, chosen)

    watcher = post.start(NAMES[0])
    watcher._reload = reload
    await post.until(lambda: bool(post.seen(NAMES[0])))
    given["names"] = ()
    watcher._hang_up()
    await watcher._reloading
    assert "watch.every: wrong" in caplog.text
    given["names"] = NAMES[2:]
    watcher._hang_up()
    await watcher._reloading
    await post.until(lambda: len(post.seen(NAMES[2])) >= 2)
    before = len(post.seen(NAMES[0]))
    await post.until(lambda: len(post.seen(NAMES[2])) >= 5)
    assert len(post.seen(NAMES[0])) <= before + 1, "at most the pass that was under way"
