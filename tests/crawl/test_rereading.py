"""Stored pages read again: what changes by our doing is told as such, and never as an edit."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from crawler.crawl import article as article_module
from crawler.crawl import rereading
from crawler.crawl.backfill import BackfillJob, BackfillOptions
from crawler.crawl.rereading import RereadReport, article_of, content_type, reprocess
from crawler.output import JsonlSink
from crawler.portals import load_portals
from crawler.reading import read_page as today
from crawler.store import RawPage

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.items import Article
    from crawler.text.page import Page
    from tests.crawl.conftest import Bench, MakeBench

TARGET = "replica-trs/news"
OLD = "portalwatch 0.0"


def earlier(page: Page, hints: Any = None) -> Article:
    """How an earlier version read: it missed the first paragraph and the source."""
    article = today(page, hints)
    return replace(article, body=(article.body or "").partition("\n")[2] or article.body, source=None)


def as_earlier(patch: pytest.MonkeyPatch) -> None:
    """Read as an earlier version does, and say so."""
    patch.setattr(article_module, "read_page", earlier)
    patch.setattr("crawler.reading.record.MADE_BY", OLD)


async def run(bench: Bench, sections: list[tuple[str, str]] | None = None) -> RereadReport:
    async def on_batch(_: RereadReport) -> None:
        bench.now += 1

    return await reprocess(bench.store, bench.registry, sections, on_batch=on_batch, clock=lambda: bench.now)


@pytest.fixture
async def old(make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A section that an earlier version has read."""
    bench: Bench = await make_bench({"revisit": {"ages": [10, 20, 30]}}, articles={"trs/news": 12})
    with monkeypatch.context() as patch:
        as_earlier(patch)
        await bench.poll(TARGET)
    return bench


async def test_what_reads_otherwise_is_reprocessed_and_no_revision(old: Bench, tmp_path: Path) -> None:
    known = await old.events()
    requests = old.requests()
    report = await run(old)
    assert (report.read, report.changed, report.failed, report.resumed) == (12, 12, 0, False)
    assert old.requests() == requests, "nobody was asked for anything"
    events = (await old.events())[len(known) :]
    assert {(event.type, event.alert, event.record.revision) for event in events} == {("reprocessed", False, 1)}
    assert {event.changes for event in events} == {("source", "body")}
    for line in old.replica.ledger.articles("trs", "news"):
        (event,) = (event for event in events if event.record.url == line.url)
        assert (event.record.body, event.record.source) == (line.body, line.source)
        assert event.record.made_by != OLD
        now = await old.store.articles.get(event.record.id)
        assert now is not None
        assert (now.body, now.event, now.revision) == (line.body, "reprocessed", 1)
        (revision,) = await old.store.articles.revisions(event.record.id)
        assert revision.body != line.body, "what was emitted stays as it was"
    assert {event.record.fetched_at for event in events} == {event.record.fetched_at for event in known}
    sink = JsonlSink(old.store, tmp_path / "articles.jsonl")
    await sink.open()
    await sink.drain()
    await sink.close()
    lines = [json.loads(line) for line in (tmp_path / "articles.jsonl").read_bytes().splitlines()]
    assert [line["event"] for line in lines] == ["published"] * 12 + ["reprocessed"] * 12


async def test_a_second_run_finds_nothing_to_change(old: Bench) -> None:
    await run(old)
    known = len(await old.events())
    report = await run(old)
    assert (report.read, report.changed) == (12, 0)
    assert len(await old.events()) == known


async def test_a_visit_after_an_upgrade_does_not_take_our_change_for_an_edit(old: Bench) -> None:
    """Before `reprocess` was run: a page whose furniture changed, one that was edited, and the rest."""
    known = len(await old.events())
    edited, dressed = old.replica.portal("trs").articles[:2]
    edited.edit(title="标题改过了的一条消息")
    dressed.redress()
    old.now += 15
    report = await old.poll(TARGET)
    assert report.revised == 1
    events = (await old.events())[known:]
    told = [(event.type, event.record.url, event.alert) for event in events]
    assert sorted(told) == sorted(
        [("reprocessed", edited.url, False), ("revised", edited.url, True), ("reprocessed", dressed.url, False)]
    )
    (revised,) = (event for event in events if event.type == "revised")
    assert (revised.changes, revised.record.revision) == (("title",), 2)


