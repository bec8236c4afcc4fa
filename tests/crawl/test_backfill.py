from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from crawler.crawl.backfill import BackfillJob, BackfillOptions, BackfillProgress
from crawler.crawl.completeness import completeness, with_rejections
from crawler.crawl.turns import workers
from crawler.text.urls import canonical_url, url_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crawler.store import Backfill
    from tests.crawl.conftest import Bench

TARGETS = ("replica-trs/news", "replica-trs/policy", "replica-hanweb/news", "replica-json/yaowen")


class Killed(BaseException):
    """Ends a backfill wherever it stands."""


@dataclass
class Runner:
    """Runs backfills on a bench; the clock moves by a second at each look."""

    bench: Bench
    folder: Path
    slept: list[float] = field(default_factory=list)
    clock: Any = field(default_factory=lambda: count(1_763_000_000))

    async def __call__(
        self, target: str, on_progress: Callable[[BackfillProgress], None] | None = None, **options: Any
    ) -> dict[str, Any]:
        ((portal, section),) = self.bench.registry.resolve(target)

        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        job = BackfillJob(
            self.bench.fetcher,
            self.bench.store,
            self.bench.config,
            portal,
            section,
            BackfillOptions(**{"waits": (), **options}),
            folder=self.folder / "attachments",
            clock=lambda: float(next(self.clock)),
            sleep=sleep,
            on_progress=on_progress,
        )
        report = await job.run()
        return await with_rejections(self.bench.store, await self.latest(target), report)

    async def latest(self, target: str) -> Backfill:
        portal, _, section = target.partition("/")
        state = await self.bench.store.sections.open(portal, section)
        found = await self.bench.store.backfills.latest(state.id)
        assert found is not None
        return found

    def months(self, target: str) -> dict[str, int]:
        """Entries of a section's list by month, as the replica has published them."""
        portal, _, section = target.partition("/")
        lines = self.bench.replica.ledger.articles(portal, section, withdrawn=False)
        return dict(Counter(line.published_at[:7] for line in lines))


@pytest.fixture
def run(bench: Bench, tmp_path: Path) -> Runner:
    return Runner(bench, tmp_path)


def by_month(report: dict[str, Any], what: str = "extracted") -> dict[str, int]:
    return {month["month"]: month[what] for month in report["months"] if month[what]}


@pytest.mark.parametrize("target", TARGETS)
async def test_the_report_equals_what_the_replica_published(run: Runner, target: str) -> None:
    report = await run(target)
    assert report["complete"], report
    assert by_month(report) == by_month(report, "listed") == by_month(report, "fetched") == run.months(target)
    assert (report["rejected"], report["gone"], report["pending"], report["duplicate"]) == (0, 0, 0, 0)
    assert report["earliest"] == min(
        line.published_at[:10] for line in run.bench.replica.ledger.articles(*target.split("/"))
    )
    if report["site_count"] is not None:
        assert report["site_count"]["least"] <= report["listed"] <= report["site_count"]["most"]
    assert not any(event.alert for event in await run.bench.events())
    kept = await run.latest(target)
    assert kept.finished_at is not None
    assert kept.report == {name: value for name, value in report.items() if name != "rejections"}


async def test_entries_are_fetched_newest_first(run: Runner) -> None:
    await run("replica-trs/news")
    dates = [event.record.published_at or "" for event in await run.bench.events()]
    assert dates == sorted(dates, reverse=True)


async def test_a_second_backfill_reads_the_list_again_and_fetches_nothing(run: Runner) -> None:
    await run("replica-trs/news")
    before = Counter(run.bench.replica.requests.counts)
    report = await run("replica-trs/news")
    again = Counter(run.bench.replica.requests.counts) - before
    assert report["complete"]
    assert not [url for url in again if "/t20" in url], "no article was asked for again"


async def test_a_poll_after_a_backfill_is_no_first_pass_and_alerts_what_is_new(run: Runner) -> None:
    await run("replica-trs/news")
    post = run.bench.replica.portal("trs").publish("news")
    report = await run.bench.poll("replica-trs/news")
    assert (report.first_pass, report.new) == (False, 1)
    event = (await run.bench.events())[-1]
    assert (event.record.url, event.alert) == (post.url, True)


