"""Articles: stored, found again, revised, visited, withdrawn; each in one serialised transaction with its event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, func, insert, literal_column, select, update

from crawler.store import events
from crawler.store.encode import (
    TITLE_LIMIT,
    changed_fields,
    decode_content,
    encode_content,
    fingerprint,
    storable,
    storable_or_none,
)
from crawler.store.schema import (
    HAS_BODY,
    STORED,
    TO_VISIT,
    alias,
    article,
    article_section,
    entry,
    event,
    revision,
    section,
)
from crawler.store.statements import Upsert, lock_events
from crawler.store.validators import put_validators
from crawler.store.values import Stored, Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from crawler.items import Record
    from crawler.store.backend import Backend
    from crawler.store.values import ArticleWrite, Validators

_STATE = (
    article.c.id,
    article.c.public_id,
    article.c.form,
    article.c.revision,
    article.c.fingerprint,
    article.c.canonical_url,
    article.c.kind,
    article.c.duplicate_of,
    article.c.withdrawn_at,
)
_BY_ALIAS = (
    select(alias.c.key, *_STATE)
    .join(article, article.c.id == alias.c.article_id)
    .where(alias.c.key.in_(bindparam("keys", expanding=True)), alias.c.portal == bindparam("portal"))
)
_BY_ID = select(*_STATE).where(article.c.public_id == bindparam("public_id"))
_BY_CONTENT = (
    select(article.c.portal, article.c.duplicate_of, *_STATE[:4])
    .where(HAS_BODY, article.c.content_sha256 == bindparam("content"))
    .order_by(article.c.first_seen_at, article.c.id)
)
_PUBLIC_ID = select(article.c.public_id).where(article.c.id == bindparam("article_id"))
_PORTAL = select(section.c.portal).where(section.c.id == bindparam("section_id"))
_ADD_ARTICLE = insert(article)
_ADD_REVISION = insert(revision)
_ADD_ALIASES = Upsert(alias, ("key", "portal"))
_ADD_SECTION = Upsert(article_section, ("article_id", "section_id"))
# Spelled out for the planner: one index probe a section and key, whatever the statistics say.
_MARK_STORED = (
    update(entry)
    .where(
        entry.c.section_id.in_(select(section.c.id).where(section.c.portal == bindparam("in_portal"))),
        entry.c.key.in_(bindparam("keys", expanding=True)),
        entry.c.state != STORED,
    )
    .values(state=STORED, next_attempt_at=None, reason=None, attempted_at=bindparam("now"))
)
_CONTENT = select(revision.c.id, revision.c.content).where(
    revision.c.article_id == bindparam("article_id"), revision.c.number == bindparam("number")
)
_SECTIONS = (
    select(section.c.section)
    .join(article_section, article_section.c.section_id == section.c.id)
    .where(article_section.c.article_id == bindparam("article_id"))
    .order_by(article_section.c.at, section.c.id)
)
_THIS = article.c.id == bindparam("article_id")
_REVISE = (
    update(article)
    .where(_THIS)
    .values(
        form=bindparam("new_form"),
        key=bindparam("new_key"),
        url=bindparam("new_url"),
        title=bindparam("new_title"),
        published_at=bindparam("new_date"),
        revision=bindparam("new_revision"),
        content_sha256=bindparam("new_content"),
        fingerprint=bindparam("new_fingerprint"),
    )
)
_VISITED: dict[str, Any] = {
    "visited_at": bindparam("now"),
    "next_visit_at": bindparam("next_visit"),
    "visits": article.c.visits + 1,
}
_FOUND = update(article).where(_THIS).values(misses=0, withdrawn_at=None, **_VISITED)
_MISSED = update(article).where(_THIS).values(misses=article.c.misses + 1, **_VISITED).returning(article.c.misses)
_WITHDRAW = update(article).where(_THIS).values(withdrawn_at=bindparam("now"))
_LAST_ALERT = (
    select(event.c.alert).where(event.c.article_id == bindparam("article_id")).order_by(event.c.seq.desc()).limit(1)
)
_VISITS = (
    select(
        article.c.public_id,
        article.c.url,
        article.c.key,
        article.c.first_seen_at,
        article.c.visits,
        article.c.misses,
        article.c.title,
        article.c.published_at,
    )
    .where(TO_VISIT, article.c.section_id == bindparam("section_id"), article.c.next_visit_at <= bindparam("now"))
    .order_by(article.c.next_visit_at)
    .limit(bindparam("limit"))
)


def store(conn: Connection, write: ArticleWrite) -> Stored:
    """Store one article: see ArticleStore.store."""
    lock_events(conn)
    portal: str = conn.execute(_PORTAL, {"section_id": write.section_id}).scalar_one()
    known = _by_alias(conn, write.keys, portal)
    if known is not None:
        outcome = _again(conn, write, known)
        article_id = known.id
    else:
        original, copied = _by_content(conn, write.record, portal)
        if copied is not None:
            outcome = Stored(copied.public_id, "linked", None, copied.revision)
            article_id = copied.id
        else:
            article_id, outcome = _publish(conn, write, portal, original)
    aliases = [{"key": key, "portal": portal, "article_id": article_id} for key in write.keys]
    conn.execute(_ADD_ALIASES(conn), aliases)
    keys = write.keys if write.entry_key is None or write.entry_key in write.keys else (*write.keys, write.entry_key)
    conn.execute(_MARK_STORED, {"in_portal": portal, "keys": keys, "now": write.now})
    if write.validators is not None:
        put_validators(conn, write.validators, write.now)
    return outcome


def _by_alias(conn: Connection, keys: Sequence[bytes], portal: str) -> Row[*tuple[Any, ...]] | None:
    rows = {row.key: row for row in conn.execute(_BY_ALIAS, {"keys": keys, "portal": portal})}
    return next((rows[key] for key in keys if key in rows), None)


def _content_hash(record: Record) -> bytes | None:
    return bytes.fromhex(record.content_sha256) if record.form == "article" and record.body else None


def _by_content(conn: Connection, record: Record, portal: str) -> tuple[int | None, Row[*tuple[Any, ...]] | None]:
    """The article that a new one reprints (oldest of another portal), and the one of its own portal that it copies."""
    content = _content_hash(record)
    if content is None:
        return None, None
    original: int | None = None
    for row in conn.execute(_BY_CONTENT, {"content": content}):
        if row.portal == portal:
            return None, row
        if original is None:
            original = row.duplicate_of or row.id
    return original, None


def _publish(conn: Connection, write: ArticleWrite, portal: str, original: int | None) -> tuple[int, Stored]:
    record = write.record
    values = {
        "public_id": write.article_id,
        "portal": portal,
        "section_id": write.section_id,
        "kind": record.kind,
        "canonical_url": storable(record.canonical_url),
        "fingerprint": fingerprint(record),
        "revision": 1,
        "duplicate_of": original,
        "first_seen_at": write.now,
        "visited_at": write.now,
        "next_visit_at": write.next_visit_at,
        "content_sha256": _content_hash(record),
        "form": record.form,
        "key": _page_key(write),
        "url": storable(record.url),
        "title": storable_or_none(record.title, TITLE_LIMIT),
        "published_at": storable_or_none(record.published_at),
    }
    article_id = _inserted(conn.execute(_ADD_ARTICLE, values))
    conn.execute(_ADD_SECTION(conn), {"article_id": article_id, "section_id": write.section_id, "at": write.now})
    record = replace(record, id=write.article_id)
    seq = _append_revision(conn, write, "published", article_id, 1, record, duplicate_of=_public_id(conn, original))
    return article_id, Stored(write.article_id, "published", seq, 1)


def _again(conn: Connection, write: ArticleWrite, known: Row[*tuple[Any, ...]]) -> Stored:
    """A page that is known: visited, and revised if what it says has changed or it had been withdrawn."""
    where = {"article_id": known.id, "section_id": write.section_id, "at": write.now}
    conn.execute(_ADD_SECTION(conn), where)
    if known.form == "article" and write.record.form != "article":
        # a list that only links to an article that was read says nothing about the article
        return Stored(known.public_id, "linked", None, known.revision)
    visited = {"article_id": known.id, "now": write.now, "next_visit": write.next_visit_at}
    conn.execute(_FOUND, visited)
    print_now = fingerprint(write.record)
    if print_now == known.fingerprint:
        seq = None
        if known.withdrawn_at is not None:
            seq = _reappeared(conn, known, write.now, alert=write.alert)
        changes = ("withdrawn_at",) if seq is not None else ()
        return Stored(known.public_id, "revised" if seq is not None else "unchanged", seq, known.revision, changes)
    return _revise(conn, write, known, print_now)


def _revise(conn: Connection, write: ArticleWrite, known: Row[*tuple[Any, ...]], print_now: bytes) -> Stored:
    _, before = _newest(conn, known)
    record = replace(
        write.record,
        id=known.public_id,
        canonical_url=before.canonical_url,
        kind=before.kind,
        first_seen_at=before.first_seen_at,
    )
    changes = changed_fields(before, record)
    if known.withdrawn_at is not None:
        changes = (*changes, "withdrawn_at")
    number = known.revision + 1
    conn.execute(
        _REVISE,
        {
            "article_id": known.id,
            "new_form": record.form,
            "new_key": _page_key(write),
            "new_url": storable(record.url),
            "new_title": storable_or_none(record.title, TITLE_LIMIT),
            "new_date": storable_or_none(record.published_at),
            "new_revision": number,
            "new_content": _content_hash(record),
            "new_fingerprint": print_now,
        },
    )
    duplicate_of = _public_id(conn, known.duplicate_of)
    seq = _append_revision(conn, write, "revised", known.id, number, record, changes=changes, duplicate_of=duplicate_of)
    return Stored(known.public_id, "revised", seq, number, changes)


def _append_revision(
    conn: Connection,
    write: ArticleWrite,
    type_: str,
    article_id: int,
    number: int,
    record: Record,
    *,
    changes: Sequence[str] = (),
    duplicate_of: str | None = None,
) -> int:
    values = {"article_id": article_id, "number": number, "at": write.now, "content": encode_content(record)}
    revision_id = _inserted(conn.execute(_ADD_REVISION, values))
    return events.append(
        conn,
        type_,
        write.now,
        alert=write.alert,
        article_id=article_id,
        revision_id=revision_id,
        sections=_sections(conn, article_id),
        changes=changes,
        duplicate_of=duplicate_of,
    )


def _inserted(result: Any) -> int:
    key: int = result.inserted_primary_key[0]
    return key


def _page_key(write: ArticleWrite) -> bytes:
    """The key under which a visit finds the page's validators."""
    return write.keys[0] if write.validators is None else write.validators.key


