"""Which columns of an unknown portal are worth a look, and in which order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.listing.columns import find_columns
from crawler.listing.words import article_like
from crawler.portals.guess import guess_kind
from crawler.text.urls import host, url_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crawler.portals import Kind
    from crawler.text.page import Page

MAX_DEPTH = 2
"""Channel pages between the front page and a list: 政务公开 > 政策文件 > 省政府文件."""
_NEVER = re.compile(
    "首页|网站|地图|联系|关于我们|登录|注册|无障碍|适老|长者|繁體|繁体|English|手机版|移动版|互动|咨询|投诉|信箱|留言|征集|访谈|调查"
    "|办事|服务|专题|专栏|链接|机构|领导|搜索|检索|图片|视频|微博|微信|客户端|新媒体|矩阵|问答|智能|个人中心|指南|依申请|年报|目录导航"
    "|验证码|扫一扫|下载|订阅|地方|部门网站|县市|数据开放|招聘|概况|简介|天气"
)
"""Words in names of what holds no list of articles, or none that a section would be made of."""
_SHORT = 4
"""Characters of a name that no article has as its title."""
_CHANNELS = re.compile("公开|中心|频道|政务|资讯|文库|政策")
"""Words in names of pages that lead on to lists."""
_DATE_FOLDER = re.compile(r"(?<=/)(?:(?:19|20)\d\d[-/]?(?:\d{1,2}[-/]?(?:\d{1,2}/)?)?)$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column to look at. `seen_at` is the page that links it; `inferred` means that no page does."""

    name: str
    url: str
    kind: Kind
    kind_sure: bool
    seen_at: str
    depth: int
    worth: int
    inferred: bool = False


class Candidates:
    """Columns found so far; the best of the kind that was seen least comes next, each address once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._seen: set[bytes] = {url_key(url)}
        self._host = host(url)
        self._waiting: list[Candidate] = []
        self._elsewhere: dict[str, str] = {}

    def add_page(self, page: Page, url: str, depth: int = 0) -> None:
        """Add the columns that a page links; `depth` counts the channel pages above it."""
        if depth > MAX_DEPTH:
            return
        for column in find_columns(page):
            kind, sure = guess_kind(column.name, column.url)
            worth = 3 * sure + 2 * (kind != "other" and not sure) + column.heads_rows
            if worth == 0 and _CHANNELS.search(column.name):
                worth = 1
            titled = len(column.name) > _SHORT and article_like(column.url)
            doubtful = not sure and (titled or _NEVER.search(column.name) is not None)
            if host(column.url) != self._host:
                if sure:
                    self._elsewhere.setdefault(column.url, column.name)
            elif worth and not doubtful:
                self._add(Candidate(column.name, column.url, kind, sure, url, depth, worth))

    def add_article(self, page: Page, url: str, breadcrumbs: Sequence[str]) -> None:
        """Add the column that an article names as its own, else the folder that it lies in."""
        crumbs = {"".join(name.split()): place for place, name in enumerate(breadcrumbs)}
        own = (c for c in find_columns(page) if host(c.url) == self._host)
        above = [c for c in own if "".join(c.name.split()) in crumbs]
        if above:
            best = max(above, key=lambda c: crumbs["".join(c.name.split())])
            kind, sure = guess_kind(best.name, best.url)
            self._add(Candidate(best.name, best.url, kind, sure, url, 0, worth=9))
            return
        folder = url.partition("?")[0].rpartition("/")[0] + "/"
        folder = _DATE_FOLDER.sub("", folder)
        if urlsplit(folder).path.strip("/"):
            name = breadcrumbs[-1] if breadcrumbs else urlsplit(folder).path.rstrip("/").rpartition("/")[2]
            kind, sure = guess_kind(name, folder)
            self._add(Candidate(name, folder, kind, sure, url, 0, worth=9, inferred=True))

    def given(self, page: Page | None) -> Candidate:
        """The page that was asked for as a candidate, under the name that it gives itself."""
        name = _column_name(page) if page is not None else ""
        name = name or urlsplit(self._url).path.rstrip("/").rpartition("/")[2] or self._url
        kind, sure = guess_kind(name, self._url)
        return Candidate(name[:200], self._url, kind, sure, "", 0, worth=9)

    def next(self, taken: Mapping[Kind, int]) -> Candidate | None:
        """The next column to look at, or null. `taken` counts the sections that were found, by kind."""
        if not self._waiting:
            return None
        best = min(
            self._waiting,
            key=lambda c: (-(c.worth >= 9), taken.get(c.kind, 0) + 4 * (c.worth < 3), c.depth, -c.worth),
        )
        self._waiting.remove(best)
        return best

    def left(self) -> tuple[tuple[str, str], ...]:
        """Names and addresses of columns of a known kind that nobody looked at: too many, or on a sibling host."""
        waiting = tuple((c.name, c.url) for c in self._waiting if c.worth >= 3)
        return waiting + tuple((name, url) for url, name in self._elsewhere.items())

    def _add(self, candidate: Candidate) -> None:
        key = url_key(candidate.url)
        if key not in self._seen:
            self._seen.add(key)
            self._waiting.append(candidate)


def _column_name(page: Page) -> str:
    """What a list page calls itself: its ColumnName, else the first part of its title."""
    for node in page.tree.css("meta[name]")[:100]:
        if (node.attributes.get("name") or "").lower() == "columnname" and node.attributes.get("content"):
            return " ".join((node.attributes["content"] or "").split())
    title = page.tree.css_first("title")
    return re.split(r"[-–—_|>»]+", " ".join(title.text()[:300].split()))[0].strip() if title is not None else ""