async def test_an_edit_whose_earlier_answer_is_not_kept_is_an_edit(old: Bench, tmp_path: Path) -> None:
    for path in (tmp_path / "raw").glob("*.pack"):
        path.unlink()
    edited = old.replica.portal("trs").articles[0]
    edited.edit(title="标题改过了的一条消息")
    old.now += 15
    assert (await old.poll(TARGET)).revised == 1


async def test_answers_that_are_gone_are_named_and_the_rest_goes_on(old: Bench, tmp_path: Path) -> None:
    for path in (tmp_path / "raw").glob("*.pack"):
        data = path.read_bytes()
        path.write_bytes(data[: len(data) * 2 // 3])
    report = await run(old)
    assert report.failed > 0
    assert report.failed + report.changed == report.read == 12
    assert "damaged" in report.problems[0]


async def test_a_run_that_is_cut_short_goes_on_where_it_was(old: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rereading, "BATCH", 5)

    class KilledError(Exception):
        pass

    async def killed(report: RereadReport) -> None:
        if report.read == 10:
            raise KilledError

    with pytest.raises(KilledError):
        await reprocess(old.store, old.registry, None, on_batch=killed)
    assert (await run(old, [("replica-trs", "policy")])).read == 0, "another run is not that one"
    report = await run(old)
    assert (report.resumed, report.todo, report.read, report.changed) == (True, 2, 2, 2)
    assert (await run(old)).read == 12


async def test_a_revision_after_it_counts_on_and_is_compared_with_the_new_reading(old: Bench) -> None:
    await run(old)
    edited = old.replica.portal("trs").articles[3]
    edited.edit(source="另一个来源")
    old.now += 15
    await old.poll(TARGET)
    event = (await old.events())[-1]
    assert (event.type, event.changes, event.record.revision) == ("revised", ("source",), 2)
    assert (await run(old)).changed == 0


async def test_a_portal_whose_file_is_gone_is_named(old: Bench) -> None:
    old.registry = replace(old.registry, portals={})
    report = await run(old)
    assert report.failed == 12
    assert "unknown portal" in report.problems[0]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"Server: x\r\nContent-Type: text/html; charset=gbk\r\nA: b", "text/html; charset=gbk"),
        (b"content-type:text/html", "text/html"),
        (b"", None),
        (b"X-Content-Type: a\r\nnonsense", None),
    ],
)
def test_the_content_type_is_found_among_header_lines(head: bytes, kind: str | None) -> None:
    assert content_type(head) == kind


async def test_a_backfill_keeps_what_it_read(make_bench: MakeBench) -> None:
    bench: Bench = await make_bench(articles={"trs/news": 25})
    ((portal, section),) = bench.registry.resolve(TARGET)
    options = BackfillOptions()
    job = BackfillJob(bench.fetcher, bench.store, bench.config, portal, section, options, clock=lambda: bench.now)
    await job.run()
    assert await bench.store.raw.count() == 25
    report = await run(bench)
    assert (report.read, report.changed, report.failed) == (25, 0, 0)


def test_an_article_of_several_pages_is_read_as_one() -> None:
    def page(text: str) -> bytes:
        return (
            "<html><head><meta charset=gbk><title>石梁县修路</title></head><body><h1>石梁县修路</h1>"
            f"<div class=content><p>{text * 8}</p></div></body></html>"
        ).encode("gbk")

    head = b"Content-Type: text/html; charset=gbk"
    pages = [
        RawPage("https://www.shiliang.example/a.html", 200, head, page("石梁县今年要修通通往各村的公路。")),
        RawPage("https://www.shiliang.example/a_1.html", 200, head, page("资金由县财政和各村共同承担。")),
    ]
    section = load_portals().resolve("shanxi/news")[0][1]
    body = article_of(pages, section).body or ""
    assert body.split("\n") == ["石梁县今年要修通通往各村的公路。" * 8, "资金由县财政和各村共同承担。" * 8]