def _newest(conn: Connection, known: Row[*tuple[Any, ...]]) -> tuple[int, Record]:
    """The newest revision's row id and what it said."""
    row = conn.execute(_CONTENT, {"article_id": known.id, "number": known.revision}).one()
    return row.id, decode_content(row.content, sections=())


def _sections(conn: Connection, article_id: int) -> list[str]:
    return list(conn.execute(_SECTIONS, {"article_id": article_id}).scalars())


def _public_id(conn: Connection, article_id: int | None) -> str | None:
    if article_id is None:
        return None
    found: str | None = conn.execute(_PUBLIC_ID, {"article_id": article_id}).scalar()
    return found


def _reappeared(conn: Connection, known: Row[*tuple[Any, ...]], now: float, *, alert: bool) -> int:
    """The page is back as it was: an event, but no revision, for nothing was edited."""
    return _envelope_event(conn, known, "revised", now, alert=alert, changes=("withdrawn_at",))


def _envelope_event(
    conn: Connection,
    known: Row[*tuple[Any, ...]],
    type_: str,
    now: float,
    *,
    alert: bool,
    changes: Sequence[str] = (),
    withdrawn_at: str | None = None,
) -> int:
    revision_id, _ = _newest(conn, known)
    return events.append(
        conn,
        type_,
        now,
        alert=alert,
        article_id=known.id,
        revision_id=revision_id,
        sections=_sections(conn, known.id),
        changes=changes,
        duplicate_of=_public_id(conn, known.duplicate_of),
        withdrawn_at=withdrawn_at,
    )


