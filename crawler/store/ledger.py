"""The entry ledger: every entry a list ever showed, and what became of it. Nothing listed is ever lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, delete, func, insert, or_, select, update

from crawler.store.encode import REASON_LIMIT, TITLE_LIMIT, storable, storable_or_none
from crawler.store.prepared import Prepared
from crawler.store.schema import (
    IS_NOT_STORED,
    IS_PENDING,
    PENDING,
    STORED,
    alias,
    article,
    article_section,
    backfill,
    entry,
    section,
    walk,
)
from crawler.store.statements import Upsert, pieces
from crawler.store.validators import put_validators
from crawler.store.values import PageOutcome, Pending, Rejection, Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from crawler.store.backend import Backend
    from crawler.store.values import Listed, Validators, WalkKind

_COUNT_WALK = Prepared(
    update(section)
    .where(section.c.id == bindparam("in_section"))
    .values(
        last_walk=section.c.last_walk + 1,
        first_walk_at=func.coalesce(section.c.first_walk_at, bindparam("now")),
    )
)
_WALKS = Prepared(select(section.c.last_walk, section.c.completed_walk).where(section.c.id == bindparam("section_id")))
_BEGIN_WALK = Prepared(insert(walk))
# A poll that was cut short is of no use once a later walk came to its end; a backfill may still be resumed.
_FORGET_WALKS = Prepared(
    delete(walk).where(
        walk.c.section_id == bindparam("section_id"),
        walk.c.number < bindparam("completed"),
        or_(walk.c.completed_at.is_not(None), walk.c.kind == "poll"),
    )
)
_COUNT_PAGE = Prepared(
    update(walk)
    .where(walk.c.section_id == bindparam("in_section"), walk.c.number == bindparam("walk"))
    .values(pages=walk.c.pages + 1, entries=walk.c.entries + bindparam("listed"))
)
_END_WALK = Prepared(
    update(walk)
    .where(walk.c.section_id == bindparam("in_section"), walk.c.number == bindparam("walk"))
    .values(completed_at=bindparam("now"))
)
_COMPLETE = Prepared(
    update(section)
    .where(section.c.id == bindparam("in_section"))
    .values(
        completed_walk=case(
            (section.c.completed_walk > bindparam("walk"), section.c.completed_walk), else_=bindparam("walk")
        ),
        last_success_at=bindparam("now"),
        whole_list=case((section.c.whole_list > bindparam("whole"), section.c.whole_list), else_=bindparam("whole")),
    )
)
_UNCHANGED = Prepared(
    update(section).where(section.c.id == bindparam("in_section")).values(last_success_at=bindparam("now"))
)

# Two processes that record pages of one section take turns; foreign keys to the section do not wait for that.
_PORTAL = Prepared(
    select(section.c.portal).where(section.c.id == bindparam("section_id")).with_for_update(key_share=True)
)
_KNOWN = select(
    entry.c.id, entry.c.key, entry.c.first_walk, entry.c.title, entry.c.published_at, entry.c.last_walk
).where(entry.c.section_id == bindparam("section_id"), entry.c.key.in_(bindparam("keys", expanding=True)))
_SEEN_AGAIN = Prepared(
    update(entry)
    .where(entry.c.id == bindparam("entry_id"))
    .values(last_seen_at=bindparam("now"), last_walk=bindparam("walk"))
)
_RELABEL = Prepared(
    update(entry)
    .where(entry.c.id == bindparam("entry_id"))
    .values(title=bindparam("new_title"), published_at=bindparam("new_date"))
)
_ALIASED = (
    select(alias.c.key, alias.c.article_id)
    .join(article, article.c.id == alias.c.article_id)
    .where(
        alias.c.key.in_(bindparam("keys", expanding=True)),
        alias.c.portal == bindparam("portal"),
        article.c.withdrawn_at.is_(None),
    )
)
_ADD = Upsert(entry, ("section_id", "key"))
_LINK = Upsert(article_section, ("article_id", "section_id"))
_COUNT_NEW = Prepared(
    update(section)
    .where(section.c.id == bindparam("in_section"))
    .values(entries=section.c.entries + bindparam("added"), last_new_at=bindparam("now"))
)

_DUE = Prepared(
    select(
        entry.c.section_id,
        entry.c.key,
        entry.c.url,
        func.coalesce(entry.c.canonical_url, entry.c.url),
        entry.c.title,
        entry.c.published_at,
        entry.c.form,
        entry.c.attempts,
        entry.c.alert,
    )
    .where(
        IS_PENDING,
        entry.c.section_id == bindparam("section_id"),
        entry.c.next_attempt_at <= bindparam("now"),
        # What a backfill still has to fetch is its own matter: behind it a poll would be hours late with what is new.
        or_(
            entry.c.alert > 0,
            entry.c.first_walk.not_in(
                select(backfill.c.number).where(
                    backfill.c.section_id == bindparam("section_id"), backfill.c.finished_at.is_(None)
                )
            ),
        ),
    )
    .order_by(entry.c.first_walk, entry.c.id.desc())
    .limit(bindparam("limit"))
)
_OF_PENDING = (IS_PENDING, entry.c.section_id == bindparam("section_id"))
_PENDING_COUNT = Prepared(select(func.count()).select_from(entry).where(*_OF_PENDING))
# The third condition is always true; it tells the planner that this index, and not the one of all keys, is meant.
_NEXT_ATTEMPT = Prepared(select(func.min(entry.c.next_attempt_at)).where(*_OF_PENDING, entry.c.first_walk >= 0))
_ONE = (entry.c.section_id == bindparam("in_section"), entry.c.key == bindparam("entry_key"))
_TRIED: dict[str, Any] = {
    "attempts": entry.c.attempts + 1,
    "attempted_at": bindparam("now"),
    "reason": bindparam("why"),
    "next_attempt_at": bindparam("next"),
}
_FAILED = Prepared(update(entry).where(*_ONE, IS_PENDING).values(**_TRIED))
_ENDED = Prepared(
    update(entry)
    .where(*_ONE, entry.c.state != STORED)
    .values(state=bindparam("became"), fetched=bindparam("came"), **_TRIED)
)
_RETRY = (
    update(entry)
    .where(IS_NOT_STORED, entry.c.section_id == bindparam("in_section"), entry.c.state == "rejected")
    .values(state=PENDING, attempts=0, next_attempt_at=0.0, attempted_at=None, alert=0)
)
_OPEN_COUNTS = (
    select(entry.c.state, func.count())
    .where(IS_NOT_STORED, entry.c.section_id == bindparam("section_id"))
    .group_by(entry.c.state)
)
_LISTED_COUNT = Prepared(select(section.c.entries).where(section.c.id == bindparam("section_id")))
_REJECTIONS = (
    select(entry.c.url, entry.c.reason, entry.c.attempted_at)
    .where(IS_NOT_STORED, entry.c.section_id == bindparam("section_id"), entry.c.state == "rejected")
    .order_by(entry.c.attempted_at.desc())
    .limit(bindparam("limit"))
)


def begin_walk(conn: Connection, section_id: int, now: float, kind: WalkKind) -> Walk:
    """A new walk; those that no later one will ask about are forgotten."""
    _COUNT_WALK.run(conn, {"in_section": section_id, "now": now})
    ((number, completed),) = _WALKS.rows(conn, {"section_id": section_id})
    if completed is not None:
        _FORGET_WALKS.run(conn, {"section_id": section_id, "completed": completed})
    _BEGIN_WALK.run(conn, {"section_id": section_id, "number": number, "kind": kind, "started_at": now})
    return Walk(number, section_id, completed)


def record_page(
    conn: Connection, of: Walk, entries: Sequence[Listed], now: float, *, alert: bool, validators: Validators | None
) -> PageOutcome:
    """Commit what a list page shows."""
    ((portal,),) = _PORTAL.rows(conn, {"section_id": of.section_id})
    listed: dict[bytes, Listed] = {}
    for item in entries:
        listed.setdefault(item.key, item)
    oldest_unfinished, repeated = _note_known(conn, of, listed, now)
    new = {key: item for key, item in listed.items() if key not in oldest_unfinished}
    linked = _insert_new(conn, of, portal, new, now, alert=alert) if new else 0
    _COUNT_PAGE.run(conn, {"in_section": of.section_id, "walk": of.id, "listed": len(listed)})
    if validators is not None:
        put_validators(conn, validators, now)
    before = of.completed_before
    known_before = before is not None and not new and all(walk <= before for walk in oldest_unfinished.values())
    return PageOutcome(len(new), len(listed) - len(new), known_before, linked, repeated)


def known(conn: Connection, of: Walk, keys: Sequence[bytes]) -> set[bytes]:
    """Which of these entries were first listed by a walk up to the last completed one."""
    if of.completed_before is None:
        return set()
    found: set[bytes] = set()
    for some in pieces(tuple(keys)):
        rows = conn.execute(_KNOWN, {"section_id": of.section_id, "keys": some})
        found.update(row.key for row in rows if row.first_walk <= of.completed_before)
    return found


def _note_known(conn: Connection, of: Walk, listed: dict[bytes, Listed], now: float) -> tuple[dict[bytes, int], int]:
    """Mark the entries that are known as seen again.

    Gives the walk that listed each of them first, and how many of them this walk had listed before.
    """
    first_walks: dict[bytes, int] = {}
    repeated = 0
    relabelled = []
    for keys in pieces(tuple(listed)):
        seen = []
        for row_id, key, first_walk, title, published_at, last_walk in conn.execute(
            _KNOWN, {"section_id": of.section_id, "keys": keys}
        ):
            first_walks[key] = first_walk
            repeated += last_walk == of.id
            seen.append({"entry_id": row_id, "now": now, "walk": of.id})
            new_title = storable_or_none(listed[key].title, TITLE_LIMIT) or title
            new_date = storable_or_none(listed[key].published_at) or published_at
            if (new_title, new_date) != (title, published_at):
                relabelled.append({"entry_id": row_id, "new_title": new_title, "new_date": new_date})
        if seen:
            _SEEN_AGAIN.run_many(conn, seen)
    if relabelled:
        _RELABEL.run_many(conn, relabelled)
    return first_walks, repeated


def _insert_new(conn: Connection, of: Walk, portal: str, new: dict[bytes, Listed], now: float, *, alert: bool) -> int:
    articles: dict[bytes, int] = {}
    for keys in pieces(tuple(new)):
        articles.update(
            (key, article_id) for key, article_id in conn.execute(_ALIASED, {"keys": keys, "portal": portal})
        )
    rows = [
        {
            "section_id": of.section_id,
            "key": key,
            "state": "stored" if key in articles else "pending",
            "form": item.form,
            "alert": int(alert),
            "first_walk": of.id,
            "last_walk": of.id,
            "first_seen_at": now,
            "last_seen_at": now,
            "next_attempt_at": None if key in articles else now,
            "duplicate": int(key in articles),
            "url": storable(item.url),
            "canonical_url": None if item.canonical_url == item.url else storable(item.canonical_url),
            "published_at": storable_or_none(item.published_at),
            "title": storable_or_none(item.title, TITLE_LIMIT),
        }
        for key, item in new.items()
    ]
    _ADD.run_many(conn, rows)
    if articles:
        links = [
            {"article_id": article_id, "section_id": of.section_id, "at": now}
            for article_id in dict.fromkeys(articles.values())
        ]
        _LINK.run_many(conn, links)
    _COUNT_NEW.run(conn, {"in_section": of.section_id, "added": len(rows), "now": now})
    return len(articles)


def complete_walk(conn: Connection, of: Walk, now: float, *, whole: bool) -> None:
    """What the walk listed counts as known from here on."""
    _END_WALK.run(conn, {"in_section": of.section_id, "walk": of.id, "now": now})
    _COMPLETE.run(conn, {"in_section": of.section_id, "walk": of.id, "now": now, "whole": int(whole)})


def unchanged(conn: Connection, section_id: int, now: float) -> None:
    """A pass over the list found it as the last completed walk left it."""
    _UNCHANGED.run(conn, {"in_section": section_id, "now": now})


def due(conn: Connection, section_id: int, now: float, limit: int) -> list[Pending]:
    """Pending entries whose time has come, in the order of publication."""
    rows = _DUE.rows(conn, {"section_id": section_id, "now": now, "limit": limit})
    return [
        Pending(section, key, url, canonical_url, title, published_at, form, attempts, alert=bool(alert))
        for section, key, url, canonical_url, title, published_at, form, attempts, alert in rows
    ]


def _scalar(conn: Connection, statement: Prepared, section_id: int) -> Any:
    return next((row[0] for row in statement.rows(conn, {"section_id": section_id})), None)


def fail_entry(conn: Connection, section_id: int, key: bytes, now: float, next_attempt_at: float, reason: str) -> None:
    """Note a failed attempt; the entry stays pending."""
    why = storable(reason, REASON_LIMIT)
    _FAILED.run(conn, {"in_section": section_id, "entry_key": key, "now": now, "next": next_attempt_at, "why": why})


def end_entry(
    conn: Connection, section_id: int, key: bytes, now: float, state: str, reason: str, *, fetched: bool = False
) -> None:
    """Note a last attempt; the entry becomes rejected or gone."""
    values = {"in_section": section_id, "entry_key": key, "now": now, "became": state, "next": None}
    _ENDED.run(conn, {**values, "why": storable(reason, REASON_LIMIT), "came": int(fetched)})


def retry_rejected(conn: Connection, section_id: int) -> int:
    """Make rejected entries pending again."""
    return conn.execute(_RETRY, {"in_section": section_id}).rowcount


def counts(conn: Connection, section_id: int) -> dict[str, int]:
    """Entries by state."""
    found = {"pending": 0, "stored": 0, "rejected": 0, "gone": 0}
    found.update((state, count) for state, count in conn.execute(_OPEN_COUNTS, {"section_id": section_id}))
    found["stored"] = (_scalar(conn, _LISTED_COUNT, section_id) or 0) - sum(found.values())
    return found


def rejections(conn: Connection, section_id: int, limit: int) -> list[Rejection]:
    """Rejected entries, newest first."""
    rows = conn.execute(_REJECTIONS, {"section_id": section_id, "limit": limit})
    return [Rejection(url, reason or "", at or 0.0) for url, reason, at in rows]


class LedgerStore:
    """The entries of every section, from first listing to stored, rejected or gone."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def begin_walk(self, section_id: int, now: float, kind: WalkKind) -> Walk:
        """Begin a pass over a section's list pages."""
        return await self._backend.write_brief(begin_walk, section_id, now, kind)

    async def record_page(
        self,
        walk: Walk,
        entries: Sequence[Listed],
        now: float,
        *,
        alert: bool = True,
        validators: Validators | None = None,
    ) -> PageOutcome:
        """Commit a list page's entries, in the page's order, and its validators if given, in one transaction.

        New entries become pending with `alert` kept beside them; one whose key is an alias of an article stored in
        the same portal (and not withdrawn) becomes stored, and the article gains the section. Of known entries the
        time last seen is noted, and a title or date that the list shows differently now. A key twice on a page
        counts once.
        """
        return await self._backend.write(record_page, walk, entries, now, alert=alert, validators=validators)

    async def known(self, walk: Walk, keys: Sequence[bytes]) -> set[bytes]:
        """Which of these entries were first listed by a walk up to the last completed one."""
        return await self._backend.read(known, walk, keys)

    async def complete_walk(self, walk: Walk, now: float, *, whole: bool = False) -> None:
        """A walk came to its end, with `whole` the list's: the section's last completed walk and last success."""
        await self._backend.write_brief(complete_walk, walk, now, whole=whole)

    async def unchanged(self, section_id: int, now: float) -> None:
        """A list is as the last completed walk left it: a success without a walk of its own."""
        await self._backend.write_brief(unchanged, section_id, now)

    async def due(self, section_id: int, now: float, limit: int) -> list[Pending]:
        """Pending entries whose next attempt is due: earlier walks first, within a walk the last listed first.

        Those without alert that a backfill under way has listed are left to it.

        Lists show the newest first, so that entries come in the order of their publication.
        """
        return await self._backend.read_brief(due, section_id, now, limit)

    async def pending_count(self, section_id: int) -> int:
        """How many entries are pending, due or not."""
        count: int = await self._backend.read(_scalar, _PENDING_COUNT, section_id)
        return count

    async def next_attempt_at(self, section_id: int) -> float | None:
        """When the next pending entry is due, or None if none is pending."""
        found: float | None = await self._backend.read(_scalar, _NEXT_ATTEMPT, section_id)
        return found

    async def failed(self, section_id: int, key: bytes, now: float, next_attempt_at: float, reason: str) -> None:
        """An attempt failed and there will be another: one more attempt, still pending."""
        await self._backend.write_brief(fail_entry, section_id, key, now, next_attempt_at, reason)

    async def rejected(self, section_id: int, key: bytes, now: float, reason: str, *, fetched: bool = False) -> None:
        """The entry's page holds no article (`fetched`), or was asked for in vain for the last time."""
        await self._backend.write_brief(end_entry, section_id, key, now, "rejected", reason, fetched=fetched)

    async def gone(self, section_id: int, key: bytes, now: float, reason: str) -> None:
        """The entry's page answers that it does not exist (404, 410)."""
        await self._backend.write_brief(end_entry, section_id, key, now, "gone", reason)

    async def retry_rejected(self, section_id: int) -> int:
        """Make every rejected entry pending and due at once, without alerts; gives how many."""
        return await self._backend.write(retry_rejected, section_id)

    async def counts(self, section_id: int) -> dict[str, int]:
        """Entries by state: pending, stored, rejected, gone."""
        return await self._backend.read(counts, section_id)

    async def rejections(self, section_id: int, limit: int) -> list[Rejection]:
        """Rejected entries with their reasons, newest first."""
        return await self._backend.read(rejections, section_id, limit)
