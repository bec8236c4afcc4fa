"""Breadcrumbs: the way to the article that a page prints above it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.extract.headline import plain
from crawler.extract.labels import COLON, squash
from crawler.extract.scan import BREAK, LINK, SPACE

if TYPE_CHECKING:
    from crawler.extract.headline import Headline
    from crawler.extract.scan import Scan

MAX_CRUMBS = 12
_LABEL = re.compile(
    rf"^(?:您|你)?(?:(?:当前|现在|目前|所在)(?:的)?(?:所在)?(?:的)?(?:位置|栏目|页面)?|位置|栏目位置|导航)(?:是|在)?{COLON}?(?={COLON}|$|首页|网站首页)"
)
_LABEL_ANYWHERE = re.compile(
    rf"(?:当前|现在|目前|所在)(?:的|所在)?(?:位置|栏目){COLON}?|^(?:您|你)的?位置{COLON}?|^位置{COLON}"
)
_HOME = re.compile(r"^(?:网站|本站|门户|官网)?首\s{0,4}页$|^主页$|^Home$", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:>{1,3}|&gt;|›|»|→|＞{1,2}|/|\\|-{1,2}>|\||┊|·|＼|／|》|＞|⟩|—)\s*")
_ONLY_SEPARATORS = re.compile(r"^[\s>›»→＞/\\|·／＼》⟩—-]+$")
_END = re.compile(r"^(?:正文|内容|详情|文章内容|信息内容|浏览文章|阅读文章|文章正文|查看文章|内容页|详细内容)$")


def split_crumbs(text: str) -> tuple[str, ...]:
    """`当前位置：首页 > 要闻 > 正文` as (首页, 要闻)."""
    text = text.strip(SPACE)
    label = _LABEL_ANYWHERE.search(text[:20])
    if label is not None:
        text = text[label.end() :].lstrip(SPACE + ":：")
    parts = [part.strip(SPACE) for part in re.split(r"\s*(?:>{1,3}|›|»|→|＞{1,2}|-{1,2}>)\s*", text)]
    return tuple(part for part in parts if part and len(part) <= 40 and not _END.match(part))[:MAX_CRUMBS]


def is_crumbs(text: str) -> bool:
    """Whether a line of plain text is a breadcrumb line."""
    if len(text) > 300:
        return False
    return (
        _LABEL_ANYWHERE.search(squash(text)[:12]) is not None
        or re.match(r"^(?:网站)?首页\s*[>›»→＞]", text) is not None
    )


def _start(scan: Scan, end: int) -> int:
    """Where the crumbs begin: behind their label, or at a 首页 with a separator behind it."""
    for i in range(end - 1, max(-1, end - 60), -1):
        text = squash(scan.texts[i][:16])
        if _LABEL.match(text):
            return i
        if (
            _HOME.match(scan.texts[i])
            and i + 1 < len(scan.texts)
            and (_ONLY_SEPARATORS.match(scan.texts[i + 1]) or scan.texts[i + 1][:1] in ">›»＞")
        ):
            return i
    return -1


def find_crumbs(scan: Scan, headline: Headline, prose: int) -> tuple[str, ...]:
    """The breadcrumbs above the headline (or above the body, where no headline was found)."""
    end = headline.first if headline.first >= 0 else prose
    start = _start(scan, end)
    if start < 0:
        return ()
    title = plain(headline.text or "")
    crumbs: list[str] = []
    idle = 0
    for i in range(start, min(start + 40, max(end, start + 1))):
        text = scan.texts[i]
        if i == start and (label := _LABEL.match(squash(text)) or _LABEL_ANYWHERE.search(text[:20])):
            text = squash(text)[label.end() :] if _LABEL.match(squash(text)) else text[label.end() :]
            text = text.lstrip(SPACE + ":：")
        separated = bool(_SEPARATOR.search(text)) or bool(scan.marks[i] & LINK)
        if crumbs and not separated and not _last_is_open(scan, i) and scan.marks[i] & BREAK:
            break
        for part in re.split(r"\s*(?:>{1,3}|›|»|→|＞{1,2}|-{1,2}>)\s*", text):
            name = part.strip(SPACE + "|/\\·—-")
            if not name or _END.match(name):
                continue
            if len(name) > 40 or (title and plain(name) == title):
                return tuple(crumbs)
            crumbs.append(name)
            idle = 0
        idle += 1
        if idle > 4 or len(crumbs) >= MAX_CRUMBS:
            break
    return tuple(crumbs)


def _last_is_open(scan: Scan, i: int) -> bool:
    """Whether the text before ends with a separator, so that this one goes on."""
    return i > 0 and _ONLY_SEPARATORS.match(scan.texts[i - 1][-2:].strip() or "x") is not None
