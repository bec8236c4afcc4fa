# ruff: noqa: E501 - templates are more readable on one line
"""What every CMS of the replica has in common: finding what an address means, and the frame around each page."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Final

from crawler.replica import furniture, pdf
from crawler.replica.pollution import pollute

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping
    from datetime import datetime

    from crawler.replica.models import Post
    from crawler.replica.portal import Portal
    from crawler.replica.state import Article, Entry, Form, Section
    from crawler.replica.switches import Switches

HTML: Final = "text/html"


@dataclass(frozen=True, slots=True)
class Target:
    """What an address means: how to render it, and a stamp that changes when the rendering would."""

    stamp: Hashable
    modified: datetime
    render: Callable[[], str | bytes]
    section: Section | None = None
    media_type: str = HTML
    article: Article | None = None
    location: str | None = None
    """Where it redirects to, instead of being a page."""


class Cms(ABC):
    """One portal's software."""

    index_names: tuple[str, ...] = ("", "index.shtml", "index.html")
    prints_time: bool = True
    """Whether articles other than policy documents print the time beside the date."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    @property
    def portal_cms(self) -> str:
        """What the portal file names as its CMS."""
        return self.portal.plan.cms

    def hints(self, section: Section) -> dict[str, str]:
        """`[section.list]` of the portal file; nothing where the reader needs none."""
        del section
        return {}

    @abstractmethod
    def list_path(self, section: Section) -> str:
        """The address of a section's list, as a portal file names it."""

    @abstractmethod
    def article_path(self, section: Section, number: int, published: datetime, form: Form) -> str:
        """The address that a new article or file gets."""

    @abstractmethod
    def list_target(self, path: str, query: Mapping[str, str], switches: Callable[[str], Switches]) -> Target | None:
        """The list page, or the answer of a list interface, at an address; None when it is none."""

    @abstractmethod
    def article_page(self, article: Article, post: Post, say: Callable[[str], str], switches: Switches) -> str:
        """The page of an article."""

    def printed_date(self, article: Article) -> str:
        """The published date as far as the page prints it, in the form of the public record."""
        if article.form != "article" or not self.prints_time or article.post.policy is not None:
            return f"{article.published:%Y-%m-%d}"
        return f"{article.published:%Y-%m-%dT%H:%M:00+08:00}"

    def find(self, path: str, query: Mapping[str, str], at: Callable[[str, str | None], Switches]) -> Target | None:
        """What an address means; None when nothing is there. `at(path, section)` tells the switches in force."""
        article = self.portal.by_path.get(path)
        if article is None:
            stem, dot, suffix = path.rpartition(".")
            if stem.endswith(("_slb", "_gzk")):
                article = self.portal.by_path.get(stem[:-4] + dot + suffix)
                if article is not None and not at(path, article.sections[0]).twins:
                    return None
        if article is not None:
            return self._article_target(article, path, at(path, article.sections[0]))
        if path.startswith("/") and path[1:] in self.index_names:
            sections = self.portal.sections.values()
            return Target(
                stamp=tuple(section.version for section in sections),
                modified=max(section.modified for section in sections),
                render=lambda: self._home(at(path, None)),
            )
        if (lines := self.portal.file_lines(path)) is not None:
            return Target(
                stamp=lines,
                modified=self.portal.opened,
                render=lambda: pdf.document(lines),
                media_type="application/pdf",
            )
        return self.list_target(path, query, lambda section: at(path, section))

    def _article_target(self, article: Article, path: str, switches: Switches) -> Target:
        section = self.portal.sections[article.sections[0]]

        def render() -> str | bytes:
            if article.form == "file":
                return pdf.document((article.post.headline, *article.post.paragraphs))
            say = self.voice(article, switches)
            return self.article_page(article, article.post, say, switches)

        return Target(
            stamp=(article.revision, article.dressing, article.withdrawn, path),
            modified=article.modified,
            render=render,
            section=section,
            media_type="application/pdf" if article.form == "file" else HTML,
            article=article,
        )

    # What pages are made of.

    def voice(self, article: Article, switches: Switches) -> Callable[[str], str]:
        """How an article's words are printed: as they are, or as a mirror would; ready to stand in HTML."""
        style = article.pollution or switches.pollution
        if style is None:
            return escape
        return lambda text: escape(pollute(text, style, article.key))

    def frame(
        self,
        *,
        title: str,
        metas: Iterable[tuple[str, str]],
        content: str,
        switches: Switches,
        number: int = 0,
        dressing: int = 0,
    ) -> str:
        """A whole page: head with META tags, header, menus, the content, hot list, footer. `dressing` changes nothing but furniture."""
        css, script, menu = furniture.sizes(number, self.portal.page_sizes)
        tags = "\n".join(f'<meta name="{name}" content="{value}" />' for name, value in (*self.site_metas(), *metas))
        code = f"<script>\n{furniture.scripts(script)}</script>"
        first, last = (code, "") if dressing % 2 == 0 else ("", code)
        gap = "\n" * (dressing % 3 + 1)
        return (
            '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n'
            f'<meta charset="{switches.declared or switches.charset}" />\n<title>{title}_{self.portal.site_name}</title>\n{tags}\n'
            f'<link rel="stylesheet" href="/images/style.css" />\n<style>\n{furniture.styles(css)}</style>\n{first}\n</head>\n<body>{gap}'
            f"{self._header()}\n{furniture.menus(menu)}{gap}{content}{gap}{self._hot(dressing)}\n"
            f"{furniture.footer(self.portal.province.name, self.portal.site_code)}\n{last}</body>\n</html>\n"
        )

    def site_metas(self) -> tuple[tuple[str, str], ...]:
        """The META tags that every page of the site carries."""
        portal = self.portal
        return (("SiteName", portal.site_name), ("SiteDomain", portal.host), ("SiteIDCode", portal.site_code))

    def column_metas(self, section: Section) -> tuple[tuple[str, str], ...]:
        """The META tags of a column."""
        return (
            ("ColumnName", section.name),
            ("ColumnDescription", section.name),
            ("ColumnKeywords", section.name),
            ("ColumnType", section.name),
        )

    def article_metas(self, article: Article, post: Post, say: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
        """The META tags of an article. PubDate is the date of migration where the article has one."""
        section = self.portal.sections[article.sections[0]]
        metas = [
            ("ArticleTitle", say(post.headline)),
            ("PubDate", f"{article.meta_date or article.published:%Y-%m-%d %H:%M}"),
        ]
        if post.source:
            metas.append(("ContentSource", say(post.source)))
        if post.authors:
            metas.append(("Author", say(" ".join(post.authors))))
        return (*self.column_metas(section), *metas)

    def crumbs(self, section: Section, say: Callable[[str], str] = escape) -> str:
        """The breadcrumbs, linked."""
        links = [f'<a href="/">{say("首页")}</a>', *(f"<a>{say(name)}</a>" for name in section.trail)]
        links.append(f'<a href="{self.list_path(section)}">{say(section.name)}</a>')
        return f"{say('当前位置：')}{' &gt; '.join(links)}"

    def body(self, article: Article, post: Post, say: Callable[[str], str]) -> str:
        """Paragraphs and tables; nothing for an article that was emptied. Every third article has a word processor's styles."""
        if article.withdrawn == "emptied":
            return ""
        styled = article.number % 3 == 0
        opening = (
            '<p style="text-align: justify; text-indent: 2em;"><span style="font-family: 宋体; font-size: 12pt;">'
            if styled
            else "<p>　　"
        )
        closing = "</span></p>" if styled else "</p>"
        parts: list[str] = []
        for is_row, lines in groupby(post.paragraphs, key=lambda line: "\t" in line):
            if is_row:
                rows = "".join(
                    "<tr>" + "".join(f"<td>{say(cell)}</td>" for cell in line.split("\t")) + "</tr>\n" for line in lines
                )
                parts.append(f'<table border="1" cellspacing="0"><tbody>\n{rows}</tbody></table>')
            else:
                parts.extend(f"{opening}{say(line)}{closing}" for line in lines)
        return "\n".join(parts)

    def attachments(self, article: Article, post: Post, say: Callable[[str], str]) -> str:
        """The list of files under an article."""
        if not post.attachments or article.withdrawn == "emptied":
            return ""
        links = "".join(
            f'<p><a href="{self.portal.file_path(article, index)}" target="_blank">{say(file.name)}</a></p>'
            for index, file in enumerate(post.attachments)
        )
        return f'<div class="fujian"><p>{say("附件：")}</p>{links}</div>'

    @staticmethod
    def has_byline(post: Post) -> bool:
        """Whether the last paragraph names the authors, so that nothing else needs to."""
        return bool(post.paragraphs) and all(name in post.paragraphs[-1] for name in post.authors)

    def row_title(self, entry: Entry, switches: Switches) -> tuple[str, str]:
        """A row's title in full and as shown: long ones are cut, with an ellipsis."""
        full = entry.article.post.headline
        say = self.voice(entry.article, switches)
        return say(full), say(full if len(full) <= 34 else full[:32] + "...")

    def rows(self, section: Section, page: int, switches: Switches, size: int) -> list[Entry]:
        """The entries of a list page, endless pagers included."""
        limit = self.limit(section, switches)
        entries = section.page(page, size, limit)
        if entries or section.count() == 0 or (switches.endless is None and switches.past_end != "last"):
            return entries
        if switches.endless != "fresh":
            last = -(-section.count(limit) // size)
            return section.page(last, size, limit)
        return [self.portal.phantom(section, page * size + row) for row in range(size)]

    def pages(self, section: Section, page: int, switches: Switches, size: int) -> int:
        """How many pages the pager claims."""
        count = max(1, -(-self.claimed(section, switches) // size))
        return max(count, page + 10) if switches.endless else count

    def limit(self, section: Section, switches: Switches) -> int | None:
        """How many of the newest entries the list shows at most; None for all."""
        limits = [] if switches.newest_only is None else [switches.newest_only]
        if switches.newest_days is not None:
            limits.append(section.newer_than(switches.newest_days))
        return min(limits, default=None)

    def claimed(self, section: Section, switches: Switches) -> int:
        """How many entries the list says it has."""
        return round(section.count(self.limit(section, switches)) * switches.claims)

    def _header(self) -> str:
        portal = self.portal
        links = "".join(
            f'<li><a href="{self.list_path(section)}">{section.name}</a></li>' for section in portal.sections.values()
        )
        return (
            f'<div class="top"><a href="/" class="logo"><img src="/images/logo.png" alt="{portal.site_name}" /></a>'
            '<div class="wza"><a href="javascript:;">无障碍浏览</a> <a href="javascript:;">繁體</a> <a href="javascript:;">适老版</a></div>'
            '<form action="/search/" method="get"><input name="q" placeholder="请输入关键词" /><input type="submit" value="搜索" /></form></div>\n'
            f'<ul class="nav"><li><a href="/">首页</a></li>{links}</ul>'
        )

    def _hot(self, dressing: int) -> str:
        """Hot list and related links: six of the portal's oldest articles, drawn anew for each dressing."""
        oldest = self.portal.oldest()
        drawn = random.Random(dressing).sample(oldest, min(6, len(oldest)))
        items = "".join(
            f'<li><i>{place}</i><a href="{article.path}">{escape(article.post.headline)}</a></li>'
            for place, article in enumerate(drawn, 1)
        )
        return f'<div class="side"><h3>热点推荐</h3><ul class="hot">{items}</ul></div>'

    def _home(self, switches: Switches) -> str:
        blocks = []
        for section in self.portal.sections.values():
            items = "".join(
                f'<li><a href="{entry.article.link or entry.path}">{self.row_title(entry, switches)[1]}</a>'
                f"<span>{entry.article.published:%m-%d}</span></li>"
                for entry in section.page(1, 8, None)
            )
            blocks.append(
                f'<div class="block"><h2><a href="{self.list_path(section)}">{section.name}</a></h2><ul>{items}</ul></div>'
            )
        return self.frame(
            title="首页",
            metas=(("ColumnName", "首页"), ("ColumnType", "首页")),
            content="\n".join(blocks),
            switches=switches,
        )