@pytest.mark.parametrize("polled", [False, True])
async def test_posts_that_push_the_list_down_lose_nothing(run: Runner, *, polled: bool) -> None:
    replica, target = run.bench.replica, "replica-trs/news"
    for _ in range(60):
        replica.portal("trs").publish("news")
    if polled:
        await run.bench.poll(target)
    listed = {line.url for line in replica.ledger.articles("trs", "news")}
    posts: list[str] = []

    def shift(progress: BackfillProgress) -> None:
        if progress.phase == "listing" and progress.pages and len(posts) < 75:
            posts.extend(replica.portal("trs").publish("news").url for _ in range(25))

    report = await run(target, on_progress=shift)
    urls = {event.record.url for event in await run.bench.events()}
    assert listed <= urls
    assert report["complete"], report
    if polled:
        assert report["left_to_polls"] == report["pending"] == len(posts)
        assert not set(posts) & urls, "new posts are left to the poll, which alerts"
        polling = await run.bench.poll(target)
        assert polling.new == len(posts)
        events = await run.bench.events()
        assert {event.record.url for event in events if event.alert} == set(posts)
    else:
        assert set(posts) <= urls
        assert not any(event.alert for event in await run.bench.events())


async def test_entries_that_leave_the_list_during_the_walk_cost_no_others(run: Runner) -> None:
    target = "replica-hanweb/news"
    replica = run.bench.replica
    for _ in range(100):
        replica.portal("hanweb").publish("news")
    newest = [entry.article for entry in replica.portal("hanweb").section("news").entries[:8]]
    kept = {line.url for line in replica.ledger.articles("hanweb", "news")} - {article.url for article in newest}

    def drop(progress: BackfillProgress) -> None:
        if progress.phase == "listing" and progress.pages and newest:
            newest.pop().withdraw()

    report = await run(target, on_progress=drop)
    assert kept <= {event.record.url for event in await run.bench.events()}
    assert report["walked"]
    assert report["missing"] == 0


@pytest.mark.parametrize("moment", [1, 2, 3, 4, 7, 20, 45])
async def test_a_run_cut_short_anywhere_goes_on_without_asking_twice(run: Runner, moment: int) -> None:
    target = "replica-trs/news"
    for _ in range(30):
        run.bench.replica.portal("trs").publish("news")
    told = 0

    def kill(_: BackfillProgress) -> None:
        nonlocal told
        told += 1
        if told == moment:
            raise Killed

    with pytest.raises(Killed):
        await run(target, on_progress=kill)
    live = await completeness(run.bench.store, target, await run.latest(target), now=2e9)
    assert not live["complete"]
    report = await run(target)
    assert report["complete"], report
    assert by_month(report) == run.months(target)
    counts = run.bench.replica.requests.counts
    twice = [url for url, number in counts.items() if number > 1 and "/t20" in url]
    assert len(twice) <= workers(4), "at most the entries under way"
    assert sum(number - 1 for url, number in counts.items() if "index_" in url) <= 1


async def test_a_resumed_head_is_not_taken_for_a_repeating_pager(run: Runner) -> None:
    target, trs = "replica-trs/conference", run.bench.replica.portal("trs")
    for _ in range(15):
        trs.publish("conference")
    await run.bench.poll(target)
    for _ in range(150):
        trs.publish("conference")
    told = 0

    def kill(_: BackfillProgress) -> None:
        nonlocal told
        told += 1
        if told == 6:
            raise Killed

    with pytest.raises(Killed):
        await run(target, on_progress=kill)
    report = await run(target)
    assert (report["listed"], report["left_to_polls"]) == (165, 150)


@pytest.mark.parametrize(("target", "kind"), [(t, k) for t in TARGETS[:3] for k in ("same", "fresh")])
async def test_endless_pagers_end(run: Runner, target: str, kind: str) -> None:
    portal, _, section = target.partition("/")
    run.bench.replica.portal(portal).section(section).switch(endless=kind)
    report = await run(target)
    assert report["walked"]
    assert set(run.months(target).items()) <= set(by_month(report).items()) or kind == "fresh"
    lines = run.bench.replica.ledger.articles(portal, section)
    urls = {event.record.url for event in await run.bench.events()}
    assert {line.url for line in lines} <= urls
    assert report["pages"] <= 100


