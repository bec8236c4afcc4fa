"""What goes into the store and comes out of it: frozen values, no SQL.

Every time is a float of UTC epoch seconds given by the caller; the store has no clock. A key is the 16 bytes of
`crawler.text.urls.url_key(canonical_url)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from crawler.items import Form, Record

EntryState = Literal["pending", "stored", "rejected", "gone"]
WalkKind = Literal["poll", "backfill"]
Outcome = Literal["published", "revised", "unchanged", "linked", "reprocessed", "stale"]
DeliveryState = Literal["pending", "delivered", "dead"]
JobState = Literal["queued", "running", "done"]
FaultScope = Literal["section", "portal", "watch"]

KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class SectionState:
    """A section as the store knows it; `completed_walk` is None until a walk over its list was finished once.

    `last_new_at` is when the list last showed an entry never seen before; `paused_until` is infinite for a pause
    without end.
    """

    id: int
    portal: str
    section: str
    completed_walk: int | None
    first_walk_at: float | None
    last_success_at: float | None
    last_new_at: float | None
    paused_until: float | None
    whole_list: bool = False
    next_poll_at: float | None = None
    next_poll_why: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a list page, as it goes into the ledger."""

    key: bytes
    url: str
    canonical_url: str
    title: str | None = None
    published_at: str | None = None
    form: Form = "article"


@dataclass(frozen=True, slots=True)
class Walk:
    """One pass over a section's list pages; ids grow within the section.

    `completed_before` is the newest walk of the section that was completed when this one began, or None.
    """

    id: int
    section_id: int
    completed_before: int | None


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What a list page held: entries never listed before (`linked` of them need no fetch) and entries known already.

    `all_known_before`: each of them was first listed by a walk up to the last completed one, so paging may stop.
    """

    new: int
    known: int
    all_known_before: bool
    linked: int
    repeated: int = field(default=0, compare=False)
    """Entries that this very walk had listed before, and none since."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An entry that waits to be fetched; `attempts` counts the failed ones, `alert` is what it was listed with."""

    section_id: int
    key: bytes
    url: str
    canonical_url: str
    title: str | None
    published_at: str | None
    form: Form
    attempts: int
    alert: bool = True


