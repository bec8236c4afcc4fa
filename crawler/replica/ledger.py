"""What the replica published, edited and withdrew, to hold a crawl's output against."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from crawler.replica.state import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from crawler.replica.portal import Portal
    from crawler.replica.state import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One article as it is now, in the words of the public record.

    `published_at` is as exact as the page prints it; `body` joins paragraphs by line breaks and is None for files and
    links. `urls` are all its addresses that lists show, the first one `url`. Times are UTC, RFC 3339.
    """

    key: str
    portal: str
    sections: tuple[str, ...]
    kind: str
    form: str
    url: str
    urls: tuple[str, ...]
    title: str
    subtitle: str | None
    published_at: str
    meta_date: str | None
    source: str | None
    authors: tuple[str, ...]
    editor: str | None
    breadcrumbs: tuple[str, ...]
    body: str | None
    policy: dict[str, Any] | None
    attachments: tuple[dict[str, str], ...]
    pollution: str | None
    reprint_of: str | None
    revision: int
    dressing: int
    withdrawn: bool
    withdrawn_how: str | None
    withdrawn_at: str | None
    released_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened while the replica ran: published, edited, redressed or withdrawn."""

    seq: int
    at: str
    type: str
    key: str
    url: str
    revision: int


class Ledger:
    """The book of a replica. The past it was loaded with has no events."""

    def __init__(self, portals: Callable[[], Iterable[Portal]]) -> None:
        self._portals = portals
        self.events: list[Event] = []

    def record(self, what: str, article: Article) -> None:
        """Write an event down; `loaded` is none."""
        if what == "loaded":
            return
        self.events.append(
            Event(
                seq=len(self.events) + 1,
                at=_utc(utc_now()),
                type=what,
                key=article.key,
                url=article.url,
                revision=article.revision,
            )
        )

    def articles(
        self, portal: str | None = None, section: str | None = None, *, withdrawn: bool | None = None
    ) -> list[Line]:
        """Every article, or those of a portal, of a section, withdrawn ones or not, in the order of publication."""
        return list(self.lines(portal, section, withdrawn=withdrawn))

    def lines(
        self, portal: str | None = None, section: str | None = None, *, withdrawn: bool | None = None
    ) -> Iterator[Line]:
        """As `articles`, one at a time."""
        for one in self._portals():
            if portal not in {None, one.id, one.id.removeprefix("replica-")}:
                continue
            for article in one.articles:
                if section is not None and section not in article.sections:
                    continue
                if withdrawn is not None and withdrawn != (article.withdrawn is not None):
                    continue
                yield line(article)

    def as_json(self, portal: str | None = None, section: str | None = None) -> dict[str, Any]:
        """The book as plain data: `articles` and `events`."""
        return {
            "articles": [asdict(one) for one in self.lines(portal, section)],
            "events": [asdict(event) for event in self.events],
        }


def line(article: Article) -> Line:
    """The ledger's line of an article."""
    portal, post = article.portal, article.post
    home = portal.sections[article.sections[0]]
    whole = article.form == "article"
    policy = post.policy if whole else None
    return Line(
        key=article.key,
        portal=portal.id,
        sections=tuple(article.sections),
        kind=home.kind,
        form=article.form,
        url=article.url,
        urls=(article.url, *(portal.base + path for path in article.copies)),
        title=post.headline,
        subtitle=post.subtitle if whole else None,
        published_at=portal.cms.printed_date(article),
        meta_date=f"{article.meta_date:%Y-%m-%d}" if article.meta_date else None,
        source=post.source if whole else None,
        authors=post.authors if whole else (),
        editor=post.editor if whole else None,
        breadcrumbs=("首页", *home.trail, home.name) if whole else (),
        body="\n".join(post.paragraphs) if whole else None,
        policy=None if policy is None else {name: _plain(value) for name, value in asdict(policy).items()},
        attachments=tuple(
            {"name": file.name, "url": portal.base + portal.file_path(article, index)}
            for index, file in enumerate(post.attachments)
        )
        if whole
        else (),
        pollution=article.pollution,
        reprint_of=article.reprint_of,
        revision=article.revision,
        dressing=article.dressing,
        withdrawn=article.withdrawn is not None,
        withdrawn_how=article.withdrawn,
        withdrawn_at=_utc(article.withdrawn_at) if article.withdrawn_at else None,
        released_at=_utc(article.released_at),
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
