"""Attachments: fetched into a folder where a file's name is its hash.

`attachments/<first two digits>/<sha256>`: nothing that a page says becomes a path, and one file that several articles
link to lies there once. What a page calls it stays in the record.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from typing import TYPE_CHECKING
from uuid import uuid4

from crawler.exceptions import FetchError, StorageError
from crawler.middlewares import RedirectedAwayError
from crawler.store.encode import with_files
from crawler.text.urls import host, url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from crawler.config import Config
    from crawler.crawl.fetch import Fetched, Fetcher, Traffic
    from crawler.items import Attachment, Record
    from crawler.portals import Portal
    from crawler.store import Store, StoredFile

MAX_ATTEMPTS = 3
"""Attempts for a file; `--retry-rejected` allows as many again."""
_FATAL = frozenset({"too-large", "http-404", "http-410", "http-403", "address", "no-file", "other-host"})
_BATCH = 100


class AttachmentKeeper:
    """Fetches the attachments of a portal's articles, within the bounds of the configuration."""

    def __init__(
        self,
        fetcher: Fetcher,
        store: Store,
        config: Config,
        portal: Portal,
        folder: Path,
        traffic: Traffic,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._fetcher = fetcher
        self._store = store
        self._portal = portal
        self._folder = folder
        self._traffic = traffic
        self._clock = clock
        self._max_bytes = int(config.attachments.max_megabytes * 1_000_000)
        self._max_count = config.attachments.max_per_article
        self._max_total = int(config.attachments.max_total_gigabytes * 1_000_000_000)
        self._total: int | None = None
        self.fetched = 0
        self.bytes = 0
        self.failed = 0
        self.full = False
        """Whether the folder has reached its bound: nothing more is fetched."""

    async def fetch(self, attachments: Sequence[Attachment]) -> None:
        """Fetch the files of one article that are not there yet; what fails is noted and not raised.

        Raises:
            StorageError: the store or the folder refused.

        """
        wanted = {url_key(item.url): item.url for item in attachments[: self._max_count]}
        known = await self._store.attachments.get(tuple(wanted))
        for key, url in wanted.items():
            file = known.get(key)
            if file is not None and (file.sha256 is not None or file.attempts >= MAX_ATTEMPTS):
                continue
            if await self._is_full():
                return
            try:
                await self._fetch_one(key, url)
            except (FetchError, RedirectedAwayError) as error:
                await self._note_failure(key, url, error)

    async def catch_up(self, section_id: int, progressed: Callable[[], None]) -> None:
        """Fetch the files of articles that were stored without theirs, and complete their records.

        Raises:
            StorageError: the store or the folder refused.

        """
        after = 0
        while not self.full:
            batch = await self._store.attachments.lacking(section_id, after, _BATCH)
            if not batch:
                return
            for number, record in batch:
                after = number
                await self.fetch(record.attachments)
                await self._store.attachments.fill(number, await _known(self._store, record), self._clock())
                progressed()

    async def _is_full(self) -> bool:
        if self._total is None:
            self._total = await self._store.attachments.total_bytes()
        self.full = self._total >= self._max_total
        return self.full

    async def _fetch_one(self, key: bytes, url: str) -> None:
        name = host(url)
        if not any(name == own or name.endswith(f".{own}") for own in self._portal.hosts):
            raise FetchError(f"{url}: is not on a host of the portal", reason="other-host")
        got = await self._fetcher.get(self._portal, url, traffic=self._traffic, max_bytes=self._max_bytes)
        kind = (got.content_type or "").partition(";")[0].strip().lower() or None
        _refuse_page(url, got, kind)
        digest = hashlib.sha256(got.body).digest()
        await asyncio.to_thread(_keep, self._folder, digest.hex(), got.body)
        size = len(got.body)
        await self._store.attachments.came(key, url, kind, size, digest, self._clock())
        self.fetched += 1
        self.bytes += size
        self._total = (self._total or 0) + size

    async def _note_failure(self, key: bytes, url: str, error: FetchError | RedirectedAwayError) -> None:
        reason = error.reason if isinstance(error, FetchError) else "redirect"
        self.failed += 1
        for _ in range(MAX_ATTEMPTS if reason in _FATAL else 1):
            await self._store.attachments.failed(key, url, reason, self._clock())


async def with_known_files(store: Store, record: Record) -> Record:
    """A record whose attachments have the size and hash of those files that were fetched before.

    Raises:
        StorageError: the store refused.

    """
    return with_files(record, await _known(store, record))


async def _known(store: Store, record: Record) -> dict[str, StoredFile]:
    """What is known of a record's files, by their address."""
    keys = {item.url: url_key(item.url) for item in record.attachments}
    found = await store.attachments.get(tuple(keys.values()))
    return {url: found[key] for url, key in keys.items() if key in found}


def _refuse_page(url: str, got: Fetched, kind: str | None) -> None:
    """Refuse an error page that came instead of a file.

    Raises:
        FetchError: it is HTML, and the address does not say so.

    """
    looks_like_html = got.body[:500].lstrip()[:1] == b"<" and b"<html" in got.body[:2000].lower()
    if looks_like_html or kind in {"text/html", "application/xhtml+xml"}:
        raise FetchError(f"{url}: answers a page instead of a file", reason="no-file")


def _keep(folder: Path, name: str, body: bytes) -> None:
    """Write a file under its hash: complete and flushed before it has its name.

    Raises:
        StorageError: the system refused.

    """
    place = folder / name[:2]
    path = place / name
    try:
        if path.is_file() and path.stat().st_size == len(body):
            return
        place.mkdir(parents=True, exist_ok=True)
        draft = place / f".{uuid4().hex}.part"
        try:
            with draft.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error
