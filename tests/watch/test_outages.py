"""The fault matrix on the replica: the right verdict, one event at its start, one at its end, and none besides."""

import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from crawler.config import Config
from crawler.crawl.fetch import Fetcher
from crawler.crawl.resident import resident_crawler
from crawler.crawl.section import PollOptions, SectionJob, SectionReport
from crawler.portals import Registry, load_portals
from crawler.reading.record import event_schema
from crawler.replica import Replica
from crawler.store import Notice, Store
from crawler.watch.lookaround import new_address
from crawler.watch.memory import Memory, recall
from crawler.watch.outages import Outages
from crawler.watch.workdays import day_number, start_of

STEP = 300.0
NAMES = ("replica-trs/news", "replica-trs/policy", "replica-hanweb/news", "replica-json/yaowen")


@dataclasses.dataclass
class Ward:
    """Sections that are polled in rounds, by a clock of the test's own."""

    replica: Replica
    registry: Registry
    store: Store
    config: Config
    fetcher: Fetcher
    now: float
    names: tuple[str, ...] = NAMES
    memories: dict[str, Memory] = dataclasses.field(default_factory=dict)
    reports: list[SectionReport] = dataclasses.field(default_factory=list)

    def target(self, name: str) -> Any:
        return self.registry.resolve(name)[0]

    async def open(self) -> None:
        """What a watch does when it starts."""
        for name in self.names:
            portal, section = self.target(name)
            self.memories[name] = await recall(
                self.store, await self.store.sections.open(portal.id, section.id), self.now
            )
        targets = {name: self.target(name) for name in self.names}
        self.outages = Outages(self.store, targets, self.memories, partial(new_address, self.fetcher))
        await self.outages.load(self.now)

    async def poll(self, name: str) -> frozenset[str]:
        self.now += 1
        options = PollOptions(patient=True)
        portal, section = self.target(name)
        job = SectionJob(self.fetcher, self.store, self.config, portal, section, options, clock=lambda: self.now)
        report = await job.run()
        self.reports.append(report)
        run = await self.store.runs.last(self.memories[name].state.id)
        assert run is not None
        self.memories[name].ran(run, 0 if report.first_pass else report.listed_new)
        return await self.outages.polled(name, self.now)

    async def rounds(self, count: int, step: float = STEP) -> None:
        """Poll every section so often; those that are asked for are polled again."""
        for _ in range(count):
            self.now += step
            asked: set[str] = set()
            for name in self.names:
                asked |= await self.poll(name)
            for name in sorted(asked):
                await self.poll(name)

    async def told(self) -> list[tuple[str, str, str]]:
        return [(one.type, one.data["name"], one.data["verdict"]) for one in await self.notices()]

    async def notices(self) -> list[Notice]:
        return await self.store.events.notices(0, 1000)


MakeWard = Callable[..., Any]


@pytest.fixture
async def make_ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MakeWard]:
    async with AsyncExitStack() as stack:

        async def make(
            names: tuple[str, ...] = NAMES,
            today: date = date(2023, 6, 15),
            tls: tuple[str, ...] = (),
            patience: float = 2.0,
        ) -> Ward:
            articles = {"trs/news": 25, "trs/policy": 25, "hanweb/news": 25, "json/yaowen": 25}
            replica = await stack.enter_async_context(Replica(articles=articles, today=today, tls=tls))
            if tls:
                (tmp_path / "authority.pem").write_bytes(replica.authority_pem)
                monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
            replica.write_portals(tmp_path / "portals")
            config = Config(politeness={"timeout": patience, "delay": 0}, revisit={"per_poll": 0})
            store = await Store.open(f"sqlite:///{tmp_path / 'portalwatch.db'}")
            stack.push_async_callback(store.close)
            fetcher = await stack.enter_async_context(resident_crawler(config))
            start = start_of(day_number(today.isoformat()) or 0) + 9 * 3600
            ward = Ward(replica, load_portals(tmp_path / "portals"), store, config, fetcher, start, names)
            await ward.open()
            await ward.rounds(4)
            assert await ward.told() == []
            return ward

        yield make


def fits(notice: Notice) -> bool:
    """Whether a notice is what `portalwatch schema` says of such events."""
    schema = event_schema()
    (data,) = [one for one in schema["properties"]["data"]["anyOf"] if "verdict" in one.get("properties", {})]
    properties = data["properties"]
    assert set(data["required"]) <= notice.data.keys() <= properties.keys()
    assert notice.type in schema["properties"]["type"]["enum"]
    assert notice.data["verdict"] in properties["verdict"]["enum"]
    assert ("ended_at" in notice.data) == notice.type.endswith(".recovered")
    kinds: dict[str, type] = {"string": str, "null": type(None), "array": list}
    for name, value in notice.data.items():
        named = properties[name].get("type", "string")
        assert isinstance(value, tuple(kinds[kind] for kind in ([named] if isinstance(named, str) else named))), name
    return True


