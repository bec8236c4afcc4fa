"""Records as the JSON of their revision, and what makes two readings of a page the same."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import orjson

from crawler.items import Attachment, Policy, Record, RestorationSummary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.store.values import StoredFile

TITLE_LIMIT = 2_000
"""Characters of a list's title that are kept: no real one comes near, a hostile one may be megabytes."""
REASON_LIMIT = 500
"""Characters of a reason or error that are kept."""

ENVELOPE = frozenset({"schema", "seq", "event", "revision", "sections", "duplicate_of", "withdrawn_at"})
"""Fields of a record that belong to an event or to the article's present state, not to what a page said."""
CONTENT = tuple(field.name for field in fields(Record) if field.name not in ENVELOPE)
COMPARED = ("title", "published_at", "source", "authors", "body", "policy", "attachments")
"""Fields whose difference makes a revision."""

_POLICY = tuple(field.name for field in fields(Policy))
_ATTACHMENT = tuple(field.name for field in fields(Attachment))
_RESTORATION = tuple(field.name for field in fields(RestorationSummary))


def storable(text: str, limit: int | None = None) -> str:
    """A text that both databases accept: no NUL, no lone surrogate; cut at `limit` characters."""
    if limit is not None:
        text = text[:limit]
    if "\x00" in text:
        text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def storable_or_none(text: str | None, limit: int | None = None) -> str | None:
    """The same for a text that may be absent."""
    return None if text is None else storable(text, limit)


def to_json(value: object) -> str:
    """JSON of plain values and dataclasses; lone surrogates, which JSON in UTF-8 cannot hold, become U+FFFD."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return orjson.dumps(_without_surrogates(value)).decode()


def _without_surrogates(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, Policy | Attachment | RestorationSummary):
        return {field.name: _without_surrogates(getattr(value, field.name)) for field in fields(value)}
    return value


def encode_content(record: Record) -> str:
    """What the page said, as the JSON of a revision."""
    return to_json({name: getattr(record, name) for name in CONTENT})


def decode_content(content: str, **envelope: Any) -> Record:
    """The record of a revision's JSON and its envelope; fields of a newer version are left out."""
    data = orjson.loads(content)
    values = {name: data[name] for name in CONTENT if name in data}
    values["authors"] = tuple(values.get("authors") or ())
    values["breadcrumbs"] = tuple(values.get("breadcrumbs") or ())
    policy = values.get("policy")
    if policy is not None:
        values["policy"] = Policy(
            **{**_known(policy, _POLICY), "keywords": tuple(policy.get("keywords") or ())},
        )
    values["attachments"] = tuple(Attachment(**_known(item, _ATTACHMENT)) for item in values.get("attachments") or ())
    values["restoration"] = RestorationSummary(**_known(values.get("restoration") or {}, _RESTORATION))
    return Record(**values, **envelope)


def _known(data: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: data[name] for name in names if name in data}


def _compared(record: Record) -> list[object]:
    return [
        record.title,
        record.published_at,
        record.source,
        record.authors,
        record.body,
        record.policy,
        [(item.url, item.name) for item in record.attachments],
    ]


def fingerprint(record: Record) -> bytes:
    """32 bytes over the compared fields: equal means that an edit of the page, if any, was furniture."""
    return hashlib.sha256(to_json(_compared(record)).encode()).digest()


def changed_fields(before: Record, after: Record) -> tuple[str, ...]:
    """The names of the compared fields that differ."""
    pairs = zip(COMPARED, _compared(before), _compared(after), strict=True)
    return tuple(name for name, old, new in pairs if old != new)


def with_files(record: Record, files: Mapping[str, StoredFile]) -> Record:
    """A record with size, hash and media type of the files, by address, that came."""
    attachments = []
    for item in record.attachments:
        file = files.get(item.url)
        if file is None or file.sha256 is None:
            attachments.append(item)
            continue
        kind = file.media_type or item.media_type
        attachments.append(replace(item, media_type=kind, size=file.size, sha256=file.sha256.hex()))
    return replace(record, attachments=tuple(attachments))
