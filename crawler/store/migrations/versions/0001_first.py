"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "section",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("portal", sa.Text, nullable=False),
        sa.Column("section", sa.Text, nullable=False),
        sa.Column("last_walk", sa.Integer, nullable=False, server_default="0"),
        sa.Column("completed_walk", sa.Integer),
        sa.Column("whole_list", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("entries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("first_walk_at", sa.Double),
        sa.Column("last_success_at", sa.Double),
        sa.Column("last_new_at", sa.Double),
        sa.Column("paused_until", sa.Double),
        sa.Column("next_poll_at", sa.Double),
        sa.Column("next_poll_why", sa.Text),
        sa.UniqueConstraint("portal", "section", name="section_name"),
    )

    op.create_table(
        "walk",
        sa.Column("section_id", sa.Integer, sa.ForeignKey("section.id", name="walk_section"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False, server_default="0"),
        sa.Column("entries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("started_at", sa.Double, nullable=False),
        sa.Column("completed_at", sa.Double),
        sa.PrimaryKeyConstraint("section_id", "number", name="walk_pkey"),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "entry",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("section_id", sa.Integer, sa.ForeignKey("section.id", name="entry_section"), nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("alert", sa.SmallInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("first_walk", sa.Integer, nullable=False),
        sa.Column("last_walk", sa.Integer, nullable=False),
        sa.Column("first_seen_at", sa.Double, nullable=False),
        sa.Column("last_seen_at", sa.Double, nullable=False),
        sa.Column("next_attempt_at", sa.Double),
        sa.Column("attempted_at", sa.Double),
        sa.Column("fetched", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("duplicate", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("reason", sa.Text),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("canonical_url", sa.Text),
        sa.Column("published_at", sa.Text),
        sa.Column("title", sa.Text),
    )
    op.create_index("entry_key", "entry", ["section_id", "key"], unique=True)
    op.create_index(
        "entry_pending",
        "entry",
        ["section_id", "first_walk", sa.text("id DESC"), "next_attempt_at"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "entry_open",
        "entry",
        ["section_id", "state"],
        sqlite_where=sa.text("state <> 'stored'"),
        postgresql_where=sa.text("state <> 'stored'"),
    )

    op.create_table(
        "backfill",
        sa.Column("section_id", sa.Integer, sa.ForeignKey("section.id", name="backfill_section"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("since", sa.Text),
        sa.Column("until", sa.Text),
        sa.Column("started_at", sa.Double, nullable=False),
        sa.Column("walked_at", sa.Double),
        sa.Column("finished_at", sa.Double),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("report", sa.Text),
        sa.PrimaryKeyConstraint("section_id", "number", name="backfill_pkey"),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "attachment",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text),
        sa.Column("size", BIG),
        sa.Column("sha256", sa.LargeBinary),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("reason", sa.Text),
        sa.Column("at", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "validators",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("body_sha256", sa.LargeBinary),
        sa.Column("at", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "article",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("public_id", sa.Text, nullable=False),
        sa.Column("portal", sa.Text, nullable=False),
        sa.Column("section_id", sa.Integer, sa.ForeignKey("section.id", name="article_section_first"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("canonical_url", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("published_at", sa.Text),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False, server_default="0"),
        sa.Column("content_sha256", sa.LargeBinary),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("duplicate_of", BIG, sa.ForeignKey("article.id", name="article_duplicate_of")),
        sa.Column("first_seen_at", sa.Double, nullable=False),
        sa.Column("visited_at", sa.Double, nullable=False),
        sa.Column("withdrawn_at", sa.Double),
        sa.Column("next_visit_at", sa.Double),
        sa.Column("visits", sa.Integer, nullable=False, server_default="0"),
        sa.Column("misses", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_index("article_public_id", "article", ["public_id"], unique=True)
    op.create_index(
        "article_content",
        "article",
        ["content_sha256"],
        sqlite_where=sa.text("content_sha256 IS NOT NULL"),
        postgresql_where=sa.text("content_sha256 IS NOT NULL"),
    )
    op.create_index(
        "article_reprint",
        "article",
        ["duplicate_of"],
        sqlite_where=sa.text("duplicate_of IS NOT NULL"),
        postgresql_where=sa.text("duplicate_of IS NOT NULL"),
    )
    op.create_index(
        "article_visit",
        "article",
        ["section_id", "next_visit_at"],
        sqlite_where=sa.text("next_visit_at IS NOT NULL"),
        postgresql_where=sa.text("next_visit_at IS NOT NULL"),
    )

    op.create_table(
        "sketch",
        sa.Column("hash", BIG, nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("hash", "article_id", name="sketch_pkey"),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "alias",
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("portal", sa.Text, nullable=False),
        sa.Column("article_id", BIG, sa.ForeignKey("article.id", name="alias_article"), nullable=False),
        sa.PrimaryKeyConstraint("key", "portal", name="alias_pkey"),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "article_section",
        sa.Column("article_id", BIG, sa.ForeignKey("article.id", name="article_section_article"), nullable=False),
        sa.Column(
            "section_id", sa.Integer, sa.ForeignKey("section.id", name="article_section_section"), nullable=False
        ),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "section_id", name="article_section_pkey"),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "revision",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("article_id", BIG, sa.ForeignKey("article.id", name="revision_article"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False, server_default="0"),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_index("revision_number", "revision", ["article_id", "number", "edition"], unique=True)

    op.create_table(
        "front",
        sa.Column("section_id", sa.Integer, sa.ForeignKey("section.id", name="front_section"), primary_key=True),
        sa.Column("keys", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "page",
        sa.Column("article_id", BIG, sa.ForeignKey("article.id", name="page_article"), nullable=False),
        sa.Column("reading", sa.Integer, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("pack", BIG, nullable=False),
        sa.Column("offset", BIG, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("head", sa.LargeBinary),
        sa.PrimaryKeyConstraint("article_id", "reading", "part", name="page_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("page_digest", "page", ["digest"])

    op.create_table(
        "event",
        sa.Column("seq", BIG, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("alert", sa.SmallInteger, nullable=False),
        sa.Column("article_id", BIG, sa.ForeignKey("article.id", name="event_article")),
        sa.Column("revision_id", BIG, sa.ForeignKey("revision.id", name="event_revision")),
        sa.Column("sections", sa.Text),
        sa.Column("changes", sa.Text),
        sa.Column("duplicate_of", sa.Text),
        sa.Column("withdrawn_at", sa.Text),
        sa.Column("data", sa.Text),
    )
    op.create_index("event_article", "event", ["article_id", "seq"])

    op.create_table(
        "sink",
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("inode", sa.Text, nullable=False),
        sa.Column("offset", BIG, nullable=False),
        sa.Column("last_seq", BIG, nullable=False),
        sa.Column("tail_sha256", sa.LargeBinary),
        sa.Column("at", sa.Double, nullable=False),
    )

    op.create_table(
        "cursor",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("seq", BIG, nullable=False),
    )

    op.create_table(
        "delivery",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("event_seq", BIG, sa.ForeignKey("event.seq", name="delivery_event"), nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("webhook_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("next_attempt_at", sa.Double),
        sa.Column("attempted_at", sa.Double),
        sa.Column("status", sa.Integer),
        sa.Column("reason", sa.Text),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("delivery_event_channel", "delivery", ["event_seq", "channel"], unique=True)
    op.create_index(
        "delivery_pending",
        "delivery",
        ["next_attempt_at", "id"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "delivery_dead",
        "delivery",
        ["id"],
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )

    op.create_table(
        "channel",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("disabled_at", sa.Double, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )

    op.create_table(
        "gathered",
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("event_seq", BIG, sa.ForeignKey("event.seq", name="gathered_event"), nullable=False),
        sa.Column("due_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("channel", "event_seq", name="gathered_pkey"),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "told",
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("article_id", BIG, sa.ForeignKey("article.id", name="told_article"), nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.PrimaryKeyConstraint("rule", "article_id", name="told_pkey"),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "run",
        sa.Column("section_id", sa.Integer, sa.ForeignKey("section.id", name="run_section"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("started_at", sa.Double, nullable=False),
        sa.Column("finished_at", sa.Double, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("not_modified", sa.Integer, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("new", sa.Integer, nullable=False),
        sa.Column("revised", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("bytes", BIG, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("verdict", sa.Text),
        sa.Column("fill", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("section_id", "number", name="run_pkey"),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "fault",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("since", sa.Double, nullable=False),
        sa.Column("opened_at", sa.Double, nullable=False),
        sa.Column("ended_at", sa.Double),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_index(
        "fault_open",
        "fault",
        ["scope", "name"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "job",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("arguments", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("progress", sa.Text),
        sa.Column("result", sa.Text),
        sa.Column("submitted_at", sa.Double, nullable=False),
        sa.Column("started_at", sa.Double),
        sa.Column("finished_at", sa.Double),
        sqlite_autoincrement=True,
    )
    op.create_index("job_state", "job", ["state", "id"])