SECTION = "replica-trs/news"
PORTAL = "replica-trs"


@pytest.mark.parametrize(
    ("switches", "verdict", "at_portal"),
    [
        ({"block": "page"}, "blocked", "blocked"),
        ({"block": "412"}, "blocked", "blocked"),
        ({"block": "521"}, "blocked", "blocked"),
        ({"status": 404}, "moved", "moved"),
        ({"redirect": "http://www.example.gov.cn/"}, "moved", "moved"),
        ({"status": 503}, "unreachable", "site down"),
        ({"shell": True}, "broken", "broken"),
        ({"down": True}, "unreachable", "site down"),
        ({"endless": None, "newest_only": 0}, "broken", "broken"),
    ],
)
@pytest.mark.parametrize("whole", [False, True])
async def test_a_fault_has_its_verdict_and_one_event_at_each_end(
    make_ward: MakeWard, switches: dict[str, Any], verdict: str, at_portal: str, *, whole: bool
) -> None:
    ward = await make_ward()
    articles = len(await ward.store.events.after(0, 1000))
    portal = ward.replica.portal("trs")
    if whole:
        portal.switch(**switches)
    else:
        portal.switch(path=portal.section("news").path, **switches)
    await ward.rounds(8)
    expected = ("portal.fault", PORTAL, at_portal) if whole else ("section.fault", SECTION, verdict)
    assert await ward.told() == [expected]
    (notice,) = await ward.notices()
    assert notice.data["sections"] == (["news", "policy"] if whole else ["news"])
    assert notice.data["next"].startswith("portalwatch ")
    portal.heal()
    await ward.rounds(4)
    assert await ward.told() == [expected, (f"{expected[0]}.recovered", *expected[1:])]
    assert (await ward.notices())[-1].data["ended_at"]
    for notice in await ward.notices():
        assert fits(notice)
    after = await ward.store.events.after(0, 1000)
    assert len(after) == articles, "no article and no withdrawal because of it"


@pytest.mark.parametrize("certificate", ["expired", "other"])
async def test_a_certificate_that_expires_or_is_another_hosts(make_ward: MakeWard, certificate: str) -> None:
    """A certificate is the whole host's: it is the portal's trouble, and no section's."""
    ward = await make_ward(tls=("trs",))
    assert ward.target(SECTION)[1].url.scheme == "https"
    articles = len(await ward.store.events.after(0, 1000))
    ward.replica.portal("trs").switch(certificate=certificate)
    await ward.rounds(6)
    told = ("portal.fault", PORTAL, "certificate")
    assert await ward.told() == [told]
    (notice,) = await ward.notices()
    assert notice.data["sections"] == ["news", "policy"]
    assert "certificate" in notice.data["reason"]
    ward.replica.portal("trs").heal()
    await ward.rounds(4)
    assert await ward.told() == [told, ("portal.fault.recovered", *told[1:])]
    assert all(fits(notice) for notice in await ward.notices())
    assert len(await ward.store.events.after(0, 1000)) == articles


async def test_a_list_that_lost_most_of_its_rows_is_broken(make_ward: MakeWard) -> None:
    ward = await make_ward()
    portal = ward.replica.portal("hanweb")
    for _ in range(3):
        portal.publish("news")
        await ward.rounds(1)
    portal.panel.set({"newest_only": 4}, section="news")
    await ward.rounds(3)
    assert await ward.told() == [("section.fault", "replica-hanweb/news", "broken")]
    assert "4 entries a page" in (await ward.notices())[0].data["reason"]
    portal.heal()
    await ward.rounds(3)
    assert (await ward.told())[1:] == [("section.fault.recovered", "replica-hanweb/news", "broken")]


async def test_a_failure_that_passes_and_a_slow_portal_are_no_faults(make_ward: MakeWard) -> None:
    ward = await make_ward()
    portal = ward.replica.portal("trs")
    for _ in range(4):
        portal.switch(status=503)
        await ward.rounds(1)
        portal.heal()
        await ward.rounds(2)
    portal.switch(delay=0.3)
    await ward.rounds(2)
    portal.heal()
    portal.switch(layout=True)  # other markup, but the list is still read in full
    await ward.rounds(2)
    assert await ward.told() == []


