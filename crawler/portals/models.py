"""The shape of a portal file. Every fact carries its evidence and the date it was seen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Region = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
Seen = Annotated[str, StringConstraints(pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?|undated)$")]
Cms = Literal["trs", "hanweb", "ucap", "gkmlpt", "json", "other"]
Kind = Literal["news", "policy", "notice", "interpretation", "conference", "other"]
Basis = Literal["live", "code", "inferred"]
"""How a URL is known: seen live by us, read in public code, or inferred from a convention."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Politeness(_Strict):
    """Seconds between requests to a host, and how many may be under way at once; null takes the configuration's."""

    delay: Annotated[float, Field(ge=0, le=3600)] | None = None
    concurrency: Annotated[int, Field(ge=1, le=16)] | None = None
    cookies: bool = False
    verify_tls: bool = True
    robots: bool = True


class ListHints(_Strict):
    """Overrides for reading a section's list; without any the generic reader finds the rows."""

    adapter: str | None = None
    item: str | None = None
    title: str | None = None
    date: str | None = None
    next_page: Literal["index_1", "index_2"] | None = None
    """The first further page's suffix where a pager does not show it."""
    entries: str | None = None
    """JMESPath to the rows of a JSON answer; `item`, `title`, `date` are then JMESPath inside a row."""
    params: dict[str, str] = Field(default_factory=dict)


class ArticleHints(_Strict):
    """CSS overrides for reading a section's articles."""

    body: str | None = None
    title: str | None = None


class Section(_Strict):
    """One list of articles of a portal."""

    id: Identifier
    name: str
    kind: Kind
    url: HttpUrl
    enabled: bool = True
    reason: str | None = None
    """Why it is off; required where `enabled` is false."""
    evidence: str
    seen: Seen
    basis: Basis = "code"
    list: ListHints = ListHints()
    article: ArticleHints = ArticleHints()


class Portal(_Strict):
    """One portal file."""

    id: Identifier
    name: str
    region: Region
    home: HttpUrl
    hosts: tuple[str, ...] = Field(min_length=1)
    cms: Cms
    status: Literal["open", "blocked", "unknown"] = "unknown"
    evidence: str
    seen: Seen
    notes: str | None = None
    proxy: str | None = None
    politeness: Politeness = Politeness()
    sections: tuple[Section, ...] = Field(alias="section", min_length=1)