def _by_public_id(conn: Connection, article_id: str) -> Row[*tuple[Any, ...]] | None:
    return conn.execute(_BY_ID, {"public_id": article_id}).first()


def unchanged(
    conn: Connection, article_id: str, now: float, next_visit_at: float | None, validators: Validators | None
) -> None:
    """A visit found the page as it was; one that had been withdrawn is back, and an event says so."""
    lock_events(conn)
    known = _by_public_id(conn, article_id)
    if known is None:
        return
    conn.execute(_FOUND, {"article_id": known.id, "now": now, "next_visit": next_visit_at})
    if known.withdrawn_at is not None:
        alert = bool(conn.execute(_LAST_ALERT, {"article_id": known.id}).scalar())
        _reappeared(conn, known, now, alert=alert)
    if validators is not None:
        put_validators(conn, validators, now)


def withdraw(conn: Connection, article_id: str, now: float, *, alert: bool) -> int | None:
    """Mark an article withdrawn, once."""
    lock_events(conn)
    known = _by_public_id(conn, article_id)
    if known is None or known.withdrawn_at is not None:
        return None
    conn.execute(_WITHDRAW, {"article_id": known.id, "now": now})
    return _envelope_event(conn, known, "withdrawn", now, alert=alert, withdrawn_at=_rfc3339(now))


