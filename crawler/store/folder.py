"""The data folder: where things lie in it, and who may write."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from crawler.exceptions import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds a data folder."""

    pid: int
    command: str


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths inside a data folder, and its lock: one crawling process at a time, any number of readers."""

    path: Path

    @property
    def database_url(self) -> str:
        """The SQLite database of this folder."""
        return f"sqlite:///{self.path / 'portalwatch.db'}"

    @property
    def articles(self) -> Path:
        """The JSONL file."""
        return self.path / "articles.jsonl"

    @property
    def attachments(self) -> Path:
        """The folder of fetched attachments."""
        return self.path / "attachments"

    @property
    def raw(self) -> Path:
        """The folder of raw responses."""
        return self.path / "raw"

    def create(self) -> None:
        """Make the folder.

        Raises:
            StorageError: the system refused.

        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{self.path}: the data folder cannot be made: {error.strerror}") from error

    @contextmanager
    def hold(self, command: str) -> Iterator[Holder | None]:
        """Hold the folder; gives null when held, or the process that holds it already.

        The lock is the kernel's and ends with the process, however it ends.

        Raises:
            StorageError: the lock file cannot be written.

        """
        lock = FileLock(self.path / "portalwatch.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            yield self.holder()
            return
        except OSError as error:
            raise StorageError(f"{self.path / 'portalwatch.lock'}: cannot be locked: {error.strerror}") from error
        try:
            self._leave_note(command)
            yield None
        finally:
            self._note.unlink(missing_ok=True)
            lock.release()

    def _leave_note(self, command: str) -> None:
        try:
            self._note.write_text(json.dumps({"pid": os.getpid(), "command": command}), "utf-8")
        except OSError as error:
            raise StorageError(f"{self._note}: cannot be written: {error.strerror}") from error

    @property
    def _note(self) -> Path:
        return self.path / "portalwatch.pid"

    def held(self) -> bool:
        """Whether some process holds the folder now."""
        lock = FileLock(self.path / "portalwatch.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            return True
        lock.release()
        return False

    def holder(self) -> Holder:
        """Who holds the folder, as far as it wrote it down."""
        try:
            note = json.loads(self._note.read_text("utf-8"))
            return Holder(pid=int(note["pid"]), command=str(note["command"]))
        except (OSError, ValueError, KeyError, TypeError):
            return Holder(pid=0, command="unknown")


def sync_folder(folder: Path) -> None:
    """Bring a new file's name to disk; Windows has no such call and needs none.

    Raises:
        OSError: the disk refused.

    """
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
