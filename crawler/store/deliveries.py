"""Deliveries: events on their way to channels, planned in the transaction that moves the cursor over the events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, or_, select, update

from crawler.store import digests, events
from crawler.store.encode import REASON_LIMIT, storable
from crawler.store.prepared import Prepared
from crawler.store.schema import IS_DEAD, IS_PENDING, PENDING, channel, cursor, delivery, event
from crawler.store.statements import Upsert
from crawler.store.told import ToldByRules
from crawler.store.values import ChannelState, Delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sqlalchemy import Connection

    from crawler.store.backend import Backend
    from crawler.store.values import Composed, DeliveryState, Event, Gathered, Notice, Planned, Told

    Planner = Callable[[Event | Notice, Told], Sequence[Planned]]
    Composer = Callable[[str, Sequence[Event | Notice], float], Sequence[Composed]]

_CURSOR = "alerts"
_FIRST = Upsert(cursor, ("name",))
_AT = select(cursor.c.seq).where(cursor.c.name == bindparam("cursor")).with_for_update()
_MOVE = update(cursor).where(cursor.c.name == bindparam("cursor")).values(seq=bindparam("to"))
_ADD = Upsert(delivery, ("event_seq", "channel"))
_FIELDS = select(
    delivery.c.id,
    delivery.c.event_seq,
    delivery.c.channel,
    delivery.c.webhook_id,
    delivery.c.body,
    delivery.c.attempts,
    delivery.c.state,
    delivery.c.next_attempt_at,
    delivery.c.created_at,
    delivery.c.attempted_at,
    delivery.c.status,
    delivery.c.reason,
)
_AHEAD = Prepared(
    select(event.c.seq, event.c.alert)
    .where(event.c.seq > bindparam("seq"))
    .order_by(event.c.seq)
    .limit(bindparam("limit"))
)
_ENABLED = delivery.c.channel.not_in(select(channel.c.name))
_DUE = (
    _FIELDS.where(IS_PENDING, delivery.c.next_attempt_at <= bindparam("now"), _ENABLED)
    .order_by(delivery.c.next_attempt_at, delivery.c.id)
    .limit(bindparam("limit"))
)
_NEXT = select(func.min(delivery.c.next_attempt_at)).where(IS_PENDING, _ENABLED)
_THESE = delivery.c.channel.in_(bindparam("channels", expanding=True))
_DUE_THERE = _DUE.where(_THESE)
_NEXT_THERE = _NEXT.where(_THESE, delivery.c.next_attempt_at > bindparam("after"))
_BEGUN = or_(delivery.c.attempts > 0, delivery.c.next_attempt_at <= bindparam("now"))
# The wide bodies stay out of the sorting; `+ 0` sorts what is pending instead of walking along all there ever was.
_OLDEST = (
    select(delivery.c.id)
    .where(
        IS_PENDING,
        delivery.c.next_attempt_at > -1,
        delivery.c.channel == bindparam("in_channel"),
        _ENABLED,
        _BEGUN,
    )
    .order_by(delivery.c.event_seq + 0)
    .limit(bindparam("limit"))
)
_IN_ORDER = _FIELDS.where(delivery.c.id.in_(_OLDEST)).order_by(delivery.c.event_seq)
_CHANNELS_DEAD = select(delivery.c.channel).where(IS_DEAD).distinct()
_CHANNELS_OF = select(delivery.c.channel).where(delivery.c.id.in_(bindparam("ids", expanding=True))).distinct()
_OPEN_OF = select(delivery.c.id).where(
    delivery.c.id.in_(bindparam("ids", expanding=True)), delivery.c.state != "delivered"
)
_WAITING = select(delivery.c.channel).where(IS_PENDING, _ENABLED).distinct()
_LIST = _FIELDS.order_by(delivery.c.id.desc()).limit(bindparam("limit"))
_LIST_PENDING = _LIST.where(IS_PENDING)
_LIST_DEAD = _LIST.where(IS_DEAD)
_LIST_STATE = _LIST.where(delivery.c.state == bindparam("in_state"))
_COUNT = select(func.count()).select_from(delivery)
_ATTEMPT = (
    update(delivery)
    .where(delivery.c.id == bindparam("delivery_id"), delivery.c.state != "delivered")
    .values(
        state=bindparam("became"),
        attempts=delivery.c.attempts + 1,
        attempted_at=bindparam("now"),
        next_attempt_at=bindparam("next"),
        status=bindparam("answered"),
        reason=bindparam("why"),
    )
)
_AGAIN = update(delivery).values(state=PENDING, attempts=0, next_attempt_at=bindparam("now"))
_RETRY_DEAD = _AGAIN.where(IS_DEAD)
_RETRY = _AGAIN.where(delivery.c.id.in_(bindparam("ids", expanding=True)), delivery.c.state != "delivered")
_CHANNEL = select(channel.c.disabled_at, channel.c.reason).where(channel.c.name == bindparam("name"))
_DISABLED = select(channel.c.name, channel.c.disabled_at, channel.c.reason).order_by(channel.c.name)
_DISABLE = Upsert(channel, ("name",), ("disabled_at", "reason"))
_ENABLE = delete(channel).where(channel.c.name == bindparam("channel"))


def plan(conn: Connection, planner: Planner, now: float, limit: int) -> int:
    """Turn the events that follow the cursor into deliveries and move it."""
    where = {"cursor": _CURSOR}
    at = conn.execute(_AT, where).scalar()
    if at is None:
        _FIRST.run(conn, {"name": _CURSOR, "seq": 0})
        at = conn.execute(_AT, where).scalar_one()
    ahead = _AHEAD.rows(conn, {"seq": at, "limit": limit})
    if not any(alert for _, alert in ahead):  # a first pass, a backfill: nothing to read
        if ahead:
            conn.execute(_MOVE, {"cursor": _CURSOR, "to": ahead[-1][0]})
        return len(ahead)
    articles = events.after(conn, at, limit)
    # no further than the articles reach: a long backlog is not searched to its end for every piece of it
    others = events.notices(conn, at, limit, *([articles[-1].seq] if len(articles) == limit else []))
    both: list[Event | Notice] = [*articles, *others]
    read = sorted(both, key=lambda event: event.seq)[:limit]
    if not read:
        return 0
    told = ToldByRules(conn)
    wanted = [(event, planned) for event in read if event.alert for planned in planner(event, told)]
    rows = [
        {
            "event_seq": event.seq,
            "channel": planned.channel,
            "webhook_id": planned.webhook_id,
            "body": planned.body,
            "state": "pending",
            "created_at": now,
            "next_attempt_at": max(now, planned.not_before),
        }
        for event, planned in wanted
        if not planned.gather
    ]
    if rows:
        _ADD.run_many(conn, rows)
    together = [
        {"channel": planned.channel, "event_seq": event.seq, "due_at": planned.not_before}
        for event, planned in wanted
        if planned.gather
    ]
    digests.gather(conn, together)
    conn.execute(_MOVE, {"cursor": _CURSOR, "to": read[-1].seq})
    return len(read)


def compose(conn: Connection, composer: Composer, now: float) -> int:
    """Make deliveries of what was gathered and is due; one at a time does, and none while events are planned."""
    conn.execute(_AT, {"cursor": _CURSOR})
    return digests.compose(conn, composer, now)


def due(conn: Connection, now: float, limit: int, channels: Collection[str] | None) -> list[Delivery]:
    """Pending deliveries whose time has come."""
    where: dict[str, Any] = {"now": now, "limit": limit}
    if channels is None:
        return [Delivery(*row) for row in conn.execute(_DUE, where)]
    return [Delivery(*row) for row in conn.execute(_DUE_THERE, {**where, "channels": list(channels)})]


def due_in_order(conn: Connection, now: float, limit: int, channel_name: str) -> list[Delivery]:
    """A channel's deliveries in the order of their events, up to the first that failed and is not due again."""
    found: list[Delivery] = []
    for row in conn.execute(_IN_ORDER, {"now": now, "limit": limit, "in_channel": channel_name}):
        one = Delivery(*row)
        if one.next_attempt_at is None or one.next_attempt_at > now:
            break
        found.append(one)
    return found


