"""Appending to a file that others can touch too.

Nothing is ever overwritten, and nothing is cut but bytes that were just found to be our own.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.exceptions import StorageError, UsageError
from crawler.store.folder import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAIL = 16_384
"""Bytes before the offset whose hash tells an edited file: several records, hashed in about 10 microseconds."""
_CHUNK = 1 << 20
_OPEN = (
    os.O_RDWR | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where our writing in a file ended: the file's identity, the offset in bytes, the hash before it."""

    device: int
    inode: int
    offset: int
    tail_sha256: bytes | None


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Turn what the disk refuses into one line.

    Raises:
        StorageError: the disk is full, the file cannot be read or written.

    """
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{path}: {error.strerror or error}; nothing is lost, run again when it is mended"
        ) from error


def check_plain(path: Path) -> None:
    """Refuse a path that output cannot go to.

    Raises:
        UsageError: it is a folder, a link, a device or the like, or its folder does not exist.

    """
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise UsageError(f"{path}: the folder {path.parent} does not exist") from None
        return
    except OSError as error:
        raise UsageError(f"{path}: cannot be used for output: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISLNK, "a symbolic link"), (stat.S_ISFIFO, "a pipe"))
        kind = next((word for test, word in kinds if test(mode)), "a device")
        raise UsageError(f"{path}: is {kind}; output goes to a plain file (or to - for standard output)")


class AppendFile:
    """An open plain file that is only ever appended to, with every change forced to disk before it counts."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Take over an open descriptor; `open_known` and `create` make one."""
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def open_known(cls, path: Path, mark: Mark) -> AppendFile | str:
        """Open the file that a mark was made in, or say in a few words why it is not that file any more."""
        try:
            descriptor = os.open(path, _OPEN)
        except FileNotFoundError:
            return "is not there any more"
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.ENOTDIR, errno.EACCES, errno.EPERM}:
                return f"cannot be appended to ({error.strerror})"
            raise
        file = cls(path, descriptor)
        difference = file.difference(mark)
        if difference is not None:
            file.close()
            return difference
        return file

    @classmethod
    def create(cls, path: Path) -> AppendFile | None:
        """Make a file, or take an empty plain one; None when the name is taken: that is left alone."""
        try:
            descriptor = os.open(path, _OPEN | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            found = os.lstat(path)
            if not stat.S_ISREG(found.st_mode) or found.st_size:
                return None
            descriptor = os.open(path, _OPEN)
        sync_folder(path.parent)
        return cls(path, descriptor)

    def close(self) -> None:
        """Close the descriptor; everything that counts is on disk already."""
        os.close(self._descriptor)

    def size(self) -> int:
        """Bytes in the file now."""
        return os.fstat(self._descriptor).st_size

    def mark(self, offset: int) -> Mark:
        """The mark of this file for an offset."""
        found = os.fstat(self._descriptor)
        return Mark(found.st_dev, found.st_ino, offset, self._tail(offset))

    def difference(self, mark: Mark) -> str | None:
        """What tells this file from the one that was marked; None when it stands as it was left, up to the mark."""
        try:
            here = os.lstat(self.path)
        except FileNotFoundError:
            return "was moved or removed"
        found = os.fstat(self._descriptor)
        if not os.path.samestat(here, found):
            return "was replaced"
        # The device's number is kept too, but may change when the machine starts again.
        if not stat.S_ISREG(found.st_mode) or found.st_ino != mark.inode:
            return "is another file than the one written before"
        if found.st_size < mark.offset:
            return "is shorter than it was left"
        edited = mark.tail_sha256 is not None and self._tail(mark.offset) != mark.tail_sha256
        return "was edited" if edited else None

    def look(self, mark: Mark) -> tuple[str | None, int]:
        """The difference from a mark, and the size in bytes."""
        return self.difference(mark), self.size()

    def read(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes, or fewer at the end of the file."""
        parts = bytearray()
        while len(parts) < length:
            os.lseek(self._descriptor, offset + len(parts), os.SEEK_SET)  # Windows has no pread; appends do not care
            part = os.read(self._descriptor, min(length - len(parts), _CHUNK))
            if not part:
                break
            parts += part
        return bytes(parts)

    def _tail(self, offset: int) -> bytes:
        start = max(0, offset - TAIL)
        return hashlib.sha256(self.read(start, offset - start)).digest()

    def append(self, data: bytes, offset: int) -> Mark | None:
        """Append bytes where the file is known to end, and force them to disk.

        Returns:
            The mark behind them; None when they stand elsewhere, since somebody else appended in the same moment.

        Raises:
            OSError: the disk refused; what had been written of `data` was cut off again as far as the disk let us.

        """
        written = 0
        try:
            while written < len(data):
                written += os.write(self._descriptor, data[written:] if written else data)
            os.fsync(self._descriptor)
        except OSError:
            self._take_back(data, offset, written)
            raise
        end = offset + len(data)
        return self.mark(end) if self.size() == end else None

    def _take_back(self, data: bytes, offset: int, written: int) -> None:
        """Cut a failed append if it is all that stands behind the offset; where that fails the next drain finds it."""
        try:
            if self.size() == offset + written and self.read(offset, written) == data[:written]:
                os.ftruncate(self._descriptor, offset)
                os.fsync(self._descriptor)
        except OSError:
            return

    def cut(self, offset: int) -> None:
        """Cut the file at an offset; the caller has made sure that what follows is its own."""
        os.ftruncate(self._descriptor, offset)
        os.fsync(self._descriptor)

    def confirm(self, offset: int) -> Mark:
        """Force to disk what an earlier process had appended; gives the mark behind it."""
        os.fsync(self._descriptor)
        return self.mark(offset)
