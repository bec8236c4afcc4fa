"""The frequent statements find what they need by an index, whatever else the tables hold."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.dialects import sqlite

from crawler.store import (
    article_write,
    articles,
    backfills,
    deliveries,
    events,
    ledger,
    raw,
    reprints,
    schema,
    story,
    told,
    visits,
)
from crawler.store.prepared import Prepared

if TYPE_CHECKING:
    from pathlib import Path

PLANS = [
    (ledger._KNOWN, "entry", "entry_key"),
    (ledger._DUE, "entry", "entry_pending"),
    (ledger._PENDING_COUNT, "entry", "entry_pending"),
    (ledger._NEXT_ATTEMPT, "entry", "entry_pending"),
    (ledger._OPEN_COUNTS, "entry", "entry_open"),
    (ledger._REJECTIONS, "entry", "entry_open"),
    (ledger._FAILED, "entry", "entry_key|entry_pending"),
    (ledger._ENDED, "entry", "entry_key"),
    (ledger._ALIASED, "alias", "PRIMARY KEY"),
    (backfills._DUE, "entry", "entry_pending"),
    (backfills._DUE_COUNT, "entry", "entry_pending"),
    (backfills._UNFINISHED, "entry", "entry_open"),
    (backfills._MONTHS, "entry", "entry_key"),
    (article_write._BY_ALIAS, "alias", "PRIMARY KEY"),
    (article_write._BY_CONTENT, "article", "article_content"),
    (article_write._MARK_STORED, "entry", "entry_key"),
    (reprints._LOOK_UP.statement(reprints.SAMPLE), "sketch", "PRIMARY KEY"),
    (reprints._CONTENTS.statement(reprints.NEAR), "article", "PRIMARY KEY"),
    (raw._BY_DIGEST, "page", "page_digest"),
    (raw._LAST_READING, "page", "PRIMARY KEY"),
    (raw._PAGES, "page", "PRIMARY KEY"),
    (reprints._TEXT, "revision", "revision_number"),
    (story._FOLLOW, "article", "article_reprint"),
    (story.REPRINTS, "article", "article_reprint"),
    (visits._BY_ID, "article", "article_public_id"),
    (visits._VISITS, "article", "article_visit"),
    (articles._REVISIONS, "event", "event_article"),
    (articles._LATEST, "event", "event_article"),
    (articles._LATEST, "revision", "revision_number"),
    (events._AFTER, "event", "PRIMARY KEY"),
    (told._ARTICLE, "article", "article_public_id"),
    (told._OWN, "told", "PRIMARY KEY"),
    (told._BY_A_REPRINT, "article", "article_reprint"),
    (deliveries._DUE, "delivery", "delivery_pending"),
    (deliveries._IN_ORDER, "delivery", "delivery_pending"),
    (deliveries._NEXT, "delivery", "delivery_pending"),
    (deliveries._LIST_DEAD, "delivery", "delivery_dead"),
    (deliveries._RETRY_DEAD, "delivery", "delivery_dead"),
]


@pytest.mark.parametrize(("statement", "table", "index"), PLANS)
def test_a_frequent_statement_searches_an_index(sqlite_template: Path, statement: Any, table: str, index: str) -> None:
    statement = statement.statement if isinstance(statement, Prepared) else statement
    compiled = str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))
    sql = re.sub(r"__\[POSTCOMPILE_\w+\]", ":one, :other", compiled)
    parameters = dict.fromkeys(re.findall(r":(\w+)", sql), 1)
    with sqlite3.connect(sqlite_template) as file:
        plan = [row[3] for row in file.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
    file.close()
    assert any(re.search(rf"(SEARCH|SCAN) {table} USING .*({index})", line) for line in plan), plan
    assert not [line for line in plan if re.match(rf"SCAN {table}(?! USING (COVERING )?INDEX delivery_dead)", line)]


def test_what_a_list_page_brought_lies_together(sqlite_template: Path) -> None:
    """Wide rows by rowid, narrow rows by key: see the module's head."""
    engine = create_engine(f"sqlite:///{sqlite_template}")
    with engine.connect() as conn:
        rows = conn.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all()
    engine.dispose()
    made: dict[str, str] = dict(map(tuple, rows))
    without_rowid = {name for name, sql in made.items() if "WITHOUT ROWID" in sql}
    assert without_rowid == {
        "walk",
        "backfill",
        "attachment",
        "validators",
        "alias",
        "article_section",
        "run",
        "sketch",
        "gathered",
        "page",
        "front",
        "told",
    }
    assert made.keys() - {"alembic_version", "sqlite_sequence"} == schema.metadata.tables.keys()
