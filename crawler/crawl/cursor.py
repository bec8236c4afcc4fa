"""Where a backfill's walk stands and what it counted: the part of it that survives a kill."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.items import ListPage


@dataclass(slots=True)
class Cursor:
    """Kept as JSON beside the backfill, in the transaction of each list page.

    `url` and `number` are the list page to read next (null before the first), `ended` says why the pass ended;
    `walk_pass` counts walks over the whole list; `stage` is `walk`, `head` (the top once more, for what came meanwhile)
    or `done`. `rows` are those of the pass under way, repeated ones included. Bytes are of page bodies, `seconds` those
    that the backfill was at work.
    """

    completed_before: int | None = None
    stage: str = "walk"
    walk_pass: int = 1
    url: str | None = None
    number: int = 1
    horizon: dict[str, Any] | None = None
    past_known: bool = False
    stale: int = 0
    older: int = 0
    last_page: str = ""
    pages: int = 0
    pages_of_pass: int = 0
    rows: int = 0
    rows_of_first_page: int = 0
    dropped: bool = False
    total: int | None = None
    total_pages: int | None = None
    first_pages: int | None = None
    earliest: str | None = None
    newest: str | None = None
    ended: str | None = None
    requests: int = 0
    bytes: int = 0
    seconds: float = 0.0

    @classmethod
    def load(cls, state: dict[str, Any]) -> Cursor:
        """From what was kept; what a newer version wrote is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in state.items() if name in known})

    @property
    def state(self) -> dict[str, Any]:
        """What is kept."""
        return asdict(self)

    def claims(self, page: ListPage) -> None:
        """Note what a list page claims about the whole list."""
        if page.total is not None:
            self.dropped = self.dropped or (self.total is not None and page.total < self.total)
            self.total = page.total
        if page.pages is not None:
            self.total_pages = page.pages
        if self.first_pages is None:
            self.first_pages = self.expected_pages
        for entry in page.entries:
            day = (entry.published_at or "")[:10]
            if day and (self.earliest is None or day < self.earliest):
                self.earliest = day

    @property
    def expected_pages(self) -> int | None:
        """Pages of the list as it claims: its number of pages, or its total over the rows of its first page."""
        if self.total_pages is not None:
            return self.total_pages
        if self.total is not None and self.rows_of_first_page:
            return -(-self.total // self.rows_of_first_page)
        return None

    @property
    def site_count(self) -> tuple[int, int] | None:
        """The fewest and the most entries that the list may have by its own claims; null where it claims nothing."""
        if self.total is not None:
            return self.total, self.total
        if self.total_pages is not None and self.rows_of_first_page:
            rows = self.rows_of_first_page
            return max((self.total_pages - 1) * rows + 1, 0), self.total_pages * rows
        return None

    def begin_pass(self) -> None:
        """Start at the top of the list once more."""
        self.url, self.number = None, 1
        self.stale = self.older = 0
        self.last_page = ""
        self.pages_of_pass = self.rows = 0
        self.dropped = False
        self.ended = None