@dataclass(frozen=True, slots=True)
class Rejection:
    """An entry whose page held no article, why, and when that was found."""

    url: str
    reason: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """One backfill of a section, by the number of its walk; `since` and `until` are days, None without bound.

    `state` holds the cursor and the counts of its walk, `report` what it came to; both are JSON values that the store
    only keeps. `walked_at` is when its list had been read, `finished_at` when there was nothing left to fetch.
    """

    section_id: int
    number: int
    since: str | None
    until: str | None
    started_at: float
    walked_at: float | None
    finished_at: float | None
    state: dict[str, Any]
    report: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What became of the entries of a month (`2025-06`, None for those without a date).

    Entries are extracted (an article of their own), duplicate (another entry brought their article), rejected, gone or
    pending; `fetched` counts those whose page came.
    """

    month: str | None
    listed: int
    fetched: int
    extracted: int
    duplicate: int
    rejected: int
    gone: int
    pending: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An entry that is no article: pending, rejected or gone, why, and when that was found."""

    url: str
    state: str
    reason: str
    at: float | None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that an article links to: size in bytes and sha256 once it came, else the last reason why not."""

    url: str
    media_type: str | None
    size: int | None
    sha256: bytes | None
    attempts: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Validators:
    """What a URL's last good answer offers for the next conditional request, and the hash of its body."""

    key: bytes
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: bytes | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored article that shares passages with another text; `row` means something to the store alone.

    `content` is the hash of its title and body, None without a body. `read` gives the two, within the transaction.
    """

    row: int
    content: bytes | None
    read: Callable[[], tuple[str | None, str | None]]


class Likeness(Protocol):
    """How near duplicates of an article are found. All of it works within the transaction, so it is quick and pure."""

    @property
    def sample(self) -> tuple[int, ...]:
        """Hashes below 2**63, at most 24, under which every article is looked up and kept; none: it is not."""

    def details(self, common: Collection[int]) -> Sequence[int]:
        """More hashes, at most 144, where the sample does not tell an article from others.

        `common` are those of the sample that others have too.
        """

    def choose(self, candidates: Iterable[Candidate]) -> Candidate | None:
        """The candidate that the article reprints; the likeliest come first."""

    def remember(self, content: bytes) -> None:
        """Called when the article was found to tell a story of its own, with the hash of its title and body."""


@dataclass(frozen=True, slots=True)
class RawPage:
    """One answer of a portal, to be kept as it came: `head` holds its header lines, without the status line."""

    url: str
    status: int
    head: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class KeptPage:
    """An answer that is kept, which is read with `RawStore.read`.

    `reading` counts the visits to its article that brought other bytes, from 1; `part` the pages of one reading.
    `revision` is the one that was read from it; 0 for another address with the same content.
    """

    article_id: str
    reading: int
    part: int
    revision: int
    at: float
    status: int
    url: str
    pack: int
    offset: int
    head: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleWrite:
    """One article as read from its page (or a file or external entry), to be stored in one transaction.

    `article_id` is used if the article turns out to be new. `keys` are those of every address of it (as listed, as
    fetched, canonical), the most trusted first: all become aliases. `entry_key` is the ledger entry that led here.
    `record` is as it would be emitted if new. `alert` is False for a backfill and a section's first pass. `likeness`
    is None where near duplicates are not looked for. `pages` are the answers that the record was read from.
    `reread` says that what is stored was read again by this version of portalwatch, or cannot be.
    """

    section_id: int
    entry_key: bytes | None
    article_id: str
    keys: tuple[bytes, ...]
    record: Record
    alert: bool
    now: float
    validators: Validators | None = None
    next_visit_at: float | None = None
    likeness: Likeness | None = None
    pages: tuple[RawPage, ...] = ()
    reread: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a write; `seq` is None where no event was written, `changes` names the fields that differ.

    `stale`: nothing was stored, since what differs was read by another version; its stored answers are to be read again
    first, lest a change of our reading be taken for one of the page.
    """

    article_id: str
    outcome: Outcome
    seq: int | None
    revision: int
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """An article to visit again: its URL, the key its validators are kept under, visits so far, misses in a row.

    `title` and `published_at` are those of its newest revision, `has_body` tells whether that has one. `section` is
    the one that the article was first seen in.
    """

    article_id: str
    url: str
    key: bytes
    first_seen_at: float
    visits: int
    misses: int
    title: str | None = None
    published_at: str | None = None
    has_body: bool = True
    visited_at: float = 0.0
    withdrawn_at: float | None = None
    form: str = "article"
    section: str = ""
    portal: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One immutable event of an article; `record.seq` is `seq`."""

    seq: int
    type: str
    at: float
    alert: bool
    record: Record
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """One immutable event of a section, a portal or the watch itself; `data` holds JSON values."""

    seq: int
    type: str
    at: float
    alert: bool
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with a section, a portal, or (the watch's own) network, since when, and until when.

    `name` is `portal/section`, `portal`, or empty; `since` is when it began, `opened_at` when it was told.
    """

    id: int
    scope: FaultScope
    name: str
    verdict: str
    reason: str
    since: float
    opened_at: float
    ended_at: float | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SinkState:
    """How far one file of a sink was written, and which file that was; `offset` in bytes."""

    path: str
    device: int
    inode: int
    offset: int
    last_seq: int
    tail_sha256: bytes | None = None
    name: str = "articles"


class Told(Protocol):
    """What rules have told, within the transaction that plans."""

    def before(self, rule: str, article_id: str, seq: int) -> bool:
        """Whether a rule told an article's story by another article of it, before `seq` and before this article."""

    def tell(self, rule: str, article_id: str, seq: int) -> None:
        """Note that a rule tells an article by an event; the first one stays."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One delivery that a planner wants for an event, due at once or not before a time.

    With `gather` it only waits until then, and goes out with what else waits for its channel.
    """

    channel: str
    webhook_id: str
    body: bytes
    not_before: float = 0.0
    gather: bool = False


@dataclass(frozen=True, slots=True)
class Composed:
    """One delivery for several events; `event_seq` is the last of them."""

    event_seq: int
    webhook_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Gathered:
    """How many events wait for a channel's next digest, and when that falls due (UTC epoch seconds)."""

    channel: str
    events: int
    due_at: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one channel; `status` is the last HTTP status of a delivered one."""

    id: int
    event_seq: int
    channel: str
    webhook_id: str
    body: bytes
    attempts: int
    state: DeliveryState
    next_attempt_at: float | None = None
    created_at: float | None = None
    attempted_at: float | None = None
    status: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A channel that was disabled, since when and why."""

    disabled_at: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One section job that ended: counts, bytes received, and the share (0..1) of articles having each field."""

    section_id: int
    started_at: float
    finished_at: float
    kind: str
    requests: int = 0
    not_modified: int = 0
    entries: int = 0
    new: int = 0
    revised: int = 0
    failed: int = 0
    bytes: int = 0
    pages: int = 0
    error: str | None = None
    verdict: str | None = None
    fill: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandedJob:
    """Work handed to the process that holds the data folder; the dictionaries hold JSON values."""

    id: int
    command: str
    arguments: dict[str, Any]
    state: JobState
    progress: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
