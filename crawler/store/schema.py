"""The tables. A new database gets them from here, with `indexes.py`; an older one gets what it lacks by `migrations/`.

A test holds both ways to the same result.

Rows of `entry` are wide (two URLs and a title), so they sit in a rowid table behind a narrow unique index: what one
list page brought lies together, and noting that it was seen again dirties one or two database pages, not one a row.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)

BigInt = BigInteger().with_variant(Integer(), "sqlite")  # only INTEGER PRIMARY KEY is the rowid there

# A partial index serves only a query that repeats its condition word for word: these are literals, never bound.
PENDING = literal_column("'pending'", Text)
STORED = literal_column("'stored'", Text)
IS_PENDING = text("state = 'pending'")
IS_DEAD = text("state = 'dead'")
# Few entries are not stored; with the section's own count they give the counts of all states.
IS_NOT_STORED = text("state <> 'stored'")
HAS_BODY = text("content_sha256 IS NOT NULL")
IS_REPRINT = text("duplicate_of IS NOT NULL")
IS_OPEN_FAULT = text("ended_at IS NULL")
TO_VISIT = text("next_visit_at IS NOT NULL")

metadata = MetaData()

section = Table(
    "section",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("last_walk", Integer, nullable=False, server_default="0"),
    Column("completed_walk", Integer),
    Column("whole_list", SmallInteger, nullable=False, server_default="0"),
    Column("entries", Integer, nullable=False, server_default="0"),
    Column("first_walk_at", Double),
    Column("last_success_at", Double),
    Column("last_new_at", Double),
    Column("paused_until", Double),
    Column("next_poll_at", Double),
    Column("next_poll_why", Text),
    UniqueConstraint("portal", "section", name="section_name"),
)

walk = Table(
    "walk",
    metadata,
    Column("section_id", Integer, ForeignKey("section.id", name="walk_section"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("pages", Integer, nullable=False, server_default="0"),
    Column("entries", Integer, nullable=False, server_default="0"),
    Column("started_at", Double, nullable=False),
    Column("completed_at", Double),
    PrimaryKeyConstraint("section_id", "number", name="walk_pkey"),
    sqlite_with_rowid=False,
)

entry = Table(
    "entry",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("section_id", Integer, ForeignKey("section.id", name="entry_section"), nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("alert", SmallInteger, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("first_walk", Integer, nullable=False),
    Column("last_walk", Integer, nullable=False),
    Column("first_seen_at", Double, nullable=False),
    Column("last_seen_at", Double, nullable=False),
    Column("next_attempt_at", Double),
    Column("attempted_at", Double),
    Column("fetched", SmallInteger, nullable=False, server_default="0"),  # a page came for this very entry
    Column("duplicate", SmallInteger, nullable=False, server_default="0"),  # another entry brought its article
    Column("reason", Text),
    Column("url", Text, nullable=False),
    Column("canonical_url", Text),  # null where it equals url
    Column("published_at", Text),
    Column("title", Text),
)

# A backfill: the cursor of its walk and its counts (`state`), and once it is done its completeness report; both JSON.
backfill = Table(
    "backfill",
    metadata,
    Column("section_id", Integer, ForeignKey("section.id", name="backfill_section"), nullable=False),
    Column("number", Integer, nullable=False),  # of its walk
    Column("since", Text),
    Column("until", Text),
    Column("started_at", Double, nullable=False),
    Column("walked_at", Double),
    Column("finished_at", Double),
    Column("state", Text, nullable=False),
    Column("report", Text),
    PrimaryKeyConstraint("section_id", "number", name="backfill_pkey"),
    sqlite_with_rowid=False,
)

# Files that articles link to, by the key of their address; sha256 is null until one came.
attachment = Table(
    "attachment",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("url", Text, nullable=False),
    Column("media_type", Text),
    Column("size", BigInt),
    Column("sha256", LargeBinary),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("reason", Text),
    Column("at", Double, nullable=False),
    sqlite_with_rowid=False,
)

validators = Table(
    "validators",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_sha256", LargeBinary),
    Column("at", Double, nullable=False),
    sqlite_with_rowid=False,
)

article = Table(
    "article",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("public_id", Text, nullable=False),
    Column("portal", Text, nullable=False),
    Column("section_id", Integer, ForeignKey("section.id", name="article_section_first"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("url", Text, nullable=False),
    Column("canonical_url", Text, nullable=False),
    Column("title", Text),
    Column("published_at", Text),
    Column("revision", Integer, nullable=False),
    Column("edition", Integer, nullable=False, server_default="0"),  # of that revision
    Column("content_sha256", LargeBinary),  # null without a body: files and links are never matched by content
    Column("fingerprint", LargeBinary, nullable=False),
    Column("duplicate_of", BigInt, ForeignKey("article.id", name="article_duplicate_of")),
    Column("first_seen_at", Double, nullable=False),
    Column("visited_at", Double, nullable=False),
    Column("withdrawn_at", Double),
    Column("next_visit_at", Double),
    Column("visits", Integer, nullable=False, server_default="0"),
    Column("misses", Integer, nullable=False, server_default="0"),
)

# Hashes of clauses, in no order that would keep a foreign key cheap: the row goes in with its article or not at all.
sketch = Table(
    "sketch",
    metadata,
    Column("hash", BigInt, nullable=False),
    Column("article_id", BigInt, nullable=False),
    PrimaryKeyConstraint("hash", "article_id", name="sketch_pkey"),
    sqlite_with_rowid=False,
)

# The keys of the first page of a section's list as it was last read, 16 bytes each, in their order.
front = Table(
    "front",
    metadata,
    Column("section_id", Integer, ForeignKey("section.id", name="front_section"), primary_key=True),
    Column("keys", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# Aliases hold within a portal: what another portal links to is its own entry there.
alias = Table(
    "alias",
    metadata,
    Column("key", LargeBinary, nullable=False),
    Column("portal", Text, nullable=False),
    Column("article_id", BigInt, ForeignKey("article.id", name="alias_article"), nullable=False),
    PrimaryKeyConstraint("key", "portal", name="alias_pkey"),
    sqlite_with_rowid=False,
)

article_section = Table(
    "article_section",
    metadata,
    Column("article_id", BigInt, ForeignKey("article.id", name="article_section_article"), nullable=False),
    Column("section_id", Integer, ForeignKey("section.id", name="article_section_section"), nullable=False),
    Column("at", Double, nullable=False),
    PrimaryKeyConstraint("article_id", "section_id", name="article_section_pkey"),
    sqlite_with_rowid=False,
)

# What one reading of a page said, as JSON; immutable. Edition 0 is how it was read when it came, each further one how a
# later version of portalwatch reads the same bytes.
revision = Table(
    "revision",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("article_id", BigInt, ForeignKey("article.id", name="revision_article"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("edition", Integer, nullable=False, server_default="0"),
    Column("at", Double, nullable=False),
    Column("content", Text, nullable=False),
)

# Joins an article with what it says now.
IS_NEWEST = (
    (revision.c.article_id == article.c.id)
    & (revision.c.number == article.c.revision)
    & (revision.c.edition == article.c.edition)
)

# The answers of the portal that an article was read from: where in which pack they lie. A reading is one visit that
# brought other bytes than the visit before it; its parts are the pages of one article.
page = Table(
    "page",
    metadata,
    Column("article_id", BigInt, ForeignKey("article.id", name="page_article"), nullable=False),
    Column("reading", Integer, nullable=False),
    Column("part", Integer, nullable=False),
    Column("revision", Integer, nullable=False),  # 0: of another address with the same content
    Column("at", Double, nullable=False),
    Column("status", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("pack", BigInt, nullable=False),
    Column("offset", BigInt, nullable=False),
    Column("url", Text, nullable=False),
    Column("head", LargeBinary),  # null where it lies beside the bytes
    PrimaryKeyConstraint("article_id", "reading", "part", name="page_pkey"),
    sqlite_with_rowid=False,
)

# The envelope of a record beside its revision; immutable. Events of a section or portal have data and no article.
event = Table(
    "event",
    metadata,
    Column("seq", BigInt, primary_key=True),
    Column("type", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("alert", SmallInteger, nullable=False),
    Column("article_id", BigInt, ForeignKey("article.id", name="event_article")),
    Column("revision_id", BigInt, ForeignKey("revision.id", name="event_revision")),
    Column("sections", Text),
    Column("changes", Text),
    Column("duplicate_of", Text),
    Column("withdrawn_at", Text),
    Column("data", Text),
)

sink = Table(
    "sink",
    metadata,
    Column("path", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("device", Text, nullable=False),  # device and inode are unsigned, wider than SQL's integers
    Column("inode", Text, nullable=False),
    Column("offset", BigInt, nullable=False),
    Column("last_seq", BigInt, nullable=False),
    Column("tail_sha256", LargeBinary),
    Column("at", Double, nullable=False),
)

cursor = Table(
    "cursor",
    metadata,
    Column("name", Text, primary_key=True),
    Column("seq", BigInt, nullable=False),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("event_seq", BigInt, ForeignKey("event.seq", name="delivery_event"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("webhook_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Double, nullable=False),
    Column("next_attempt_at", Double),
    Column("attempted_at", Double),
    Column("status", Integer),
    Column("reason", Text),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

channel = Table(
    "channel",
    metadata,
    Column("name", Text, primary_key=True),
    Column("disabled_at", Double, nullable=False),
    Column("reason", Text, nullable=False),
)

# Events that wait to go out together with others, over a channel, once their hour has come.
gathered = Table(
    "gathered",
    metadata,
    Column("channel", Text, nullable=False),
    Column("event_seq", BigInt, ForeignKey("event.seq", name="gathered_event"), nullable=False),
    Column("due_at", Double, nullable=False),
    PrimaryKeyConstraint("channel", "event_seq", name="gathered_pkey"),
    sqlite_with_rowid=False,
)

# The first event by which a rule told an article.
told = Table(
    "told",
    metadata,
    Column("rule", Text, nullable=False),
    Column("article_id", BigInt, ForeignKey("article.id", name="told_article"), nullable=False),
    Column("seq", BigInt, nullable=False),
    PrimaryKeyConstraint("rule", "article_id", name="told_pkey"),
    sqlite_with_rowid=False,
)

run = Table(
    "run",
    metadata,
    Column("section_id", Integer, ForeignKey("section.id", name="run_section"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("finished_at", Double, nullable=False),
    Column("kind", Text, nullable=False),
    Column("requests", Integer, nullable=False),
    Column("not_modified", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("revised", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("bytes", BigInt, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("error", Text),
    Column("verdict", Text),
    Column("fill", Text, nullable=False),
    PrimaryKeyConstraint("section_id", "number", name="run_pkey"),
    sqlite_with_rowid=False,
)

fault = Table(
    "fault",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Double, nullable=False),
    Column("opened_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("data", Text, nullable=False),
)

job = Table(
    "job",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("command", Text, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("progress", Text),
    Column("result", Text),
    Column("submitted_at", Double, nullable=False),
    Column("started_at", Double),
    Column("finished_at", Double),
    sqlite_autoincrement=True,
)
