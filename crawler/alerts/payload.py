"""The body of an event as posted: `{type, timestamp, data}`, made once and never changed between attempts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson

from crawler.reading.record import encode
from crawler.store import Notice
from crawler.text.dates import rfc3339

if TYPE_CHECKING:
    from crawler.store import Event

LIMIT = 20_000
"""Bytes of an encoded body, the 20 kB that Standard Webhooks 1.0.0 recommends as the most a receiver should be sent."""


def webhook_id(event: Event | Notice, channel: str) -> str:
    """The id of one event on one channel, the same however often it is computed.

    The digest keeps apart the events of two databases: after a fresh start `seq` begins at 1 again, and a receiver that
    remembers ids must not take the new event for the old one.
    """
    of = str(event.data.get("name", "")) if isinstance(event, Notice) else event.record.id
    identity = f"{event.seq}\0{event.type}\0{round(event.at * 1000)}\0{of}\0{channel}".encode()
    return f"evt_{event.seq}_{channel}_{hashlib.blake2b(identity, digest_size=6).hexdigest()}"


def event_body(event: Event) -> bytes:
    """The encoded body of an article event; `revised` names the changed fields, a long text is cut to fit `LIMIT`."""
    line = encode(event.record).rstrip(b"\n")
    if event.type == "revised":
        line = line[:-1] + b',"changes":' + orjson.dumps(event.changes) + b"}"
    whole = _envelope(f"article.{event.type}", event.at, line)
    return whole if len(whole) <= LIMIT else _cut(orjson.loads(whole))


def notice_body(notice: Notice) -> bytes:
    """The encoded body of an event of a section, a portal or the watch: its verdict, as data."""
    return _envelope(notice.type, notice.at, orjson.dumps(notice.data))


def trial_body(channel: str, at: float) -> bytes:
    """The body of a test event."""
    data = orjson.dumps({"channel": channel, "message": "portalwatch test event / 测试"})
    return _envelope("test", at, data)


def _envelope(kind: str, at: float, data: bytes) -> bytes:
    return b'{"type":"%s","timestamp":"%s","data":%s}' % (kind.encode("ascii"), rfc3339(at).encode("ascii"), data)


def _cut(event: dict[str, Any]) -> bytes:
    """Shorten the article's text, at a character, until the event fits; where that is not enough, its attachments.

    The other fields are bounded where they are read.
    """
    data: dict[str, Any] = event["data"]
    text: str | None = data["body"]
    if text:
        data["body_truncated"] = True
        data["body"] = ""
    room = LIMIT - len(orjson.dumps(event))
    if room < 0 and data["attachments"]:
        data["attachments"] = _fitting(data["attachments"], room + len(orjson.dumps(data["attachments"])))
        data["attachments_truncated"] = True
        room = LIMIT - len(orjson.dumps(event))
    if text:
        data["body"] = _prefix(text, room)
    return orjson.dumps(event)


def _fitting(items: list[Any], room: int) -> list[Any]:
    """As many first items as fit into `room` bytes of encoded list, less what the mark of the cut itself needs."""
    room -= len(b'[],"attachments_truncated":true')
    kept: list[Any] = []
    for item in items:
        room -= len(orjson.dumps(item)) + 1
        if room < 0:
            break
        kept.append(item)
    return kept


def _prefix(text: str, room: int) -> str:
    """The longest prefix of `text`, whole characters, whose encoded form without quotes fits into `room` bytes."""
    low, high = 0, min(len(text), max(room, 0))  # a character needs at least one byte
    while low < high:
        middle = (low + high + 1) // 2
        if len(orjson.dumps(text[:middle])) - 2 <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low]
