"""The indexes of a new database; statements do not name them, and tests hold the plans of the frequent ones to them.

A new database gets its tables and these at once (`crawler.store.migrate`), an older one by migrations; a test holds
both ways to the same result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Index

from crawler.store.schema import (
    HAS_BODY,
    IS_DEAD,
    IS_NOT_STORED,
    IS_OPEN_FAULT,
    IS_PENDING,
    IS_REPRINT,
    TO_VISIT,
    article,
    delivery,
    entry,
    event,
    fault,
    job,
    page,
    revision,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.elements import TextClause


def _partial(name: str, where: TextClause, *columns: ColumnElement[object], unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


INDEXES = (
    Index("entry_key", entry.c.section_id, entry.c.key, unique=True),
    _partial(
        "entry_pending", IS_PENDING, entry.c.section_id, entry.c.first_walk, entry.c.id.desc(), entry.c.next_attempt_at
    ),
    _partial("entry_open", IS_NOT_STORED, entry.c.section_id, entry.c.state),
    Index("article_public_id", article.c.public_id, unique=True),
    _partial("article_content", HAS_BODY, article.c.content_sha256),
    _partial("article_reprint", IS_REPRINT, article.c.duplicate_of),
    _partial("article_visit", TO_VISIT, article.c.section_id, article.c.next_visit_at),
    Index("revision_number", revision.c.article_id, revision.c.number, revision.c.edition, unique=True),
    Index("page_digest", page.c.digest),
    Index("event_article", event.c.article_id, event.c.seq),
    Index("delivery_event_channel", delivery.c.event_seq, delivery.c.channel, unique=True),
    _partial("delivery_pending", IS_PENDING, delivery.c.next_attempt_at, delivery.c.id),
    _partial("delivery_dead", IS_DEAD, delivery.c.id),
    _partial("fault_open", IS_OPEN_FAULT, fault.c.scope, fault.c.name, unique=True),
    Index("job_state", job.c.state, job.c.id),
)
