"""What a database says when it refuses, as one line for the person who runs the command."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

from crawler.exceptions import StorageError

_SQLITE = {
    sqlite3.SQLITE_BUSY: "is locked by another process; try again when that one has ended",
    sqlite3.SQLITE_LOCKED: "is locked by another process; try again when that one has ended",
    sqlite3.SQLITE_FULL: "the disk is full; nothing stored is lost, make room and try again",
    sqlite3.SQLITE_IOERR: "the disk refused; nothing stored is lost, look at its space and health and try again",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore a backup of the data folder",
    sqlite3.SQLITE_NOTADB: "is not a database; restore a backup, or move the file away to begin anew",
    sqlite3.SQLITE_READONLY: "may not be written; look at the permissions of the file and its folder",
    sqlite3.SQLITE_PERM: "may not be opened; look at the permissions of the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; look at the path and the permissions of its folder",
    sqlite3.SQLITE_AUTH: "may not be opened; look at the permissions of the file and its folder",
}


_LASTING = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def result_code(error: BaseException) -> int:
    """SQLite's primary result code; -1 for an error without one."""
    cause: BaseException | None = error.orig if isinstance(error, DBAPIError) else error
    code: int | None = getattr(cause, "sqlite_errorcode", None)
    return -1 if code is None else code & 0xFF


def storage_error(error: Exception, where: str) -> StorageError:
    """The error to show for one of the database's; `where` names the database without its password."""
    cause: BaseException = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    code = result_code(error)
    if (said := _SQLITE.get(code)) is not None:
        return StorageError(f"{where}: {said} ({_one_line(cause)})", lasting=code in _LASTING)
    return StorageError(f"{where}: the database refused: {_one_line(cause)}")


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
