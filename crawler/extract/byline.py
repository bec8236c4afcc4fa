"""The line under a headline: date, source, authors. Editors are no authors."""

from __future__ import annotations

import re

from crawler.extract.labels import (
    ANY_LABEL,
    AUTHOR_LABEL,
    COLON,
    DATE_LABELS,
    EDITOR_LABEL,
    SOURCE_LABEL,
    has_label,
    squash,
)
from crawler.extract.scan import SPACE
from crawler.text.dates import find_dates, parse_date

MAX_SOURCE = 60
MAX_AUTHORS = 12
_GAP = "\n"
"""What separates the page's texts where they are joined to be searched."""

_SOURCE = re.compile(rf"(?:{SOURCE_LABEL})(?:于|自)?\s{{0,4}}{COLON}[ \t\u3000\xa0]{{0,40}}")
_AUTHOR = re.compile(rf"(?:^|[\s|｜;；,，）)】\]])(?:{AUTHOR_LABEL})\s{{0,4}}{COLON}\s{{0,40}}")
_AUTHOR_WORDS = ("者", "通讯员", "撰", "文/", "文／", "文字")
_DATE = tuple(re.compile(rf"(?:{group})\s{{0,4}}(?:{COLON}\s{{0,30}}|\s{{1,20}})") for group in DATE_LABELS)
_OTHER_TIME = re.compile(r"(?:时间|日期)[:：]\s?$")
_STOP = re.compile(
    rf"\s{{2,}}|\s{{0,9}}[|｜]|\s{{0,9}}[\[【](?!\w{{1,12}}[\]】]\w)|\s{{1,9}}(?=(?:{SOURCE_LABEL}|{AUTHOR_LABEL}|{EDITOR_LABEL}|{'|'.join(DATE_LABELS)})\s{{0,4}}{COLON})"
    rf"|(?=(?:发布|发稿|更新|公开)?(?:时间|日期)\s{{0,4}}{COLON})|\s{{1,9}}(?:浏览|点击|阅读|访问|字体|字号|大\s{{0,4}}中\s{{0,4}}小|打印|分享|责编|编辑|作者)|(?<=\S)\s{{0,9}}(?=\d{{4}}[-年/.]\d{{1,2}})"
)
_NOT_PUBLISHED = re.compile(r"成文|印发|施行|实施|生效|截止|制发|废止|成立|通过|会议|修[订正]|第.{1,4}次|今天")
_CLAUSE = re.compile(r"[，。；]")
_SOURCE_HEAD = re.compile(rf"^(?:{SOURCE_LABEL})\s{{0,4}}{COLON}\s{{0,9}}")
_COLON = re.compile(COLON)
_SPACES = re.compile(r"\s+")
_SLASH = re.compile(r"[/／|｜\s]+")
_ROLE_HEAD = re.compile(r"^(?:记者|通讯员|作者|文)[:：/]?")
_SPACED = re.compile(r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff])[ \u3000]{1,2}([\u4e00-\u9fff])(?![\u4e00-\u9fff])")
_VALUED = re.compile(
    rf"(?:^|.*[\s|｜])(?:{SOURCE_LABEL}|{AUTHOR_LABEL}|{EDITOR_LABEL}|{'|'.join(DATE_LABELS)})(?:于|自)?\s{{0,4}}{COLON}$"
)
_NO_SOURCE = re.compile(
    r"^[\W_]*$|^(?:字体|字号|大|中|小|打印|分享|浏览|点击|阅读|默认|收藏|关闭|访问|次|无|暂无|null|undefined|未知|本文|视力)[\W_]*(?:$|[:：])",
    re.IGNORECASE,
)
_PUBLISHER = re.compile(
    r"^[\u4e00-\u9fffA-Za-z0-9·]{1,18}(?:网|(?<![公通简快])报|周刊|社|电视台|广播台|客户端|频道|杂志|公众号|在线|政府|办公室|办公厅|[厅局委部])$"
)
_NAME_SPLIT = re.compile(r"[、，,;；/\s\u3000&]+|(?:\s(?:和|与)\s)")
_NAME = re.compile(r"^[\u4e00-\u9fff·•]{2,12}$")
_ROLE = re.compile(
    r"^(?:(?:本?[报台网刊社]|[\u4e00-\u9fff]{2,6}(?:日报|晚报|网|社|电视台|客户端))?(?:全媒体|融媒体?|见习|实习|首席|特约|职工|驻[\u4e00-\u9fff]{2,6})*(?:记者|通讯员|作者|撰稿|文))\s*[:：/]?\s*"
)
_IN_BODY = re.compile(
    r"[（(【]\s{0,3}((?:[\u4e00-\u9fff/／、]{0,20}?(?:记者|通讯员|作者))[^（()）【】]{1,80}?)\s{0,3}[)）】]"
)
_LAST = re.compile(
    r"[（(]\s{0,3}([\u4e00-\u9fff·]{2,4}(?:[\s、\u3000]{1,3}[\u4e00-\u9fff·]{2,4}){0,5})\s{0,3}[)）]\s*$"
)
_HEAD = re.compile(r"^(?:本报|见习|实习|全媒体)?记者[\s:：]{1,3}(\S{2,4}(?:[\s、]\S{2,4}){0,3})$")
_GROUP = re.compile(r"^[\u4e00-\u9fff·]{2,20}$")
"""An office or group may sign, too."""
_NOT_NAMES = re.compile(
    r"[局厅委部院省市县区镇乡村公司站处科办会社网报台]$|供稿|来源|完|全文|此件|公开|发布|略|摄|图|编辑|审核|整理|综合|转载|有删|下同|如下|附|续|整合|报道|节选|试行|暂行|草案|摘"
)


