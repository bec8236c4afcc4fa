"""Events that wait to go out together: gathered when they are planned, made into deliveries when their hour has come.

Both happen in one transaction with what they rest on: the cursor over the events, and the deliveries. So a process that
dies between two loses nothing and says nothing twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select

from crawler.store import events
from crawler.store.schema import delivery, gathered
from crawler.store.statements import Upsert
from crawler.store.values import Composed, Event, Gathered, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

MOST = 500
"""Events of one digest; what waits beyond them goes into another one."""

_KEEP = Upsert(gathered, ("channel", "event_seq"))
_ADD = Upsert(delivery, ("event_seq", "channel"))
_IS_DUE = gathered.c.due_at <= bindparam("now")
_CHANNELS = select(gathered.c.channel).where(_IS_DUE).distinct().order_by(gathered.c.channel)
_ITEMS = (
    select(gathered.c.event_seq)
    .where(_IS_DUE, gathered.c.channel == bindparam("in_channel"))
    .order_by(gathered.c.event_seq)
    .limit(MOST)
)
_DONE = delete(gathered).where(
    gathered.c.channel == bindparam("in_channel"), gathered.c.event_seq.in_(bindparam("seqs", expanding=True))
)
_NEXT = select(func.min(gathered.c.due_at))
_WAITING = (
    select(gathered.c.channel, func.count(), func.min(gathered.c.due_at))
    .group_by(gathered.c.channel)
    .order_by(gathered.c.channel)
)


def gather(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Keep events for a digest; each row has `channel`, `event_seq` and `due_at`."""
    if rows:
        _KEEP.run_many(conn, rows)


def compose(
    conn: Connection, composer: Callable[[str, Sequence[Event | Notice], float], Sequence[Composed]], now: float
) -> int:
    """Make deliveries of what is due together; gives the number of events that went into them."""
    count = 0
    for channel in conn.execute(_CHANNELS, {"now": now}).scalars().all():
        seqs = list(conn.execute(_ITEMS, {"now": now, "in_channel": channel}).scalars())
        rows = [
            {
                "event_seq": one.event_seq,
                "channel": channel,
                "webhook_id": one.webhook_id,
                "body": one.body,
                "state": "pending",
                "created_at": now,
                "next_attempt_at": now,
            }
            for one in composer(channel, events.of(conn, seqs), now)
        ]
        _ADD.run_many(conn, rows)
        conn.execute(_DONE, {"in_channel": channel, "seqs": seqs})
        count += len(seqs)
    return count


def next_at(conn: Connection) -> float | None:
    """When the next digest is due."""
    found: float | None = conn.execute(_NEXT).scalar()
    return found


def waiting(conn: Connection) -> list[Gathered]:
    """What waits, by channel."""
    return [Gathered(*row) for row in conn.execute(_WAITING)]
