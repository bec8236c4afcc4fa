"""Packs: files to which the answers of portals are appended, compressed, each whole and on disk before a row names it.

A file a page would cost an inode and a sync each. A pack has one writer, which holds its lock (the kernel's, so that it
ends with the process); several processes write packs of their own into one folder, and packs of several folders may be
put together. Nothing in a pack changes once it was written, and a pack needs no other file to be read.
"""

from __future__ import annotations

import os
import secrets
import struct
import sys
import threading
import time
import zlib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from filelock import FileLock, Timeout

from crawler.exceptions import NotKeptError, StorageError
from crawler.store.folder import sync_folder
from crawler.store.rawframes import ALONE, MAX_BASE, Frames

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FULL = 256_000_000
"""Bytes from which a pack is closed and another begun: few files, and each of them quick to copy."""
SPAN = 30 * 86_400.0
"""Seconds for which a pack is written; with a retention a twelfth of it, a day at least: a pack goes as a whole."""
MAX_HEAD = 16_384
"""Bytes of an answer's header lines that are kept; servers send 300 to 800."""
_HEAD = struct.Struct("<4sIIqI")  # magic, bytes of the head, bytes of the frame, offset of the base, CRC-32 of both
_MAGIC = b"PWR1"
_MAX_FRAME = 64_000_000  # no answer is larger than 20 MB
_SUFFIX = ".pack"
_sync = getattr(os, "fdatasync", os.fsync)


class Place(NamedTuple):
    """Where a record lies."""

    pack: int
    offset: int


class _Writing:
    """The pack that is being written."""

    def __init__(self, number: int, descriptor: int, end: int, lock: FileLock, span: float) -> None:
        self.number = number
        self.descriptor = descriptor
        self.end = end
        self.lock = lock
        self.frames = Frames()
        self.until = (number >> 16) / 1000 + span

    def close(self) -> None:
        os.close(self.descriptor)
        self.lock.release()


