"""The indexes of a new database; statements do not name them, and tests hold the plans of the frequent ones to them.

A new database gets its tables and these at once (`crawler.store.migrate`), an older one by migrations; a test holds
both ways to the same result.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

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


@cache
def indexes(dialect: str) -> tuple[Index, ...]:
    """The indexes as a dialect writes them; another dialect is not loaded for it."""

    def partial(name: str, where: TextClause, *columns: ColumnElement[object], unique: bool = False) -> Index:
        condition: dict[str, Any] = {f"{dialect}_where": where}
        return Index(name, *columns, unique=unique, **condition)

    return (
        Index("entry_key", entry.c.section_id, entry.c.key, unique=True),
        partial(
            "entry_pending",
            IS_PENDING,
            entry.c.section_id,
            entry.c.first_walk,
            entry.c.id.desc(),
            entry.c.next_attempt_at,
        ),
        partial("entry_open", IS_NOT_STORED, entry.c.section_id, entry.c.state),
        Index("article_public_id", article.c.public_id, unique=True),
        partial("article_content", HAS_BODY, article.c.content_sha256),
        partial("article_reprint", IS_REPRINT, article.c.duplicate_of),
        partial("article_visit", TO_VISIT, article.c.section_id, article.c.next_visit_at),
        Index("revision_number", revision.c.article_id, revision.c.number, revision.c.edition, unique=True),
        Index("page_digest", page.c.digest),
        Index("event_article", event.c.article_id, event.c.seq),
        Index("delivery_event_channel", delivery.c.event_seq, delivery.c.channel, unique=True),
        partial("delivery_pending", IS_PENDING, delivery.c.next_attempt_at, delivery.c.id),
        partial("delivery_dead", IS_DEAD, delivery.c.id),
        partial("fault_open", IS_OPEN_FAULT, fault.c.scope, fault.c.name, unique=True),
        Index("job_state", job.c.state, job.c.id),
    )
