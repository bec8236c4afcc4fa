"""What is written: a post, its policy metadata, its attachments. What became of it is the ledger's matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """Whose portal it is: full and short name, the code its documents are indexed by, and its newspaper."""

    name: str
    short: str
    code: str
    paper: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file under an article, served as a small PDF that shows `lines`."""

    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The metadata that a policy document prints in a table above its text."""

    index_number: str
    doc_number: str
    issuer: str
    topic: str
    written_on: date
    effective_on: date | None = None
    validity: str | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The words of one article.

    A line break in `title` makes a headline of two lines. A paragraph that holds tabs is a row of a table; rows that
    follow each other are one table. `editor` and the names in `authors` are printed where the portal's CMS prints them.
    """

    title: str
    paragraphs: tuple[str, ...]
    kind: str = "news"
    source: str | None = None
    authors: tuple[str, ...] = ()
    editor: str | None = None
    subtitle: str | None = None
    policy: Policy | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def headline(self) -> str:
        """The title on one line, its lines joined by a space."""
        return self.title.replace("\n", " ")
