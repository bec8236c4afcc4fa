"""The shape of a portal file. Every fact carries its evidence and the date it was seen."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    StringConstraints,
    model_validator,
)

from crawler.config import check_proxy, read_secret

_SEEN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_RESERVED = frozenset({"all", "kind"})


def _check_seen(value: str) -> str:
    match = _SEEN.fullmatch(value)
    if value != "undated":
        if match is None:
            raise ValueError("is not a date: write 2024, 2024-08, 2024-08-15 or undated")
        try:
            date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
        except ValueError:
            raise ValueError("is no day of the calendar: write 2024, 2024-08, 2024-08-15 or undated") from None
    return value


def _check_identifier(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise ValueError("may hold only a-z, 0-9 and single hyphens between them, for example policy-files")
    return value


def _check_region(value: str) -> str:
    if not re.fullmatch(r"\d{6}", value, re.ASCII):
        raise ValueError("is not a GB/T 2260 code of six digits, for example 140000 (Shanxi) or 000000 (national)")
    return value


def _check_host(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", value):
        raise ValueError("is not a host name: write it in lower case without scheme, port or path, as in www.gov.cn")
    return value


def _check_page_param(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError("is not the name of a query parameter, for example pageNo")
    return value


def _check_page_url(value: str) -> str:
    if "{page}" not in value and "{page0}" not in value:
        raise ValueError("does not say where the page number goes: write {page} or {page0}, as in list-{page}.html")
    return value


Identifier = Annotated[str, Field(max_length=64), AfterValidator(_check_identifier)]
Region = Annotated[str, AfterValidator(_check_region)]
Seen = Annotated[str, AfterValidator(_check_seen)]
Host = Annotated[str, AfterValidator(_check_host)]
Proxy = Annotated[str, Field(max_length=1000), AfterValidator(check_proxy)]
Cms = Literal["trs", "hanweb", "ucap", "gkmlpt", "json", "other"]
Kind = Literal["news", "policy", "notice", "interpretation", "conference", "other"]
Basis = Literal["live", "code", "inferred"]
"""How a URL is known: seen live by us, read in public code, or inferred from a convention."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=500)]
"""A CSS selector or a JMESPath expression."""


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

    adapter: Annotated[str, StringConstraints(max_length=64)] | None = None
    item: Expression | None = None
    title: Expression | None = None
    date: Expression | None = None
    next_page: Literal["index_1", "index_2"] | None = None
    """The first further page's suffix where a pager does not show it."""
    entries: Expression | None = None
    """JMESPath to the rows of a JSON answer; `item` (the row's address), `title`, `date` are then JMESPath in a row."""
    total: Expression | None = None
    """JMESPath to the number of entries that a JSON answer claims."""
    page_url: Annotated[str, Field(max_length=500), AfterValidator(_check_page_url)] | None = None
    """Address of the k-th page relative to the section's, `{page}` standing for k (from 2), `{page0}` for k - 1."""
    page_param: Annotated[str, Field(max_length=64), AfterValidator(_check_page_param)] | None = None
    """The query parameter of the section's URL that holds the page number, counted from 1."""
    params: dict[Name, Annotated[str, StringConstraints(max_length=500)]] = Field(default_factory=dict, max_length=50)
    post: Text | None = None
    """Body of a list that is asked for by POST, `{page}` standing for the page number: JSON if it opens with a brace,
    else a form."""


class ArticleHints(_Strict):
    """CSS overrides for reading a section's articles."""

    body: Expression | None = None
    title: Expression | None = None


class Section(_Strict):
    """One list of articles of a portal."""

    id: Identifier
    name: Name
    kind: Kind
    url: HttpUrl
    enabled: bool = True
    reason: Text | None = None
    """Why it is off; required where `enabled` is false."""
    evidence: Text
    seen: Seen
    basis: Basis = "code"
    list: ListHints = ListHints()
    article: ArticleHints = ArticleHints()

    @model_validator(mode="after")
    def _off_needs_a_reason(self) -> Section:
        if not self.enabled and self.reason is None:
            raise ValueError("reason: is missing: a section with enabled = false says why")
        if self.list.entries is not None and self.list.item is None:
            raise ValueError("list.item: is missing: beside list.entries it is the JMESPath of a row's address")
        return self


class Portal(_Strict):
    """One portal file.

    `status` is how the portal answered somebody's request, with `status_evidence` and `status_seen`; `evidence` and
    `seen` are those of the portal's other facts. `aliases` are further names that a target may use.
    """

    id: Identifier
    name: Name
    aliases: tuple[Name, ...] = Field(default=(), max_length=20)
    region: Region
    home: HttpUrl
    hosts: tuple[Host, ...] = Field(min_length=1, max_length=50)
    cms: Cms
    status: Literal["open", "blocked", "unknown"] = "unknown"
    status_evidence: Text | None = None
    status_seen: Seen | None = None
    evidence: Text
    seen: Seen
    notes: Text | None = None
    proxy: Proxy | None = None
    politeness: Politeness = Politeness()
    sections: tuple[Section, ...] = Field(alias="section", min_length=1, max_length=500)

    def proxy_url(self) -> str | None:
        """The proxy's address, read from `env:NAME` or `file:PATH` where it is given so.

        Raises:
            ConfigError: the variable is not set or the file cannot be read.

        """
        return None if self.proxy is None else read_secret(SecretStr(self.proxy))

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Portal:
        if self.id in _RESERVED:
            raise ValueError(f"id: {self.id!r} means something else on the command line: choose another id")
        if self.status != "unknown" and (self.status_seen is None or self.status_evidence is None):
            raise ValueError("status: needs status_evidence and status_seen: who saw it answer so, and when")
        if self.home.host not in self.hosts:
            raise ValueError(f"home: host {self.home.host!r} is not among hosts: add it there or correct home")
        seen: set[str] = set()
        for section in self.sections:
            if section.id in seen:
                raise ValueError(f"[[section]] {section.id}: id: is used twice: give each section its own id")
            seen.add(section.id)
            if section.url.host not in self.hosts:
                raise ValueError(
                    f"[[section]] {section.id}: url: host {section.url.host!r} is not among hosts: "
                    f"add it to hosts or correct the url"
                )
        return self
