from typing import Any

import pytest

from crawler.replica.ledger import Line
from crawler.text.urls import canonical_url
from tests.crawl.conftest import Bench, MakeBench

FIELDS = ("title", "source", "authors", "body", "published_at")


def same(line: Line, record: Any) -> None:
    for name in FIELDS:
        assert getattr(record, name) == getattr(line, name), f"{line.url}: {name}"


@pytest.mark.parametrize(
    "target", ["replica-trs/news", "replica-trs/policy", "replica-hanweb/news", "replica-json/yaowen"]
)
async def test_a_whole_section_comes_out_as_it_was_published(bench: Bench, target: str) -> None:
    report = await bench.poll(target, max_pages=100)
    portal, _, section = target.partition("/")
    lines = bench.replica.ledger.articles(portal, section)
    records = await bench.records()
    assert (report.new, report.failed, report.error) == (len(lines), 0, None)
    for line in lines:
        same(line, records[canonical_url(line.url)])


async def test_the_first_pass_reads_page_one_and_says_that_there_is_more(bench: Bench) -> None:
    report = await bench.poll("replica-trs/news")
    assert report.first_pass
    assert report.pages == 1
    assert report.more
    assert 0 < report.new < 30
    assert not any(event.alert for event in await bench.events())


async def test_a_later_pass_finds_exactly_what_is_new_and_alerts(bench: Bench) -> None:
    await bench.poll("replica-trs/news")
    known = len(await bench.events())
    posts = [bench.replica.portal("trs").publish("news") for _ in range(3)]
    report = await bench.poll("replica-trs/news")
    events = (await bench.events())[known:]
    assert report.new == 3
    assert [event.record.canonical_url for event in events] == [canonical_url(post.url) for post in posts]
    assert all(event.alert for event in events)


async def test_more_new_posts_than_a_page_holds_are_followed_to_the_last_known_one(bench: Bench) -> None:
    await bench.poll("replica-trs/news")
    for _ in range(45):
        bench.replica.portal("trs").publish("news")
    report = await bench.poll("replica-trs/news")
    assert report.new == 45


async def test_an_unchanged_list_costs_one_conditional_request(bench: Bench) -> None:
    await bench.poll("replica-trs/news")
    report = await bench.poll("replica-trs/news")
    assert (report.traffic.requests, report.traffic.not_modified, report.new) == (1, 1, 0)


async def test_a_list_without_validators_is_told_by_its_bytes(bench: Bench) -> None:
    bench.replica.switch(validators="none")
    await bench.poll("replica-trs/news")
    report = await bench.poll("replica-trs/news")
    assert (report.traffic.requests, report.entries, report.error) == (1, 0, None)


async def test_articles_that_failed_are_pending_and_come_with_the_next_pass(bench: Bench) -> None:
    portal = bench.replica.portal("trs")
    await bench.poll("replica-trs/news")
    post = portal.publish("news")
    portal.switch(path=post.path, status=503)
    failed = await bench.poll("replica-trs/news")
    assert (failed.new, failed.failed) == (0, 1)
    portal.heal()
    report = await bench.poll("replica-trs/news")
    assert report.traffic.not_modified == 1, "the list says that nothing changed, and yet nothing is lost"
    assert report.new == 1
    assert (await bench.events())[-1].alert


async def test_what_failed_in_the_first_pass_does_not_alert_later(bench: Bench) -> None:
    portal = bench.replica.portal("trs")
    victim = portal.articles[29]
    portal.switch(path=victim.path, status=503)
    await bench.poll("replica-trs/news")
    portal.heal()
    report = await bench.poll("replica-trs/news")
    assert report.new == 1
    assert not (await bench.events())[-1].alert


async def test_a_patient_pass_leaves_what_failed_until_its_time(bench: Bench) -> None:
    portal = bench.replica.portal("trs")
    victim = portal.articles[29]
    portal.switch(path=victim.path, status=503)
    await bench.poll("replica-trs/news", patient=True)
    portal.heal()
    assert (await bench.poll("replica-trs/news", patient=True)).new == 0
    bench.now += 90
    assert (await bench.poll("replica-trs/news", patient=True)).new == 1


