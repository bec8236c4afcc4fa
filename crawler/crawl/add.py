"""A look at a portal that no file describes: which sections it has, and how they read. Nothing is stored."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.crawl.add_candidates import Candidates
from crawler.crawl.add_draft import SURE, FoundSection, Sample, Survey, make_draft
from crawler.crawl.article import explain_refusal, refusal
from crawler.crawl.fetch import Fetched, Fetcher, RefusedError, Traffic
from crawler.crawl.listpages import LEAST_CONFIDENCE
from crawler.exceptions import FetchError, NoArticleError, UnreadablePageError
from crawler.extract import block_reason
from crawler.listing import read_list
from crawler.listing.source import site
from crawler.listing.words import article_like
from crawler.middlewares import RedirectedAwayError
from crawler.portals.passing import passing_portal
from crawler.reading import read_page
from crawler.text.page import Page, parse_page
from crawler.text.urls import host, url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from crawler.crawl.add_candidates import Candidate
    from crawler.items import Article, ListPage
    from crawler.portals import Portal

MAX_REQUESTS = 30
"""Pages of one look, robots.txt apart: with the usual delay of 2 s it takes a minute."""
MAX_SECTIONS = 12
"""Sections that are written as on; the registry's portals have 9 on average."""
MAX_BYTES = 5_000_000
"""Of one answer; the largest real list or front page among the measured ones has .5 MB."""
_NO_LIST = re.compile("front page|calls itself an article")
"""In the reason of a reading: what was read is not the list of a column."""
_ARTICLES_TRIED = 3
_SAME = 0.8
"""Share of common entries from which two addresses are one list."""
_LEAST_BODY = 100
"""Characters of a body that make a page an article; the shortest real ones have 60, menus read as articles less."""
_WORDS = {
    "certificate": "its certificate is not valid",
    "connection": "no connection",
    "dns": "its name cannot be resolved",
    "timeout": "no answer in time",
    "tls": "no TLS connection",
}
_GIVE_UP = frozenset({"blocked", "retry-after", "dns", "connection", "certificate", "tls"})
"""Reasons that hold for the whole host: it is left alone then."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """A page that was fetched: parsed where it is HTML, and its list."""

    fetched: Fetched
    page: Page | None
    listed: ListPage


async def look(
    fetcher: Fetcher,
    url: str,
    portal_id: str,
    known: Iterable[Portal],
    day: str,
    tell: Callable[[str], None] = lambda _: None,
) -> Survey:
    """Fetch a few pages of a portal and say what a portal file for it would hold.

    Args:
        fetcher: the resident crawler's, which keeps the portal's pace, its robots.txt and its certificate.
        url: its front page, a list, or an article.
        portal_id: the id that the file gets.
        known: portals whose regions are known.
        day: today, `YYYY-MM-DD`, for the evidence.
        tell: is given a line a page.

    Raises:
        UsageError: `url` is no address.
        FetchError: the page cannot be had, or no list of articles was found.
        RedirectedAwayError: it leads to another site.
        UnreadablePageError: its bytes are no page.

    """
    return await _Surveyor(fetcher, url, tell).run(portal_id, known, day)


@dataclass(slots=True)
class _Findings:
    sections: list[FoundSection] = field(default_factory=list)
    doubted: list[FoundSection] = field(default_factory=list)
    """Lists of pages that may be channel pages: taken in the end, if no other section has their entries."""
    problems: list[str] = field(default_factory=list)
    sample: Sample | None = None
    pages: list[tuple[str, str]] = field(default_factory=list)
    metas: dict[str, str] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)


class _Surveyor:
    def __init__(self, fetcher: Fetcher, url: str, tell: Callable[[str], None]) -> None:
        self._fetcher = fetcher
        self._url = url
        self._tell = tell
        self._portal = passing_portal(url)
        self._traffic = Traffic()
        self._found = _Findings()

    async def run(self, portal_id: str, known: Iterable[Portal], day: str) -> Survey:
        first = await self._first()
        candidates = Candidates(first.fetched.url)
        asked = await self._open(first, candidates)
        if asked != "home":
            await self._home(candidates)
        await self._columns(candidates)
        self._settle()
        found = self._found
        on = [section for section in found.sections if section.reason is None]
        below = [s for s in found.sections if s.url.startswith(first.fetched.url.rpartition("/")[0] + "/")]
        if not on:
            raise FetchError(self._nothing(first), reason="no-entries")
        failed = asked == "channel" and not below
        if failed:
            why = first.listed.reason or "nothing on it looks like one"
            found.problems.insert(0, f"{first.fetched.url}: no list of articles: {why}")
        await self._sample(on)
        return Survey(
            draft=make_draft(portal_id, self._portal, first.fetched.url, found, known, day),
            sections=tuple(found.sections),
            sample=found.sample,
            problems=tuple(found.problems),
            passed_over=candidates.left(),
            requests=self._traffic.requests,
            asked_for_failed=failed,
        )

    def _nothing(self, first: _Looked) -> str:
        why = first.listed.reason or "nothing on it looks like one"
        it = "" if _is_root(first.fetched.url) else f" on it ({why})"
        looked = self._traffic.requests - 1
        also = f", looking at it and at {looked} more" if looked else ""
        doubted = [s for s in self._found.sections if s.reason is not None]
        doubt = f"; {doubted[0].url}: {doubted[0].reason}" if doubted else ""
        return f"{first.fetched.url}: no list of articles was found{it}{also}{doubt}"

    # Pages.

    async def _first(self) -> _Looked:
        try:
            fetched = await self._get(self._url)
        except RedirectedAwayError as error:
            if site(host(error.url)) != site(host(self._url)):
                raise FetchError(f"{self._url}: leads to another site: {error.url[:200]}", reason="moved") from error
            self._url = error.url
            self._portal = passing_portal(error.url)  # `x.gov.cn` that sends everybody to `www.x.gov.cn`
            try:
                fetched = await self._get(error.url)
            except RedirectedAwayError as again:
                raise FetchError(f"{self._url}: {again}", reason="moved") from again
        try:
            return self._looked(fetched)
        except UnreadablePageError as error:
            raise UnreadablePageError(f"{fetched.url}: {error}") from error

    async def _get(self, url: str) -> Fetched:
        self._tell(url)
        try:
            return await self._fetcher.get(self._portal, url, traffic=self._traffic, max_bytes=MAX_BYTES)
        except RefusedError as error:
            raise explain_refusal(error) from error
        except FetchError as error:
            _, unread, word = str(error).partition("(RFC 9309): ")
            if not unread:
                raise
            # No robots.txt forbids everything; what keeps it from being read would keep the page from it too.
            raise FetchError(f"{url}: cannot be reached from here: {_WORDS.get(word, word)}", reason=word) from error

    async def _try(self, url: str, name: str) -> _Looked | None:
        """A page that may be missing; what is wrong with it becomes a line, what is wrong with the host an end."""
        if self._traffic.requests >= MAX_REQUESTS:
            return None
        problem: str | None = None
        try:
            return self._looked(await self._get(url))
        except FetchError as error:
            problem = str(error)
            if error.reason in _GIVE_UP:
                self._found.problems.append(f"{name}: {problem}")
                raise _HostRefusesError from error
        except RedirectedAwayError as error:
            problem = f"{url}: {error}"
        except UnreadablePageError as error:
            problem = f"{url}: {error}"
        self._found.problems.append(f"{name}: {problem}")
        return None

    def _looked(self, fetched: Fetched) -> _Looked:
        listed = read_list(fetched.body, fetched.url, content_type=fetched.content_type)
        page: Page | None = None
        if fetched.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {b"{", b"["}:
            page = parse_page(fetched.body, fetched.url, fetched.content_type)
            if not listed.entries and (word := block_reason(page, fetched.status)) is not None:
                raise refusal(fetched.url, word)
            self._found.pages.append((fetched.url, page.text[:500_000]))
            self._names(page)
        return _Looked(fetched, page, listed)

    def _names(self, page: Page) -> None:
        """What the site calls itself, as its pages say it."""
        for node in page.tree.css("meta[name]")[:100]:
            name = (node.attributes.get("name") or "").lower()
            content = " ".join((node.attributes.get("content") or "").split())
            if name in {"sitename", "siteidcode"} and content and len(content) <= 100:
                self._found.metas.setdefault(name, content)
        title = page.tree.css_first("title")
        if title is not None:
            self._found.titles.append(" ".join(title.text()[:300].split()))

    # What was given.

    async def _open(self, first: _Looked, candidates: Candidates) -> str:
        """Take the page that was given for what it is: `home`, `list`, `article` or `channel`."""
        if _is_root(first.fetched.url) and first.page is not None:
            candidates.add_page(first.page, first.fetched.url)
            return "home"
        article = self._article(first)
        if article is not None and first.page is not None:
            self._found.sample = Sample(first.fetched, article)
            candidates.add_article(first.page, first.fetched.url, article.breadcrumbs)
            return "article"
        if self._take(first, candidates.given(first.page), given=True):
            return "list"
        if (name := first.listed.interface) is not None and (rows := await self._interface(name)) is not None:
            self._take(rows, candidates.given(first.page), column=first)
            return "list"
        if first.page is not None:
            candidates.add_page(first.page, first.fetched.url)
        return "channel"

    def _article(self, looked: _Looked) -> Article | None:
        """The article of a page that is one, by its address or its META tags and its text."""
        if looked.page is None:
            return None
        sure_list = looked.listed.confidence >= 0.8 and len(looked.listed.entries) > 1
        if sure_list or not (article_like(looked.fetched.url) or looked.listed.confidence < LEAST_CONFIDENCE):
            return None
        try:
            article = read_page(looked.page)
        except NoArticleError:
            return None
        dated = article.published_at is not None
        return article if article.title and dated and len(article.body or "") >= _LEAST_BODY else None

    async def _home(self, candidates: Candidates) -> None:
        root = str(self._portal.home)
        try:
            home = await self._try(root, "front page")
        except _HostRefusesError:
            return
        if home is not None and home.page is not None:
            candidates.add_page(home.page, home.fetched.url)

    # Sections.

    async def _columns(self, candidates: Candidates) -> None:
        while self._traffic.requests < MAX_REQUESTS - _ARTICLES_TRIED:
            taken = Counter(section.kind for section in self._found.sections if section.reason is None)
            candidate = candidates.next(taken) if taken.total() < MAX_SECTIONS else None
            if candidate is None:
                return
            try:
                await self._column(candidate, candidates)
            except _HostRefusesError:
                return

    async def _column(self, candidate: Candidate, candidates: Candidates) -> None:
        looked = await self._try(candidate.url, candidate.name)
        if looked is None or (self._take(looked, candidate) and looked.listed.confidence >= SURE):
            return
        if looked.listed.interface is not None:
            rows = await self._interface(looked.listed.interface)
            if rows is not None and self._take(rows, candidate, column=looked):
                return
        if looked.page is not None:
            candidates.add_page(looked.page, looked.fetched.url, depth=candidate.depth + 1)

    async def _interface(self, url: str) -> _Looked | None:
        if host(url) != host(self._url):
            return None
        try:
            looked = await self._try(url, "interface")
        except _HostRefusesError:
            return None
        return looked if looked is not None and looked.listed.entries else None

    def _take(
        self, looked: _Looked, candidate: Candidate, *, column: _Looked | None = None, given: bool = False
    ) -> bool:
        """Keep a page as a section if it holds a list; one that cannot be told for sure is kept as off."""
        listed = looked.listed
        if not listed.entries or (given and listed.confidence < LEAST_CONFIDENCE):
            return False
        if _NO_LIST.search(listed.reason or "") or _is_root(looked.fetched.url):
            return False
        keys = {url_key(entry.url) for entry in listed.entries}
        for other in self._found.sections:
            if len(keys & other.keys) >= _SAME * min(len(keys), len(other.keys)):
                return True
        section = FoundSection(
            name=candidate.name,
            url=looked.fetched.url,
            kind=candidate.kind,
            kind_sure=candidate.kind_sure,
            listed=listed,
            fetched=looked.fetched,
            seen_at=candidate.seen_at,
            inferred=candidate.inferred,
            column=column.fetched.url if column is not None else None,
            keys=frozenset(keys),
        )
        doubted = not given and looked.page is not None and listed.confidence < SURE
        (self._found.doubted if doubted else self._found.sections).append(replace(section, reason=_off(listed)))
        return True

    def _settle(self) -> None:
        """Take the lists of doubtful pages, but for what is the head of a list that has a page of its own."""
        for section in self._found.doubted:
            known = frozenset().union(*(other.keys for other in self._found.sections))
            if len(section.keys & known) < len(section.keys) / 2:
                self._found.sections.append(section)

    # An article.

    async def _sample(self, sections: list[FoundSection]) -> None:
        """Read one article as it would be read: the newest that can be had."""
        if self._found.sample is not None:
            return
        entries = [
            e for s in sections for e in s.listed.entries if e.form == "article" and host(e.url) == host(self._url)
        ]
        for entry in entries[:_ARTICLES_TRIED]:
            try:
                looked = await self._try(entry.url, "article")
                if looked is not None and looked.page is not None:
                    self._found.sample = Sample(looked.fetched, read_page(looked.page))
                    return
            except NoArticleError as error:
                self._found.problems.append(f"article: {entry.url}: {error}")
            except _HostRefusesError:
                return


class _HostRefusesError(Exception):
    """The host blocks, or asks to be left alone."""


def _off(listed: ListPage) -> str | None:
    """Why a list is not good enough to be crawled unasked."""
    if listed.confidence < LEAST_CONFIDENCE:
        why = listed.reason or "nothing marks it"
        return f"its list cannot be told for sure (confidence {listed.confidence}): {why}"
    if all(entry.form == "external" for entry in listed.entries):
        return "all its entries lead to other sites"
    return None


def _is_root(url: str) -> bool:
    """Whether an address is a front page's: nothing, or an index file, at the root of its host."""
    parts = urlsplit(url)
    name = parts.path.strip("/").lower()
    return not parts.query and "/" not in name and name.partition(".")[0] in {"", "index", "default", "main", "home"}
