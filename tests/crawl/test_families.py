"""Each family of list interfaces, backfilled to its end by the real code, equals the replica's ledger and its golden.

A golden file holds what a family is known by, page 1 as it is answered, and the entries of its whole list, all from the
replica's own books, never from what was read. One that is missing is written and fails until somebody has looked at it;
to renew one, delete it.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
from sqlalchemy import create_engine, text

from crawler.crawl.backfill import BackfillJob, BackfillOptions, BackfillProgress
from crawler.crawl.completeness import completeness, with_rejections
from crawler.crawl.fetch import Traffic
from crawler.crawl.listpages import ListReader
from crawler.listing import read_list
from crawler.listing.addresses import first_page
from crawler.listing.families import JSON_FAMILIES
from crawler.listing.xml_answers import XML_FAMILIES
from crawler.portals import load_portals
from crawler.replica.families import INTERFACES, Times
from crawler.replica.plans import family_plans
from crawler.replica.state import BEIJING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from crawler.replica import Portal, Section
    from tests.crawl.conftest import Bench, MakeBench

GOLDENS = Path(__file__).parent / "families"
TODAY = date(2026, 11, 2)
PER_PAGE = 4
NIGHT = datetime(2026, 10, 28, 1, 10, tzinfo=BEIJING)
"""A moment that has another day in UTC."""
LONG = "关于印发《岚江省乡村公共服务设施建设与管护三年行动计划（2026—2028年）》和“十五五”重点任务分工方案的通知"
ELSEWHERE = "http://www.gov.cn/zhengce/content_1.htm"
PUBLIC = "www.lanjiang.example"
"""What stands for the replica's host in golden files."""


class ListedError(BaseException):
    """Ends a backfill when its list was read."""


def first_section(portal: Portal) -> Section:
    return next(iter(portal.sections.values()))


def fill(section: Section) -> None:
    """Publish what makes an interface hard: night posts, a long title, a file, a link elsewhere."""
    forms = INTERFACES[section.portal.plan.cms].forms
    section.publish(published_at=NIGHT)
    section.publish(published_at=NIGHT - timedelta(minutes=71))
    section.publish(published_at=NIGHT, title=LONG)
    if "file" in forms:
        section.publish(form="file", title="岚江省公共数据资源登记事项办理指南", published_at=NIGHT)
    if "external" in forms:
        title = "山川国务院关于推进城乡供水一体化的意见"
        section.publish(form="external", link=ELSEWHERE, title=title, published_at=NIGHT)


async def bench_of(make_bench: MakeBench, *names: str, loaded: int = 5) -> Bench:
    """Portals of families alone, `loaded` posts in each section."""
    plans = family_plans(*names, per_page=PER_PAGE)
    articles = {f"{plan.id}/{section['id']}": loaded for plan in plans for section in plan.sections}
    bench: Bench = await make_bench(plans=plans, articles=articles, today=TODAY, seed=5)
    return bench


async def backfill(bench: Bench, folder: Path, section: Section, *, list_only: bool = False) -> dict[str, Any]:
    """The report of a section's backfill; with `list_only`, of its list."""
    ((portal, found),) = bench.registry.resolve(f"{section.portal.id}/{section.id}")
    clock = count(1_793_600_000)

    def stop(progress: BackfillProgress) -> None:
        if list_only and progress.phase not in {"waiting", "listing"}:
            raise ListedError

    job = BackfillJob(
        bench.fetcher,
        bench.store,
        bench.config,
        portal,
        found,
        BackfillOptions(waits=()),
        folder=folder / "attachments",
        clock=lambda: float(next(clock)),
        on_progress=stop,
    )
    report = None
    try:
        report = await job.run()
    except ListedError:
        assert list_only
    state = await bench.store.sections.open(portal.id, found.id)
    latest = await bench.store.backfills.latest(state.id)
    assert latest is not None
    report = report or await completeness(bench.store, section.id, latest, now=1_793_700_000.0)
    return await with_rejections(bench.store, latest, report)


async def listed(bench: Bench, folder: Path, section: Section) -> dict[str, tuple[str, str, str]]:
    """Title, date and form of every entry that the ledger holds of a section, by address."""
    state = await bench.store.sections.open(section.portal.id, section.id)
    engine = create_engine(f"sqlite:///{folder / 'portalwatch.db'}")
    query = text("SELECT url, title, published_at, form FROM entry WHERE section_id = :section")
    with engine.connect() as connection:
        rows = connection.execute(query, {"section": state.id}).all()
    engine.dispose()
    return {url: (title, published_at, form) for url, title, published_at, form in rows}


def shown(section: Section) -> dict[str, tuple[str, str, str]]:
    """The same as the replica's list shows it, the date with its time. A link that redirects does not show its form."""
    family = INTERFACES[section.portal.plan.cms]
    return {
        family.listed(section.portal.base, entry.article.link or section.portal.base + entry.path): (
            entry.article.post.headline,
            entry.article.published.isoformat(timespec="seconds"),
            "article" if family.through else entry.article.form,
        )
        for entry in section.entries
    }