async def test_a_list_that_was_not_walked_to_its_end_is_walked_again(bench: Bench) -> None:
    """Page 2 fails after page 1 was recorded; the 304 of page 1 must not hide what page 2 held."""
    portal = bench.replica.portal("trs")
    await bench.poll("replica-trs/news", max_pages=100)
    posts = [portal.publish("news") for _ in range(30)]
    section = portal.section("news")
    second = section.path + "index_1.shtml"
    portal.switch(path=second, status=503)
    broken = await bench.poll("replica-trs/news")
    assert broken.error is not None
    portal.heal()
    await bench.poll("replica-trs/news")
    known = await bench.records()
    assert all(canonical_url(post.url) in known for post in posts)


async def test_an_edit_is_a_new_revision_and_furniture_is_not(make_bench: MakeBench) -> None:
    bench: Bench = await make_bench({"revisit": {"ages": [10, 20, 30]}}, articles={"trs/news": 5})
    await bench.poll("replica-trs/news")
    edited, dressed = bench.replica.portal("trs").articles[:2]
    edited.edit(title="标题改过了的一条消息")
    dressed.redress()
    bench.now += 15
    report = await bench.poll("replica-trs/news")
    assert (report.new, report.revised, report.traffic.not_modified) == (0, 1, 3)
    event = (await bench.events())[-1]
    assert (event.type, event.changes, event.record.revision) == ("revised", ("title",), 2)
    assert event.record.title == "标题改过了的一条消息"


async def test_an_article_gone_on_two_visits_is_withdrawn(make_bench: MakeBench) -> None:
    bench: Bench = await make_bench({"revisit": {"ages": [10, 20, 30]}}, articles={"trs/news": 5})
    await bench.poll("replica-trs/news")
    bench.replica.portal("trs").articles[2].withdraw("404", delist=False)
    bench.now += 15
    assert (await bench.poll("replica-trs/news")).withdrawn == 0
    bench.now += 15
    assert (await bench.poll("replica-trs/news")).withdrawn == 1
    event = (await bench.events())[-1]
    assert event.type == "withdrawn"
    assert event.record.withdrawn_at is not None


async def test_twins_and_posts_in_two_sections_are_one_article(bench: Bench) -> None:
    portal = bench.replica.portal("trs")
    portal.publish("news", also=["policy"])
    portal.publish("news", twin_in={"policy": "_gzk"})
    portal.publish("news", copy_in=["policy"])
    await bench.poll("replica-trs/news")
    stored = len(await bench.events())
    report = await bench.poll("replica-trs/policy")
    assert report.linked == 3
    assert len(await bench.events()) == stored + 8
    newest = bench.replica.ledger.articles("trs", "news")[-1]
    record = (await bench.records())[canonical_url(newest.url)]
    kept = await bench.store.articles.get(record.id)
    assert kept is not None
    assert set(kept.sections) == {"news", "policy"}


async def test_files_and_outside_links_are_entries_of_their_own_form(bench: Bench) -> None:
    portal = bench.replica.portal("trs")
    portal.publish("news", form="external", link="https://www.gov.cn/yaowen/content_1.htm", title="国务院的一条消息")
    document = portal.publish("news", form="file", title="一份文件")
    await bench.poll("replica-trs/news")
    records = await bench.records()
    outside, listed = records["https://www.gov.cn/yaowen/content_1.htm"], records[canonical_url(document.url)]
    assert (outside.form, outside.body, outside.title) == ("external", None, "国务院的一条消息")
    assert (listed.form, listed.body, listed.title) == ("file", None, "一份文件")
    assert bench.requests(document.path) == 0


async def test_a_redirect_to_another_host_is_not_followed(bench: Bench) -> None:
    portal = bench.replica.portal("trs")
    post = portal.publish("news")
    elsewhere = bench.replica.portal("hanweb")
    portal.switch(path=post.path, redirect=f"{elsewhere.base}/stolen")
    report = await bench.poll("replica-trs/news")
    assert report.failed == 0
    assert (await bench.records())[canonical_url(post.url)].form == "external"
    assert bench.requests("/stolen") == 0


async def test_a_truncated_answer_is_no_article(bench: Bench) -> None:
    portal = bench.replica.portal("trs")
    post = portal.publish("news")
    portal.switch(path=post.path, truncate=0.5)
    assert (await bench.poll("replica-trs/news")).failed == 1
    portal.heal()
    await bench.poll("replica-trs/news")
    same(bench.replica.ledger.articles("trs", "news")[-1], (await bench.records())[canonical_url(post.url)])


