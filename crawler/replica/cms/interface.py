# ruff: noqa: E501 - templates are more readable on one line
"""A portal whose lists come from one of the described interfaces; its articles are plain pages of that family's make."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from crawler.replica.cms.base import Cms, Target
from crawler.replica.families import INTERFACES, Answer, Asked, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from crawler.replica.models import Post
    from crawler.replica.portal import Portal
    from crawler.replica.state import Article, Entry, Form, Section
    from crawler.replica.switches import Switches

_LINK_DO: Final = "/visit/link.do"
_SHOWN: Final = 34
_EXCERPT: Final = 160
_MARKED: Final = ("通知", "的", "关于", "会议")
_WRITTEN: Final = timedelta(days=5)


class Interface(Cms):
    """A portal of one family of `crawler.replica.families`."""

    def __init__(self, portal: Portal, family: str) -> None:
        super().__init__(portal)
        self.family = INTERFACES[family]

    @property
    def portal_cms(self) -> str:
        """What the portal file names as its CMS."""
        return self.family.cms

    def hints(self, section: Section) -> dict[str, str]:
        """`[section.list]` of the portal file."""
        found = dict(self.family.hints)
        post = self.family.body_of(section.channel, section.per_page)
        return found if post is None else found | {"post": post}

    def list_path(self, section: Section) -> str:
        """Path and query of a list's first page, as the switch `first_page` has it."""
        state = self.portal.panel.at("", section.id)
        page = 1 if state.first_page is None else state.first_page - self.family.first + 1
        return self.family.list_path(section.channel, section.per_page, section.first_further, page)

    def article_path(self, section: Section, number: int, published: datetime, form: Form) -> str:  # noqa: D102
        return self.family.article_path(section.channel, number, published, is_file=form == "file")

    def find(self, path: str, query: Mapping[str, str], at: Callable[[str, str | None], Switches]) -> Target | None:
        """As every CMS; besides, articles that a parameter tells, and links that lead through a redirect."""
        if path.endswith(_LINK_DO):
            return self._through(query.get("url", ""))
        if "?" in self.family.article:
            names = [name for name, _ in parse_qsl(self.family.article.partition("?")[2])]
            article = self.portal.by_path.get(f"{path}?" + "&".join(f"{name}={query.get(name, '')}" for name in names))
            if article is not None:
                return self._article_target(article, article.path, at(path, article.sections[0]))
        return super().find(path, query, at)

    def _through(self, url: str) -> Target | None:
        if not url.startswith("http"):
            return None
        return Target(stamp=url, modified=self.portal.opened, render=str, location=url)

    def list_target(self, path: str, query: Mapping[str, str], switches: Callable[[str], Switches]) -> Target | None:  # noqa: D102
        asked, section = self._asked(path, query)
        if asked is None or section is None:
            return self._refused(path)
        state = switches(section.id)
        if state.first_page is not None:
            shift = self.family.first - state.first_page
            size = asked.size
            asked = Asked(
                code=asked.code,
                page=asked.page + shift,
                size=size,
                start=asked.start + shift * size,
                stop=asked.stop + shift * size,
            )
        if asked.page > 1 and state.second_page_missing:
            return None
        entries = self._entries(section, asked, state)
        if not entries and asked.page > 1 and (state.past_end or self.family.past_end) == "404":
            return None
        return Target(
            stamp=(section.version, asked, self.portal.base),
            modified=section.modified,
            render=lambda: self._answer(section, asked, entries, state),
            section=section,
            media_type=self.family.media_type,
        )

    def _asked(self, path: str, query: Mapping[str, str]) -> tuple[Asked | None, Section | None]:
        """What is asked for; how many rows a page has is the section's matter where the request does not say."""
        for section in self.portal.sections.values():
            asked = self.family.asked(path, query, section.channel, section.per_page, section.first_further)
            if asked is not None:
                return asked, section
        return None, None

    def _refused(self, path: str) -> Target | None:
        """The interface's own error to a request that lacks something."""
        if not self.family.error or self.family.path.fullmatch(path) is None:
            return None
        return Target(
            stamp=0, modified=self.portal.opened, render=lambda: self.family.error, media_type=self.family.media_type
        )

    def _entries(self, section: Section, asked: Asked, switches: Switches) -> list[Entry]:
        if switches.shell or asked.start < 1:
            return []
        limit = self.limit(section, switches)
        count = section.count(limit)
        past_end = switches.past_end or self.family.past_end
        if asked.start > count and switches.endless is not None:
            return self.rows(section, asked.page, switches, asked.size)
        start, stop = asked.start, asked.stop
        if start > count and past_end == "last" and count:
            stop = start = (count - 1) // asked.size * asked.size + 1
            stop += asked.size - 1
        return section.page(1, min(stop + self.family.more, count), limit)[start - 1 :]

    def _answer(self, section: Section, asked: Asked, entries: list[Entry], switches: Switches) -> str:
        total = self.claimed(section, switches)
        if switches.endless is not None:
            total = max(total, (asked.page + 10) * asked.size)
        rows = tuple(self._row(section, entry, switches, asked.start + place) for place, entry in enumerate(entries))
        answer = Answer(
            rows=rows,
            page=asked.page,
            size=asked.size,
            total=total,
            pages=-(-total // asked.size),
            code=section.channel,
            base=self.portal.base,
            name=self.portal.site_name,
        )
        text = self.family.answer(answer)
        if not self.family.framed:
            return text
        content = (
            f'<div class="crumb">{self.crumbs(section)}</div>\n<div class="main"><h2>{section.name}</h2>\n{text}</div>'
        )
        return self.frame(title=section.name, metas=self.column_metas(section), content=content, switches=switches)

    def _row(self, section: Section, entry: Entry, switches: Switches, place: int) -> Row:
        article = entry.article
        plain = article.post.headline
        policy = article.post.policy
        marked = self.family.marks if switches.marked is None else switches.marked
        path = article.link or entry.path
        return Row(
            number=article.number,
            place=place,
            code=section.channel,
            path=path,
            url=article.link or self.portal.base + entry.path,
            plain=plain,
            title=_mark(plain) if marked else plain,
            shown=plain if len(plain) <= _SHOWN else plain[: _SHOWN - 2] + "...",
            when=article.published,
            written=policy.written_on if policy else (article.published - _WRITTEN).date(),
            times=switches.times,
            doc_number=policy.doc_number if policy else "",
            index_number=policy.index_number if policy else f"{section.channel[:8]}/{article.number}",
            issuer=policy.issuer if policy else self.portal.site_name,
            external=article.form == "external",
            text="　　".join(article.post.paragraphs)[:_EXCERPT],
        )

    def article_page(self, article: Article, post: Post, say: Callable[[str], str], switches: Switches) -> str:  # noqa: D102
        section = self.portal.sections[article.sections[0]]
        when = f"{article.published:%Y-%m-%d}" if post.policy else f"{article.published:%Y-%m-%d %H:%M}"
        infos = [f"<span>{say('发布时间：')}{when}</span>"]
        if post.source:
            infos.append(f"<span>{say('来源：' + post.source)}</span>")
        if post.authors and not self.has_byline(post):
            infos.append(f"<span>{say('作者：' + ' '.join(post.authors))}</span>")
        name = self.family.body.partition(" ")[0].strip("<>")
        content = (
            f'<div class="crumb">{self.crumbs(section, say)}</div>\n<div class="article"><h1>{"<br/>".join(say(line) for line in post.title.split(chr(10)))}</h1>\n'
            f'<div class="info">{" ".join(infos)}</div>\n{self.family.body}\n{self.body(article, post, say)}\n</{name}>\n{self.attachments(article, post, say)}</div>'
        )
        return self.frame(
            title=say(post.headline),
            metas=self.article_metas(article, post, say),
            content=content,
            switches=switches,
            number=article.number,
            dressing=article.dressing,
        )


def _mark(title: str) -> str:
    """A title as a search engine answers it, with the word that it looked for marked."""
    word = next((word for word in _MARKED if word in title), title[:2])
    return title.replace(word, f"<em>{word}</em>", 1)