def assert_same(got: Mapping[str, tuple[str, str, str]], wanted: Mapping[str, tuple[str, str, str]]) -> None:
    """Whether addresses, titles, forms and days are the same, and times where the interface tells them."""
    assert set(got) == set(wanted)
    for url, (title, published_at, form) in got.items():
        assert (title, form) == (wanted[url][0], wanted[url][2])
        moment = wanted[url][1]
        assert published_at in {moment[:10], moment}, url


def public(portal: Portal, words: str) -> str:
    """Words of the replica with a host that does not change."""
    host, port = portal.host, portal.port
    return words.replace(f"{host}:{port}", PUBLIC).replace(f"{host}%3A{port}", PUBLIC).replace(host, PUBLIC)


async def golden_of(bench: Bench, section: Section) -> dict[str, Any]:
    """What the golden file of a family has to say."""
    portal, family = section.portal, INTERFACES[section.portal.plan.cms]
    ((known, found),) = bench.registry.resolve(f"{portal.id}/{section.id}")
    answer = await ListReader(bench.fetcher, known, found).fetch(first_page(found), Traffic())
    return {
        "family": family.id,
        "facts": family.facts,
        "url": public(portal, portal.list_url(section.id)),
        "post": first_page(found).body,
        "answer": public(portal, answer.body.decode()),
        "entries": [[public(portal, url), *values] for url, values in shown(section).items()],
    }


@pytest.mark.parametrize("name", INTERFACES)
async def test_a_family_is_backfilled_to_its_end(make_bench: MakeBench, tmp_path: Path, name: str) -> None:
    bench = await bench_of(make_bench, name)
    section = first_section(bench.replica.portal(name))
    fill(section)
    golden = await golden_of(bench, section)
    path = GOLDENS / f"{name}.json"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n", "utf-8")
        pytest.fail(f"{path.name} was missing and is written: look at it")
    assert golden == json.loads(path.read_text("utf-8"))

    report = await backfill(bench, tmp_path, section)
    assert report["complete"], report
    assert report["extracted"] == report["listed"] == section.count()
    assert (report["rejections"], report["missing"] or 0) == ([], 0)
    assert_same(await listed(bench, tmp_path, section), shown(section))
    records = {event.record.url: event.record for event in await bench.events()}
    lines = bench.replica.ledger.articles(section.portal.id, section.id)
    for line in lines:
        outside = INTERFACES[name].listed(section.portal.base, line.url)
        record = records.pop(outside if line.form == "external" else line.url)
        assert (record.title, record.body, record.form) == (line.title, line.body, line.form)
        if line.form == "article":
            assert (record.published_at, record.source) == (line.published_at, line.source)
        else:
            assert (record.published_at or "")[:10] == line.published_at[:10]
    assert not records

    news = section.publish(published_at=NIGHT + timedelta(days=6))
    poll = await bench.poll(f"{section.portal.id}/{section.id}")
    assert (poll.error, poll.new) == (None, 1)
    event = (await bench.events())[-1]
    assert (event.record.url, event.alert) == (news.url, True)


@pytest.mark.parametrize("golden", sorted(GOLDENS.glob("*.json")), ids=lambda path: path.stem)
def test_page_one_is_read_as_its_golden_says(golden: Path) -> None:
    """The saved answer alone: neither replica nor portal file takes part."""
    want = json.loads(golden.read_text("utf-8"))
    page = read_list(want["answer"].encode(), want["url"], hosts=[PUBLIC])
    rows = want["entries"][: len(page.entries)]
    got = {entry.url: (entry.title or "", entry.published_at or "", entry.form) for entry in page.entries}
    assert_same(got, {url: (title, moment, form) for url, title, moment, form in rows})
    assert len(page.entries) in {PER_PAGE, PER_PAGE + 1, len(want["entries"])}


def test_every_family_that_is_known_has_its_counterpart() -> None:
    assert {golden.stem for golden in GOLDENS.glob("*.json")} == set(INTERFACES)
    used = {family.hints.get("adapter") for family in INTERFACES.values()}
    untold = {"henan", "epoint", "govcn"}  # read by expressions, or found out; govcn is the usual replica's portal
    assert untold | {name for name in JSON_FAMILIES if name in used} == set(JSON_FAMILIES)
    assert set(XML_FAMILIES) == {"was5", "rss", "atom", "records", "rows"}
    adapters = {section.list.adapter for portal in load_portals().portals.values() for section in portal.sections}
    assert adapters <= {None, *used, *untold}


# Traps, in every family where they can be set: lists alone, read by the backfill into the ledger.

