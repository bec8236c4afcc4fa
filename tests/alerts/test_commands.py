from datetime import datetime
from typing import Any

import orjson
import pytest
from standardwebhooks.webhooks import Webhook

from crawler.alerts import Deliverer, Outcome, list_held, list_open, preview, retry, send_test
from crawler.exceptions import UsageError
from crawler.replica.receiver import Receiver
from crawler.store import Store
from crawler.text.dates import SHANGHAI

TODAY = "2026-11-22"


async def test_a_test_event_is_signed_and_reported_a_channel(receiver: Receiver, make: Any) -> None:
    config = make.config(make.channel(receiver.url), make.channel(receiver.url, "phone"))
    receiver.answer_next("ok", 503)
    first, second = await send_test(config)
    assert (first.channel, first.delivered, first.status, first.reason) == ("desk", True, 204, "")
    assert (second.channel, second.delivered, second.status) == ("phone", False, 503)
    event: Any = Webhook(make.secret).verify(receiver.deliveries[0].raw, receiver.deliveries[0].headers)
    assert event["type"] == "test"
    assert event["data"]["channel"] == "desk"
    (only,) = await send_test(config, ["phone"])
    assert only.channel == "phone"


@pytest.mark.parametrize("names", [["fax"], ["desk", "fax"]])
async def test_a_test_of_an_unknown_channel_names_the_known_ones(
    receiver: Receiver, make: Any, names: list[str]
) -> None:
    with pytest.raises(UsageError, match=r"fax.*known: desk"):
        await send_test(make.config(make.channel(receiver.url)), names)
    assert not receiver.deliveries


async def test_a_test_without_a_channel_says_so(make: Any) -> None:
    with pytest.raises(UsageError, match="configured"):
        await send_test(make.config(rules=()))


async def test_what_is_dead_or_pending_is_listed_with_what_it_is_about(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    for number in (1, 2, 3):
        await newsroom.publish(number)
    receiver.answer_next("ok", 503, 410)
    async with Deliverer(store, make.config(make.channel(receiver.url)), clock, per_channel=1) as deliverer:
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome(delivered=1, failed=1, dead=1)
    dead, pending = await list_open(store)
    assert (dead["state"], dead["title"], dead["attempts"]) == ("dead", "第3号通知", 1)
    assert dead["reason"].startswith("HTTP 410")
    assert dead["next_attempt_at"] is None
    assert (pending["state"], pending["title"]) == ("pending", "第2号通知")
    assert pending["next_attempt_at"] is not None
    assert pending["url"].endswith("t2.html")
    assert orjson.dumps([dead, pending])
    assert len(await list_open(store, 1)) == 1


@pytest.mark.parametrize("all_of_them", [True, False])
async def test_a_retry_enables_the_channel_that_was_gone_and_delivers(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any, *, all_of_them: bool
) -> None:
    await newsroom.publish(1)
    receiver.answer_next(410)
    async with Deliverer(store, make.config(make.channel(receiver.url)), clock) as deliverer:
        await deliverer.plan()
        await deliverer.deliver_due()
        (dead,) = await list_open(store)
        retried = await retry(store, None if all_of_them else [dead["id"]], clock)
        assert (retried.deliveries, retried.enabled) == (1, ("desk",))
        assert await deliverer.deliver_due() == Outcome(delivered=1)
        assert await list_open(store) == []
        assert (await retry(store, None, clock)).deliveries == 0


async def test_a_preview_shows_what_the_rules_would_have_sent_silent_ones_marked(
    store: Store, newsroom: Any, receiver: Receiver, make: Any
) -> None:
    story = "同一条消息" * 10
    await newsroom.publish(1, text=story, alert=False)
    await newsroom.publish(1, portal="anhui", text=story)
    await newsroom.publish(2, kind="policy", text="别的")
    rules = [make.rule(), make.rule("policy", channels=("phone",), kinds=("policy",))]
    config = make.config(make.channel(receiver.url), make.channel(receiver.url, "phone"), rules=rules)
    shown = [(one.event.seq, one.rules, one.channels, one.silent) async for one in preview(store, config, TODAY)]
    assert shown == [(1, ("all",), ("desk",), True), (3, ("all", "policy"), ("desk", "phone"), False)]
    assert [one async for one in preview(store, config, "2026-11-23")] == []
    assert not receiver.deliveries


async def test_a_preview_reaches_back_by_the_day_of_publication(
    store: Store, newsroom: Any, receiver: Receiver, make: Any
) -> None:
    for hour in range(500):
        newsroom.now = make.noon + hour * 3600
        day = datetime.fromtimestamp(newsroom.now, SHANGHAI).date().isoformat()
        await newsroom.publish(hour, text=f"正文{hour}", published_at=day)
    await newsroom.publish(999, text="旧闻", published_at="2020-01-01")
    config = make.config(make.channel(receiver.url))
    assert [one.event.seq async for one in preview(store, config, "2026-12-01")] == list(range(205, 501))
    assert len([one async for one in preview(store, config, "2020-01-01")]) == 501


async def test_a_retry_enables_a_channel_whose_deliveries_only_wait(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    await newsroom.publish(1)
    await store.deliveries.disable_channel("desk", clock(), "HTTP 410")
    async with Deliverer(store, make.config(make.channel(receiver.url)), clock) as deliverer:
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome()
        (held,) = await list_held(store)
        assert (held["state"], held["channel"], held["reason"]) == ("disabled", "desk", "HTTP 410")
        assert (await retry(store, [], clock)).enabled == ()
        assert (await retry(store, None, clock)).enabled == ("desk",)
        assert await list_held(store) == []
        assert await deliverer.deliver_due() == Outcome(delivered=1)


async def test_what_waits_for_a_digest_is_listed_and_then_the_digest_is(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    newsroom.now = clock.now = make.noon
    for number in (1, 2):
        await newsroom.publish(number, text=f"正文{number}")
    config = make.config(make.channel(receiver.url), rules=[make.rule(digest="hourly")])
    receiver.answer_next(503)
    async with Deliverer(store, config, clock) as deliverer:
        await deliverer.plan()
        (held,) = await list_held(store)
        assert held == {"state": "gathered", "channel": "desk", "events": 2, "next_attempt_at": "2026-11-22T05:00:00Z"}
        clock.now = make.noon + 3600
        await deliverer.plan()
        await deliverer.deliver_due()
    assert await list_held(store) == []
    (row,) = await list_open(store)
    assert (row["type"], row["title"], row["attempts"]) == ("digest", "2 events", 1)


async def test_a_preview_knows_an_original_that_was_found_after_its_reprint(
    store: Store, newsroom: Any, receiver: Receiver, make: Any
) -> None:
    story = "同一条消息" * 10
    await newsroom.publish(1, text=story, published_at="2026-11-20")
    newsroom.now = make.noon + 86_400
    await newsroom.publish(1, portal="anhui", text=story, published_at="2026-11-19")
    await newsroom.publish(1, portal="gansu", text=story, published_at="2026-11-21")
    config = make.config(make.channel(receiver.url))
    assert [one.event.seq async for one in preview(store, config, "2026-11-01")] == [1]
    assert [one.event.seq async for one in preview(store, config, "2026-11-21")] == []
