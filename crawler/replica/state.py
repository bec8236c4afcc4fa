"""A portal's sections and articles, and what happens to them: published, edited, withdrawn, refurnished."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.replica.models import Post
    from crawler.replica.portal import Portal

BEIJING: Final = timezone(timedelta(hours=8))
Form = Literal["article", "file", "external"]
Gone = Literal["404", "410", "redirect", "emptied"]
Pager = Literal["createPageHTML", "createPageHTML5", "createPageHTML6", "countPage", "links"]
Rows = Literal["ul", "dl", "table"]


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def at_noon(moment: datetime | date) -> datetime:
    """A moment in Beijing; a date alone becomes its noon."""
    if isinstance(moment, datetime):
        return moment.astimezone(BEIJING) if moment.tzinfo else moment.replace(tzinfo=BEIJING)
    return datetime.combine(moment, time(12), tzinfo=BEIJING)


@dataclass(slots=True, eq=False)
class Article:
    """One post as a portal has it now.

    `path` is its address below the portal's base; an external one has `link` instead.

    `revision` counts edits of its words, `dressing` changes of the page around them.
    """

    portal: Portal
    number: int
    path: str
    sections: list[str]
    published: datetime
    form: Form = "article"
    link: str | None = None
    copies: list[str] = field(default_factory=list)
    meta_date: datetime | None = None
    pollution: str | None = None
    reprint_of: str | None = None
    phantom: bool = False
    revision: int = 1
    dressing: int = 0
    withdrawn: Gone | None = None
    withdrawn_at: datetime | None = None
    released_at: datetime = field(default_factory=utc_now)
    modified: datetime = field(default_factory=utc_now)
    _post: Post | None = None

    @property
    def key(self) -> str:
        """The article's name in the ledger and on the control port."""
        return f"{self.portal.id}/{self.number}"

    @property
    def post(self) -> Post:
        """The words, as they are now; composed anew each time unless they were given or edited."""
        return self._post or self.portal.compose(self)

    @property
    def url(self) -> str:
        """The absolute address."""
        return self.link or self.portal.base + self.path

    def edit_silently(self, post: Post) -> None:
        """Give the article its words before anybody saw it."""
        self._post = post

    def edit(self, post: Post | None = None, **changes: Any) -> Article:
        """Change words: a whole new `post`, single fields of it, or, with nothing given, what the replica makes up."""
        if post is None:
            post = self.portal.reword(self, changes) if changes else self.portal.revise(self)
        self._post = post
        self.revision += 1
        self._touch()
        self.portal.happened("edited", self)
        return self

    def redress(self) -> Article:
        """Change the page around the words: view count, related links, white space, the place of a script."""
        self.dressing += 1
        self._touch()
        self.portal.happened("redressed", self)
        return self

    def withdraw(self, how: Gone = "404", *, delist: bool = True) -> Article:
        """Take the article down: its address answers 404, 410, a redirect to the home page, or a page with no text."""
        self.withdrawn, self.withdrawn_at = how, utc_now()
        if delist:
            for section in self.portal.sections.values():
                section.delist(self)
        self._touch()
        self.portal.happened("withdrawn", self)
        return self

    def _touch(self) -> None:
        """Last-Modified counts whole seconds: two changes in one second still get two values."""
        self.modified = max(utc_now(), self.modified + timedelta(seconds=1))
        for section in self.sections:
            self.portal.sections[section].touch()


@dataclass(slots=True, eq=False)
class Entry:
    """One row of a section's list; `path` differs from the article's own for twins and copies."""

    article: Article
    path: str
    pinned: bool = False

    @property
    def order(self) -> tuple[bool, datetime, int]:
        """Rows stand by date, later ones first; pinned ones above all."""
        return (self.pinned, self.article.published, self.article.number)


@dataclass(slots=True, eq=False)
class Section:
    """A column of a portal and the entries it lists; `trail` names the columns above it."""

    portal: Portal
    id: str
    name: str
    kind: str
    path: str
    trail: tuple[str, ...] = ()
    per_page: int = 20
    pager: Pager = "createPageHTML"
    rows: Rows = "ul"
    first_further: int = 1
    code: int = 0
    channel: str = ""
    version: int = 0
    modified: datetime = field(default_factory=utc_now)
    _entries: list[Entry] = field(default_factory=list)

    def publish(self, post: Post | None = None, **options: Any) -> Article:
        """Publish a post here; see `Portal.publish`."""
        return self.portal.publish(self.id, post, **options)

    def switch(self, **changes: Any) -> None:
        """Turn switches for this section alone."""
        self.portal.panel.set(changes, section=self.id)

    def move(self, path: str, *, redirect: bool = False) -> None:
        """Put the list at another path, as a relaunch does; the old one is 404 or redirects. Articles stay."""
        self.portal.move(self, path, redirect=redirect)
        self.touch()

    @property
    def entries(self) -> list[Entry]:
        """What the list shows, newest first."""
        return self._entries[::-1]

    def page(self, number: int, size: int, newest: int | None) -> list[Entry]:
        """Rows of page `number` (from 1) of the `newest` entries (None: all)."""
        count = self.count(newest)
        start, stop = (number - 1) * size, min(number * size, count)
        total = len(self._entries)
        return self._entries[total - stop : total - start][::-1] if start < stop else []

    def count(self, newest: int | None = None) -> int:
        """How many entries the list shows."""
        return len(self._entries) if newest is None else min(newest, len(self._entries))

    def newer_than(self, days: int) -> int:
        """How many entries are not older than the newest one by more than so many days."""
        if not self._entries:
            return 0
        oldest = max(entry.article.published for entry in self._entries) - timedelta(days=days)
        return sum(entry.article.published >= oldest for entry in self._entries)

    def enlist(self, entry: Entry) -> None:
        """Put a row where its date belongs."""
        insort(self._entries, entry, key=lambda one: one.order)
        self.touch()

    def enlist_all(self, entries: Iterable[Entry]) -> None:
        """Put in many rows at once."""
        self._entries.extend(entries)
        self._entries.sort(key=lambda one: one.order)
        self.touch()

    def delist(self, article: Article) -> None:
        """Take every row of an article out."""
        kept = [entry for entry in self._entries if entry.article is not article]
        if len(kept) < len(self._entries):
            self._entries = kept
            self.touch()

    def touch(self) -> None:
        """Mark the list as changed."""
        self.version += 1
        self.modified = max(utc_now(), self.modified + timedelta(seconds=1))
