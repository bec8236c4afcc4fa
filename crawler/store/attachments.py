"""Attachments: which files came, and the articles whose records still lack theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update

from crawler.store.article_state import STATE, Known, append_event, newest
from crawler.store.encode import REASON_LIMIT, decode_content, encode_content, storable, storable_or_none, with_files
from crawler.store.prepared import Prepared
from crawler.store.schema import IS_NEWEST, article, attachment, revision
from crawler.store.statements import Upsert, lock_events, pieces
from crawler.store.values import StoredFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from crawler.items import Record
    from crawler.store.backend import Backend

_MEDIA_TYPE_LIMIT = 200
_FILE = (
    attachment.c.url,
    attachment.c.media_type,
    attachment.c.size,
    attachment.c.sha256,
    attachment.c.attempts,
    attachment.c.reason,
)
_GET = select(attachment.c.key, *_FILE).where(attachment.c.key.in_(bindparam("keys", expanding=True)))
_CAME = Upsert(attachment, ("key",), ("url", "media_type", "size", "sha256", "reason", "at"))
_SEEN = Upsert(attachment, ("key",))
_FAILED = Prepared(
    update(attachment)
    .where(attachment.c.key == bindparam("file_key"), attachment.c.sha256.is_(None))
    .values(attempts=attachment.c.attempts + 1, reason=bindparam("why"), at=bindparam("now"))
)
_BYTES = Prepared(select(func.coalesce(func.sum(attachment.c.size), 0)))
_RETRY = update(attachment).where(attachment.c.sha256.is_(None)).values(attempts=0)
# In a record only an attachment has a hash that may be null, and JSON escapes the quotes of a text.
_LACKS = revision.c.content.like('%"sha256":null%')
_LACKING = Prepared(
    select(article.c.id, revision.c.content)
    .join(revision, IS_NEWEST)
    .where(article.c.section_id == bindparam("section_id"), article.c.id > bindparam("after"), _LACKS)
    .order_by(article.c.id)
    .limit(bindparam("limit"))
)
_STATE = Prepared(select(*STATE).where(article.c.id == bindparam("article_id")))
_FILL = Prepared(update(revision).where(revision.c.id == bindparam("revision_id")).values(content=bindparam("json")))


def get_files(conn: Connection, keys: Sequence[bytes]) -> dict[bytes, StoredFile]:
    """Files by key."""
    found: dict[bytes, StoredFile] = {}
    for some in pieces(tuple(keys)):
        for key, *fields in conn.execute(_GET, {"keys": some}):
            found[key] = StoredFile(*fields)
    return found


def file_came(
    conn: Connection, key: bytes, url: str, media_type: str | None, size: int, sha256: bytes, now: float
) -> None:
    """Note a file that lies in the folder."""
    kind = storable_or_none(media_type, _MEDIA_TYPE_LIMIT)
    row = {
        "key": key,
        "url": storable(url),
        "media_type": kind,
        "size": size,
        "sha256": sha256,
        "reason": None,
        "at": now,
    }
    _CAME.run(conn, row)


def file_failed(conn: Connection, key: bytes, url: str, reason: str, now: float) -> None:
    """Note an attempt in vain."""
    row: dict[str, Any] = {"key": key, "url": storable(url), "media_type": None, "size": None, "sha256": None}
    _SEEN.run(conn, {**row, "reason": None, "at": now})
    _FAILED.run(conn, {"file_key": key, "why": storable(reason, REASON_LIMIT), "now": now})


def total_bytes(conn: Connection) -> int:
    """The sizes of all files that came."""
    return int(_BYTES.rows(conn, {})[0][0])


def retry_files(conn: Connection) -> int:
    """Forget in vain attempts."""
    return conn.execute(_RETRY).rowcount


def lacking(conn: Connection, section_id: int, after: int, limit: int) -> list[tuple[int, Record]]:
    """Articles whose newest revision has attachments without a hash."""
    rows = _LACKING.rows(conn, {"section_id": section_id, "after": after, "limit": limit})
    return [(number, decode_content(content, sections=())) for number, content in rows]


def fill(conn: Connection, article_id: int, files: Mapping[str, StoredFile], now: float) -> int | None:
    """Complete the attachments of a record; the event of it, if anything was completed."""
    lock_events(conn)
    known = next((Known(*row) for row in _STATE.rows(conn, {"article_id": article_id})), None)
    if known is None:
        return None
    revision_id, record = newest(conn, known)
    completed = with_files(record, files)
    if completed.attachments == record.attachments:
        return None
    _FILL.run(conn, {"revision_id": revision_id, "json": encode_content(completed)})
    return append_event(conn, known, "reprocessed", now, alert=False, changes=("attachments",))


class AttachmentStore:
    """Files that articles link to, by the key of their address (`crawler.text.urls.url_key`)."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def get(self, keys: Sequence[bytes]) -> dict[bytes, StoredFile]:
        """What is known of files; those never asked for are left out."""
        return await self._backend.read_brief(get_files, keys)

    async def came(self, key: bytes, url: str, media_type: str | None, size: int, sha256: bytes, now: float) -> None:
        """A file was received and lies in the folder."""
        await self._backend.write(file_came, key, url, media_type, size, sha256, now)

    async def failed(self, key: bytes, url: str, reason: str, now: float) -> None:
        """A file did not come: one more attempt."""
        await self._backend.write(file_failed, key, url, reason, now)

    async def total_bytes(self) -> int:
        """The sizes of all files that came; one that several addresses lead to counts for each."""
        return await self._backend.read(total_bytes)

    async def retry(self) -> int:
        """Let every file that did not come be tried again; gives how many."""
        return await self._backend.write(retry_files)

    async def lacking(self, section_id: int, after: int, limit: int) -> list[tuple[int, Record]]:
        """Articles of a section with attachments that no file was fetched for, with a number to go on after."""
        return await self._backend.read(lacking, section_id, after, limit)

    async def fill(self, article_id: int, files: Mapping[str, StoredFile], now: float) -> int | None:
        """Put the sizes and hashes of files, by address, into an article's record, with a `reprocessed` event.

        The fields are null until a file was fetched; nothing else of the revision changes. Gives the event's seq, or
        None if there was nothing to put in.
        """
        return await self._backend.write(fill, article_id, files, now)