async def test_a_further_page_that_does_not_exist_is_the_end_and_shows_in_the_report(run: Runner) -> None:
    run.bench.replica.portal("trs").section("news").switch(second_page_missing=True)
    report = await run("replica-trs/news")
    assert report["listed"] == 20
    assert "page 2" in report["ended"]
    assert not report["complete"]
    assert report["missing"] > 0


async def test_a_list_of_the_newest_only_says_the_earliest_it_shows(run: Runner) -> None:
    run.bench.replica.portal("hanweb").section("news").switch(newest_only=12)
    report = await run("replica-hanweb/news")
    assert (report["listed"], report["site_count"]["most"], report["complete"]) == (12, 12, True)
    lines = run.bench.replica.ledger.articles("hanweb", "news")
    assert report["earliest"] == sorted(line.published_at[:10] for line in lines)[-12]


async def test_a_span_takes_its_days_alone(run: Runner) -> None:
    target = "replica-hanweb/news"
    lines = run.bench.replica.ledger.articles("hanweb", "news")
    days = sorted({line.published_at[:10] for line in lines})
    since, until = days[1], days[-2]
    report = await run(target, since=since, until=until)
    wanted = {line.url for line in lines if since <= line.published_at[:10] <= until}
    assert {event.record.url for event in await run.bench.events()} == wanted
    assert report["listed"] == len(wanted)
    state = await run.bench.store.sections.open("replica-hanweb", "news")
    assert state.completed_walk is None, "what is newer than the span was not read: a poll is still a first pass"
    poll = await run.bench.poll(target)
    assert poll.first_pass


async def test_since_ends_the_walk_early(run: Runner) -> None:
    for _ in range(3):
        run.bench.replica.portal("trs").publish("news")
    for _ in range(200):
        run.bench.replica.portal("trs").publish("news", published_at=run.bench.replica.today.replace(year=2015))
    report = await run("replica-trs/news", since="2016-01-01")
    assert report["listed"] == 33
    assert report["pages"] < 7
    assert "older" in report["ended"]


async def test_dead_pages_are_gone_and_others_rejected_each_with_its_reason(run: Runner) -> None:
    target, trs = "replica-trs/news", run.bench.replica.portal("trs")
    lines = run.bench.replica.ledger.articles("trs", "news")
    dead, broken = lines[3:9], lines[11]
    for line in dead:
        run.bench.replica.article(line.url).withdraw(delist=False)
    trs.switch(path=broken.url.removeprefix(trs.base), status=500)
    report = await run(target)
    named = {one["url"]: (one["state"], one["reason"]) for one in report["rejections"]}
    assert named == {line.url: ("gone", "http-404") for line in dead} | {broken.url: ("pending", "http-500")}
    assert (report["gone"], report["rejected"], report["pending"], report["complete"]) == (6, 0, 1, False)
    for _ in range(3):
        report = await run(target)
    (rejected,) = (one for one in report["rejections"] if one["state"] == "rejected")
    assert (rejected["url"], rejected["reason"]) == (broken.url, "http-500")
    assert (report["rejected"], report["pending"], report["complete"]) == (1, 0, True)
    assert report["fetched"] == report["extracted"] == len(lines) - 7
    assert (await run(target))["rejected"] == 1, "given up for good"
    trs.heal()
    again = await run(target, retry_rejected=True)
    assert (again["rejected"], again["pending"], again["extracted"]) == (0, 0, len(lines) - 6)


async def test_a_copy_in_the_same_section_counts_as_duplicate(run: Runner) -> None:
    trs = run.bench.replica.portal("trs")
    trs.publish("news", copy_in=["notice"])
    await run("replica-trs/news")
    report = await run("replica-trs/notice")
    assert report["duplicate"] == 1
    assert report["listed"] == report["extracted"] + 1


