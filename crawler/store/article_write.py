"""The article transaction: found by an address, or by its content, or new; with revision, event and ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, case, func, insert, select, update

from crawler.store import events, raw, story
from crawler.store.article_state import FOUND, STATE, THIS, Known, append_reappeared, newest, public_id, section_names
from crawler.store.encode import TITLE_LIMIT, changed_fields, encode_content, fingerprint, storable, storable_or_none
from crawler.store.prepared import Prepared
from crawler.store.reprints import keep
from crawler.store.schema import HAS_BODY, STORED, alias, article, article_section, entry, revision, section
from crawler.store.statements import Upsert, lock_events
from crawler.store.validators import put_validators
from crawler.store.values import Stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from crawler.items import Record
    from crawler.store.rawpacks import Packs
    from crawler.store.values import ArticleWrite

_NAMES = select(section.c.portal, section.c.section).where(section.c.id == bindparam("section_id"))
_BY_ALIAS = Prepared(
    select(*STATE)
    .join(alias, article.c.id == alias.c.article_id)
    .where(alias.c.key == bindparam("key"), alias.c.portal == bindparam("portal"))
)
_BY_CONTENT = Prepared(
    select(article.c.id, article.c.public_id, article.c.revision, article.c.portal, article.c.duplicate_of)
    .where(HAS_BODY, article.c.content_sha256 == bindparam("content"))
    .order_by(article.c.first_seen_at, article.c.id)
)
_ADD_ARTICLE = Prepared(insert(article))
_ADD_REVISION = Prepared(insert(revision))
_ADD_ALIASES = Upsert(alias, ("key", "portal"))
_ADD_SECTION = Upsert(article_section, ("article_id", "section_id"))
_TAKEN = (entry.c.section_id == bindparam("taken_by")) & (entry.c.key == bindparam("taken"))
_MARK_STORED = Prepared(
    update(entry)
    .where(
        entry.c.section_id.in_(select(section.c.id).where(section.c.portal == bindparam("in_portal"))),
        entry.c.key == bindparam("entry_key"),
        entry.c.state != STORED,
    )
    .values(
        state=STORED,
        next_attempt_at=None,
        reason=None,
        attempted_at=bindparam("now"),
        fetched=case((_TAKEN, bindparam("came")), else_=entry.c.fetched),
        duplicate=case((_TAKEN, bindparam("known")), else_=1),
        published_at=func.coalesce(entry.c.published_at, bindparam("date")),
    )
)
_REVISE = (
    update(article)
    .where(THIS)
    .values(
        form=bindparam("new_form"),
        key=bindparam("new_key"),
        url=bindparam("new_url"),
        title=bindparam("new_title"),
        published_at=bindparam("new_date"),
        revision=bindparam("new_revision"),
        edition=0,
        content_sha256=bindparam("new_content"),
        fingerprint=bindparam("new_fingerprint"),
    )
)


class _SameContent(NamedTuple):
    id: int
    public_id: str
    revision: int
    portal: str
    duplicate_of: int | None


def store(conn: Connection, write: ArticleWrite, packs: Packs | None = None) -> Stored:
    """Store one article: see ArticleStore.store."""
    located = raw.put(conn, packs, write.pages)
    lock_events(conn)
    portal, section_name = _names(conn, write.section_id)
    known = _by_alias(conn, write.keys, portal)
    if known is not None:
        article_id, outcome = known.id, _again(conn, write, known)
        if outcome.outcome == "stale":
            return outcome
    else:
        original, copied = _by_content(conn, write.record, portal)
        if copied is not None:
            _add_section(conn, write, copied.id)
            article_id, outcome = copied.id, Stored(copied.public_id, "linked", None, copied.revision)
        else:
            own: list[int] = []
            if original is None:
                original, own = story.original_of(conn, write)
            article_id, outcome = _publish(conn, write, portal, section_name, original)
            keep(conn, article_id, own)
    if located:
        number = raw.OTHER_ADDRESS if outcome.outcome == "linked" else outcome.revision
        raw.note(conn, article_id, number, located, write.now, new=outcome.outcome == "published")
    _ADD_ALIASES.run_many(conn, [{"key": key, "portal": portal, "article_id": article_id} for key in write.keys])
    keys = write.keys if write.entry_key is None or write.entry_key in write.keys else (*write.keys, write.entry_key)
    marks = {
        "in_portal": portal,
        "now": write.now,
        "taken_by": write.section_id,
        "taken": write.entry_key or b"",
        "came": int(write.validators is not None),
        "known": int(outcome.outcome != "published"),
        "date": storable_or_none(write.record.published_at),
    }
    _MARK_STORED.run_many(conn, [{**marks, "entry_key": key} for key in keys])
    if write.validators is not None:
        put_validators(conn, write.validators, write.now)
    return outcome


def _names(conn: Connection, section_id: int) -> tuple[str, str]:
    """A section's portal and name, which never change: kept beside the connection."""
    known: dict[int, tuple[str, str]] = conn.info.setdefault("section_names", {})
    found = known.get(section_id)
    if found is None:
        portal, name = conn.execute(_NAMES, {"section_id": section_id}).one()
        found = known[section_id] = (portal, name)
    return found


