"""What `portalwatch alerts` does: send a test event, list, retry, preview."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from crawler.alerts.channels import open_channels
from crawler.alerts.payload import trial_body
from crawler.alerts.planner import Planner
from crawler.alerts.sender import Sender
from crawler.alerts.story import Supposed, article_events
from crawler.exceptions import UsageError
from crawler.text.dates import SHANGHAI, rfc3339

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Sequence

    from crawler.alerts.client import WebhookClient
    from crawler.config import Config
    from crawler.store import Delivery, Event, Store

_READ = 200  # events at once


@dataclass(frozen=True, slots=True)
class Tried:
    """How a test event fared on one channel; `reason` is empty when it was taken."""

    channel: str
    delivered: bool
    status: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Retried:
    """Deliveries that are due again, and channels that had been disabled and are enabled again for them.

    `unknown` are ids of no delivery, or of one that was delivered.
    """

    deliveries: int
    enabled: tuple[str, ...]
    unknown: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Previewed:
    """An event that rules would send, over which channels; `silent` if it came from a backfill or a first pass."""

    event: Event
    rules: tuple[str, ...]
    channels: tuple[str, ...]
    silent: bool


@dataclass(frozen=True, slots=True)
class _Trial:
    """A test event on its way."""

    webhook_id: str
    body: bytes


async def send_test(
    config: Config,
    names: Sequence[str] = (),
    *,
    clock: Callable[[], float] = time.time,
    client: WebhookClient | None = None,
) -> list[Tried]:
    """Send a signed test event to the named channels, or to all; once, and nothing is stored.

    Raises:
        ConfigError: a channel cannot be used.
        UsageError: there is no such channel, or none at all.

    """
    wanted = [channel for channel in config.channels if not names or channel.name in names]
    unknown = set(names) - {channel.name for channel in wanted}
    if unknown or not wanted:
        known = ", ".join(channel.name for channel in config.channels) or "none"
        raise UsageError(f"no channel {', '.join(sorted(unknown)) or 'is configured'}; known: {known}")
    targets = open_channels(wanted)
    tried: list[Tried] = []
    sender = Sender(client)
    try:
        for name, target in targets.items():
            trial = _Trial(f"test_{secrets.token_hex(10)}", trial_body(name, clock()))
            attempt = await sender.send(target, trial, int(clock()))
            tried.append(Tried(name, attempt.delivered, attempt.status, attempt.reason))
    finally:
        await sender.close()
    return tried


async def list_held(store: Store) -> list[dict[str, Any]]:
    """What holds deliveries back, by channel, as JSON values: `disabled` by a 410, or `gathered` for a digest.

    Raises:
        StorageError: the database refused.

    """
    held: list[dict[str, Any]] = [
        {"state": "disabled", "channel": name, "reason": state.reason, "since": rfc3339(state.disabled_at)}
        for name, state in (await store.deliveries.disabled()).items()
    ]
    held += [
        {"state": "gathered", "channel": one.channel, "events": one.events, "next_attempt_at": rfc3339(one.due_at)}
        for one in await store.deliveries.gathered()
    ]
    return held


async def list_open(store: Store, limit: int = 1000) -> list[dict[str, Any]]:
    """Dead and pending deliveries, dead first, newest first: JSON values, without the bodies.

    Raises:
        StorageError: the database refused.

    """
    rows = [*await store.deliveries.list("dead", limit), *await store.deliveries.list("pending", limit)]
    return [_describe(row) for row in rows[:limit]]


def _describe(delivery: Delivery) -> dict[str, Any]:
    event = orjson.loads(delivery.body)
    data = event.get("data") or {}
    return {
        "id": delivery.id,
        "state": delivery.state,
        "channel": delivery.channel,
        "webhook_id": delivery.webhook_id,
        "type": event.get("type"),
        "title": data.get("title") or (f"{data['count']} events" if event.get("type") == "digest" else None),
        "url": data.get("url"),
        "attempts": delivery.attempts,
        "reason": delivery.reason,
        "next_attempt_at": None if delivery.next_attempt_at is None else rfc3339(delivery.next_attempt_at),
    }


async def retry(store: Store, ids: Collection[int] | None, clock: Callable[[], float] = time.time) -> Retried:
    """Make dead deliveries, or those with the given ids, due now with all attempts before them.

    Whoever asks for this wants them sent, so a channel of theirs that a 410 had disabled is enabled again; without ids
    every channel is.

    Raises:
        StorageError: the database refused.

    """
    disabled = await store.deliveries.disabled()
    enabled = sorted(disabled if ids is None else disabled.keys() & await store.deliveries.channels_of(ids))
    for name in enabled:
        await store.deliveries.enable_channel(name)
    open_ones = await store.deliveries.open_ids(ids or ())
    count = await store.deliveries.retry(ids, clock())
    return Retried(
        count, tuple(enabled), tuple(number for number in dict.fromkeys(ids or ()) if number not in open_ones)
    )


async def preview(store: Store, config: Config, since: str) -> AsyncIterator[Previewed]:
    """What the rules would send of articles published since a day (`YYYY-MM-DD`, Asia/Shanghai), oldest event first.

    Events that alerted nobody, since they came from a backfill or a first pass, are given too and marked `silent`: so
    rules can be tried on a history. A story counts as sent by a rule if the rule would have sent it, silent or not.

    Raises:
        ConfigError: a word of a rule cannot be used.
        StorageError: the database refused.

    """
    planner, told = Planner(config.rules), Supposed()
    known: set[str] = set()
    start = datetime.fromisoformat(since).replace(tzinfo=SHANGHAI).timestamp()
    seq = await _seq_before(store, start)
    while events := await store.events.after(seq, _READ):
        for event in events:
            day = (event.record.published_at or event.record.first_seen_at)[:10]
            if day >= since:
                if planner.wanting(event):
                    await _learn(store, planner, event, told, known)
                if rules := planner.takers(event, told):
                    channels = dict.fromkeys(name for rule in rules for name in rule.channels)
                    yield Previewed(event, tuple(rule.name for rule in rules), tuple(channels), not event.alert)
        seq = events[-1].seq


async def _learn(store: Store, planner: Planner, event: Event, told: Supposed, known: set[str]) -> None:
    """Find out what rules would have told of an event's story before it, by other articles."""
    story = [record.id for record in await store.articles.story(event.record.id)]
    if len(story) == 1:
        return
    told.join(story)
    unknown = [article_id for article_id in story if article_id not in known]
    known.update(unknown)
    events = [earlier for article_id in unknown for earlier in await article_events(store, article_id)]
    for earlier in sorted(events, key=lambda one: one.seq):
        if earlier.seq < event.seq:
            planner.takers(earlier, told)


async def _seq_before(store: Store, at: float) -> int:
    """A seq whose successors hold every event from a time on; seqs grow with time."""
    low, high = 0, await store.events.last_seq()
    while low < high:
        middle = (low + high) // 2
        following = await store.events.after(middle, 1)
        if following and following[0].at < at:
            low = following[0].seq
        else:
            high = middle
    return low