def next_due_at(conn: Connection, channels: Collection[str] | None, after: float) -> float | None:
    """When the next delivery is due."""
    if channels is None:
        found: float | None = conn.execute(_NEXT).scalar()
    else:
        found = conn.execute(_NEXT_THERE, {"channels": list(channels), "after": after}).scalar()
    return found


def waiting_channels(conn: Connection) -> set[str]:
    """The channels that pending deliveries go to."""
    return set(conn.execute(_WAITING).scalars())


def channels_of(conn: Connection, ids: Collection[int] | None) -> set[str]:
    """The channels of some deliveries, or of the dead ones."""
    if ids is None:
        return set(conn.execute(_CHANNELS_DEAD).scalars())
    return set(conn.execute(_CHANNELS_OF, {"ids": list(ids)}).scalars())


def open_ids(conn: Connection, ids: Collection[int]) -> set[int]:
    """Which ids are of deliveries that are not delivered."""
    return set(conn.execute(_OPEN_OF, {"ids": list(ids)}).scalars())


def attempted(
    conn: Connection,
    delivery_id: int,
    now: float,
    state: DeliveryState,
    *,
    next_attempt_at: float | None = None,
    status: int | None = None,
    reason: str | None = None,
) -> None:
    """Note an attempt and what became of the delivery."""
    values = {
        "delivery_id": delivery_id,
        "now": now,
        "became": state,
        "next": next_attempt_at,
        "answered": status,
        "why": None if reason is None else storable(reason, REASON_LIMIT),
    }
    conn.execute(_ATTEMPT, values)


