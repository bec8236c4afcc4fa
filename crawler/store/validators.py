"""Validators of URLs, for conditional requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from crawler.store.encode import storable_or_none
from crawler.store.prepared import Prepared
from crawler.store.schema import validators
from crawler.store.statements import Upsert
from crawler.store.values import Validators

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from crawler.store.backend import Backend

_GET = Prepared(
    select(validators.c.key, validators.c.etag, validators.c.last_modified, validators.c.body_sha256).where(
        validators.c.key == bindparam("key")
    )
)
_PUT = Upsert(validators, ("key",), ("etag", "last_modified", "body_sha256", "at"))
_HEADER_LIMIT = 2_000  # an ETag this long is not worth sending back


def get_validators(conn: Connection, key: bytes) -> Validators | None:
    """What is known of a URL's last answer."""
    return next((Validators(*row) for row in _GET.rows(conn, {"key": key})), None)


def put_validators(conn: Connection, given: Validators, now: float) -> None:
    """Replace what is known of a URL's last answer."""
    etag, modified = storable_or_none(given.etag), storable_or_none(given.last_modified)
    row = {
        "key": given.key,
        "etag": etag if etag is None or len(etag) <= _HEADER_LIMIT else None,
        "last_modified": modified if modified is None or len(modified) <= _HEADER_LIMIT else None,
        "body_sha256": given.body_sha256,
        "at": now,
    }
    _PUT.run(conn, row)


class ValidatorStore:
    """Validators by URL key, of lists and articles alike."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def get(self, key: bytes) -> Validators | None:
        """The validators of a URL's last good answer, or None."""
        return await self._backend.read_brief(get_validators, key)

    async def put(self, validators: Validators, now: float) -> None:
        """Keep the validators of an answer, in place of earlier ones of that URL."""
        await self._backend.write_brief(put_validators, validators, now)
