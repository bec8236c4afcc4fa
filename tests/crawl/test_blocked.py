"""Challenges and block pages, wherever they stand in for a page: told as blocked, never stored, never solved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest
from sqlalchemy import create_engine, text

from crawler.replica.switches import Block
from tests.crawl.test_backfill import Runner

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.replica import Article
    from tests.crawl.conftest import Bench

BLOCKS = get_args(Block)
WORDS = {
    "405": "firewall",
    "412": "challenge-ruishu",
    "521": "challenge-jsl",
    "page": "captcha",
    "refresh": "challenge-refresh",
    "session": "challenge-cookie",
}
NEWS = "replica-trs/news"
SOLVED = ("wafverify", "security_verify_data", "qwA1.3e8c.js")
"""What a browser would ask for next."""


@pytest.fixture
def run(bench: Bench, tmp_path: Path) -> Runner:
    return Runner(bench, tmp_path)


def ledger(folder: Path) -> dict[str, tuple[str, str | None]]:
    """State and reason of every entry, by its address."""
    engine = create_engine(f"sqlite:///{folder / 'portalwatch.db'}")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT url, state, reason FROM entry")).all()
    engine.dispose()
    return {url: (state, reason) for url, state, reason in rows}


def unsolved(bench: Bench) -> bool:
    """Whether nothing was asked that only a solved challenge would ask, and no cookie was sent back."""
    return not any(
        "Cookie" in request.headers or any(word in request.url for word in SOLVED)
        for request in bench.replica.requests.latest
    )


def published(bench: Bench) -> Article:
    return bench.replica.portal("trs").publish("news")


def test_every_kind_of_block_is_told_by_its_word() -> None:
    assert set(WORDS) == set(BLOCKS)


@pytest.mark.parametrize("block", BLOCKS)
async def test_a_list(bench: Bench, block: str) -> None:
    bench.replica.portal("trs").switch(block=block)
    report = await bench.poll(NEWS)
    assert report.reason == "blocked"
    assert f"({WORDS[block]})" in (report.error or "")
    assert await bench.events() == []
    assert unsolved(bench)


@pytest.mark.parametrize("block", BLOCKS)
async def test_an_article_is_pending_until_the_block_is_over(bench: Bench, tmp_path: Path, block: str) -> None:
    portal, post = bench.replica.portal("trs"), published(bench)
    portal.switch(path=post.path, block=block)
    report = await bench.poll(NEWS)
    assert (report.failed, report.traffic.reasons) == (1, {"blocked": 1})
    assert ledger(tmp_path)[post.url] == ("pending", "blocked")
    assert post.url not in {event.record.url for event in await bench.events()}
    assert unsolved(bench)
    portal.heal()
    bench.now += 86_400
    assert (await bench.poll(NEWS)).new == 1
    assert ledger(tmp_path)[post.url][0] == "stored"


@pytest.mark.parametrize("block", BLOCKS)
async def test_an_article_that_is_known_keeps_its_text(bench: Bench, block: str) -> None:
    portal, post = bench.replica.portal("trs"), published(bench)
    await bench.poll(NEWS)
    before = {event.record.url: event.record for event in await bench.events()}[post.url]
    portal.switch(path=post.path, block=block)
    for _ in range(4):
        bench.now += 40 * 86_400
        await bench.poll(NEWS)
    after = [event.record for event in await bench.events() if event.record.url == post.url]
    assert [record.content_sha256 for record in after] == [before.content_sha256]
    assert after[-1].withdrawn_at is None


@pytest.mark.parametrize("block", BLOCKS)
async def test_a_backfill_ends_with_the_reason(run: Runner, block: str) -> None:
    run.bench.replica.portal("trs").switch(block=block)
    report = await run(NEWS, waits=(60.0,))
    assert (report["reason"], report["walked"], report["complete"]) == ("blocked", False, False)
    assert run.slept == [], "waiting does not end a block"
    assert unsolved(run.bench)


@pytest.mark.parametrize("block", BLOCKS)
async def test_a_further_page_that_is_blocked_is_not_the_end_of_the_list(run: Runner, block: str) -> None:
    portal = run.bench.replica.portal("trs")
    portal.switch(path="/ywdt/ljyw/index_1.shtml", block=block)
    report = await run(NEWS)
    assert (report["reason"], report["walked"], report["listed"]) == ("blocked", False, 20)
    portal.heal()
    report = await run(NEWS)
    assert (report["complete"], report["listed"]) == (True, 30)
    assert unsolved(run.bench)


@pytest.mark.parametrize("block", BLOCKS)
async def test_a_file(run: Runner, tmp_path: Path, block: str) -> None:
    from crawler.replica import Attachment

    portal = run.bench.replica.portal("trs")
    post = portal.publish("policy", attachments=[Attachment(name="附件.pdf", lines=("一",))])
    portal.switch(path=portal.file_path(post, 0), block=block)
    report = await run("replica-trs/policy", attachments=True)
    assert report["attachments"]["failed"] > 0
    assert report["complete"]
    bodies = [path.read_bytes()[:4] for path in (tmp_path / "attachments").rglob("*") if path.is_file()]
    assert set(bodies) <= {b"%PDF"}
    assert unsolved(run.bench)


# A page that does not exist, answered with 200.


@pytest.mark.parametrize("soft", [False, True])
async def test_a_missing_article_is_gone_however_it_is_answered(run: Runner, tmp_path: Path, *, soft: bool) -> None:
    portal, post = run.bench.replica.portal("trs"), published(run.bench)
    post.withdraw(delist=False)
    portal.switch(soft_404=soft)
    report: dict[str, Any] = await run(NEWS)
    assert (report["gone"], report["pending"], report["rejected"]) == (1, 0, 0)
    assert ledger(tmp_path)[post.url] == ("gone", "gone" if soft else "http-404")
    assert post.url not in {event.record.url for event in await run.bench.events()}


async def test_a_list_that_moved_away_behind_a_soft_404_is_no_empty_list(bench: Bench) -> None:
    portal = bench.replica.portal("trs")
    portal.section("news").move("/xwzx/yaowen/")
    portal.switch(soft_404=True)
    report = await bench.poll(NEWS)
    assert report.reason == "gone"
    assert "no such page" in (report.error or "")
    assert await bench.events() == []


async def test_a_further_page_that_is_a_soft_404_is_the_end_of_the_list(run: Runner) -> None:
    run.bench.replica.portal("trs").switch(soft_404=True, second_page_missing=True)
    report = await run(NEWS)
    assert report["listed"] == 20
    assert "page 2" in report["ended"]
    assert report["missing"] > 0
