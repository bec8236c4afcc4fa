"""An article in its portal's context: the public record, its identity and its one encoding."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import orjson

from crawler import __version__
from crawler.items import RECORD_SCHEMA, Article, ListEntry, Record
from crawler.text.urls import canonical_url

if TYPE_CHECKING:
    from crawler.portals import Portal, Section

MADE_BY = f"portalwatch {__version__}"
ID_BYTES = 10
"""80 bits: among ten million articles the chance of one collision is about 4e-11."""
_NOTHING = Article()


def content_sha256(title: str | None, body: str | None) -> str:
    """The hash of title and body, hexadecimal; a null field and an empty one are the same."""
    return hashlib.sha256(f"{title or ''}\0{body or ''}".encode()).hexdigest()


def article_id(canonical: str) -> str:
    """An article's id, from the canonical URL it was first seen under: 16 characters of a-z and 2-7."""
    digest = hashlib.blake2b(canonical.partition("://")[2].encode(), digest_size=ID_BYTES).digest()
    return base64.b32encode(digest).decode("ascii").lower()


def make_record(
    article: Article | None,
    *,
    portal: Portal,
    section: Section,
    url: str,
    entry: ListEntry,
    first_seen_at: str,
    fetched_at: str,
) -> Record:
    """The record of an article as first published; without an article the record of a listed file or outside link.

    `url` is the address as fetched. The date printed on the page wins over its META, and that over the list's.
    """
    found = article or _NOTHING
    canonical = canonical_url(url)
    title = found.title or entry.title
    return Record(
        made_by=MADE_BY,
        id=article_id(canonical),
        url=url,
        canonical_url=canonical,
        portal=portal.id,
        portal_name=portal.name,
        region=portal.region,
        sections=(section.id,),
        kind=section.kind,
        form=entry.form,
        title=title,
        source=found.source,
        authors=found.authors,
        breadcrumbs=found.breadcrumbs,
        published_at=found.published_at or entry.published_at,
        first_seen_at=first_seen_at,
        fetched_at=fetched_at,
        body=found.body,
        policy=found.policy,
        attachments=found.attachments,
        restoration=found.restoration,
        content_sha256=content_sha256(title, found.body),
    )


def encode(record: Record) -> bytes:
    """One line of JSONL with its newline: UTF-8, keys in the contract's order, no escapes for printable text."""
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def record_schema() -> dict[str, Any]:
    """The JSON Schema of a record; every field is required, since lines always carry them all."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - only `portalwatch schema` needs it

    schema: dict[str, Any] = TypeAdapter(Record).json_schema(mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = RECORD_SCHEMA
    schema["required"] = [field.name for field in fields(Record)]
    return schema


def event_schema() -> dict[str, Any]:
    """The JSON Schema of the body of an event, as posted to a webhook."""
    record = record_schema()
    definitions = record.pop("$defs", {})
    record.pop("$schema")
    record["properties"] = {
        **record["properties"],
        "changes": {"type": "array", "items": {"type": "string"}, "description": "fields that differ; revised only"},
        "body_truncated": {
            "type": "boolean",
            "description": "true where the body was cut to keep the event under 20 kB",
        },
        "attachments_truncated": {
            "type": "boolean",
            "description": "true where attachments were left out for the same reason",
        },
    }
    trial = {"type": "object", "description": "of a test event: its channel"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": definitions,
        "title": "portalwatch.event",
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"enum": ["article.published", "article.revised", "article.withdrawn", *_FAULTS, "digest", "test"]},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"anyOf": [record, _fault_schema(), _digest_schema(), trial]},
        },
    }


def _digest_schema() -> dict[str, Any]:
    """What a digest says: the events that a channel gets together, articles by a summary instead of their text."""
    text, number = {"type": "string"}, {"type": "integer", "minimum": 1}
    texts = {"type": "array", "items": text}
    record = record_schema()["properties"]
    kept = ("id", "url", "portal", "portal_name", "region", "sections", "kind", "revision", "published_at", "title")
    article = {
        "type": "object",
        "required": ["id", "url", "portal", "title", "summary"],
        "additionalProperties": False,
        "properties": {
            **{name: record[name] for name in kept},
            "changes": texts,
            "doc_number": text,
            "summary": {**text, "description": "the first sentences"},
        },
    }
    event = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": text,
            "timestamp": {**text, "format": "date-time"},
            "data": {"anyOf": [article, _fault_schema()]},
        },
    }
    properties: dict[str, dict[str, Any]] = {
        "channel": text,
        "since": {**text, "format": "date-time", "description": "when the first of all its events came"},
        "until": {**text, "format": "date-time", "description": "when it was made up"},
        "count": {**number, "description": "events in all parts"},
        "part": number,
        "parts": number,
        "first": {**number, "description": "number of the first event of this part"},
        "events": {"type": "array", "items": event},
    }
    return {
        "type": "object",
        "description": "of a digest",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }


_SCOPES = {"section": "section.fault", "portal": "portal.fault", "watch": "watch.offline"}
_FAULTS = tuple(kind + end for kind in _SCOPES.values() for end in ("", ".recovered"))
_VERDICTS = ("silent", "blocked", "moved", "broken", "unreachable", "site down", "certificate", "forbidden", "offline")


def _fault_schema() -> dict[str, Any]:
    """What the events say that tell of trouble with sections, a portal or our own network, and of its end."""
    text = {"type": "string"}
    nullable = {"type": ["string", "null"]}
    moment = {"type": "string", "format": "date-time"}
    texts = {"type": "array", "items": text}
    properties: dict[str, dict[str, Any]] = {
        "scope": {"enum": list(_SCOPES), "description": "what is in trouble: a section, a portal, our own network"},
        "name": {**text, "description": "portal/section, portal, or empty for our own network"},
        "verdict": {"enum": list(_VERDICTS)},
        "reason": {**text, "description": "what was seen, in one line"},
        "since": {**moment, "description": "when it began: earlier than it was sure"},
        "portal": nullable,
        "portal_name": nullable,
        "region": nullable,
        "sections": {**texts, "description": "ids of the sections it concerns"},
        "kinds": texts,
        "urls": {**texts, "description": "the sections' list pages"},
        "next": {**text, "description": "the next command to type"},
        "new_url": {**nullable, "description": "of a section that moved: where the home page says that it is"},
        "ended_at": {**moment, "description": "of .recovered alone: when it was over"},
    }
    return {
        "type": "object",
        "description": "of a fault and its end",
        "required": [name for name in properties if name not in {"new_url", "ended_at"}],
        "additionalProperties": False,
        "properties": properties,
    }