@pytest.mark.parametrize("rows", ["same", "fresh"])
async def test_an_endless_pager_ends(bench: Bench, rows: str) -> None:
    bench.replica.portal("trs").switch(endless=rows)
    report = await bench.poll("replica-trs/news", max_pages=12)
    assert report.pages <= 12
    assert report.error is None


@pytest.mark.parametrize(
    "switches",
    [
        {"charset": "gbk", "header_charset": None},
        {"charset": "gbk", "declared": "utf-8", "header_charset": None},
        {"charset": "utf-16", "declared": "gb2312"},
        {"charset": "gbk", "header_charset": "ISO-8859-1"},
    ],
)
async def test_every_encoding_reads_the_same(bench: Bench, switches: dict[str, Any]) -> None:
    bench.replica.portal("trs").switch(**switches)
    await bench.poll("replica-trs/news", max_pages=100)
    records = await bench.records()
    for line in bench.replica.ledger.articles("trs", "news"):
        same(line, records[canonical_url(line.url)])


async def test_the_printed_date_wins_against_the_date_of_a_migration(bench: Bench) -> None:
    post = bench.replica.portal("trs").publish("news", published_at=_day("2021-03-04"), meta_date=_day("2024-08-01"))
    await bench.poll("replica-trs/news", max_pages=100)
    assert ((await bench.records())[canonical_url(post.url)].published_at or "").startswith("2021-03-04")


@pytest.mark.parametrize("style", ["spaced", "toned", "random", "torn"])
async def test_a_polluted_copy_comes_out_as_the_original(bench: Bench, style: str) -> None:
    post = bench.replica.portal("trs").publish("mirror", pollution=style)
    await bench.poll("replica-trs/mirror")
    record = (await bench.records())[canonical_url(post.url)]
    same(bench.replica.ledger.articles("trs", "mirror")[-1], record)
    assert record.restoration.script == "hant-machine"
    assert record.restoration.annotations_removed > 0


async def test_too_many_requests_with_a_long_retry_after_ends_the_pass_and_loses_nothing(bench: Bench) -> None:
    portal = bench.replica.portal("trs")
    post = portal.publish("news")
    portal.switch(path=post.path, status=429, retry_after=3600)
    report = await bench.poll("replica-trs/news")
    assert report.failed >= 1
    assert bench.requests(post.path) == 1, "a host that asks for an hour is not asked again at once"
    portal.heal()


async def test_robots_txt_that_forbids_is_obeyed(bench: Bench) -> None:
    bench.replica.portal("trs").switch(robots="User-agent: *\nDisallow: /ywdt/\n")
    report = await bench.poll("replica-trs/news")
    assert report.reason == "robots"
    assert bench.requests("/ywdt/") == 0
    assert (await bench.poll("replica-trs/policy")).error is None


async def test_robots_txt_that_fails_forbids(bench: Bench) -> None:
    bench.replica.portal("trs").switch(robots_status=503)
    assert (await bench.poll("replica-trs/news")).reason == "robots"


async def test_a_portal_that_is_down_is_an_error_and_not_an_exception(bench: Bench) -> None:
    bench.replica.portal("trs").switch(down=True)
    report = await bench.poll("replica-trs/news")
    assert report.error is not None
    run = await bench.store.runs.last((await bench.store.sections.all())[0].id)
    assert run is not None
    assert run.error == report.error


async def test_a_list_without_rows_says_so(bench: Bench) -> None:
    bench.replica.portal("trs").switch(shell=True)  # noqa: S604 - a list without rows
    report = await bench.poll("replica-trs/news")
    assert report.reason == "no-entries"


async def test_a_side_bar_is_not_taken_for_an_empty_list(bench: Bench) -> None:
    report = await bench.poll("replica-trs/conference")
    assert report.error is not None
    assert report.reason in {"no-entries", "unsure"}
    assert await bench.events() == []


async def test_since_stops_at_older_entries_and_stores_none_of_them(bench: Bench) -> None:
    lines = bench.replica.ledger.articles("trs", "news")
    day = lines[-5].published_at[:10]
    await bench.poll("replica-trs/news", since=day)
    stored = await bench.records()
    assert set(stored) == {canonical_url(line.url) for line in lines if line.published_at[:10] >= day}


def _day(text: str) -> Any:
    from datetime import date

    return date.fromisoformat(text)
