"""The fields of an article that came as plain text: a mirror's copy, a text from a message.

Such texts keep the page's order: perhaps breadcrumbs, the headline, perhaps a line of date and source, the body.
"""

from __future__ import annotations

import re

from crawler.exceptions import NoArticleError
from crawler.extract.byline import find_authors, find_date, find_source, is_byline
from crawler.extract.clean import clean_lines
from crawler.extract.crumbs import is_crumbs, split_crumbs
from crawler.extract.labels import AFTER, SENTENCE, WIDGET
from crawler.extract.lines import Line, tidy
from crawler.items import Article

_HEAD_LINES = 30
_TITLE_LABEL = re.compile(r"^(?:标\s*题|题\s*目|名\s*称)\s*[:：]\s*")
_CHATTER = re.compile(r"^(?:今天是|欢迎(?:您|访问|光临)|设为首页|加入收藏|登录|注册|返回|搜索|网站首页$|首页$)")


def _is_prose(text: str) -> bool:
    return len(text) >= 25 and SENTENCE.search(text) is not None


def _is_noise(text: str) -> bool:
    return _CHATTER.match(text) is not None or (
        len(text) < 80 and (WIDGET.match(text) is not None or AFTER.match(text) is not None)
    )


def extract_text(text: str) -> Article:
    """The article that a plain text holds; restore the text first, since labels are looked for.

    Raises:
        NoArticleError: the text holds nothing but white space and buttons.

    """
    raw = [line.strip() for line in text.split("\n")]
    lines = [line for line in raw if line]
    if not lines:
        raise NoArticleError("the text is empty")
    prose = next((i for i, line in enumerate(lines) if _is_prose(line)), len(lines))
    head = lines[: min(prose, _HEAD_LINES)]
    crumbs: tuple[str, ...] = ()
    candidates: list[int] = []
    byline: list[int] = []
    for i, line in enumerate(head):
        if is_crumbs(line):
            crumbs = crumbs or split_crumbs(line)
        elif _is_noise(line):
            continue
        elif is_byline(line):
            byline.append(i)
        else:
            candidates.append(i)
    title_at = _title(candidates, byline)
    title = tidy(_TITLE_LABEL.sub("", lines[title_at])) if title_at >= 0 else None
    start = max([title_at, *(i for i in byline if i > title_at)], default=-1) + 1
    last_byline = [i for i in byline if i > title_at]
    between = [lines[i] for i in range(title_at + 1, start) if i not in last_byline and i in candidates]
    body = [line.text for line in clean_lines([Line(tidy(line)) for line in [*between, *lines[start:]]])]
    if not body and title is None:
        raise NoArticleError("the text holds no article")
    labelled = [lines[i] for i in byline]
    date = find_date(labelled)
    return Article(
        title=title,
        published_at=date,
        published_from="printed" if date else None,
        source=find_source(labelled),
        authors=find_authors(labelled, body),
        breadcrumbs=crumbs,
        body="\n".join(body) or None,
    )


def _title(candidates: list[int], byline: list[int]) -> int:
    """The line right above the byline, else the first line."""
    if byline:
        above = [i for i in candidates if i < byline[0]]
        if above:
            return above[-1]
    return candidates[0] if candidates else -1