class Packs:
    """The packs of one folder; made when first written to. Its methods may be called from any thread."""

    def __init__(self, folder: Path, *, retention: float | None = None, full: int = FULL) -> None:
        self.folder = folder
        self.retention = retention
        """Seconds; None keeps everything."""
        self.cut = 0
        """Torn records that were cut off."""
        self._full = full
        self._span = SPAN if retention is None else min(SPAN, max(86_400.0, retention / 12))
        self._guard = threading.RLock()
        self._writing: _Writing | None = None
        self._dirty = False
        self._prefixes: dict[Place, tuple[zstd.ZstdDict, int]] = {}
        self._distrusted: set[int] = set()
        """Packs that failed this process: what they end with is anybody's guess."""

    def append(self, head: bytes, body: bytes, kind: str = "") -> Place:
        """Write a record; it is on disk after the next `sync`. `head` is cut at `MAX_HEAD` bytes.

        Pages of one `kind` are likely to share bytes: those of one host.

        Raises:
            StorageError: the disk refused; the pack ends where it did before.

        """
        head = head[:MAX_HEAD]
        size = len(body).bit_length()
        kind = f"{kind} {size} {len(body) >> max(0, size - 2)}"  # two sizes to each power of two
        with self._guard, self._refusals():
            pack = self._current()
            frame, base = pack.frames.compress(kind, body)
            crc = zlib.crc32(frame, zlib.crc32(head))
            record = b"".join((_HEAD.pack(_MAGIC, len(head), len(frame), base, crc), head, frame))
            place = Place(pack.number, pack.end)
            try:
                self._dirty = True
                written = 0
                while written < len(record):
                    written += os.write(pack.descriptor, record[written:] if written else record)
            except OSError:
                self._undo(pack)
                raise
            pack.end += len(record)
            if base == ALONE:
                pack.frames.written(kind, body, place.offset)
            return place

    def sync(self) -> None:
        """Bring what was appended to disk.

        Raises:
            StorageError: the disk refused.

        """
        if not self._dirty:
            return
        with self._guard, self._refusals():
            self._dirty = False
            if self._writing is not None:
                try:
                    _sync(self._writing.descriptor)
                except OSError:
                    self._abandon()
                    raise

    def read(self, place: Place) -> tuple[bytes, bytes]:
        """The head and the body of a record.

        Raises:
            NotKeptError: its pack is not in this folder, or damaged there.

        """
        path = self._path(place.pack)
        try:
            with path.open("rb") as file:
                head, frame, base = self._record(file, place.offset)
                prefix = None if base == ALONE else self._prefix(file, Place(place.pack, base))
            return head, zstd.decompress(frame, zstd_dict=prefix)
        except FileNotFoundError as error:
            raise NotKeptError(
                f"{path}: is not here: removed by the retention, or kept in another folder or on another host"
            ) from error
        except OSError as error:
            raise NotKeptError(f"{path}: cannot be read: {error.strerror}") from error
        except (zstd.ZstdError, ValueError) as error:
            raise NotKeptError(
                f"{path}: is damaged at byte {place.offset}: put the file back from its backup"
            ) from error

    def _record(self, file: BinaryIO, offset: int) -> tuple[bytes, bytes, int]:
        """A record's head, its frame, and the offset of its base.

        Raises:
            ValueError: it is not whole.

        """
        file.seek(offset)
        start = file.read(_HEAD.size)
        if len(start) < _HEAD.size:
            raise ValueError("it ends early")
        magic, head_size, frame_size, base, crc = _HEAD.unpack(start)
        if magic != _MAGIC or frame_size > _MAX_FRAME or base >= offset:
            raise ValueError("no record")
        rest = file.read(head_size + frame_size)
        if len(rest) != head_size + frame_size or zlib.crc32(rest) != crc:
            raise ValueError("its sum is wrong")
        return rest[:head_size], rest[head_size:], base

    def _prefix(self, file: BinaryIO, place: Place) -> tuple[zstd.ZstdDict, int]:
        """The base of a record as a dictionary; the last ones are kept, since pages are read one after the other.

        Raises:
            ValueError: it is not whole.

        """
        known = self._prefixes.get(place)
        if known is None:
            _, frame, base = self._record(file, place.offset)
            if base != ALONE:
                raise ValueError("a base has none itself")
            body: bytes = zstd.decompress(frame)
            known = zstd.ZstdDict(body[:MAX_BASE], is_raw=True).as_prefix
            if len(self._prefixes) >= 16:
                self._prefixes.clear()
            self._prefixes[place] = known
        return known

    def holds(self, place: Place, body: bytes) -> bool:
        """Whether a record holds this very body, and a new row may name it.

        Not while packs are removed by age, lest the row outlives the record: then only the present pack is shared.
        """
        if self.retention is not None and (self._writing is None or self._writing.number != place.pack):
            return False
        try:
            return self.read(place)[1] == body
        except NotKeptError:
            return False

    def expire(self, now: float) -> int:
        """Remove packs to which nothing was appended for as long as the retention says; gives how many.

        Raises:
            StorageError: the disk refused.

        """
        if self.retention is None or not self.folder.is_dir():
            return 0
        count = 0
        with self._guard, self._refusals():
            for path in sorted(self.folder.glob(f"*{_SUFFIX}")):
                old = path.stat().st_mtime < now - self.retention
                if not old or (self._writing is not None and path == self._path(self._writing.number)):
                    continue
                path.unlink()
                path.with_suffix(".lock").unlink(missing_ok=True)
                count += 1
        return count

    def close(self) -> None:
        """Sync and let go of the pack; the next append resumes it.

        Raises:
            StorageError: the disk refused.

        """
        with self._guard:
            try:
                self.sync()
            finally:
                self._leave()

    def _current(self) -> _Writing:
        """The pack to append to."""
        pack = self._writing
        if pack is not None and (pack.end >= self._full or time.time() >= pack.until):
            self.close()
            if pack.end >= self._full:
                _forget(pack.lock)
            pack = None
        if pack is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            pack = self._writing = self._resume() or self._begin()
            self.expire(time.time())
        return pack

    def _resume(self) -> _Writing | None:
        """The newest pack that has room and that no other process writes."""
        for path in sorted(self.folder.glob(f"*{_SUFFIX}"), reverse=True)[:16]:
            try:
                number = int(path.stem, 16)
            except ValueError:
                continue
            if (
                number in self._distrusted
                or path.stat().st_size >= self._full
                or time.time() >= (number >> 16) / 1000 + SPAN
            ):
                continue
            lock = _lock(path)
            if lock is None:
                continue
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0))
            end, size = _end_of(descriptor), os.fstat(descriptor).st_size
            if end is not None and end < self._full:
                if end < size:
                    os.ftruncate(descriptor, end)
                    self.cut += 1
                return _Writing(number, descriptor, end, lock, self._span)
            os.close(descriptor)
            lock.release()
        return None

    def _begin(self) -> _Writing:
        while True:
            number = int(time.time() * 1000) << 16 | secrets.randbits(16)
            path = self._path(number)
            lock = _lock(path)
            if lock is None:
                continue
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            try:
                descriptor = os.open(path, flags, 0o644)
            except OSError:
                lock.release()
                raise
            sync_folder(self.folder)
            return _Writing(number, descriptor, 0, lock, self._span)

    def _undo(self, pack: _Writing) -> None:
        """Cut what was written of a record, so that the next one follows the last whole one."""
        try:
            os.ftruncate(pack.descriptor, pack.end)
        except OSError:
            self._abandon()

    def _abandon(self) -> None:
        """Go on in another pack."""
        if self._writing is not None:
            self._distrusted.add(self._writing.number)
        self._leave()

    def _leave(self) -> None:
        pack, self._writing = self._writing, None
        if pack is not None:
            pack.close()

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:015x}{_SUFFIX}"

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(f"{self.folder}: raw responses cannot be kept: {error.strerror}") from error


def _lock(path: Path) -> FileLock | None:
    lock = FileLock(path.with_suffix(".lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return None
    return lock


def _forget(lock: FileLock) -> None:
    """Remove the lock of a pack that is full: nobody resumes it."""
    with suppress(OSError):
        os.unlink(lock.lock_file)  # noqa: PTH108 - filelock gives a string


def _end_of(descriptor: int) -> int | None:
    """Where the last whole record of a pack ends; None if what follows is not a record that a kill tore.

    A kill leaves the last record short and nothing else. Whatever else does not fit may be somebody's data.
    """
    size = os.fstat(descriptor).st_size
    end = last = 0
    while end < size:
        os.lseek(descriptor, end, os.SEEK_SET)
        start = os.read(descriptor, _HEAD.size)
        if len(start) < _HEAD.size:
            return end if _MAGIC.startswith(start[:4]) or start.startswith(_MAGIC) else None
        magic, head_size, frame_size, *_ = _HEAD.unpack(start)
        if magic != _MAGIC or head_size > MAX_HEAD or frame_size > _MAX_FRAME:
            return None
        following = end + _HEAD.size + head_size + frame_size
        if following > size:
            break
        end, last = following, end
    return end if end == 0 or _is_whole(descriptor, last, end) else None


def _is_whole(descriptor: int, start: int, end: int) -> bool:
    os.lseek(descriptor, start, os.SEEK_SET)
    record = os.read(descriptor, end - start)
    return len(record) == end - start and zlib.crc32(record[_HEAD.size :]) == _HEAD.unpack_from(record)[4]