def retry(conn: Connection, ids: Collection[int] | None, now: float) -> int:
    """Make dead deliveries, or the given ones that are not delivered, due now."""
    if ids is None:
        return conn.execute(_RETRY_DEAD, {"now": now}).rowcount
    return conn.execute(_RETRY, {"ids": list(ids), "now": now}).rowcount


def list_deliveries(conn: Connection, state: DeliveryState | None, limit: int) -> list[Delivery]:
    """Deliveries, newest first."""
    # the few by their own index; of the many, delivered, the newest are found at once
    statement = {None: _LIST, "pending": _LIST_PENDING, "dead": _LIST_DEAD}.get(state, _LIST_STATE)
    return [Delivery(*row) for row in conn.execute(statement, {"limit": limit, "in_state": state})]


def counts(conn: Connection) -> dict[str, int]:
    """Deliveries by state."""
    pending, dead, total = (
        conn.execute(count).scalar_one() for count in (_COUNT.where(IS_PENDING), _COUNT.where(IS_DEAD), _COUNT)
    )
    return {"pending": pending, "delivered": total - pending - dead, "dead": dead}


def channel_state(conn: Connection, name: str) -> ChannelState | None:
    """Whether a channel is disabled."""
    row = conn.execute(_CHANNEL, {"name": name}).first()
    return None if row is None else ChannelState(*row)


def disable_channel(conn: Connection, name: str, now: float, reason: str) -> None:
    """Hold a channel's deliveries."""
    _DISABLE.run(conn, {"name": name, "disabled_at": now, "reason": storable(reason, REASON_LIMIT)})


def gone(conn: Connection, delivery_id: int, name: str, now: float, reason: str) -> None:
    """A receiver wants no more: its channel is held, and what it would not take is dead."""
    disable_channel(conn, name, now, reason)
    attempted(conn, delivery_id, now, "dead", reason=reason)


def disabled(conn: Connection) -> dict[str, ChannelState]:
    """The channels that are disabled."""
    return {row.name: ChannelState(row.disabled_at, row.reason) for row in conn.execute(_DISABLED)}


def enable_channel(conn: Connection, name: str) -> None:
    """Let a channel's deliveries go on."""
    conn.execute(_ENABLE, {"channel": name})


