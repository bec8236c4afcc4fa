import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.alerts import Deliverer, Outcome
from crawler.alerts.digest import Composer
from crawler.alerts.message import Style, render
from crawler.alerts.payload import LIMIT
from crawler.alerts.quiet import next_digest
from crawler.exceptions import ConfigError
from crawler.reading.record import event_schema
from crawler.replica.receiver import Receiver
from crawler.store import Notice, Store

SHANGHAI = ZoneInfo("Asia/Shanghai")
KOLKATA = ZoneInfo("Asia/Kolkata")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = SHANGHAI) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("now", "every", "zone", "due"),
    [
        ("2026-11-22T07:59:59", "daily", SHANGHAI, "2026-11-22T08:00"),
        ("2026-11-22T08:00", "daily", SHANGHAI, "2026-11-23T08:00"),
        ("2026-12-31T23:30", "daily", SHANGHAI, "2027-01-01T08:00"),
        ("2026-11-22T12:00", "hourly", SHANGHAI, "2026-11-22T13:00"),
        ("2026-11-22T12:59:59.999", "hourly", SHANGHAI, "2026-11-22T13:00"),
        ("2026-11-22T12:20", "hourly", KOLKATA, "2026-11-22T13:00"),
        ("2026-03-28T12:00", "daily", BERLIN, "2026-03-29T08:00"),  # the night in which clocks are put forward
        ("2026-10-24T12:00", "daily", BERLIN, "2026-10-25T08:00"),
    ],
)
def test_a_digest_goes_out_at_its_hour(now: str, every: str, zone: ZoneInfo, due: str) -> None:
    assert next_digest(at(now, zone), every, "08:00", zone) == at(due, zone)


@given(
    st.floats(0, 4e9), st.sampled_from(["hourly", "daily"]), st.times(), st.sampled_from([SHANGHAI, KOLKATA, BERLIN])
)
def test_a_digest_is_after_what_it_holds_and_within_its_span(now: float, every: str, day: Any, zone: ZoneInfo) -> None:
    due = next_digest(now, every, f"{day:%H:%M}", zone)
    assert 0 < due - now <= (3601 if every == "hourly" else 26 * 3600)


@pytest.mark.parametrize("fields", [{"digest": "weekly"}, {"digest": "daily", "digest_at": "24:00"}])
def test_a_digest_that_is_none_is_refused(make: Any, fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="digest"):
        make.rule(**fields)


async def test_a_day_is_one_signed_message_that_survives_restarts(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any, signed: Any
) -> None:
    config = make.config(make.channel(receiver.url), rules=[make.rule(digest="daily")])
    newsroom.now = clock.now = at("2026-11-22T09:00")
    for number in range(5):
        await newsroom.publish(number, text=f"第{number}条。其余不在摘要里。" + "很长" * 100)
        async with Deliverer(store, config, clock) as deliverer:  # each time another process
            await deliverer.plan()
            assert await deliverer.deliver_due() == Outcome()
    (waiting,) = await store.deliveries.gathered()
    assert (waiting.channel, waiting.events, waiting.due_at) == ("desk", 5, at("2026-11-23T08:00"))
    clock.now = waiting.due_at
    for _ in range(2):
        async with Deliverer(store, config, clock) as deliverer:
            await deliverer.plan()
            await deliverer.deliver_due()
    (one,) = receiver.deliveries
    assert signed(one.headers, one.raw)
    event = orjson.loads(one.raw)
    assert event["type"] == "digest"
    data = event["data"]
    assert (data["count"], data["part"], data["parts"], data["channel"]) == (5, 1, 1, "desk")
    assert [each["data"]["title"] for each in data["events"]] == [f"第{number}号通知" for number in range(5)]
    assert {each["type"] for each in data["events"]} == {"article.published"}
    assert data["events"][0]["data"]["summary"].startswith("第0条。")
    assert "body" not in data["events"][0]["data"]
    assert data["until"] == "2026-11-23T08:00:00+08:00"
    assert await store.deliveries.gathered() == []