def find_date(texts: list[str], *, labelled: bool = False, updated: bool = True) -> str | None:
    """The date that texts print as the day of publication.

    A label of publication wins over a bare date, and that over a label of updating. `labelled` refuses bare ones, and
    without `updated` those of updating or of generating the page are refused.
    """
    joined = _GAP.join(texts)
    found = find_dates(joined)
    if not found:
        return None
    starts = {start: iso for start, _, iso in found}
    for match in _DATE[0].finditer(joined):
        if iso := _dated(starts, joined, match.end()):
            return iso
    late = [(m.end(), iso) for m in _DATE[1].finditer(joined) if (iso := _dated(starts, joined, m.end()))]
    taken = {start for end, _ in late for start in starts if end <= start <= end + 6}
    if not labelled:
        for start, end, iso in found:
            if start not in taken and _is_bare(joined, start, end):
                return iso
    return late[0][1] if late and updated else None


def _dated(starts: dict[int, str], joined: str, position: int) -> str | None:
    while position < len(joined) and joined[position] in " \n\t\u3000\xa0[【(（":
        position += 1
    return starts.get(position)


def _is_bare(joined: str, start: int, end: int) -> bool:
    """Whether a date stands by itself in its text, and not inside a sentence or a label's value."""
    line_start = joined.rfind("\n", 0, start) + 1
    line_end = joined.find("\n", end)
    before = joined[line_start:start].rstrip(SPACE)
    if before[-1:] in {":", "："} or _OTHER_TIME.search(joined[max(0, line_start - 12) : line_start]):
        return False  # the value of a label that does not mean publication
    rest = joined[line_start:start] + joined[end : line_end if line_end >= 0 else len(joined)]
    if _NOT_PUBLISHED.search(rest):
        return False
    if len(rest.strip(SPACE)) <= 30 and not _CLAUSE.search(rest):
        return True
    return len(rest) < 90 and has_label(rest)


def clean_source(value: str) -> str | None:
    """A source's name alone, without the label, brackets and what follows it on the line."""
    value = value.strip(SPACE + ":：|｜")
    value = _SOURCE_HEAD.sub("", value)
    stop = _STOP.search(value)
    if stop is not None:
        value = value[: stop.start()]
    value = value.strip(SPACE + ":：|｜;；,，")
    for left, right in ("《》", "【】", "[]", "（）", "()", "“”"):
        if value.startswith(left) and value.endswith(right) and value.count(left) == 1:
            value = value[1:-1].strip(SPACE)
    if not value or len(value) > MAX_SOURCE or _NO_SOURCE.match(value) or parse_date(value):
        return None
    return _SPACES.sub(" ", value)