def missed(conn: Connection, article_id: str, now: float, next_visit_at: float | None) -> int:
    """A visit did not find the page; gives how many in a row."""
    known = _by_public_id(conn, article_id)
    if known is None:
        return 0
    count: int = conn.execute(_MISSED, {"article_id": known.id, "now": now, "next_visit": next_visit_at}).scalar_one()
    return count


def due_visits(conn: Connection, section_id: int, now: float, limit: int) -> list[Visit]:
    """Articles first stored by a section whose next visit is due, the longest due first."""
    return [Visit(*row) for row in conn.execute(_VISITS, {"section_id": section_id, "now": now, "limit": limit})]


def _rfc3339(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_ARTICLE_OF_KEY = (
    select(alias.c.article_id)
    .join(article, article.c.id == alias.c.article_id)
    .where(alias.c.key == bindparam("key"))
    .order_by(article.c.form != literal_column("'article'", Text), article.c.first_seen_at, article.c.id)
    .limit(1)
)
_ARTICLE_OF_ID = select(article.c.id).where(article.c.public_id == bindparam("key"))
_LATEST = (
    select(
        func.coalesce(
            select(func.max(event.c.seq)).where(event.c.article_id == article.c.id).scalar_subquery(), 0
        ).label("seq"),
        article.c.duplicate_of,
        article.c.withdrawn_at,
        revision.c.number,
        revision.c.content,
    )
    .join(revision, (revision.c.article_id == article.c.id) & (revision.c.number == article.c.revision))
    .where(_THIS)
)
_EVENT_TYPE = select(event.c.type).where(event.c.seq == bindparam("seq"))
_REVISIONS = events.EVENTS.where(
    event.c.article_id == bindparam("article_id"), event.c.type.in_(("published", "revised"))
).order_by(event.c.seq)


def _find(conn: Connection, id_or_key: str | bytes) -> int | None:
    statement = _ARTICLE_OF_KEY if isinstance(id_or_key, bytes) else _ARTICLE_OF_ID
    found: int | None = conn.execute(statement, {"key": id_or_key}).scalar()
    return found


def get(conn: Connection, id_or_key: str | bytes) -> Record | None:
    """An article as it is known now."""
    article_id = _find(conn, id_or_key)
    if article_id is None:
        return None
    row = conn.execute(_LATEST, {"article_id": article_id}).one()
    return decode_content(
        row.content,
        seq=row.seq,
        event=conn.execute(_EVENT_TYPE, {"seq": row.seq}).scalar_one(),
        revision=row.number,
        sections=tuple(_sections(conn, article_id)),
        duplicate_of=_public_id(conn, row.duplicate_of),
        withdrawn_at=None if row.withdrawn_at is None else _rfc3339(row.withdrawn_at),
    )


def revisions(conn: Connection, article_id: str) -> list[Record]:
    """Every revision of an article as it was emitted, oldest first."""
    found = _find(conn, article_id)
    rows = [] if found is None else conn.execute(_REVISIONS, {"article_id": found}).all()
    by_number: dict[int, Record] = {}
    for row in rows:
        record = events.read_event(row).record
        by_number.setdefault(record.revision, record)
    return list(by_number.values())


def sections_of(conn: Connection, article_id: str) -> tuple[str, ...]:
    """The sections that list an article, in the order in which they did."""
    found = _find(conn, article_id)
    return () if found is None else tuple(_sections(conn, found))


class ArticleStore:
    """Articles, their addresses, revisions and visits."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def store(self, write: ArticleWrite) -> Stored:
        """Store an article in one serialised transaction, with its event and its entries' state.

        Known by any of its keys in the same portal: `revised` if the compared fields differ (see
        `crawler.store.encode.COMPARED`), else `unchanged`; id, canonical URL, kind and first sight stay those of the
        first revision. A withdrawn article that is back gives a `revised` event too, without a new revision if it
        says the same. Else, with a body, equal content in the same portal: `linked` to that article, no event. Else
        `published`; the oldest article of another portal with equal content becomes its `duplicate_of`. Every key
        becomes an alias, the article gains the section, and the portal's entries of these keys become stored.
        """
        return await self._backend.write(store, write)

    async def unchanged(
        self, article_id: str, now: float, next_visit_at: float | None, validators: Validators | None
    ) -> None:
        """A visit found the page as it was (304 or the same bytes); new validators are kept if given."""
        await self._backend.write(unchanged, article_id, now, next_visit_at, validators)

    async def withdraw(self, article_id: str, now: float, alert: bool) -> int | None:  # noqa: FBT001 - as every event
        """The article was taken down: the seq of its event, or None if it is unknown or withdrawn already."""
        return await self._backend.write(withdraw, article_id, now, alert=alert)

    async def missed(self, article_id: str, now: float, next_visit_at: float | None) -> int:
        """A visit was answered by 404 or 410: the count of such visits in a row, 0 for an unknown article."""
        return await self._backend.write(missed, article_id, now, next_visit_at)

    async def due_visits(self, section_id: int, now: float, limit: int) -> list[Visit]:
        """Articles that this section brought first and whose visit is due, the longest due first."""
        return await self._backend.read(due_visits, section_id, now, limit)

    async def get(self, id_or_key: str | bytes) -> Record | None:
        """An article as known now, by id or by the key of any of its addresses; None if unknown."""
        return await self._backend.read(get, id_or_key)

    async def by_url(self, key: bytes) -> Record | None:
        """An article by the key of any of its addresses; if several portals list it, of one that read the page."""
        return await self._backend.read(get, key)

    async def revisions(self, article_id: str) -> list[Record]:
        """Every revision as it was emitted, oldest first; empty if unknown."""
        return await self._backend.read(revisions, article_id)

    async def sections_of(self, article_id: str) -> tuple[str, ...]:
        """The names of the sections that list an article, the first one first; empty if unknown."""
        return await self._backend.read(sections_of, article_id)
