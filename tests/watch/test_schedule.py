"""The schedule as it runs: APScheduler, the resident crawler and the store together."""

import asyncio
import logging
import os
import signal
from pathlib import Path

import pytest

from crawler.replica import ReplicaProcess
from crawler.text.urls import canonical_url
from tests.watch.commanding import Command
from tests.watch.conftest import MakePost

ARTICLES = {"trs/news": 30, "hanweb/news": 20, "json/yaowen": 12}


async def test_every_section_is_polled_again_and_again_and_what_is_new_is_found(make_post: MakePost) -> None:
    post = await make_post(articles=ARTICLES)
    names = ["replica-trs/news", "replica-hanweb/news", "replica-json/yaowen"]
    post.start(*names)
    await post.until(lambda: all(len(post.seen(name)) >= 3 for name in names))
    published = post.replica.portal("trs").publish("news")
    await post.until(lambda: any(report.new for report in post.seen(names[0])[1:]))
    events = await post.process.store.events.after(0, 10_000)
    assert [event.alert for event in events].count(True) == 1
    assert events[-1].record.canonical_url == canonical_url(published.url)
    assert sum(report.new for report in post.reports) == len(events), "no article was stored twice"


async def test_the_sections_start_spread_out(make_post: MakePost) -> None:
    """With an hour between polls, the section whose turn comes at half an hour is not asked at the start."""
    post = await make_post(articles=ARTICLES)
    post.start("replica-trs/news", "replica-hanweb/news", every=3600.0)
    await post.until(lambda: bool(post.reports))
    assert [report.name for report in post.reports] == ["replica-trs/news"]
    assert not any("127.0.0.3" in url for url in post.replica.requests.counts)


async def test_the_next_poll_counts_from_when_the_portal_was_asked_not_from_the_wait_for_its_other_sections(
    make_post: MakePost,
) -> None:
    post = await make_post(articles={"trs/news": 1, "trs/notice": 1})
    portal = post.replica.portal("trs")
    portal.switch(path=portal.section("news").path, delay=1.0)
    post.start("replica-trs/news", "replica-trs/notice", every=0.8)
    await post.until(lambda: bool(post.seen("replica-trs/notice")))
    asked = post.seen("replica-trs/notice")[0].run.started_at
    assert asked > post.seen("replica-trs/news")[0].run.started_at + 1.0, "it had to wait"
    planned = 0.0
    async with asyncio.timeout(30):
        while planned < asked:
            planned = (await post.process.store.sections.get("replica-trs", "notice")).next_poll_at
    assert planned >= asked + 0.8


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_watch_in_the_middle_of_a_pass_and_keeps_what_was_stored(
    make_post: MakePost, number: signal.Signals
) -> None:
    post = await make_post(articles=ARTICLES)
    portal = post.replica.portal("trs")
    stuck = portal.articles[29]
    portal.switch(path=stuck.path, delay=3600)
    post.start("replica-trs/news", "replica-json/yaowen")
    await post.until(lambda: bool(post.seen("replica-json/yaowen")))
    async with asyncio.timeout(20):
        while await post.process.store.events.last_seq() < 12:
            assert not post.seen("replica-trs/news")
        os.kill(os.getpid(), number)
        await post.running
    assert not post.seen("replica-trs/news"), "the pass was under way, held up by one article"
    await post.process.flush()
    lines = post.folder.articles.read_bytes().splitlines()
    assert len(lines) == len(await post.process.store.events.after(0, 10_000)) >= 12


async def test_a_pass_over_its_time_is_cancelled_and_the_next_one_goes_on(
    make_post: MakePost, caplog: pytest.LogCaptureFixture
) -> None:
    post = await make_post(articles=ARTICLES)
    portal = post.replica.portal("json")
    portal.switch(delay=3600)
    told = asyncio.Event()

    class Told(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "took longer" in record.getMessage():
                told.set()

    handler = Told()
    logging.getLogger("crawler.watch.schedule").addHandler(handler)
    try:
        post.start("replica-json/yaowen", job_timeout=0.3)
        async with asyncio.timeout(30):
            await told.wait()
    finally:
        logging.getLogger("crawler.watch.schedule").removeHandler(handler)
    assert not post.reports
    portal.heal()
    post.watcher.stop()
    await post.running
    post.start("replica-json/yaowen")
    await post.until(lambda: bool(post.reports))
    assert sum(report.new for report in post.reports) == 12
    assert "the next one goes on where it stopped" in caplog.text


def test_the_command_ends_with_status_0_after_sigterm(tmp_path: Path) -> None:
    with ReplicaProcess("--articles", "json/yaowen=8", "--portals-dir", str(tmp_path / "portals")):
        variables = {"PORTALWATCH_POLITENESS__DELAY": "0", "PORTALWATCH_WATCH__EVERY": "0.2"}
        with Command(tmp_path, "replica-json/yaowen", **variables) as watch:
            assert watch.out.until("new") == "replica-json/yaowen 8 new · 0 revised · 0 failed\n"
            assert watch.end() == 0
            assert len(watch.err.rest()) == 1, "what it watches, and nothing besides"
    assert len((tmp_path / "data" / "articles.jsonl").read_bytes().splitlines()) == 8