class DeliveryStore:
    """Deliveries and the channels that were disabled."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def plan(self, planner: Planner, now: float, limit: int = 500) -> int:
        """Ask the planner about the events after the alerts' cursor and insert what it plans, in one transaction.

        Events that do not alert are passed over unasked. A channel gets an event once, whatever is planned twice.
        The planner runs in the store's thread and must not call the store, but for what rules have told, which is of
        the same transaction; what it raises undoes the transaction and is raised here. Gives the number of events
        read; call again while it equals `limit`.
        """
        return await self._backend.write(plan, planner, now, limit)

    async def compose(self, composer: Composer, now: float) -> int:
        """Make deliveries of what was gathered for a channel and is due, a few hundred events at most, and forget it.

        The composer gets the channel, the events in order and the time, and runs as a planner does. Gives the number
        of events; call again until it is 0.
        """
        return await self._backend.write(compose, composer, now)

    async def next_digest_at(self) -> float | None:
        """When the next digest is due."""
        return await self._backend.read(digests.next_at)

    async def gathered(self) -> list[Gathered]:
        """What waits for a digest, by channel."""
        return await self._backend.read(digests.waiting)

    async def due(self, now: float, limit: int, channels: Collection[str] | None = None) -> list[Delivery]:
        """Pending deliveries whose time has come, the longest due first; none of a disabled channel."""
        return await self._backend.read(due, now, limit, channels)

    async def due_in_order(self, now: float, limit: int, channel: str) -> list[Delivery]:
        """A channel's deliveries in the order of their events: none that is due behind one that waits to be retried.

        What is held until the end of quiet hours holds up nothing.
        """
        return await self._backend.read(due_in_order, now, limit, channel)

    async def next_due_at(self, channels: Collection[str] | None = None, *, after: float = -1.0) -> float | None:
        """When the next pending delivery is due; of some: the next after a time. Disabled ones are left out."""
        return await self._backend.read(next_due_at, channels, after)

    async def waiting_channels(self) -> set[str]:
        """The channels, not disabled, that pending deliveries go to."""
        return await self._backend.read(waiting_channels)

    async def channels_of(self, ids: Collection[int] | None) -> set[str]:
        """The channels that the given deliveries, or all dead ones, go to."""
        return await self._backend.read(channels_of, ids)

    async def open_ids(self, ids: Collection[int]) -> set[int]:
        """Those of the ids that are of a delivery, pending or dead."""
        return await self._backend.read(open_ids, ids)

    async def delivered(self, delivery_id: int, now: float, status: int) -> None:
        """An attempt was answered by a success."""
        await self._backend.write_brief(attempted, delivery_id, now, "delivered", status=status)

    async def failed(self, delivery_id: int, now: float, next_attempt_at: float | None, reason: str) -> None:
        """An attempt failed; without a next one the delivery is dead."""
        state: DeliveryState = "dead" if next_attempt_at is None else "pending"
        await self._backend.write_brief(
            attempted, delivery_id, now, state, next_attempt_at=next_attempt_at, reason=reason
        )

    async def gone(self, delivery_id: int, channel: str, now: float, reason: str) -> None:
        """An attempt was answered by 410: the delivery is dead, and its channel held, in one transaction."""
        await self._backend.write(gone, delivery_id, channel, now, reason)

    async def disabled(self) -> dict[str, ChannelState]:
        """The channels that are disabled, since when and why."""
        return await self._backend.read_brief(disabled)

    async def retry(self, ids: Collection[int] | None, now: float) -> int:
        """Make all dead deliveries (or the given ones, unless delivered) pending, due now, at their first attempt."""
        return await self._backend.write(retry, ids, now)

    async def list(self, state: DeliveryState | None, limit: int) -> list[Delivery]:
        """Deliveries of a state, or all, newest first."""
        return await self._backend.read(list_deliveries, state, limit)

    async def counts(self) -> dict[str, int]:
        """Deliveries by state: pending, delivered, dead."""
        return await self._backend.read(counts)

    async def channel_state(self, name: str) -> ChannelState | None:
        """Since when and why a channel is disabled; None if it is not."""
        return await self._backend.read(channel_state, name)

    async def disable_channel(self, name: str, now: float, reason: str) -> None:
        """Hold a channel: its deliveries stay pending but are not due."""
        await self._backend.write(disable_channel, name, now, reason)

    async def enable_channel(self, name: str) -> None:
        """Let a channel go on."""
        await self._backend.write(enable_channel, name)
