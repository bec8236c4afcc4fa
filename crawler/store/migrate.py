"""Brings a database's schema up to this version, or says why that cannot be."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text
from sqlalchemy.schema import CreateIndex, CreateTable

from crawler.exceptions import StorageError
from crawler.store.schema import metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

REVISIONS = ("0001",)
"""Every migration, oldest first; a test holds this to the files, so that a start need not import alembic to compare."""

_VERSION = text("SELECT version_num FROM alembic_version")
_STAMP = text("INSERT INTO alembic_version (version_num) VALUES (:revision)")


def current(conn: Connection) -> str | None:
    """The schema revision of a database, or None where there is none yet."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    return conn.execute(_VERSION).scalar()


def needs_upgrade(conn: Connection, where: str, *, read_only: bool) -> bool:
    """Whether migrations must run before this version can use the database.

    Raises:
        StorageError: the database is newer than this version, holds something else, or is older and only to be read.

    """
    found = current(conn)
    if found == REVISIONS[-1]:
        return False
    if found is not None and found not in REVISIONS:
        raise StorageError(
            f"{where}: made by a newer portalwatch (schema {found}, this version knows up to {REVISIONS[-1]}): "
            "upgrade portalwatch"
        )
    if found is None and conn.dialect.name == "sqlite" and inspect(conn).get_table_names():
        raise StorageError(f"{where}: is a database of another program; name another file or move it away")
    if read_only:
        state = "empty" if found is None else f"of an older version (schema {found}, needed {REVISIONS[-1]})"
        raise StorageError(f"{where}: the database is {state}: run `portalwatch crawl TARGET` to bring it up to date")
    return True


def upgrade(conn: Connection) -> None:
    """Bring the schema to the newest revision in the transaction that is open on the connection.

    A database without any gets it at once: alembic would cost 0.15 s of CPU more to come to the same.
    """
    if current(conn) is None:
        _create(conn)
    else:
        migrate(conn)


def _create(conn: Connection) -> None:
    from crawler.store.indexes import indexes  # noqa: PLC0415 - needed once in a database's life

    for table in metadata.sorted_tables:
        conn.execute(CreateTable(table))
    for index in indexes(conn.dialect.name):
        conn.execute(CreateIndex(index))
    conn.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    conn.execute(_STAMP, {"revision": REVISIONS[-1]})


def migrate(conn: Connection) -> None:
    """Run the missing migrations, from the first where there is none yet, in the transaction that is open."""
    # Its plugins log while they are imported, and what it does is ours to tell.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic import command  # noqa: PLC0415 - 0.2 s, and needed only when the schema changes
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
