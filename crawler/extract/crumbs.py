"""Breadcrumbs: the way to the article that a page prints above it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.extract.headline import plain
from crawler.extract.labels import COLON, squash
from crawler.extract.scan import LINK, SPACE

if TYPE_CHECKING:
    from crawler.extract.headline import Headline
    from crawler.extract.scan import Scan

MAX_CRUMBS = 12
MAX_NAME = 40
_ABOVE = 80
"""Texts above the headline among which breadcrumbs are looked for."""
_BARE = 4
"""Links that a style sheet separates: a longer row of them is a menu."""
_LABEL = re.compile(
    rf"^(?:(?:您|你|我)(?:的|所在的?)?)?(?:当前|现在|目前|所在|所处)?(?:的|所在的?)?(?:位置|栏目位置|栏目导航)(?:是|在|为)?(?:{COLON}|$|(?=网站首页|首页))"
    rf"|^(?:您|你)(?:当前|现在|目前|所)?(?:是|在){COLON}"
)
_SHORT_LABEL = re.compile(rf"^.{{0,12}}?(?:位置|栏目){COLON}?\s*")
_FIRST = re.compile(r"^(?:网站)?首页\s*[>›»→＞]")
_HOME = re.compile(r"^(?:网站|本站|门户|官网)?首\s{0,4}页$|^主页$|^Home$", re.IGNORECASE)
_LABEL_FIRST = frozenset("您你我当现目所位栏")
_OPEN_FIRST = frozenset(">›»→＞-⟩/")
_MARK = r"(?:>{1,3}|›|»|→|＞{1,2}|》|-{1,2}>|⟩|/|\\|｜|\||·|—|-)"
_SPLIT = re.compile(r"\s*(?:>{1,3}|›|»|→|＞{1,2}|-{1,2}>|⟩)\s*")
_SEPARATOR = re.compile(rf"^\s*{_MARK}+\s*$")
_OPENS = re.compile(r"^\s*(?:>|›|»|→|＞|-{1,2}>|⟩|/(?!/))")
_CLOSES = re.compile(r"(?:>|›|»|→|＞|⟩|/)\s*$")
_END = re.compile(r"^(?:正文|内容|详情|(?:文章|信息|详细)(?:内容|正文)|(?:浏览|阅读|查看)文章|内容页|详情页)$")


def _names(text: str) -> list[str]:
    names = [name.strip(SPACE + "|｜/\\·—-》") for name in _SPLIT.split(text)]
    return [name for name in names if name and not _END.match(name)]


def split_crumbs(text: str) -> tuple[str, ...]:
    """`当前位置：首页 > 要闻 > 正文` as (首页, 要闻)."""
    text = text.strip(SPACE)
    label = _SHORT_LABEL.match(text)
    if label is not None:
        text = text[label.end() :]
    return tuple(name for name in _names(text) if len(name) <= MAX_NAME)[:MAX_CRUMBS]


def is_crumbs(text: str) -> bool:
    """Whether a line of plain text is a breadcrumb line."""
    if len(text) > 300:
        return False
    return _LABEL.match(squash(text)) is not None or _FIRST.match(text) is not None


def _start(scan: Scan, end: int) -> int:
    """Where the crumbs begin: behind their label, or at a 首页 with a separator behind it; -1 if nowhere."""
    for i in range(end - 1, max(-1, end - _ABOVE), -1):
        text = scan.texts[i]
        if len(text) > 120:
            continue
        first = text[0]
        if first in _LABEL_FIRST and _LABEL.match(squash(text[:40])):
            return i
        if first in _OPEN_FIRST and _OPENS.match(text) and i > 0 and _HOME.match(scan.texts[i - 1]):
            return i - 1
        if text[-1] in ">›»＞" and _HOME.match(text.rstrip(" >›»＞")):
            return i
    return -1


def _bare(scan: Scan, end: int) -> tuple[str, ...]:
    """首页 and a few links right above the headline, which a style sheet separates.

    Menus look the same; so the last must be 正文, or the column that the META tags name.
    """
    names: list[str] = []
    sure = False
    for i in range(end - 1, max(-1, end - _BARE - 3), -1):
        text = scan.texts[i]
        if not names and _END.match(text):
            sure = True
            continue
        if not scan.marks[i] & LINK or len(text) > MAX_NAME:
            return ()
        names.append(text)
        if _HOME.match(text):
            sure = sure or names[0] == scan.meta.get("columnname")
            return tuple(reversed(names)) if sure and 1 < len(names) <= _BARE else ()
    return ()


def find_crumbs(scan: Scan, headline: Headline, prose: int) -> tuple[str, ...]:
    """The breadcrumbs above the headline (or above the body, where no headline was found)."""
    end = headline.first if headline.first >= 0 else prose
    start = _start(scan, end)
    if start < 0:
        return _bare(scan, end) if headline.first >= 0 else ()
    title = plain(headline.text or "")
    crumbs: list[str] = []
    separated = False  # whether this page prints separators between its crumbs
    open_end = True
    for i in range(start, min(start + 3 * MAX_CRUMBS, end)):
        text = scan.texts[i]
        if i == start and (label := _LABEL.match(squash(text))) is not None:
            text = squash(text)[label.end() :]
            if not text:
                continue
        if _SEPARATOR.match(text):
            separated = open_end = True
            continue
        if crumbs and not open_end and not _OPENS.match(text) and (separated or not scan.marks[i] & LINK):
            break
        names = _names(text)
        if any(len(name) > MAX_NAME or (title and plain(name) == title) for name in names):
            break
        crumbs += names
        separated = separated or len(names) > 1 or _OPENS.match(text) is not None
        open_end = _CLOSES.search(text) is not None
    return tuple(crumbs[:MAX_CRUMBS])