@pytest.mark.parametrize("whole", [False, True])
async def test_answers_that_never_come_are_a_fault(make_ward: MakeWard, *, whole: bool) -> None:
    """A request gives up after 0.2 s here, three times."""
    ward = await make_ward(names=NAMES[:3] if whole else (SECTION, NAMES[2]), patience=0.2)
    portal = ward.replica.portal("trs")
    portal.switch(path=None if whole else portal.section("news").path, delay=60)
    await ward.rounds(4)
    expected = ("portal.fault", PORTAL, "site down") if whole else ("section.fault", SECTION, "unreachable")
    assert await ward.told() == [expected]
    assert "no answer in time" in (await ward.notices())[0].data["reason"]
    portal.heal()
    await ward.rounds(3)
    assert await ward.told() == [expected, (f"{expected[0]}.recovered", *expected[1:])]


async def test_nobody_answering_is_told_once_as_our_own_network(make_ward: MakeWard) -> None:
    ward = await make_ward()
    ward.replica.switch(down=True)
    await ward.rounds(6)
    assert await ward.told() == [("watch.offline", "", "offline")]
    for portal in ward.replica.portals:
        portal.heal()
    await ward.rounds(4)
    assert await ward.told() == [("watch.offline", "", "offline"), ("watch.offline.recovered", "", "offline")]
    assert all(fits(notice) for notice in await ward.notices())


async def test_a_section_that_moved_is_looked_for_on_the_home_page(make_ward: MakeWard) -> None:
    ward = await make_ward()
    portal = ward.replica.portal("trs")
    file, section = ward.target(SECTION)
    elsewhere = section.model_copy(update={"url": f"{portal.base}/old/index.shtml"})
    assert await new_address(ward.fetcher, file, elsewhere) == str(section.url)
    assert await new_address(ward.fetcher, file, section) is None, "its own address is nothing new"
    portal.switch(down=True)
    assert await new_address(ward.fetcher, file, elsewhere) is None


async def test_a_watch_that_is_killed_and_started_again_tells_nothing_twice(make_ward: MakeWard) -> None:
    ward = await make_ward()
    ward.replica.portal("trs").switch(block="page")
    for _ in range(6):
        await ward.rounds(1)
        await ward.open()
    assert await ward.told() == [("portal.fault", PORTAL, "blocked")]
    ward.replica.portal("trs").heal()
    for _ in range(4):
        await ward.rounds(1)
        await ward.open()
    assert len(await ward.told()) == 2


async def test_a_paused_section_is_neither_recovered_nor_judged(make_ward: MakeWard) -> None:
    ward = await make_ward(names=("replica-hanweb/news", "replica-json/yaowen"))
    ward.replica.portal("json").switch(block="page")
    await ward.rounds(4)
    assert await ward.told() == [("section.fault", "replica-json/yaowen", "blocked")]
    ward.replica.portal("json").heal()
    for _ in range(4):
        ward.now += STEP
        await ward.poll("replica-hanweb/news")
        await ward.outages.polled("replica-hanweb/news", ward.now, ["replica-json/yaowen"])
    assert len(await ward.told()) == 1


async def test_a_section_that_falls_silent_is_told_and_a_holiday_week_is_not(make_ward: MakeWard) -> None:
    """Posts on every working day until the eve of the National Day week of 2023; a month later it is silence."""
    ward = await make_ward(names=("replica-hanweb/news",), today=date(2023, 9, 1))
    portal = ward.replica.portal("hanweb")
    memory = ward.memories["replica-hanweb/news"]
    eve = day_number("2023-09-28") or 0
    memory.days.clear()
    memory.days.update({day: 1 for day in range(eve - 60, eve + 1) if day % 7 not in {2, 3}})
    for day in range(eve + 1, eve + 10):
        ward.now = start_of(day) + 10 * 3600
        await ward.rounds(2)
    assert await ward.told() == [], "29 September to 6 October are a holiday, and the 7th has only begun"
    for day in range(eve + 10, eve + 30):
        ward.now = start_of(day) + 10 * 3600
        await ward.rounds(2)
    assert await ward.told() == [("section.fault", "replica-hanweb/news", "silent")]
    assert "working days" in (await ward.notices())[0].data["reason"]
    portal.publish("news")
    await ward.rounds(2)
    assert (await ward.told())[1:] == [("section.fault.recovered", "replica-hanweb/news", "silent")]
