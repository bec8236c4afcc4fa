"""Digests: what waited for a channel, as one message, or as several numbered ones where its limit asks for it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from crawler.alerts.message import brief, head_room, item, item_room, split
from crawler.alerts.payload import LIMIT, event_body, notice_body
from crawler.store import Composed, Notice
from crawler.text.dates import SHANGHAI, rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crawler.alerts.message import Style
    from crawler.store import Event

_ENVELOPE = 500  # bytes around the events of a body


class Composer:
    """Makes the deliveries of a digest. `styles` are of the channels that get messages instead of JSON."""

    def __init__(self, styles: Mapping[str, Style]) -> None:
        self._styles = dict(styles)

    def __call__(self, channel: str, events: Sequence[Event | Notice], now: float) -> list[Composed]:
        """Events in order, as one digest or, where the limits ask for it, as numbered parts of it."""
        if not events:
            return []
        briefs = [_brief(event) for event in events]
        style = self._styles.get(channel)
        sizes: list[tuple[int, ...]] = [(len(orjson.dumps(one)) + 1,) for one in briefs]
        limits = [LIMIT - _ENVELOPE]
        if style is not None:
            items = (item(one, len(events), style) for one in briefs)
            sizes = [(*size, item_room(text, style)) for size, text in zip(sizes, items, strict=True)]
            limits.append(style.limit - head_room(style))
        counts = split(sizes, limits)
        common = {
            "channel": channel,
            "since": _shanghai(events[0].at),
            "until": _shanghai(max(now, events[-1].at)),
            "count": len(events),
            "parts": len(counts),
        }
        composed, first = [], 0
        for part, count in enumerate(counts, 1):
            of_part = events[first : first + count]
            data = {**common, "part": part, "first": first + 1, "events": briefs[first : first + count]}
            body = orjson.dumps({"type": "digest", "timestamp": rfc3339(now), "data": data})
            composed.append(Composed(of_part[-1].seq, _id(channel, of_part), body))
            first += count
        return composed


def _brief(event: Event | Notice) -> dict[str, Any]:
    body = notice_body(event) if isinstance(event, Notice) else event_body(event)
    return brief(orjson.loads(body))


def _id(channel: str, events: Sequence[Event | Notice]) -> str:
    """The id of a digest: of its events, which go into one digest of a channel and no other."""
    identity = "\0".join(f"{event.seq}\0{event.type}\0{round(event.at * 1000)}" for event in events)
    digest = hashlib.blake2b(f"{channel}\0{identity}".encode(), digest_size=6).hexdigest()
    return f"dig_{events[0].seq}-{events[-1].seq}_{channel}_{digest}"


def _shanghai(at: float) -> str:
    return datetime.fromtimestamp(at, SHANGHAI).isoformat(timespec="seconds")
