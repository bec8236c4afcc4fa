# ruff: noqa: E501 - templates are more readable on one line
"""Hanweb: column pages with the first records embedded as XML, the rest from `/module/web/jpage/dataproxy.jsp`."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from crawler.replica import furniture
from crawler.replica.cms.base import Cms, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from crawler.replica.models import Post
    from crawler.replica.state import Article, Entry, Form, Section
    from crawler.replica.switches import Switches

PROXY: Final = "/module/web/jpage/dataproxy.jsp"
_PROXIES: Final = frozenset({PROXY, "/module/jpage/dataproxy.jsp"})
_GROUP: Final = 3
"""So many pages of records are embedded in a column page."""
_MOST: Final = 1000
"""One answer never has more records than this."""


class Hanweb(Cms):
    """A Hanweb portal; a section's `code` is its column number."""

    prints_time = False

    def list_path(self, section: Section) -> str:  # noqa: D102
        return f"/col/col{section.code}/index.html"

    def article_path(self, section: Section, number: int, published: datetime, form: Form) -> str:  # noqa: D102
        if form == "file":
            return f"/module/download/{section.code}_{number}.pdf"
        return f"/art/{published.year}/{published.month}/{published.day}/art_{section.code}_{number}.html"

    def list_target(self, path: str, query: Mapping[str, str], switches: Callable[[str], Switches]) -> Target | None:  # noqa: D102
        if path in _PROXIES:
            section = self.portal.by_code.get(query.get("columnid", ""))
            return self._proxy(section, query, switches(section.id)) if section else None
        section = self.portal.by_folder.get(path.rpartition("/")[0] + "/")
        if section is None or path.rpartition("/")[2] not in {"", "index.html"}:
            return None
        state = switches(section.id)
        return Target(
            stamp=(section.version, "column"),
            modified=section.modified,
            render=lambda: self._column(section, state),
            section=section,
        )

    def _column(self, section: Section, switches: Switches) -> str:
        limit = self.limit(section, switches)
        total = self.claimed(section, switches)
        unit = section.code + 2200
        entries = [] if switches.shell else section.page(1, section.per_page * _GROUP, limit)
        query = f"page=2&appid=1&webid={self.portal.web_id}&path=/&columnid={section.code}&unitid={unit}&webname={quote(self.portal.site_name)}&permissiontype=0"
        store = (
            f'<datastore>\n<nextgroup><![CDATA[<a href="{PROXY}?{query}"></a>]]></nextgroup>\n'
            f"<recordset>\n{self._records(entries, switches)}</recordset></datastore>"
        )
        param = (
            f"var param_{unit} = {{col:1,webid:{self.portal.web_id},path:'/',columnid:{section.code},unitid:'{unit}',sourceContentType:1,"
            f"webname:'{self.portal.site_name}',permissiontype:0}};\n"
            f"$('#{unit}').jpage({{proxyurl:'{PROXY}',totalRecord:{total},perPage:{section.per_page},groupSize:{_GROUP},dataName:param_{unit}}});"
        )
        content = (
            f'<div class="location">{self.crumbs(section)}</div>\n<div class="bt_list"><h2>{section.name}</h2>\n'
            f'<div id="{unit}"><script type="text/xml">{store}</script></div>\n<script>{param}</script></div>'
        )
        return self.frame(title=section.name, metas=self.column_metas(section), content=content, switches=switches)

    def _records(self, entries: list[Entry], switches: Switches) -> str:
        out = []
        for entry in entries:
            full, shown = self.row_title(entry, switches)
            href = escape(entry.article.link or entry.path)
            day = f"{entry.article.published:%Y-%m-%d}"
            if switches.layout:
                row = f'<tr><td><a title="{full}" href="{href}">{shown}</a></td><td>[{day}]</td></tr>'
            else:
                row = f'<li><a target="_blank" href="{href}" title="{full}">{shown}</a><b readlabel="{day}">{day}</b></li>'
            out.append(f"<record><![CDATA[{row}]]></record>\n")
        return "".join(out)

    def _proxy(self, section: Section, query: Mapping[str, str], switches: Switches) -> Target:
        size = min(_number(query, "perpage", section.per_page), _MOST)
        if "startrecord" in query:
            start = _number(query, "startrecord", 1)
            stop = _number(query, "endrecord", start + size - 1)
        else:
            width = size * _GROUP
            start = (_number(query, "page", 1) - 1) * width + 1
            stop = start + width - 1
        stop = min(stop, start + _MOST - 1)
        wanted = max(0, stop - start + 1)

        def render() -> str:
            limit, total = self.limit(section, switches), self.claimed(section, switches)
            count = section.count(limit)
            shown = section.page(1, min(stop, count), limit)[start - 1 :] if wanted and start <= count else []
            if not shown and switches.endless and wanted:
                shown = self.rows(section, start // max(1, size) + 2, switches, size)
                total = start + 10 * size
            pages = -(-total // max(1, size))
            return (
                f"<datastore><totalrecord>{total}</totalrecord><totalpage>{pages}</totalpage>"
                f"<recordset>{self._records(shown, switches)}</recordset></datastore>"
            )

        stamp = (section.version, start, stop, size)
        return Target(stamp=stamp, modified=section.modified, render=render, section=section, media_type="text/xml")

    def article_page(self, article: Article, post: Post, say: Callable[[str], str], switches: Switches) -> str:  # noqa: D102
        section = self.portal.sections[article.sections[0]]
        authors = f"<span>{say('作者：' + ' '.join(post.authors))}</span>" if post.authors else ""
        source = f"<span>{say('信息来源：' + post.source)}</span>" if post.source else ""
        number = f"<p>{say('文号：' + post.policy.doc_number)}</p>" if post.policy else ""
        headline = "<br>".join(say(line) for line in post.title.split("\n"))
        subtitle = f'<p class="subtitle">{say(post.subtitle)}</p>' if post.subtitle else ""
        views = (article.number * 31 + article.dressing * 7) % 7000
        content = (
            f'<div class="location">{self.crumbs(section, say)}</div>\n<div class="main-fl"><h1 class="title">{headline}</h1>{subtitle}\n'
            f'<p class="explain"><span>{say("发布日期：")}{article.published:%Y-%m-%d}</span> {source} {authors} <span>浏览次数：{views}</span> '
            f"<span>{furniture.font_sizes()}</span></p>\n{number}"
            f'<meta name="ContentStart"/>\n<div id="zoom" class="bt_content"><!--ZJEG_RSS.content.begin-->\n{self.body(article, post, say)}\n'
            f'<!--ZJEG_RSS.content.end--></div>\n<meta name="ContentEnd"/>\n{self.attachments(article, post, say)}{furniture.share_bar()}</div>'
        )
        return self.frame(
            title=say(post.headline),
            metas=self.article_metas(article, post, say),
            content=content,
            switches=switches,
            number=article.number,
            dressing=article.dressing,
        )


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    value = query.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else default
