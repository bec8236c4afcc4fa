import asyncio
import logging
import random
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest
from standardwebhooks.webhooks import Webhook

from crawler.alerts import Deliverer, Outcome
from crawler.alerts.client import WebhookClient
from crawler.alerts.lane import FETCH
from crawler.alerts.schedule import GAPS, JITTER
from crawler.exceptions import ConfigError, StorageError
from crawler.replica.receiver import Receiver
from crawler.store import Store


def bodies(receiver: Receiver) -> list[Any]:
    return [orjson.loads(one.raw) for one in receiver.deliveries]


def ids(receiver: Receiver) -> list[str]:
    return [one.headers["webhook-id"] for one in receiver.deliveries]


async def test_an_event_arrives_signed_so_that_the_public_library_verifies_it(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    await newsroom.publish(1, text="会议强调，要抓好落实。")
    async with Deliverer(store, make.config(make.channel(receiver.url)), clock) as deliverer:
        assert await deliverer.plan() == 1
        assert await deliverer.deliver_due() == Outcome(delivered=1)
        assert await deliverer.plan() == 0
        assert await deliverer.deliver_due() == Outcome()
    (one,) = receiver.deliveries
    event: Any = Webhook(make.secret).verify(one.raw, one.headers)
    assert event["type"] == "article.published"
    assert event["data"]["body"] == "会议强调，要抓好落实。"
    assert event["data"]["seq"] == 1
    headers = {name.lower(): value for name, value in one.headers.items()}
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("portalwatch/")
    assert await store.deliveries.counts() == {"pending": 0, "delivered": 1, "dead": 0}


async def test_a_channel_gets_an_event_once_however_many_rules_want_it(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    await newsroom.publish(1)
    await newsroom.publish(2, portal="anhui", text="别的")
    channels = [make.channel(receiver.url, name) for name in ("desk", "phone", "unused")]
    rules = [
        make.rule("one", channels=("desk", "phone")),
        make.rule("two", channels=("desk",), targets=("shanxi",)),
        make.rule("three", channels=("phone",), targets=("gansu",)),
    ]
    async with Deliverer(store, make.config(*channels, rules=rules), clock) as deliverer:
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome(delivered=4)
    assert sorted(one.channel for one in await store.deliveries.list(None, 10)) == ["desk", "desk", "phone", "phone"]
    assert len(set(ids(receiver))) == 4


async def test_a_backfill_alerts_nobody_and_a_later_rule_says_nothing_of_the_past(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    await newsroom.publish(1, alert=False)
    await newsroom.publish(2)
    async with Deliverer(store, make.config(make.channel(receiver.url), rules=()), clock) as deliverer:
        assert await deliverer.plan() == 2
    async with Deliverer(store, make.config(make.channel(receiver.url)), clock) as deliverer:
        assert await deliverer.plan() == 0
        await newsroom.publish(3, alert=False)
        assert await deliverer.plan() == 1
        assert await deliverer.deliver_due() == Outcome()
    assert not receiver.deliveries


async def test_what_failed_is_tried_again_with_the_same_id_and_bytes_but_signed_anew(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any, signed: Any
) -> None:
    await newsroom.publish(1)
    receiver.answer_next(503, "reset", 500, "ok")
    async with Deliverer(store, make.config(make.channel(receiver.url)), clock) as deliverer:
        await deliverer.plan()
        for wanted in (Outcome(failed=1), Outcome(failed=1), Outcome(failed=1), Outcome(delivered=1)):
            assert await deliverer.deliver_due() == wanted
            assert await deliverer.deliver_due() == Outcome()
            due_at = await store.deliveries.next_due_at()
            clock.now = due_at if due_at is not None else clock.now
    attempts = list(receiver.deliveries)
    assert len(attempts) == 4
    assert len({one.raw for one in attempts}) == 1
    assert len(set(ids(receiver))) == 1
    assert len({one.headers["webhook-timestamp"] for one in attempts}) == 4
    assert len({one.headers["webhook-signature"] for one in attempts}) == 4
    assert all(signed(one.headers, one.raw) for one in attempts)


async def test_after_the_last_gap_a_delivery_is_dead_and_can_be_sent_again(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    await newsroom.publish(1)
    receiver.behave({"503": 1})
    config = make.config(make.channel(receiver.url))
    async with Deliverer(store, config, clock, chance=random.Random(1)) as deliverer:
        await deliverer.plan()
        for gap in GAPS[1:]:
            assert await deliverer.deliver_due() == Outcome(failed=1)
            due_at = await store.deliveries.next_due_at()
            assert due_at is not None
            assert gap <= due_at - clock.now <= gap * (1 + JITTER) + 0.01
            clock.now = due_at
        assert await deliverer.deliver_due() == Outcome(dead=1)
        assert len(receiver.deliveries) == len(GAPS)
        (dead,) = await store.deliveries.list("dead", 10)
        assert dead.reason == "HTTP 503: answer 503 as told"
        receiver.behave({"ok": 1})
        assert await store.deliveries.retry([dead.id], clock()) == 1
        assert await deliverer.deliver_due() == Outcome(delivered=1)
    assert len(set(ids(receiver))) == 1


@pytest.mark.parametrize(("asked", "waited"), [("600", 600.0), ("1", 5.0), ("99999999", 86_400.0)])
async def test_retry_after_is_honoured_within_bounds(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any, asked: str, waited: float
) -> None:
    await newsroom.publish(1)
    receiver.retry_after = asked
    receiver.answer_next(429)
    async with Deliverer(store, make.config(make.channel(receiver.url)), clock) as deliverer:
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome(failed=1)
    due_at = await store.deliveries.next_due_at()
    assert due_at is not None
    assert waited <= due_at - clock.now <= waited * (1 + JITTER) + 0.01


async def test_gone_disables_the_channel_and_keeps_what_waits_for_it(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    for number in range(8):
        await newsroom.publish(number)
    receiver.answer_next(410)
    config = make.config(make.channel(receiver.url))
    async with Deliverer(store, config, clock, per_channel=1) as deliverer:
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome(dead=1)
        assert await deliverer.deliver_due() == Outcome()
        state = await store.deliveries.channel_state("desk")
        assert state is not None
        assert "410" in state.reason
        await newsroom.publish(9)
        await deliverer.plan()
        assert await store.deliveries.counts() == {"pending": 8, "delivered": 0, "dead": 1}
        await store.deliveries.enable_channel("desk")
        assert await deliverer.deliver_due() == Outcome(delivered=8)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_a_failure_and_not_followed(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any, status: int
) -> None:
    await newsroom.publish(1)
    receiver.answer_next(status)
    async with Deliverer(store, make.config(make.channel(receiver.url)), clock) as deliverer:
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome(failed=1)
    assert [one.path for one in receiver.deliveries] == ["/hook"]


async def test_what_waits_for_a_channel_that_was_removed_is_dead(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    await newsroom.publish(1)
    old = make.config(make.channel(receiver.url, "old"), rules=[make.rule(channels=("old",))])
    async with Deliverer(store, old, clock) as deliverer:
        await deliverer.plan()
    async with Deliverer(store, make.config(make.channel(receiver.url)), clock) as deliverer:
        await deliverer.deliver_due()
    (dead,) = await store.deliveries.list("dead", 10)
    assert dead.reason == "the channel old is not configured"
    assert not receiver.deliveries


async def test_a_receiver_that_never_answers_does_not_keep_a_command_from_ending(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    for number in range(30):
        await newsroom.publish(number)
    receiver.behave({"hang": 1})
    client = WebhookClient(timeout=0.2)
    config = make.config(make.channel(receiver.url))
    async with Deliverer(store, config, clock, client=client, per_channel=2) as deliverer:
        await deliverer.plan()
        outcome = await deliverer.deliver_due()
    assert 4 <= outcome.failed <= 6
    assert await store.deliveries.counts() == {"pending": 30, "delivered": 0, "dead": 0}
    (last, *_) = [one for one in await store.deliveries.list("pending", 30) if one.attempts]
    assert last.reason == "no answer within 0.2 s"


async def test_an_answer_that_begins_well_and_breaks_off_is_a_delivery(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    await newsroom.publish(1)
    receiver.answer_next("half-close")
    async with Deliverer(store, make.config(make.channel(receiver.url)), clock) as deliverer:
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome(delivered=1)


async def test_the_worker_delivers_when_woken_and_when_it_is_time(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, signed: Any
) -> None:
    stop = asyncio.Event()
    await newsroom.publish(1)
    async with Deliverer(store, make.config(make.channel(receiver.url))) as deliverer:
        await deliverer.plan()
        (waiting,) = await store.deliveries.due(time.time(), 10)
        await store.deliveries.failed(waiting.id, time.time(), time.time() + 0.1, "an earlier attempt")
        worker = asyncio.create_task(deliverer.run(stop))
        await receiver.wait_for(1)  # nobody wakes the worker: it is time
        await newsroom.publish(2)
        deliverer.wake()
        await receiver.wait_for(2)
        stop.set()
        assert await worker == Outcome(delivered=2)
    assert len(set(ids(receiver))) == 2
    assert all(signed(one.headers, one.raw) for one in receiver.deliveries)


async def test_a_receiver_that_hangs_does_not_hold_up_another(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    async with Receiver(mix={"hang": 1}) as hanging:
        channels = [make.channel(hanging.url, "hanging"), make.channel(receiver.url)]
        rules = [make.rule("one", channels=("hanging",)), make.rule("two", targets=("anhui",))]
        for number in range(200):
            await newsroom.publish(number)
        await newsroom.publish(1, portal="anhui", text="别的")
        stop = asyncio.Event()
        client = WebhookClient(timeout=1.0)
        async with Deliverer(store, make.config(*channels, rules=rules), clock, client=client) as deliverer:
            worker = asyncio.create_task(deliverer.run(stop))
            await receiver.wait_for(1)
            assert len(hanging.deliveries) <= 8
            stop.set()
            outcome = await worker
        assert outcome.delivered == 1
        assert outcome.failed <= 4


async def test_what_is_cut_off_by_a_stop_stays_due(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    await newsroom.publish(1)
    receiver.answer_next("hang")
    deliverer = Deliverer(store, make.config(make.channel(receiver.url)), clock)
    await deliverer.plan()
    working = asyncio.create_task(deliverer.deliver_due())
    await receiver.wait_for(1)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    (waiting,) = await store.deliveries.list("pending", 10)
    assert waiting.attempts == 0
    assert await deliverer.deliver_due() == Outcome(delivered=1)
    await deliverer.close()
    assert len(set(ids(receiver))) == 1


async def test_no_secret_and_no_url_is_logged_or_kept(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await newsroom.publish(1)
    channel = make.channel(receiver.url + "/t0ken?key=t0ken")
    receiver.answer_next(503, 301, "reset", 410)
    async with Deliverer(store, make.config(channel), clock) as deliverer:
        await deliverer.plan()
        for _ in range(4):
            await deliverer.deliver_due()
            clock.now += 86_400
        shown = caplog.text + repr(deliverer) + repr(vars(deliverer)) + repr(await store.deliveries.list(None, 10))
    assert len(receiver.deliveries) == 4
    assert "410" in caplog.text
    assert "t0ken" not in shown
    assert make.secret.removeprefix("whsec_") not in shown


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"url": "http://example.com/hook", "allow_http": False}, "https"),
        ({"url": "https://user:passw0rd@example.com/hook"}, "user name"),
        ({"url": "https://passw0rd@example.com/hook"}, "user name"),
        ({"url": "https://127.0.0.1/", "allow_private": False}, "loopback"),
        ({"url": "https://2130706433/", "allow_private": False}, "loopback"),
        ({"url": "https://[::ffff:10.0.0.1]/", "allow_private": False}, "private"),
        ({"secret": "env:PORTALWATCH_TEST_UNSET"}, "PORTALWATCH_TEST_UNSET"),
        ({"secret": "passw0rd"}, "whsec_"),
        ({"secret": "file:/nonexistent/secret"}, "/nonexistent/secret"),
    ],
)
async def test_a_channel_that_cannot_work_is_refused_at_once(
    store: Store, make: Any, fields: dict[str, Any], wanted: str
) -> None:
    channel = make.channel(**{"url": "https://example.com/hook", **fields})
    with pytest.raises(ConfigError) as caught:
        Deliverer(store, make.config(channel))
    assert "'desk'" in str(caught.value)
    assert wanted in str(caught.value)
    assert "passw0rd" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_secret_from_the_environment_signs(
    store: Store,
    newsroom: Any,
    receiver: Receiver,
    make: Any,
    clock: Any,
    signed: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORTALWATCH_TEST_SECRET", make.secret)
    await newsroom.publish(1)
    channel = make.channel(receiver.url, secret="env:PORTALWATCH_TEST_SECRET")
    async with Deliverer(store, make.config(channel), clock) as deliverer:
        await deliverer.plan()
        await deliverer.deliver_due()
    (one,) = receiver.deliveries
    assert signed(one.headers, one.raw)


@contextmanager
def no_file_grows(folder: Path) -> Iterator[None]:
    """What a full disk does: no file of this process may become larger than the largest in a folder."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(path.stat().st_size for path in folder.iterdir()), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_what_the_disk_did_not_let_us_note_is_sent_again_under_its_id(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any, tmp_path: Path
) -> None:
    await newsroom.publish(1)
    async with Deliverer(store, make.config(make.channel(receiver.url)), clock) as deliverer:
        await deliverer.plan()
        with no_file_grows(tmp_path), pytest.raises(StorageError) as caught:
            await deliverer.deliver_due()
        assert "\n" not in str(caught.value)
        assert await store.deliveries.counts() == {"pending": 1, "delivered": 0, "dead": 0}
        assert await deliverer.deliver_due() == Outcome(delivered=1)
    assert len(receiver.deliveries) == 2
    assert len(set(ids(receiver))) == 1


async def test_in_order_what_follows_waits_for_what_failed(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    for number in range(1, 6):
        await newsroom.publish(number)
    receiver.answer_next("ok", 503)
    config = make.config(make.channel(receiver.url, ordered=True))
    async with Deliverer(store, config, clock) as deliverer:
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome(delivered=1, failed=1)
        assert await deliverer.deliver_due() == Outcome()
        clock.now += 10
        assert await deliverer.deliver_due() == Outcome(delivered=4)
    seqs = [body["data"]["seq"] for body in bodies(receiver)]
    assert seqs == [1, 2, 2, 3, 4, 5]


async def test_in_order_the_worker_goes_on_when_the_first_is_taken_or_given_up(
    store: Store, newsroom: Any, receiver: Receiver, make: Any
) -> None:
    for number in range(1, 9):
        await newsroom.publish(number)
    receiver.answer_next(503, 503, 503, "ok", "reset")
    stop = asyncio.Event()
    config = make.config(make.channel(receiver.url, ordered=True))
    async with Deliverer(store, config, gaps=[0.0, 0.05, 0.05]) as deliverer:
        worker = asyncio.create_task(deliverer.run(stop))
        await receiver.wait_for(11)
        stop.set()
        assert await worker == Outcome(delivered=7, failed=3, dead=1)
    assert [body["data"]["seq"] for body in bodies(receiver)] == [1, 1, 1, 2, 3, 3, 4, 5, 6, 7, 8]


async def test_two_signatures_while_a_key_is_rotated(
    store: Store, newsroom: Any, receiver: Receiver, make: Any
) -> None:
    other = "whsec_" + "QUJD" * 10
    await newsroom.publish(1)
    config = make.config(make.channel(receiver.url, secret=[other, make.secret]))
    async with Deliverer(store, config) as deliverer:
        await deliverer.plan()
        await deliverer.deliver_due()
    (one,) = receiver.deliveries
    for secret in (other, make.secret):
        assert Webhook(secret).verify(one.raw, {name.lower(): value for name, value in one.headers.items()})


@pytest.mark.parametrize("ordered", [False, True])
async def test_a_service_that_takes_so_many_a_minute_gets_no_more(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, *, ordered: bool
) -> None:
    for number in range(1, 7):
        await newsroom.publish(number)
    config = make.config(make.channel(receiver.url, ordered=ordered))
    async with Deliverer(store, config) as deliverer:
        lane = deliverer._lanes["desk"]
        lane.target = replace(lane.target, pace=0.1)
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome(delivered=6)
        for number in range(7, 10):
            await newsroom.publish(number)
        stop = asyncio.Event()
        worker = asyncio.create_task(deliverer.run(stop))
        await receiver.wait_for(9)
        stop.set()
        assert await worker == Outcome(delivered=3)
    times = [one.at for one in receiver.deliveries]
    assert all(later - earlier > 0.05 for earlier, later in pairwise(times))  # never sooner, however busy the machine


@pytest.mark.parametrize("ordered", [False, True])
async def test_what_is_read_in_several_pieces_is_sent_once(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any, *, ordered: bool
) -> None:
    count = 2 * FETCH + 10
    for number in range(count):
        await newsroom.publish(number)
    async with Deliverer(store, make.config(make.channel(receiver.url, ordered=ordered)), clock) as deliverer:
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome(delivered=count)
    assert len(receiver.deliveries) == len(set(ids(receiver))) == count
    assert {one.attempts for one in await store.deliveries.list(None, 1000)} == {1}