def find_source(texts: list[str]) -> str | None:
    """The source that texts print behind a label of their own or in the next text."""
    joined = _GAP.join(texts)
    for match in _SOURCE.finditer(joined):
        end = match.end()
        line_end = joined.find(_GAP, end)
        line_end = line_end if line_end >= 0 else len(joined)
        value = joined[end:line_end].strip(SPACE)
        if not value:
            following = joined[line_end + 1 :].split(_GAP, 1)[0]
            if ANY_LABEL.match(following) or len(following) > MAX_SOURCE or _COLON.search(following[:12]):
                continue
            value = following
        source = clean_source(value)
        if source:
            return source
    return None


def find_bare_source(texts: list[str]) -> str | None:
    """The name of a newspaper, site or office beside the date, where no label introduces it."""
    if _SOURCE.search(_GAP.join(texts)):
        return None  # the page has a place for it and leaves it empty
    for i, text in enumerate(texts):
        found = find_dates(text)
        if not found or len(text) > 80:
            continue
        start, end, _ = found[0]
        neighbours = [text[end:], text[:start], *texts[i + 1 : i + 2], *reversed(texts[max(0, i - 1) : i])]
        for neighbour in neighbours:
            for piece in _SLASH.split(neighbour.strip(SPACE)):
                if _PUBLISHER.match(piece):
                    return piece
    return None


def _names(text: str) -> list[str]:
    names = []
    for piece in _NAME_SPLIT.split(text):
        name = _ROLE.sub("", piece.strip(SPACE))
        name = _ROLE_HEAD.sub("", name)
        if _NAME.match(name) and not _NOT_NAMES.search(name) and len(name) <= 6:
            names.append(name)
    return _join_spaced(names, text)


def _join_spaced(names: list[str], text: str) -> list[str]:
    """`张 三` is one name written with a space, not two."""
    return [*names, *("".join(pair) for pair in _SPACED.findall(text))]


def _labelled_names(joined: str) -> list[str]:
    found: list[str] = []
    if not any(word in joined for word in _AUTHOR_WORDS):
        return found
    for match in _AUTHOR.finditer(joined):
        value = joined[match.end() :].lstrip(SPACE).split(_GAP, 1)[0]
        stop = _STOP.search(value)
        value = (value[: stop.start()] if stop is not None else value)[:60].strip(SPACE)
        names = _names(value)
        if not names and _GROUP.match(value) and not ANY_LABEL.match(value):
            names = [value]
        found += names
    return found


def _names_in(body: list[str]) -> list[str]:
    """The names that a body gives in a line of their own, in brackets at its head or end, or as its last word."""
    found: list[str] = []
    for line in body[-4:]:
        if len(line) < 60 and (labelled := _AUTHOR.match(line)) is not None:
            found += _names(line[labelled.end() :])
    if found:
        return found
    for line in [*body[:3], *body[-3:]]:
        for part in (line[:300], line[-200:]) if len(line) > 300 else (line,):
            if ("者" not in part and "通讯员" not in part) or not any(bracket in part for bracket in "（(【"):
                continue
            for match in _IN_BODY.finditer(part):
                found += _names(match[1])
    if found:
        return found
    last = _LAST.search(body[-1][-60:])
    if last is not None and not _NOT_NAMES.search(last[1]):
        return _names(last[1])
    head = _HEAD.match(body[0][:60])
    return _names(head[1]) if head is not None else []


def find_authors(texts: list[str], body: list[str]) -> tuple[str, ...]:
    """Authors by label (作者, 记者, 通讯员) around the body, else as the body itself names them; never its editors."""
    found = _labelled_names(_GAP.join(texts)) or (_names_in(body) if body else [])
    return tuple(dict.fromkeys(found))[:MAX_AUTHORS]


def has_value(label: str) -> bool:
    """Whether a label announces a date, a source or a person, and not a button."""
    return _VALUED.match(label) is not None


def is_byline(text: str) -> bool:
    """Whether a text belongs to the line of date, source and buttons."""
    if len(text) > 160:
        return False
    labelled = len(text) <= 12 or ":" in text or "：" in text or "[" in text or "【" in text
    if labelled and has_label(text):
        return True
    if "20" not in text and "19" not in text and "年" not in text:
        return False
    found = find_dates(text)
    return bool(found) and len(squash(text)) - (found[0][1] - found[0][0]) <= 12
