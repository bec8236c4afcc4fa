# ruff: noqa: E501 - templates are more readable on one line
"""TRS WCM: static lists, page k of which is `index_{k-1}.shtml`, and articles at `/<column>/YYYYMM/tYYYYMMDD_<id>.shtml`."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final

from crawler.replica import furniture
from crawler.replica.cms.base import Cms, Target
from crawler.replica.writing.author import chinese_date

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from crawler.replica.models import Policy, Post
    from crawler.replica.state import Article, Entry, Form, Section
    from crawler.replica.switches import Switches

_LIST: Final = re.compile(r"(?:index(?:_(\d{1,9}))?\.shtml)?")


class Trs(Cms):
    """A static TRS portal."""

    def list_path(self, section: Section) -> str:  # noqa: D102
        return section.path

    def article_path(self, section: Section, number: int, published: datetime, form: Form) -> str:  # noqa: D102
        folder = f"{section.path}{published:%Y%m}/"
        if form == "file":
            return f"{folder}P0{published:%Y%m%d}{number:09d}.pdf"
        return f"{folder}t{published:%Y%m%d}_{number}.shtml"

    def list_target(self, path: str, query: Mapping[str, str], switches: Callable[[str], Switches]) -> Target | None:  # noqa: D102
        del query
        folder, _, name = path.rpartition("/")
        section = self.portal.by_folder.get(folder + "/")
        match = _LIST.fullmatch(name)
        if section is None or match is None:
            return None
        state = switches(section.id)
        page = 1 if match[1] is None else int(match[1]) + 2 - section.first_further
        if page < 1 or (match[1] is not None and (page < 2 or state.second_page_missing)):
            return None
        entries = self.rows(section, page, state, section.per_page)
        if not entries and page > 1:
            return None
        return Target(
            stamp=(section.version, page),
            modified=section.modified,
            render=lambda: self._list(section, page, entries, state),
            section=section,
        )

    def _list(self, section: Section, page: int, entries: list[Entry], switches: Switches) -> str:
        if switches.shell:
            rows = f'<div id="list-box" data-url="{section.path}list.json"></div><script>loadList("list-box", "{section.path}list.json", 1)</script>'
        else:
            rows = self._rows(section, entries, switches)
        count = self.pages(section, page, switches, section.per_page)
        content = (
            f'<div class="crumb">{self.crumbs(section)}</div>\n<div class="main"><div class="left"><h2>{section.name}</h2>'
            f'{self._siblings(section)}</div>\n<div class="right">\n{rows}\n{self._pager(section, page, count)}\n</div></div>'
        )
        return self.frame(title=section.name, metas=self.column_metas(section), content=content, switches=switches)

    def _siblings(self, section: Section) -> str:
        names = (one for one in self.portal.sections.values() if one.trail == section.trail)
        return "<ul>" + "".join(f'<li><a href="{one.path}">{one.name}</a></li>' for one in names) + "</ul>"

    def _href(self, section: Section, entry: Entry) -> str:
        if entry.article.link:
            return entry.article.link
        return "./" + entry.path.removeprefix(section.path) if entry.path.startswith(section.path) else entry.path

    def _rows(self, section: Section, entries: list[Entry], switches: Switches) -> str:
        style = "table" if switches.layout else section.rows
        out: list[str] = []
        for entry in entries:
            full, shown = self.row_title(entry, switches)
            link = f'<a href="{escape(self._href(section, entry))}" title="{full}" target="_blank">{shown}</a>'
            day = entry.article.published
            if style == "dl":
                policy = entry.article.post.policy
                number = f"<em><span>发文字号：</span>{policy.doc_number}</em>" if policy else ""
                out.append(
                    f'<dl class="sxinfo-pubfiles-item"><dt>{link}</dt><dd>{number}<span>发布日期：</span>{chinese_date(day.date())}</dd></dl>'
                )
            elif style == "table":
                out.append(f"<tr><td>{link}</td><td>{day:%Y/%m/%d}</td></tr>")
            else:
                out.append(f"<li>{link}<span>{day:%Y-%m-%d}</span></li>")
        rows = "\n".join(out)
        if style == "table":
            return f'<table class="list-table"><tbody>\n{rows}\n</tbody></table>'
        return (
            f'<div class="pubfiles">\n{rows}\n</div>' if style == "dl" else f'<ul class="common-list">\n{rows}\n</ul>'
        )

    def _name(self, section: Section, page: int) -> str:
        return "index.shtml" if page == 1 else f"index_{page - 2 + section.first_further}.shtml"

    def _pager(self, section: Section, page: int, count: int) -> str:
        total = section.count()
        match section.pager:
            case "countPage":
                code = f"var countPage = {count}//共多少页\nvar currentPage = {page - 1};//所在页从0开始\nfunction toPage(n){{location.href=n<=1?'index.shtml':'index_'+(n-1)+'.shtml';}}"
            case "createPageHTML5":
                code = f'createPageHTML({count}, {page - 1}, "index", "shtml", "{total}");'
            case "createPageHTML6":
                code = f"createPageHTML('page_div', {count}, {page}, 'index', 'shtml', {total});"
            case "links":
                before = f'<a href="{self._name(section, page - 1)}">上一页</a>' if page > 1 else "<span>上一页</span>"
                after = (
                    f'<a href="{self._name(section, page + 1)}">下一页</a>' if page < count else "<span>下一页</span>"
                )
                return f'<div class="page">{before} {after} <a href="{self._name(section, count)}">尾页</a> 共{total}条 第{page}/{count}页</div>'
            case _:
                code = f'createPageHTML({count}, {page - 1}, "index", "shtml");'
        return f'<div class="page" id="page_div"><script language="javascript">\n{code}\n</script></div>'

    def article_page(self, article: Article, post: Post, say: Callable[[str], str], switches: Switches) -> str:  # noqa: D102
        section = self.portal.sections[article.sections[0]]
        when = f"{article.published:%Y-%m-%d}" if post.policy else f"{article.published:%Y-%m-%d %H:%M}"
        infos = [f"<span>{say('时间：')}{when}</span>"]
        if post.source:
            infos.append(f"<span>{say('来源：' + post.source)}</span>")
        if post.authors and not self.has_byline(post):
            infos.append(f"<span>{say('作者：' + ' '.join(post.authors))}</span>")
        infos.append(f"<span>{furniture.font_sizes()}</span>")
        views = (article.number * 37 + article.dressing * 11) % 9000
        infos.append(f"<span>浏览次数：<em>{views}</em></span>")
        headline = "<br/>".join(say(line) for line in post.title.split("\n"))
        subtitle = f"<h3>{say(post.subtitle)}</h3>" if post.subtitle else ""
        editor = f'<div class="editor">{say("（责任编辑：" + post.editor + "）")}</div>' if post.editor else ""
        table = self._policy_table(post.policy, post, article, say) if post.policy else ""
        content = (
            f'<div class="crumb">{self.crumbs(section, say)}</div>\n<div class="detail-article">\n<h1 class="detail-article-title">{headline}</h1>{subtitle}\n'
            f'<div class="article-infos">{"　".join(infos)}</div>\n{furniture.share_bar()}\n{table}'
            f'<div class="article-body"><div class="view TRS_UEDITOR trs_paper_default trs_editor_view">\n{self.body(article, post, say)}\n</div></div>\n'
            f"{self.attachments(article, post, say)}{editor}</div>"
        )
        return self.frame(
            title=say(post.headline),
            metas=self.article_metas(article, post, say),
            content=content,
            switches=switches,
            number=article.number,
            dressing=article.dressing,
        )

    def _policy_table(self, policy: Policy, post: Post, article: Article, say: Callable[[str], str]) -> str:
        cells = (
            ("索 引 号", policy.index_number),
            ("主题分类", policy.topic),
            ("发文机关", policy.issuer),
            ("成文日期", chinese_date(policy.written_on)),
            ("标　　题", post.headline),
            ("发文字号", policy.doc_number),
            ("发布日期", chinese_date(article.published.date())),
            ("有 效 性", policy.validity or ""),
            ("主 题 词", " ".join(policy.keywords)),
            ("施行日期", chinese_date(policy.effective_on) if policy.effective_on else ""),
        )
        rows = "".join(
            "<tr>"
            + "".join(f"<td>{say(label)}：</td><td>{say(value)}</td>" for label, value in cells[at : at + 2])
            + "</tr>\n"
            for at in range(0, len(cells), 2)
        )
        return f'<table class="affairs-detail-head"><tbody>\n{rows}</tbody></table>\n'
