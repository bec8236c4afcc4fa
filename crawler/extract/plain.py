"""The fields of an article that came as plain text: a mirror's copy, a text from a message.

Such texts keep the page's order: perhaps breadcrumbs, the headline, perhaps a line of date and source, the body.
"""

from __future__ import annotations

import re

from crawler.exceptions import NoArticleError
from crawler.extract.byline import find_authors, find_date, find_source, is_byline
from crawler.extract.clean import clean_lines
from crawler.extract.crumbs import is_crumbs, split_crumbs
from crawler.extract.labels import is_after, is_widget
from crawler.extract.lines import Line, tidy
from crawler.extract.policy import is_doc_number, policy_of_text
from crawler.extract.scan import is_prose
from crawler.items import Article

_HEAD_LINES = 30
_TITLE_LABEL = re.compile(r"^(?:标\s*题|题\s*目|名\s*称)\s*[:：]\s*")
_TITLE_LINES = 4
_KIND = re.compile(
    r"(?:通知|意见|办法|规定|公告|决定|方案|条例|批复|函|通报|报告|决议|细则|规划|纲要|措施|公示|通告|命令|请示|复函)[》）)]?$"
)
_ORGAN = re.compile(r"(?:政府|国务院|办公[厅室]|委员会|[厅局委部院])$")
_CHATTER = re.compile(r"^(?:今天是|欢迎(?:您|访问|光临)|设为首页|加入收藏|登录|注册|返回|搜索|网站首页$|首页$)")


def _is_noise(text: str) -> bool:
    return _CHATTER.match(text) is not None or (len(text) < 80 and (is_widget(text) or is_after(text)))


def extract_text(text: str) -> Article:
    """The article that a plain text holds; restore the text first, since labels are looked for.

    Raises:
        NoArticleError: the text holds nothing but white space and buttons.

    """
    raw = [line.strip() for line in text.split("\n")]
    lines = [line for line in raw if tidy(line)]
    if not lines:
        raise NoArticleError("the text is empty")
    prose = next((i for i, line in enumerate(lines) if is_prose(line)), len(lines))
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
    first, last = _title(lines, candidates, byline)
    title = (_join_title(lines[first : last + 1]) or None) if first >= 0 else None
    after = [i for i in byline if i > last]
    start = max([last, *after], default=-1) + 1
    between = [lines[i] for i in range(last + 1, start) if i in candidates]
    number = [lines[i] for i in candidates if i < first and is_doc_number(lines[i])]
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
        policy=policy_of_text(title, [*number, *body[:12]]),
    )


def _title(lines: list[str], candidates: list[int], byline: list[int]) -> tuple[int, int]:
    """The headline's first and last line: right above the byline, else at the start; (-1, -1) where there is none.

    An official title that ends with 关于, or says 关于 without naming its kind of document, goes on in the next lines.
    """
    if byline and (above := [i for i in candidates if i < byline[0]]):
        return above[-1], above[-1]
    first = next((i for i in candidates if not is_doc_number(lines[i])), -1)
    if first < 0:
        return -1, -1
    last = first
    if "关于" in lines[first] or _ORGAN.search(lines[first]):
        for i in range(first, first + _TITLE_LINES):
            if i not in candidates or is_doc_number(lines[i]):
                break
            if _KIND.search(lines[i]):
                last = i
                break
    return first, last


def _join_title(lines: list[str]) -> str:
    title = tidy("".join(line.strip() for line in lines))
    return _TITLE_LABEL.sub("", title)
