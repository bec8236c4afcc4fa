"""One portal: its sections, its articles by address, and everything that can be published on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from crawler.replica.chance import draw
from crawler.replica.cms import cms_of
from crawler.replica.models import Post, Province
from crawler.replica.state import BEIJING, Article, Entry, Form, Section, at_noon, utc_now
from crawler.replica.switches import Panel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crawler.replica.writing.author import Author

_FIRST_NUMBER: Final = 9_100_000
_PHANTOMS: Final = 70_000_000
_FILE: Final = re.compile(r"/P0\d{8}(\d{9})(\d)\.pdf$")
_POST_FIELDS: Final = frozenset(field.name for field in fields(Post))
_PER_DAY: Final = {"news": 8, "notice": 2, "policy": 1, "interpretation": 1, "conference": 1}
"""Posts a working day and section in the loaded past; one for other kinds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a portal is made of before anything is published.

    `sections` are the keyword arguments of `Section`; `handwritten` ends its past with the posts written out by hand.
    """

    id: str
    cms: str
    province: Province
    region: str
    site_name: str
    sections: Sequence[Mapping[str, Any]]
    handwritten: bool = False


class Portal:
    """A portal on an address of its own; `replica-trs` also answers to `trs`."""

    def __init__(
        self,
        plan: Plan,
        *,
        host: str,
        author: Author,
        page_sizes: Sequence[int],
        record: Callable[[str, Article], None],
    ) -> None:
        self.id = plan.id
        self.plan = plan
        self.province = plan.province
        self.site_name = plan.site_name
        self.site_code = f"{plan.region}0001"
        self.web_id = 5
        self.host = host
        self.port = 0
        self.tls = False
        self.opened = utc_now()
        self.page_sizes = page_sizes
        self.panel = Panel()
        self.articles: list[Article] = []
        self.by_path: dict[str, Article] = {}
        self._author = author
        self._moved: dict[str, str] = {}
        self._record = record
        self._by_number: dict[int, Article] = {}
        self.sections = {str(options["id"]): Section(portal=self, **options) for options in plan.sections}
        self.by_folder = {section.path: section for section in self.sections.values()}
        self.by_code = {str(section.code): section for section in self.sections.values() if section.code}
        self.cms = cms_of(self, plan.cms)

    @property
    def base(self) -> str:
        """The address without a final slash; its port is known once the replica has started."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    def section(self, name: str) -> Section:
        """A section by its id. Raises KeyError naming the ids there are."""
        try:
            return self.sections[name]
        except KeyError:
            raise KeyError(f"{self.id} has no section {name!r}; it has {', '.join(self.sections)}") from None

    def switch(self, *, path: str | None = None, **changes: Any) -> None:
        """Turn switches for the whole portal, or below `path`."""
        self.panel.set(changes, path=path)

    def heal(self) -> None:
        """Turn every switch of the portal back."""
        self.panel.clear()

    def list_url(self, section: str) -> str:
        """The absolute address of a section's list."""
        return self.base + self.cms.list_path(self.section(section))

    def move(self, section: Section, path: str, *, redirect: bool) -> None:
        """See `Section.move`."""
        del self.by_folder[section.path]
        if redirect:
            self._moved[section.path] = path
        section.path = path
        self.by_folder[path] = section

    def moved_to(self, path: str) -> str | None:
        """The new address of a list page whose section has moved and left word."""
        folder, _, name = path.rpartition("/")
        there = self._moved.get(folder + "/")
        return None if there is None else self.base + there + name

    # Publishing.

    def publish(
        self,
        section: str,
        post: Post | None = None,
        *,
        published_at: datetime | date | None = None,
        meta_date: datetime | date | None = None,
        also: Sequence[str] = (),
        copy_in: Sequence[str] = (),
        twin_in: Mapping[str, str] | None = None,
        form: Form = "article",
        link: str | None = None,
        pollution: str | None = None,
        pinned: bool = False,
        reprint_of: Article | str | None = None,
        **words: Any,
    ) -> Article:
        """Publish in a section: a `post`, or one of `words` (fields of Post), or one that the replica writes itself.

        Args:
            section: id of the section whose column the address is under.
            post: the words.
            published_at: printed date, Beijing time; now when absent.
            meta_date: what PubDate says instead, as after a migration.
            also: further sections that list the same address.
            copy_in: further sections that hold a copy under an address of their own.
            twin_in: section to suffix (`_slb`, `_gzk`) of a twin address that it lists.
            form: `file` for a PDF, `external` for a `link` elsewhere.
            link: where an external entry leads.
            pollution: show this article as a mirror would: `spaced`, `toned`, `random`, `torn` or `none`.
            pinned: keep the row on top of the list.
            reprint_of: the article (or its key) whose words are taken over.
            words: title, paragraphs, source, authors, editor, subtitle, policy, attachments.
        """
        home = self.section(section)
        moment = at_noon(published_at) if published_at is not None else datetime.now(BEIJING).replace(microsecond=0)
        article = self._make(home, moment, form, link, pollution)
        article.meta_date = at_noon(meta_date) if meta_date is not None else None
        if reprint_of is not None:
            article.reprint_of = reprint_of if isinstance(reprint_of, str) else reprint_of.key
            if isinstance(reprint_of, Article):
                post = post or reprint_of.post
        self._word(article, post, words)
        home.enlist(Entry(article, article.path, pinned))
        for other in also:
            article.sections.append(other)
            self.section(other).enlist(Entry(article, article.path))
        for other in copy_in:
            article.sections.append(other)
            path = self.cms.article_path(self.section(other), article.number, moment, form)
            article.copies.append(path)
            self.by_path[path] = article
            self.section(other).enlist(Entry(article, path))
        for other, suffix in (twin_in or {}).items():
            article.sections.append(other)
            stem, dot, ending = article.path.rpartition(".")
            article.copies.append(stem + suffix + dot + ending)
            self.section(other).enlist(Entry(article, article.copies[-1]))
        self.happened("published", article)
        return article

    def load(self, section: str, count: int, today: date, polluted_share: float = 0.0) -> None:
        """Give a section a past of `count` articles up to the day before `today`; the hand-written ones are newest."""
        home = self.section(section)
        per_day = _PER_DAY.get(home.kind, 1)
        written = self._author.handwritten(home.kind) if self._opens_with_handwritten(home) else ()
        entries = []
        for age in range(count - 1, -1, -1):
            day = today - timedelta(days=age // per_day + 1)
            moment = at_noon(day).replace(hour=8) + timedelta(
                minutes=(per_day - age % per_day) * 540 // per_day + age * 7 % 30
            )
            article = self._make(home, moment, "article", None, None)
            if age < len(written):
                article.edit_silently(written[age])
            if polluted_share and draw(article.key) < polluted_share:
                article.pollution = ("spaced", "toned")[article.number % 2]
            article.released_at = moment
            article.modified = moment
            entries.append(Entry(article, article.path))
            self.happened("loaded", article)
        home.enlist_all(entries)

    def _opens_with_handwritten(self, home: Section) -> bool:
        """Each hand-written post is printed once: by the first section of its kind of the first province."""
        first = next(section for section in self.sections.values() if section.kind == home.kind)
        return first is home and self.plan.handwritten

    def _make(self, home: Section, moment: datetime, form: Form, link: str | None, pollution: str | None) -> Article:
        number = _FIRST_NUMBER + len(self.articles)
        path = "" if form == "external" else self.cms.article_path(home, number, moment, form)
        article = Article(
            portal=self,
            number=number,
            path=path,
            sections=[home.id],
            published=moment.astimezone(BEIJING),
            form=form,
            link=link if form == "external" else None,
            pollution=pollution,
        )
        self.articles.append(article)
        self._by_number[number] = article
        if path:
            self.by_path[path] = article
        return article

    @staticmethod
    def _word(article: Article, post: Post | None, words: Mapping[str, Any]) -> None:
        if post is None and not words:
            return
        base = post or article.portal.compose(article)
        article.edit_silently(post_with(base, words))

    def phantom(self, section: Section, index: int) -> Entry:
        """Row `index` of an endless list: an article that exists once it was listed, and is in no ledger."""
        moment = at_noon(date(2019, 1, 1)) - timedelta(days=index % 3000)
        number = _PHANTOMS + index
        path = self.cms.article_path(section, number, moment, "article")
        article = self.by_path.get(path)
        if article is None:
            article = Article(
                portal=self, number=number, path=path, sections=[section.id], published=moment, phantom=True
            )
            self.by_path[path] = article
        return Entry(article, path)

    # What the CMS asks.

    def compose(self, article: Article) -> Post:
        """The words of an article that nobody gave any."""
        kind = self.sections[article.sections[0]].kind
        return self._author.write(
            article.number + crc32(self.id.encode()) % 1000 * 100_000_000, kind, article.published.date(), self.province
        )

    def reword(self, article: Article, changes: Mapping[str, Any]) -> Post:
        """The words of an article with some fields changed."""
        return post_with(article.post, changes)

    def revise(self, article: Article) -> Post:
        """The words of an article after an edit of the replica's own making."""
        return self._author.revise(article.post, article.revision)

    def oldest(self) -> list[Article]:
        """Twelve articles that hot lists draw from."""
        return [article for article in self.articles[:40] if article.form == "article" and not article.withdrawn][:12]

    def by_number(self, number: str) -> Article | None:
        """The article with this number, as its key has it."""
        return self._by_number.get(int(number)) if number.isascii() and number.isdigit() else None

    def file_path(self, article: Article, index: int) -> str:
        """The address of an article's attachment."""
        return f"{article.path.rpartition('/')[0]}/P0{article.published:%Y%m%d}{article.number:09d}{index}.pdf"

    def file_lines(self, path: str) -> tuple[str, ...] | None:
        """What the attachment at an address shows; None when there is none."""
        match = _FILE.search(path)
        article = self._by_number.get(int(match[1])) if match else None
        if match is None or article is None or article.withdrawn:
            return None
        files = article.post.attachments
        index = int(match[2])
        if index >= len(files) or self.file_path(article, index) != path:
            return None
        return (files[index].name, *files[index].lines)

    def happened(self, what: str, article: Article) -> None:
        """Write an event into the ledger."""
        self._record(what, article)


def post_with(post: Post, words: Mapping[str, Any]) -> Post:
    """`post` with some fields changed; a body given as one text is split into paragraphs."""
    if unknown := words.keys() - _POST_FIELDS:
        raise TypeError(f"not a field of a post: {', '.join(sorted(unknown))}")
    changes = dict(words)
    body = changes.get("paragraphs")
    if isinstance(body, str):
        changes["paragraphs"] = tuple(line for line in body.split("\n") if line)
    elif body is not None:
        changes["paragraphs"] = tuple(body)
    for name in ("authors", "attachments"):
        if name in changes:
            changes[name] = tuple(changes[name])
    return Post(**{field.name: changes.get(field.name, getattr(post, field.name)) for field in fields(Post)})
