from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError

from crawler.store.errors import storage_error


def _sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("said\n by   SQLite")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_BUSY, "locked by another process"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "locked by another process"),
        (sqlite3.SQLITE_FULL, "disk is full"),
        (sqlite3.SQLITE_IOERR_WRITE, "disk refused"),
        (sqlite3.SQLITE_CORRUPT_VTAB, "damaged"),
        (sqlite3.SQLITE_NOTADB, "not a database"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "may not be written"),
        (sqlite3.SQLITE_CANTOPEN, "cannot be opened"),
        (sqlite3.SQLITE_MISUSE, "refused"),
    ],
)
def test_every_refusal_is_one_line_that_says_what_to_do(code: int, words: str) -> None:
    for error in (_sqlite(code), DBAPIError("SELECT 1", {}, _sqlite(code))):
        message = str(storage_error(error, "/data/portalwatch.db"))
        assert message.startswith("/data/portalwatch.db: ")
        assert words in message
        assert message.endswith(("said by SQLite)", "said by SQLite"))
        assert "\n" not in message
        assert "SELECT" not in message


def test_an_error_without_a_code_is_passed_on_in_one_line() -> None:
    message = str(storage_error(sqlite3.ProgrammingError("wrong\nthread " + "x" * 1_000), "db"))
    assert message.startswith("db: the database refused: wrong thread x")
    assert len(message) < 400
