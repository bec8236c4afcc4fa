"""What passes from room to room: frozen values without behaviour.

`Record` is the public article record, one line of JSONL; its fields are promised in the contract and only ever grow.
Dates printed on pages are `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS+08:00`; our own times are UTC, RFC 3339.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Form = Literal["article", "file", "external"]
EventType = Literal["published", "revised", "withdrawn", "relinked", "reprocessed"]
Script = Literal["hans", "hant-machine", "hant"]

RECORD_SCHEMA = "portalwatch.article/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that an article links to; size (bytes) and sha256 are null until it was fetched."""

    url: str
    name: str
    media_type: str | None = None
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The metadata of a policy document, as its table or the head of its body states it."""

    index_number: str | None = None
    doc_number: str | None = None
    issuer: str | None = None
    topic: str | None = None
    written_on: str | None = None
    effective_on: str | None = None
    validity: str | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorationSummary:
    """What restoration did to an article's text; counts are occurrences."""

    script: Script = "hans"
    annotations_removed: int = 0
    tears_repaired: int = 0
    converted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What one article page says, restored; fields are null or empty where the page has none.

    `published_from` tells where `published_at` was read: printed on the page, or its META tags.
    `next_page_url` is set when the article goes on on another page.
    """

    title: str | None = None
    published_at: str | None = None
    published_from: Literal["printed", "meta"] | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    breadcrumbs: tuple[str, ...] = ()
    body: str | None = None
    policy: Policy | None = None
    attachments: tuple[Attachment, ...] = ()
    restoration: RestorationSummary = field(default_factory=RestorationSummary)
    language: str | None = None
    next_page_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """One row of a list page: an absolute URL, the title in full, the date the row shows."""

    url: str
    title: str | None = None
    published_at: str | None = None
    form: Form = "article"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """The main list of a page and where it goes on.

    `confidence` is 0..1, calibrated; `reason` says why there are no entries or why the confidence is low; `interface`
    is the
    address of the interface that a script of the page would fetch the rows from; `total` the number of entries the
    site claims.
    """

    entries: tuple[ListEntry, ...] = ()
    next_url: str | None = None
    confidence: float = 0.0
    reason: str | None = None
    interface: str | None = None
    total: int | None = None
    pages: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line of JSONL: an article as known after one event. `seq` is 0 until the event has been stored."""

    schema: str = RECORD_SCHEMA
    seq: int = 0
    event: EventType = "published"
    made_by: str
    id: str
    revision: int = 1
    url: str
    canonical_url: str
    portal: str
    portal_name: str
    region: str
    sections: tuple[str, ...]
    kind: str
    form: Form = "article"
    title: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    breadcrumbs: tuple[str, ...] = ()
    published_at: str | None = None
    first_seen_at: str
    fetched_at: str
    withdrawn_at: str | None = None
    body: str | None = None
    policy: Policy | None = None
    attachments: tuple[Attachment, ...] = ()
    restoration: RestorationSummary = field(default_factory=RestorationSummary)
    duplicate_of: str | None = None
    content_sha256: str