Walked = list[tuple["Section", dict[str, Any], dict[str, tuple[str, str, str]]]]
ONE_PAGE = {"rss", "atom"}
PAGED = [name for name in INTERFACES if name not in ONE_PAGE]
FRAMED = {name for name, family in INTERFACES.items() if family.framed}
"""Their pagers are pages' own, not read from the answer's claims."""
BY_NUMBER = [name for name, family in INTERFACES.items() if "$page" in family.url and not family.framed]


async def walk(
    make_bench: MakeBench,
    folder: Path,
    names: Iterable[str],
    before: Callable[[Section], object] = fill,
    **switches: Any,
) -> Walked:
    """The first section of each family: itself, the report of its list, the ledger's entries."""
    bench = await bench_of(make_bench, *names)
    sections = [first_section(portal) for portal in bench.replica.portals]
    for section in sections:
        before(section)
        section.switch(**switches)
    bench.replica.write_portals(folder / "portals")  # a first page called 0 stands there
    bench.registry = load_portals(folder / "portals")
    found = []
    for section in sections:
        report = await backfill(bench, folder, section, list_only=True)
        found.append((section, report, await listed(bench, folder, section)))
    return found


@pytest.mark.parametrize("past_end", ["empty", "404", "last"])
async def test_what_comes_past_the_end_loses_and_adds_nothing(
    make_bench: MakeBench, tmp_path: Path, past_end: str
) -> None:
    for section, report, entries in await walk(make_bench, tmp_path, INTERFACES, past_end=past_end):
        assert_same(entries, shown(section))
        assert report["walked"], report
        assert not report["missing"]


async def test_a_second_page_that_is_not_found_ends_the_list_and_shows(make_bench: MakeBench, tmp_path: Path) -> None:
    for _, report, entries in await walk(make_bench, tmp_path, PAGED, second_page_missing=True):
        assert PER_PAGE <= len(entries) <= PER_PAGE + 1
        assert report["ended"] == "page 2 is no list page (http-404)"
        if report["site_count"] is not None:
            assert report["missing"] >= report["site_count"]["least"] - len(entries) > 0


async def test_a_list_of_six_months_is_read_to_what_it_shows(make_bench: MakeBench, tmp_path: Path) -> None:
    def with_old_posts(section: Section) -> None:
        for days in (150, 182, 185, 240, 700):
            section.publish(published_at=TODAY - timedelta(days=days))

    for section, report, entries in await walk(make_bench, tmp_path, INTERFACES, with_old_posts, newest_days=183):
        window = {
            url: values for url, values in shown(section).items() if values[1][:10] >= f"{TODAY - timedelta(days=184)}"
        }
        assert len(window) == section.count() - 3
        assert_same(entries, window)
        assert report["earliest"] == f"{TODAY - timedelta(days=182)}"
        assert not report["missing"]


async def test_a_total_that_is_too_high_is_told_apart_from_what_was_listed(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    for section, report, entries in await walk(make_bench, tmp_path, INTERFACES, claims=3.0):
        assert_same(entries, shown(section))
        if report["site_count"] is not None:
            assert report["missing"] > 0, "the site counts more than it shows"


async def test_a_total_that_is_too_low_loses_nothing(make_bench: MakeBench, tmp_path: Path) -> None:
    names = [name for name in INTERFACES if name not in FRAMED]
    for section, report, entries in await walk(make_bench, tmp_path, names, claims=0.7):
        assert_same(entries, shown(section))
        assert not report["missing"]


async def test_pages_that_are_counted_from_the_other_number(make_bench: MakeBench, tmp_path: Path) -> None:
    for section, report, entries in await walk(make_bench, tmp_path, BY_NUMBER, first_page=0):
        assert_same(entries, shown(section))
        assert not report["missing"]


async def test_pages_that_repeat_themselves_without_end(make_bench: MakeBench, tmp_path: Path) -> None:
    names = ("igs", "irs", "jpage", "uuid-blocks", "named-pages", "epoint")  # fifty stale pages each
    for section, report, entries in await walk(make_bench, tmp_path, names, endless="same"):
        assert_same(entries, shown(section))
        assert report["walked"]


async def test_times_and_marks_in_every_form_that_interfaces_have(make_bench: MakeBench) -> None:
    bench = await bench_of(make_bench, *INTERFACES, loaded=0)
    unread = []
    for portal in bench.replica.portals:
        section = first_section(portal)
        fill(section)
        ((known, found),) = bench.registry.resolve(f"{portal.id}/{section.id}")
        lists = ListReader(bench.fetcher, known, found)
        wanted = shown(section)
        for times in get_args(Times):
            section.switch(times=times, marked=times != "day")
            page = await lists.read(await lists.fetch(first_page(found), Traffic()), first_page(found))
            for entry in page.entries:
                title, moment, _ = wanted[entry.url]
                assert entry.title == title
                told = entry.published_at
                if told not in {moment, moment[:10]}:
                    unread.append((portal.id, times, moment, told))
    assert unread == [], "\n".join(map(str, unread))