async def test_a_host_that_fails_is_waited_for_and_then_left(run: Runner) -> None:
    trs = run.bench.replica.portal("trs")
    trs.switch(path="/ywdt/ljyw/2", status=503)
    slept: list[str] = []
    report = await run("replica-trs/news", waits=(60.0, 300.0), on_progress=lambda p: slept.append(p.phase))
    assert run.slept == [60.0, 300.0]
    assert "pausing" in slept
    assert report["reason"] == "http-503"
    assert not report["complete"]
    assert (await run.latest("replica-trs/news")).finished_at is None
    trs.heal()
    report = await run("replica-trs/news")
    assert report["complete"]


@pytest.mark.parametrize(
    ("switches", "reason"),
    [
        ({"block": "412"}, "blocked"),
        ({"robots": "User-agent: *\nDisallow: /"}, "robots"),
        ({"shell": True}, "no-entries"),
    ],
)
async def test_a_list_that_cannot_be_had_ends_the_run_with_its_reason(
    run: Runner, switches: dict[str, Any], reason: str
) -> None:
    run.bench.replica.portal("trs").switch(**switches)
    report = await run("replica-trs/news", waits=(60.0,))
    assert report["reason"] == reason
    assert not report["walked"]
    assert run.slept == []


async def test_progress_counts_and_says_what_is_left(run: Runner) -> None:
    seen: list[tuple[str, int | None, int, float | None]] = []
    await run("replica-trs/news", on_progress=lambda p: seen.append((p.phase, p.pages_expected, p.done, p.left)))
    assert [phase for phase, *_ in dict.fromkeys((s[0],) for s in seen)] == ["listing", "fetching", "done"]
    fetching = [left or 0.0 for phase, _, done, left in seen if phase == "fetching" and done > 12]
    assert fetching
    assert all(fetching[:-1])
    assert fetching == sorted(fetching, reverse=True)


async def test_a_failing_share_of_all_answers_loses_nothing(run: Runner) -> None:
    run.bench.replica.switch(fail_share=0.2)
    report = await run("replica-trs/news", waits=(1.0,) * 20)
    assert by_month(report) == run.months("replica-trs/news")


async def test_recent_articles_are_visited_again_and_old_ones_are_not(run: Runner) -> None:
    run.clock = count(int(run.bench.replica.portal("trs").articles[-1].published.timestamp()))
    for year in (2016, 2017):
        run.bench.replica.portal("trs").publish("news", published_at=run.bench.replica.today.replace(year=year))
    await run("replica-trs/news")
    state = await run.bench.store.sections.open("replica-trs", "news")
    visits = await run.bench.store.articles.due_visits(state.id, 4e9, 1000)
    assert visits
    assert all((visit.published_at or "") > "2018" for visit in visits)


async def test_a_list_asked_for_by_post_is_walked(run: Runner, tmp_path: Path) -> None:
    from crawler.portals import load_portals

    base = run.bench.replica.portal("hanweb")
    for _ in range(95):
        base.publish("news")
    code = base.section("news").code
    text = run.bench.replica.portal_toml("hanweb")
    folder = tmp_path / "post"
    folder.mkdir()
    listing = f'url = "{base.list_url("news")}"'
    assert listing in text
    proxy = f'url = "{base.base}/module/web/jpage/dataproxy.jsp"'
    section, _, rest = text.partition(listing)
    before_next, _, after = rest.partition("[[section]]")
    hints = f"[section.list]\npost = 'page={{page}}&columnid={code}&perpage=15'"
    changed = f"{section}{proxy}{before_next}{hints}\n\n[[section]]{after}"
    (folder / "replica-hanweb.toml").write_text(changed, "utf-8")
    run.bench.registry = load_portals(folder)
    report = await run("replica-hanweb/news")
    assert report["complete"], report
    assert (report["listed"], report["site_count"]["least"]) == (115, 115)
    asked = [request for request in run.bench.replica.requests.latest if "dataproxy" in request.url]
    assert {request.method for request in asked} == {"POST"}
    poll = await run.bench.poll("replica-hanweb/news")
    assert (poll.new, poll.error) == (0, None)
    assert url_key(canonical_url(asked[0].url))
