"""What stands among a body's lines without belonging to it: buttons, share lines, editor lines, related links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.extract.labels import FOOTER, HEAD_WIDGET, is_after, is_widget, squash
from crawler.extract.scan import is_prose

if TYPE_CHECKING:
    from crawler.extract.lines import Line

_EDITOR_LINE = re.compile(
    r"^[\[【（(]?\s{0,3}(?:责任?编辑|责\s?编|编\s{0,4}辑|网络编辑|值班编辑|审\s{0,4}核|校\s{0,4}对|终\s{0,2}审|监\s?制|录入)\s{0,4}[:：][^，。；！？]{0,50}$"
)
_COPYRIGHT = re.compile(
    r"^(?:版权(?:声明|所有|说明)|免责声明|郑重声明|特别声明|本网声明|声明)\s{0,3}[:：].|^凡(?:本网)?注明.{0,40}(?:来源|版权)|^本文(?:仅)?(?:代表|系).{0,30}(?:观点|转载)"
    r"|未经.{0,16}(?:授权|许可|同意).{0,20}(?:转载|使用|复制)|如有侵权.{0,30}(?:联系|删除)"
)
_RELATED = re.compile(
    r"^[【\[]?(?:相关|推荐|延伸|热门|更多|关联)(?:链接|新闻|文章|阅读|信息|报道|解读|文件|稿件|推荐|政策|资讯|内容)[】\]]?\s{0,3}[:：]?$"
)
_EDITOR_FIRST = frozenset("[【（( \u3000责编网值审校终监录")
_COPYRIGHT_WORDS = ("权", "未经", "声明", "注明", "本文")
_FOOTER_WORDS = (
    *("备", "公网", "标识码", "版权", "opyright", "OPYRIGHT", "©", "eserved", "ESERVED", "建议", "主办", "地图"),
    *("我们", "声明"),
)
"""What the patterns above and that of feet need: looked for first, ten times faster."""
_SHORT_TAIL = 60
_LINK_ROWS = 3
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|et|ofd|zip|rar|pptx?)\b|^附件", re.IGNORECASE)


def _is_noise(text: str) -> bool:
    if len(text) >= 80 or "\t" in text:
        return False
    return is_widget(text) or (text[:1] in _EDITOR_FIRST and _EDITOR_LINE.match(text) is not None)


def _is_copyright(text: str) -> bool:
    return any(word in text for word in _COPYRIGHT_WORDS) and _COPYRIGHT.search(text) is not None


def _is_foot(text: str) -> bool:
    return any(word in text for word in _FOOTER_WORDS) and FOOTER.search(text) is not None


def _is_end(line: Line) -> bool:
    """A line behind which nothing of the article follows, if only links and short lines do."""
    text = line.text
    return len(text) < _SHORT_TAIL and "\t" not in text and (_RELATED.match(text) is not None or is_after(text))


def _is_prose(line: Line) -> bool:
    return line.linked * 2 < len(line.text) and is_prose(line.text)


def clean_lines(lines: list[Line]) -> list[Line]:
    """The lines of the article alone."""
    kept = [line for line in lines if not _is_noise(line.text)]
    end = len(kept)
    prose_behind = 0
    for i in range(len(kept) - 1, -1, -1):
        if _is_end(kept[i]) and prose_behind <= 1:
            end = i
        elif _is_prose(kept[i]):
            prose_behind += 1
            if prose_behind > 3:
                break
    if end == 0:
        end = len(kept)
    kept = kept[:end]
    while kept and _is_tail(kept[-1]):
        kept.pop()
    rows = 0
    while rows < len(kept) and _is_row(kept[-1 - rows]):
        rows += 1
    if _LINK_ROWS <= rows < len(kept):
        kept = kept[:-rows]
    first = next((i for i, line in enumerate(kept) if _is_prose(line)), 0)
    kept = [line for i, line in enumerate(kept) if i >= first or not HEAD_WIDGET.match(line.text)]
    while kept and (_is_copyright(kept[0].text[:60]) or _is_foot(kept[0].text[:40])):
        kept.pop(0)
    return _once(kept)


def _is_tail(line: Line) -> bool:
    text = line.text
    if is_after(text) and len(text) < 80:
        return True
    return _is_copyright(text[:300]) or (len(text) < 120 and _is_foot(text))


def _is_row(line: Line) -> bool:
    """A row of a list of links to pages."""
    return line.linked * 5 >= len(line.text) * 4 and _FILE.search(line.text) is None


def _once(lines: list[Line]) -> list[Line]:
    """Drop the second of two equal halves: the desktop and the mobile copy in one container."""
    half = len(lines) // 2
    if half >= 2 and len(lines) % 2 == 0 and squash(lines[0].text) == squash(lines[half].text):
        first = [squash(line.text) for line in lines[:half]]
        if first == [squash(line.text) for line in lines[half:]]:
            return lines[:half]
    return lines
