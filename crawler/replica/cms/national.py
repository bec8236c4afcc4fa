# ruff: noqa: E501 - templates are more readable on one line
"""Like the national portal: one static JSON array a section, newest first, and UCAP article pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crawler.replica import furniture
from crawler.replica.cms.base import Cms, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from crawler.replica.models import Post
    from crawler.replica.state import Article, Form, Section
    from crawler.replica.switches import Switches


class National(Cms):
    """A portal with static JSON lists; a section's `per_page` is how many rows the array holds at most."""

    index_names = ("", "index.htm", "index.html")

    def list_path(self, section: Section) -> str:  # noqa: D102
        return f"{section.path}{section.id.upper()}LIEBIAO.json"

    def article_path(self, section: Section, number: int, published: datetime, form: Form) -> str:  # noqa: D102
        ending = ".pdf" if form == "file" else ".htm"
        return f"{section.path}{published:%Y%m}/content_{number}{ending}"

    def list_target(self, path: str, query: Mapping[str, str], switches: Callable[[str], Switches]) -> Target | None:  # noqa: D102
        del query
        folder, _, name = path.rpartition("/")
        section = self.portal.by_folder.get(folder + "/")
        if section is None:
            return None
        state = switches(section.id)
        if path == self.list_path(section):
            return Target(
                stamp=section.version,
                modified=section.modified,
                render=lambda: self._array(section, state),
                section=section,
                media_type="application/json",
            )
        if name in self.index_names:
            return Target(
                stamp=0, modified=self.portal.opened, render=lambda: self._shell(section, state), section=section
            )
        return None

    def _array(self, section: Section, switches: Switches) -> str:
        rows = [] if switches.shell else self.rows(section, 1, switches, section.per_page)
        items = [
            {
                "TITLE": entry.article.post.headline,
                "SUB_TITLE": entry.article.post.subtitle or "",
                "URL": entry.article.link or self.portal.base + entry.path,
                "DOCRELPUBTIME": f"{entry.article.published:%Y-%m-%d}",
            }
            for entry in rows
        ]
        if switches.layout:
            return json.dumps(
                {"data": {"list": [{"t": item["TITLE"], "u": item["URL"]} for item in items]}}, ensure_ascii=False
            )
        return json.dumps(items, ensure_ascii=False)

    def _shell(self, section: Section, switches: Switches) -> str:
        name = self.list_path(section).rpartition("/")[2]
        content = (
            f'<div class="BreadcrumbNav">{self.crumbs(section)}</div><div class="news_box"><h4 id="list_title"></h4></div>'
            f'<script>var dataUrl = "./{name}"; $.getJSON(dataUrl, function (data) {{ renderList("news_box", data, 1); }});</script>'
        )
        return self.frame(title=section.name, metas=self.column_metas(section), content=content, switches=switches)

    def article_metas(self, article: Article, post: Post, say: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
        """This portal has META names of its own."""
        moment = f"{article.meta_date or article.published:%Y-%m-%d-%H:%M:00}"
        section = self.portal.sections[article.sections[0]]
        metas = [
            ("lanmu", section.name),
            ("manuscriptId", str(article.number)),
            ("firstpublishedtime", moment),
            ("lastmodifiedtime", moment),
        ]
        if post.authors:
            metas.append(("author", say(" ".join(post.authors))))
        return tuple(metas)

    def article_page(self, article: Article, post: Post, say: Callable[[str], str], switches: Switches) -> str:  # noqa: D102
        section = self.portal.sections[article.sections[0]]
        when = f"{article.published:%Y-%m-%d}" if post.policy else f"{article.published:%Y-%m-%d %H:%M}"
        source = f'<span class="font">{say("来源：" + post.source)}</span>' if post.source else ""
        if post.authors and not self.has_byline(post):
            source += f" <span>{say('作者：' + ' '.join(post.authors))}</span>"
        headline = "<br/>".join(say(line) for line in post.title.split("\n"))
        subtitle = f'<h2 class="sub">{say(post.subtitle)}</h2>' if post.subtitle else ""
        editor = f'<div class="editor"><span>{say("责任编辑：" + post.editor)}</span></div>' if post.editor else ""
        content = (
            f'<div class="BreadcrumbNav">{self.crumbs(section, say)}</div>\n<div class="article oneColumn pub_border"><h1 id="ti">{headline}</h1>{subtitle}\n'
            f'<div class="pages-date">{when} {source}<div class="pages_print">{furniture.font_sizes()} {furniture.share_bar()}</div></div>\n'
            f'<div class="pages_content mhide" id="UCAP-CONTENT">\n{self.body(article, post, say)}\n</div>\n{self.attachments(article, post, say)}{editor}'
            '<div class="ewm"><p>扫一扫在手机打开当前页</p></div></div>'
        )
        return self.frame(
            title=say(post.headline),
            metas=self.article_metas(article, post, say),
            content=content,
            switches=switches,
            number=article.number,
            dressing=article.dressing,
        )
