from typing import Any

from crawler.alerts import Deliverer
from crawler.alerts.planner import Planner
from crawler.alerts.story import Supposed
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


async def test_an_earlier_original_that_is_found_later_does_not_tell_the_story_again(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    config = make.config(make.channel(receiver.url))
    await newsroom.publish(1, text=STORY, published_at="2026-11-22")
    assert await sent(store, config, clock) == [("desk", 1)]
    await newsroom.publish(1, portal="anhui", text=STORY, published_at="2026-11-20")
    relinked, original = await store.events.after(1, 10)
    assert (relinked.type, relinked.record.duplicate_of) == ("relinked", original.record.id)
    assert original.record.duplicate_of is None
    assert await sent(store, config, clock) == [("desk", 1)]
    await newsroom.publish(1, portal="gansu", text=STORY, published_at="2026-11-19")  # and an earlier one still
    await newsroom.publish(1, portal="jilin", text=STORY, published_at="2026-11-25")
    assert await sent(store, config, clock) == [("desk", 1)]


async def test_a_rule_that_did_not_want_the_reprint_takes_the_original_found_later(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    channels = [make.channel(receiver.url, name) for name in ("desk", "phone", "archive")]
    rules = [
        make.rule("all"),
        make.rule("anhui", channels=("phone",), targets=("anhui", "gansu")),
        make.rule("everything", channels=("archive",), reprints=True),
    ]
    config = make.config(*channels, rules=rules)
    await newsroom.publish(1, text=STORY, published_at="2026-11-22")
    await newsroom.publish(1, portal="anhui", text=STORY, published_at="2026-11-20")
    await newsroom.publish(1, portal="gansu", text=STORY, published_at="2026-11-19")
    # 1 published, 2 relinked, 3 the original, 4 relinked, 5 the earlier original
    assert await sent(store, config, clock) == [
        ("archive", 1),
        ("archive", 3),
        ("archive", 5),
        ("desk", 1),
        ("phone", 3),
    ]


async def test_what_a_rule_sent_is_known_to_the_process_that_follows(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    """Nothing but a reprint was sent of the story; each event is planned by another process."""
    config = make.config(make.channel(receiver.url), rules=[make.rule(targets=("anhui", "gansu"))])
    await newsroom.publish(1, text=STORY)
    for portal in ("anhui", "gansu"):
        await newsroom.publish(1, portal=portal, text=STORY)
        assert await sent(store, config, clock) == [("desk", 2)]


async def test_the_article_that_brought_a_story_goes_on_being_told_and_an_original_tells_its_own_edits(
    store: Store, newsroom: Any, receiver: Receiver, make: Any, clock: Any
) -> None:
    config = make.config(make.channel(receiver.url))
    await newsroom.publish(1, text=STORY, alert=False)  # a backfill
    await newsroom.publish(1, portal="anhui", text=STORY)
    await newsroom.publish(1, portal="gansu", text=STORY)
    assert await sent(store, config, clock) == [("desk", 2)]
    await newsroom.publish(1, portal="anhui", text=STORY, source="a word more")
    await newsroom.publish(1, portal="gansu", text=STORY, source="a word more")
    assert await sent(store, config, clock) == [("desk", 2), ("desk", 4)]
    await newsroom.publish(1, text=STORY, source="a word more")
    await newsroom.publish(1, portal="anhui", text=STORY, source="two words more")
    assert await sent(store, config, clock) == [("desk", 2), ("desk", 4), ("desk", 6), ("desk", 7)]


def test_a_plan_is_the_same_bytes_each_time(make: Any) -> None:
    planner = Planner([make.rule()])
    assert planner(make.event(), Supposed()) == planner(make.event(), Supposed())
