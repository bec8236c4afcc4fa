"""From what a look at a portal found to the portal file that is proposed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from crawler.listing.recognise import recognise
from crawler.listing.source import site
from crawler.portals.guess import guess_region, section_id
from crawler.portals.writer import PortalDraft, SectionDraft
from crawler.text.urls import host

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crawler.crawl.fetch import Fetched
    from crawler.items import Article, ListPage
    from crawler.portals import Kind, Portal

SURE = 0.75
"""A list read with less is taken, but said to be unsure: nothing but its own rows speaks for it then."""
_PAGE = 10
"""Rows from which a list may go on: pages of fewer are rare."""
_TITLE_PARTS = re.compile(r"\s*[-–—_|>»]+\s*|\s{2,}")
_NO_NAME = re.compile(r"^(?:首\s?页|欢迎.*|主页|网站首页|index)$", re.IGNORECASE)
_SITE = re.compile("(?<=人民政府)(?:门户网站|网站|门户|网)$")
_OFFICE = re.compile("政府|厅|局|委|办|网|厦|院|兵团|首都之窗")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSection:
    """A list that was found, as it was read; with a `reason` it is written as off.

    `seen_at` is the page that links it (empty for the one that was asked for), `column` the page whose script names
    its address.
    """

    name: str
    url: str
    kind: Kind
    kind_sure: bool
    listed: ListPage
    fetched: Fetched
    seen_at: str
    inferred: bool = False
    column: str | None = None
    keys: frozenset[bytes] = frozenset()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """An article as it would be read."""

    fetched: Fetched
    article: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a look at a portal found: the proposed file, its sections in the same order, one article."""

    draft: PortalDraft
    sections: tuple[FoundSection, ...]
    sample: Sample | None
    problems: tuple[str, ...] = ()
    """Pages that could not be had or read."""
    passed_over: tuple[tuple[str, str], ...] = ()
    """Names and addresses of columns that look like sections and were not looked at."""
    requests: int = 0
    asked_for_failed: bool = False
    """Whether the page that was given is no list, and names none of its own."""
    unsure: tuple[tuple[str, str], ...] = field(init=False, default=())
    """What may be wrong: the key of the file (`region`, `news.kind`), and why."""

    def __post_init__(self) -> None:
        """Gather the doubts of portal and sections."""
        doubts = list(self.draft.unsure.items())
        doubts += [(f"{s.id}.{key}", why) for s in self.draft.sections for key, why in s.unsure.items()]
        object.__setattr__(self, "unsure", tuple(doubts))


class Findings(Protocol):
    """What the look gathered."""

    sections: list[FoundSection]
    pages: list[tuple[str, str]]
    metas: dict[str, str]
    titles: list[str]


def make_draft(
    portal_id: str, passing: Portal, url: str, found: Findings, known: Iterable[Portal], day: str
) -> PortalDraft:
    """The portal file for what was found; `passing` is the portal under which it was fetched."""
    unsure: dict[str, str] = {}
    home_host = passing.hosts[0]
    name = found.metas.get("sitename") or _name(found.titles)
    if "sitename" not in found.metas:
        unsure["name"] = "taken from the title of a page" if name else "no page says what the site is called"
    name = _SITE.sub("", name)
    region, basis, doubt = guess_region(name, found.metas.get("siteidcode", ""), home_host, known)
    if doubt is not None:
        unsure["region"] = doubt
    cms, marks, sure = recognise(found.pages)
    if not sure:
        unsure["cms"] = f"seen: {', '.join(marks)}" if marks else "no mark of a known family was seen"
    taken: list[str] = []
    sections: list[SectionDraft] = []
    for section in found.sections:
        sections.append(_section(section, url, taken, day))
        taken.append(sections[-1].id)
    return PortalDraft(
        id=portal_id,
        name=(name or home_host)[:200],
        region=region,
        home=str(passing.home),
        hosts=_hosts(home_host, found.sections),
        cms=cms,
        status_evidence=f"portalwatch add {url}",
        evidence=f"portalwatch add {url}; region: {basis}; cms: {', '.join(marks) or 'nothing'}"[:2000],
        seen=day,
        sections=tuple(sections),
        unsure=unsure,
    )


def _section(section: FoundSection, url: str, taken: Sequence[str], day: str) -> SectionDraft:
    unsure: dict[str, str] = {}
    if not section.kind_sure:
        by = "guessed from its address" if section.kind != "other" else "neither its name nor its address tells"
        unsure["kind"] = by
    if section.reason is None and (doubt := _doubt(section)):
        unsure["url"] = doubt
    evidence = f"linked from {section.seen_at}" if section.seen_at else f"portalwatch add {url}"
    if section.inferred:
        evidence = f"the folder of the article {section.seen_at}"
    if section.column is not None:
        evidence += f"; the script of {section.column} names this interface"
    return SectionDraft(
        id=section_id(section.kind, section.column or section.url, taken),
        name=section.name[:200],
        kind=section.kind,
        url=section.url,
        evidence=evidence[:2000],
        seen=day,
        reason=section.reason,
        unsure=unsure,
    )


def _doubt(section: FoundSection) -> str | None:
    listed = section.listed
    if section.inferred:
        return "no page links it; it is the folder of an article"
    if listed.confidence < SURE:
        return f"confidence {listed.confidence}: {listed.reason or 'little marks the list'}"
    if listed.next_url is not None or listed.pages == 1:
        return None
    if listed.total is not None and listed.total > len(listed.entries):
        return f"it claims {listed.total} entries and names no next page: [section.list] page_url may be needed"
    markup = section.fetched.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:5].lower()
    if len(listed.entries) >= _PAGE and listed.total is None and markup[:1] == b"<" and markup != b"<?xml":
        return "it names no next page: where there are older entries, [section.list] page_url is needed"
    return None


def _hosts(home: str, sections: Iterable[FoundSection]) -> tuple[str, ...]:
    """The home's host, and those of its site on which most articles of a section lie."""
    hosts = [home]
    for section in sections:
        where = Counter(host(entry.url) for entry in section.listed.entries if entry.form != "external")
        for name, count in where.items():
            if name not in hosts and 2 * count >= len(section.listed.entries) and site(name) == site(home):
                hosts.append(name)
    return tuple(hosts[:50])


def _name(titles: Sequence[str]) -> str:
    """The part that most titles share, or the one that names an office."""
    parts = [[p for p in _TITLE_PARTS.split(title) if p and not _NO_NAME.match(p)] for title in titles]
    shared = Counter(part for group in parts for part in set(group) if len(part) <= 40)
    if not shared:
        return ""
    return max(shared, key=lambda part: (shared[part] > 1, _OFFICE.search(part) is not None, shared[part]))
