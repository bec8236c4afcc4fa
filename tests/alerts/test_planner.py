from typing import Any

import pytest

from crawler.alerts import Deliverer
from crawler.alerts.planner import OriginalNeeded, Planner
from crawler.replica.receiver import Receiver
from crawler.store import Store

STORY = "省政府召开常务会议，研究部署重点工作。" * 5


async def sent(store: Store, config: Any, clock: Any) -> list[tuple[str, int]]:
    async with Deliverer(store, config, clock) as deliverer:
        await deliverer.plan()
    return sorted((one.channel, one.event_seq) for one in await store.deliveries.list(None, 100))


async def test_a_rule_that_sent_a_story_skips_its_reprints(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    config = make.config(make.channel(receiver.url))
    await newsroom.publish(1, text=STORY)
    await newsroom.publish(1, portal="anhui", text=STORY)
    await newsroom.publish(2, portal="anhui", text="别的")
    assert await sent(store, config, clock) == [("desk", 1), ("desk", 3)]


async def test_a_rule_that_sent_nothing_of_a_story_takes_the_first_reprint(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    config = make.config(make.channel(receiver.url), rules=[make.rule(targets=("anhui", "gansu"))])
    await newsroom.publish(1, text=STORY)
    await newsroom.publish(1, portal="anhui", text=STORY)
    await newsroom.publish(1, portal="gansu", text=STORY)
    assert await sent(store, config, clock) == [("desk", 2)]


async def test_a_story_first_seen_in_a_backfill_was_never_sent(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    config = make.config(make.channel(receiver.url))
    await newsroom.publish(1, text=STORY, alert=False)
    await newsroom.publish(1, portal="anhui", text=STORY)
    assert await sent(store, config, clock) == [("desk", 2)]


async def test_each_rule_judges_for_itself_and_one_may_want_reprints(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    channels = [make.channel(receiver.url, name) for name in ("desk", "anhui-desk", "archive")]
    rules = [
        make.rule("all"),
        make.rule("anhui", channels=("anhui-desk",), targets=("anhui",)),
        make.rule("everything", channels=("archive",), reprints=True),
    ]
    await newsroom.publish(1, text=STORY)
    await newsroom.publish(1, portal="anhui", text=STORY)
    wanted = [("anhui-desk", 2), ("archive", 1), ("archive", 2), ("desk", 1)]
    assert await sent(store, make.config(*channels, rules=rules), clock) == wanted


def test_the_reprint_that_brought_a_story_goes_on_being_told(make: Any) -> None:
    planner = Planner([make.rule()])
    planner.learn("a0", [])
    first = make.event(seq=2, id="b", duplicate_of="a0")
    assert len(planner(first)) == 1
    assert planner(first) == planner(first)
    assert len(planner(make.event("revised", seq=3, id="b", duplicate_of="a0"))) == 1
    assert planner(make.event(seq=4, id="c", duplicate_of="a0")) == []


def test_a_reprint_is_not_judged_before_its_original_is_known(make: Any) -> None:
    planner = Planner([make.rule()])
    event = make.event(seq=2, id="b", duplicate_of="a1")
    with pytest.raises(OriginalNeeded) as caught:
        planner(event)
    assert caught.value.article_id == "a1"
    planner.learn("a1", [make.event(seq=1)])
    assert planner(event) == []
    planner.forget()
    with pytest.raises(OriginalNeeded):
        planner(event)
    assert Planner([make.rule(targets=("anhui",))])(event) == []


def test_a_plan_is_the_same_bytes_each_time(make: Any) -> None:
    planner = Planner([make.rule()])
    assert planner(make.event()) == planner(make.event())