async def test_another_rule_that_may_speak_at_once_does_and_the_event_is_in_no_digest(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    rules = [make.rule("daily", digest="daily"), make.rule("urgent", targets=("anhui",))]
    newsroom.now = clock.now = at("2026-11-22T09:00")
    await newsroom.publish(1)
    await newsroom.publish(1, portal="anhui", text="别的")
    async with Deliverer(store, make.config(make.channel(receiver.url), rules=rules), clock) as deliverer:
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome(delivered=1)
        clock.now = at("2026-11-23T09:00")
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome(delivered=1)
    first, second = (orjson.loads(one.raw) for one in receiver.deliveries)
    assert first["data"]["portal"] == "anhui"
    assert [one["data"]["portal"] for one in second["data"]["events"]] == ["shanxi"]


async def test_an_hourly_digest_keeps_quiet_hours(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    rules = [make.rule(digest="hourly", quiet="22:00-07:00")]
    async with Deliverer(store, make.config(make.channel(receiver.url), rules=rules), clock) as deliverer:
        for number, moment in enumerate(
            ["2026-11-22T21:30", "2026-11-22T23:30", "2026-11-23T03:10", "2026-11-23T07:20"]
        ):
            newsroom.now = clock.now = at(moment)
            await newsroom.publish(number, text=f"正文{number}")
            await deliverer.plan()
        assert await store.deliveries.next_digest_at() == at("2026-11-23T08:00")
        clock.now = at("2026-11-23T08:00")
        await deliverer.plan()
        await deliverer.deliver_due()
    assert [orjson.loads(one.raw)["data"]["count"] for one in receiver.deliveries] == [3, 1]


async def test_the_worker_sends_a_digest_when_it_is_time(
    store: Store, newsroom: Any, receiver: Receiver, make: Any
) -> None:
    import asyncio
    import time

    shift = next_digest(time.time(), "hourly", "08:00", SHANGHAI) - time.time() - 0.3
    newsroom.now = time.time() + shift - 10
    stop = asyncio.Event()
    await newsroom.publish(1)
    config = make.config(make.channel(receiver.url), rules=[make.rule(digest="hourly")])
    async with Deliverer(store, config, lambda: time.time() + shift) as deliverer:
        worker = asyncio.create_task(deliverer.run(stop))
        (one,) = await receiver.wait_for(1)  # nobody wakes it: the hour is full
        stop.set()
        assert await worker == Outcome(delivered=1)
    assert orjson.loads(one.raw)["type"] == "digest"


async def test_digests_are_given_up_and_replayed_like_any_delivery(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any, signed: Any
) -> None:
    newsroom.now = clock.now = at("2026-11-22T09:00")
    await newsroom.publish(1)
    config = make.config(make.channel(receiver.url), rules=[make.rule(digest="hourly")])
    receiver.answer_next(503, 410)
    async with Deliverer(store, config, clock) as deliverer:
        await deliverer.plan()
        clock.now = at("2026-11-22T10:00")
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome(failed=1)
        clock.now += 10
        assert await deliverer.deliver_due() == Outcome(dead=1)
        (dead,) = await store.deliveries.list("dead", 10)
        await store.deliveries.enable_channel("desk")
        await store.deliveries.retry([dead.id], clock())
        assert await deliverer.deliver_due() == Outcome(delivered=1)
    assert (
        len({one.raw for one in receiver.deliveries})
        == len({one.headers["webhook-id"] for one in receiver.deliveries})
        == 1
    )
    assert all(signed(one.headers, one.raw) for one in receiver.deliveries)


async def test_what_a_rule_gathered_goes_out_though_the_rule_is_gone(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    newsroom.now = clock.now = at("2026-11-22T09:00")
    await newsroom.publish(1)
    channel = make.channel(receiver.url)
    async with Deliverer(store, make.config(channel, rules=[make.rule(digest="daily")]), clock) as deliverer:
        await deliverer.plan()
    for hours, outcome in ((1, Outcome()), (24, Outcome(delivered=1)), (24, Outcome())):
        clock.now += hours * 3600
        async with Deliverer(store, make.config(channel, rules=()), clock) as deliverer:
            await deliverer.plan()
            assert await deliverer.deliver_due() == outcome


def test_what_does_not_fit_goes_into_numbered_parts_and_nothing_is_left_out(make: Any) -> None:
    events = [make.event(seq=number, title=f"第{number}号" + "长" * 150) for number in range(1, 200)]
    parts = Composer({})("desk", events, make.noon)
    bodies = [orjson.loads(part.body)["data"] for part in parts]
    assert len(parts) > 1
    assert all(len(part.body) <= LIMIT for part in parts)
    assert [body["part"] for body in bodies] == list(range(1, len(parts) + 1))
    assert {(body["parts"], body["count"]) for body in bodies} == {(len(parts), 199)}
    assert [one["data"]["id"] for body in bodies for one in body["events"]] == [
        f"a{number}" for number in range(1, 200)
    ]
    assert len({part.webhook_id for part in parts}) == len({part.event_seq for part in parts}) == len(parts)
    assert all("." not in part.webhook_id for part in parts)
    assert parts == Composer({})("desk", events, make.noon)


STYLES = [
    Style("text", 2048, "bytes"),
    Style("markdown", 19_000, "escaped", 250),
    Style("html", 4096),
    Style("text", 160),
    Style("text", 500, "characters", 100),
]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=400), st.text(max_size=400)), min_size=1, max_size=30),
    st.sampled_from(STYLES),
)
def test_each_part_fits_its_channel(make: Any, texts: list[tuple[str, str]], style: Style) -> None:
    events = [make.event(seq=n, title=title or None, body=body) for n, (title, body) in enumerate(texts, 1)]
    parts = Composer({"desk": style})("desk", events, make.noon)
    told = 0
    for part in parts:
        body = json.loads(part.body)
        message = render(body, style)
        assert style.size(message.text) + 2 * style.size(message.title) <= style.limit
        told += len(body["data"]["events"])
    assert told == len(events)


def test_a_digest_is_as_the_schema_says(make: Any) -> None:
    (part,) = Composer({})("desk", [make.event(), make.event("revised", seq=2, title=None)], make.noon)
    data = orjson.loads(part.body)["data"]
    schema = event_schema()["properties"]
    assert "digest" in schema["type"]["enum"]
    (digest,) = [one for one in schema["data"]["anyOf"] if "parts" in one.get("properties", {})]
    assert data.keys() == digest["properties"].keys() == set(digest["required"])
    article = digest["properties"]["events"]["items"]["properties"]["data"]["anyOf"][0]
    for one in data["events"]:
        assert set(article["required"]) <= one["data"].keys() <= article["properties"].keys()


def test_faults_stand_in_a_digest_too(make: Any) -> None:
    data = {
        "scope": "section",
        "name": "shanxi/news",
        "verdict": "blocked",
        "reason": "HTTP 412",
        "since": "x",
        "next": "y",
    }
    (part,) = Composer({})("desk", [Notice(1, "section.fault", make.noon, True, data)], make.noon)  # noqa: FBT003
    assert orjson.loads(part.body)["data"]["events"][0]["data"]["reason"] == "HTTP 412"


def test_a_zone_that_is_none_is_refused_with_a_digest_too(make: Any) -> None:
    from crawler.alerts.rules import check_rules

    with pytest.raises(ConfigError, match="timezone"):
        check_rules([make.rule(digest="daily", timezone="Mars/Olympus")])