def _by_alias(conn: Connection, keys: Sequence[bytes], portal: str) -> Known | None:
    for key in keys:
        for row in _BY_ALIAS.rows(conn, {"key": key, "portal": portal}):
            return Known(*row)
    return None


def _content_hash(record: Record) -> bytes | None:
    return bytes.fromhex(record.content_sha256) if record.form == "article" and record.body else None


def _by_content(conn: Connection, record: Record, portal: str) -> tuple[int | None, _SameContent | None]:
    """The article that a new one reprints (oldest of another portal), and the one of its own portal that it copies."""
    content = _content_hash(record)
    original: int | None = None
    for row in () if content is None else _BY_CONTENT.rows(conn, {"content": content}):
        found = _SameContent(*row)
        if found.portal == portal:
            return None, found
        if original is None:
            original = found.duplicate_of or found.id
    return original, None


def _add_section(conn: Connection, write: ArticleWrite, article_id: int) -> None:
    _ADD_SECTION.run(conn, {"article_id": article_id, "section_id": write.section_id, "at": write.now})


def _publish(
    conn: Connection, write: ArticleWrite, portal: str, section_name: str, original: int | None
) -> tuple[int, Stored]:
    record = write.record
    if record.id != write.article_id:
        record = replace(record, id=write.article_id)
    first = original is not None and story.precedes(conn, original, record.published_at, write.now)
    row = {
        "public_id": write.article_id,
        "portal": portal,
        "section_id": write.section_id,
        "kind": record.kind,
        "form": record.form,
        "key": _page_key(write),
        "url": storable(record.url),
        "canonical_url": storable(record.canonical_url),
        "title": storable_or_none(record.title, TITLE_LIMIT),
        "published_at": storable_or_none(record.published_at),
        "revision": 1,
        "content_sha256": _content_hash(record),
        "fingerprint": fingerprint(record),
        "duplicate_of": None if first else original,
        "first_seen_at": write.now,
        "visited_at": write.now,
        "next_visit_at": write.next_visit_at,
    }
    article_id = _ADD_ARTICLE.insert(conn, row)
    _add_section(conn, write, article_id)
    revision_id = _add_revision(conn, write, article_id, 1, record)
    if first and original is not None:
        # Told before the article itself: whoever sends alerts then knows that this is no new story.
        story.take_over(conn, article_id, original, write.now)
    seq = events.append(
        conn,
        "published",
        write.now,
        alert=write.alert,
        article_id=article_id,
        revision_id=revision_id,
        sections=(section_name,),
        duplicate_of=None if first else public_id(conn, original),
    )
    return article_id, Stored(write.article_id, "published", seq, 1)


def _again(conn: Connection, write: ArticleWrite, known: Known) -> Stored:
    """A page that is known: visited, and revised if what it says has changed or it had been withdrawn."""
    _add_section(conn, write, known.id)
    if known.form == "article" and write.record.form != "article":
        # a list that only links to an article that was read says nothing new about the article
        return Stored(known.public_id, "linked", None, known.revision)
    print_now = fingerprint(write.record)
    if print_now != known.fingerprint and write.pages and not write.reread:
        _, before = newest(conn, known)
        if before.made_by != write.record.made_by:
            return Stored(known.public_id, "stale", None, known.revision)
    FOUND.run(conn, {"article_id": known.id, "now": write.now, "next_visit": write.next_visit_at})
    if print_now != known.fingerprint:
        return _revise(conn, write, known, print_now)
    if known.withdrawn_at is None:
        return Stored(known.public_id, "unchanged", None, known.revision)
    seq = append_reappeared(conn, known, write.now, alert=write.alert)
    return Stored(known.public_id, "revised", seq, known.revision, ("withdrawn_at",))


def _revise(conn: Connection, write: ArticleWrite, known: Known, print_now: bytes) -> Stored:
    _, before = newest(conn, known)
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
    seq = events.append(
        conn,
        "revised",
        write.now,
        alert=write.alert,
        article_id=known.id,
        revision_id=_add_revision(conn, write, known.id, number, record),
        sections=section_names(conn, known.id),
        changes=changes,
        duplicate_of=public_id(conn, known.duplicate_of),
    )
    if "body" in changes:
        story.reconsider(conn, write, known, record)
    return Stored(known.public_id, "revised", seq, number, changes)


def _add_revision(conn: Connection, write: ArticleWrite, article_id: int, number: int, record: Record) -> int:
    values = {"article_id": article_id, "number": number, "at": write.now, "content": encode_content(record)}
    return _ADD_REVISION.insert(conn, values)


def _page_key(write: ArticleWrite) -> bytes:
    """The key under which a visit finds the page's validators."""
    return write.keys[0] if write.validators is None else write.validators.key
