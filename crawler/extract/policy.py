"""The metadata of a policy document: its table in any layout, inline scripts, or the head of its body.

Tables, definition lists, list items and spans all come down to the same flat order of texts: a label, then its value
(`索 引 号：` `000014349/2019-00007`) or both in one text (`发文机关：国务院`). So layouts need no cases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.extract.headline import plain
from crawler.extract.labels import squash
from crawler.extract.scan import BREAK, SPACE
from crawler.items import Policy
from crawler.text.dates import parse_date, parse_epoch

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from crawler.extract.scan import Scan

_FIELDS = {
    "index_number": "索引号 信息索引 索引码 索引编号 信息索引号 索取号",
    "doc_number": "发文字号 文号 发布文号 文件编号 文件字号 发文文号 发文号 文件号 公文字号 发文编号",
    "issuer": "发文机关 发布机构 发文单位 发布机关 制发机关 制定机关 发文机构 公开机构 制定单位 发布单位 公开主体"
    " 公开责任部门 责任部门 信息来源 起草单位 发文部门 发布部门 印发机关",
    "topic": "主题分类 信息分类 主题类别 信息类别 分类 所属主题 主题 文件分类 公文种类 体裁分类 类别 服务对象分类",
    "written_on": "成文日期 成文时间 发文日期 发文时间 制发日期 印发日期 形成日期 签署日期 印发时间 写作日期",
    "published": "发布日期 发布时间 公开日期 公布日期 公开时间 发布于",
    "generated": "生成日期 生成时间 信息生成日期",
    "effective_on": "生效日期 实施日期 施行日期 生效时间 实施时间 施行时间 执行日期 开始实施日期",
    "validity": "有效性 时效性 时效 效力状态 是否有效 有效状态 文件状态 文件有效性 效力 有效期 效力级别状态 废止状态",
    "keywords": "主题词 关键词 关键字 主题词句",
    "title": "标题 名称 信息名称 文件名称 文件标题 信息标题 标题名称",
    "other": "公开方式 公开形式 公开范围 公开时限 公开属性 公开目录 内容概述 失效日期 失效时间 废止日期"
    " 废止时间 体裁 载体类型 语种 效力级别 组配分类 公开类别 发布渠道 统一编号"
    " 规范性文件编号 内容分类 来源 访问量 备注 文件类型 签发人 关联文件",
}
_LABELS = {label: name for name, labels in _FIELDS.items() for label in labels.split()}
_STRONG = frozenset(
    {"index_number", "doc_number", "issuer", "written_on", "topic", "validity", "effective_on", "generated"}
)
_LABEL = re.compile(
    r"^[【\[]?\s{0,3}([\u4e00-\u9fff](?:[\s\u3000\xa0\u2002\u2003]{0,8}[\u4e00-\u9fff]){1,8})\s{0,4}[】\]]?\s{0,4}(?:[:：]\s{0,9}|$)"
)
_SEEN = (
    "索引",
    "文号",
    "字号",
    "成文",
    "主题",
    "发文",
    "制发",
    "生成日期",
    "效性",
    "印发",
    "信息分类",
    "信息类别",
    "实施日期",
    "施行日期",
)
_SEPARATORS = re.compile(r"[;；,，、|\s\u3000]+")
_SPACES = re.compile(r"\s+")
_FIRSTS = frozenset(label[0] for label in _LABELS) | frozenset("【[")
MAX_VALUE = 200
MAX_KEYWORDS = 20
_TABLE_TEXTS = 600
_SHORT_SCRIPT = 4000
_SPOTS = 20
_AROUND = 500
_LABEL_TEXT = 40
_ROW_LEVELS = 5

_OPEN, _CLOSE = r"[〔\[【（(﹝［〈{]", r"[〕\]】）)﹞］〉}]"
_NUMBER = r"(?:[\d０-９]{1,5}|[一二三四五六七八九十百零〇]{1,6})"
_DOC_NUMBER = re.compile(
    rf"([\u4e00-\u9fff]{{1,18}}?(?:\s{{0,2}}[\u4e00-\u9fff]{{1,12}}){{0,2}})\s{{0,3}}{_OPEN}\s{{0,2}}((?:19|20)\d\d)\s{{0,2}}年?\s{{0,2}}{_CLOSE}\s{{0,3}}(第?)\s{{0,2}}({_NUMBER})\s{{0,2}}号"
)
_DECREE = re.compile(
    rf"((?:[\u4e00-\u9fff]{{2,30}}(?:令|公告|通告))?)\s{{0,3}}[（(]?\s{{0,2}}((?:(?:19|20)\d\d\s?年\s?)?)\s{{0,2}}第\s{{0,3}}({_NUMBER})\s{{0,3}}号\s{{0,2}}[）)]?"
)
_ISSUER = re.compile(
    r"^((?:中共)?[\u4e00-\u9fff、\s]{2,40}?(?:人民政府办公[厅室]|人民政府|国务院办公厅|国务院|办公[厅室]|委员会|[厅局委部院署会行]|总局))(?=关于|印发|转发|批转|令)"
)
_SCRIPT_VALUE = re.compile(
    r"(file_?num|file_?no|wenhao|doc_?num|doc_?no|fwzh|fwwh|syh|index_?num|identifier|document_number|publisher|publish_?org)"
    r"\w{0,10}[\"']?\s{0,4}[=:]\s{0,4}(?:\"([^\"\\\n<>]{2,100})\"|'([^'\\\n<>]{2,100})')",
    re.IGNORECASE,
)
_SCRIPT_WORDS = (
    "filenum",
    "file_num",
    "fileno",
    "file_no",
    "wenhao",
    "docnum",
    "doc_num",
    "docno",
    "fwzh",
    "fwwh",
    "identifier",
)
_SCRIPT_EPOCH = re.compile(r"[\"'](date|create_time)[\"']\s{0,3}:\s{0,3}[\"']?(\d{9,13})")
_META = {
    "index_number": ("indexnumber", "index_number", "syh", "identifier"),
    "doc_number": ("documentnumber", "fileno", "docnumber", "wh", "filenumber"),
}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says about its document."""

    policy: Policy | None = None
    title: str | None = None
    published: str | None = None
    generated: str | None = None


def normalise_doc_number(text: str) -> str | None:
    """`晋政发 [2024] 12号` as `晋政发〔2024〕12号`; a decree's number (`国务院令第742号`) without spaces; else None."""
    match = _DOC_NUMBER.search(text)
    if match is not None:
        name = squash(match[1])
        return f"{name}〔{match[2]}〕{match[3]}{_digits(match[4])}号"
    match = _DECREE.search(text)
    if match is not None and (match[1] or match[2]):
        return f"{squash(match[1])}{squash(match[2])}第{_digits(match[3])}号"
    return None


def _digits(number: str) -> str:
    return number.translate(str.maketrans("０１２３４５６７８９", "0123456789"))


def _label_of(text: str) -> tuple[str, str] | None:
    """The field that a text is the label of, and what it says behind the colon."""
    match = _LABEL.match(text[: MAX_VALUE + 30])
    if match is None:
        return None
    name = _LABELS.get(squash(match[1]))
    return (name, text[match.end() :].strip(SPACE)) if name else None


def _same_row(label: LexborNode, value: LexborNode) -> bool:
    """Whether two texts have an element in common at most five levels above either (text, span, cell, row, …)."""
    near: set[int] = set()
    node: LexborNode | None = label
    for _ in range(_ROW_LEVELS):
        node = node.parent if node is not None else None
        if node is not None:
            near.add(node.mem_id)
    node = value
    for _ in range(_ROW_LEVELS):
        node = node.parent if node is not None else None
        if node is not None and node.mem_id in near:
            return True
    return False


def _value(scan: Scan, i: int, end: int) -> tuple[str, int]:
    """The text behind a label, joined over inline elements, and the position of its last piece.

    An empty cell leaves no text, so a value must stand in the label's own row.
    """
    if i >= end or _label_of(scan.texts[i]) is not None or not _same_row(scan.nodes[i - 1], scan.nodes[i]):
        return "", i - 1
    pieces = [scan.texts[i]]
    while i + 1 < end and not scan.marks[i + 1] & BREAK and len(pieces) < 8 and _label_of(scan.texts[i + 1]) is None:
        i += 1
        pieces.append(scan.texts[i])
    return "".join(pieces).strip(SPACE + ":："), i


def _may_be_label(text: str) -> bool:
    return text in _LABELS or not text.isalpha()  # spaces, colons and brackets are no letters


def _read_table(scan: Scan, end: int) -> tuple[dict[str, str], int]:
    values: dict[str, str] = {}
    last = -1
    behind = 0  # the values read so far end before this position
    for i, text in enumerate(scan.texts[:end]):
        if text[0] not in _FIRSTS or i < behind or len(text) > MAX_VALUE or not _may_be_label(text):
            continue
        label = _label_of(text)
        if label is None:
            continue
        name, value = label
        at = i
        if not value:
            value, at = _value(scan, i + 1, end)
        if len(value) <= MAX_VALUE or name == "title":
            last = max(last, at)
            if value and name not in values:
                values[name] = value
        behind = max(at, i) + 1
    return values, last


def _doc_number(value: str) -> str | None:
    value = value.strip(SPACE + "《》")
    if value in {"", "无", "-", "—", "--", "/", "暂无", "无文号"}:
        return None
    return normalise_doc_number(value) or squash(value)[:60]


def _keywords(value: str) -> tuple[str, ...]:
    words = [word.strip(SPACE) for word in _SEPARATORS.split(value)] if value else []
    return tuple(word for word in words if word)[:MAX_KEYWORDS]


def _telling(script: str) -> str:
    """A script, or of a long one what stands around the words that tell of metadata."""
    if len(script) <= _SHORT_SCRIPT:
        return script
    pieces: list[str] = []
    for word in ("号", "identifier"):
        at = script.find(word)
        while at >= 0 and len(pieces) < _SPOTS:
            pieces.append(script[max(0, at - _AROUND) : at + _AROUND])
            at = script.find(word, at + _AROUND)
    return "\n".join(pieces)


def _from_scripts(scan: Scan) -> dict[str, str]:
    values: dict[str, str] = {}
    for script in map(_telling, scan.scripts):
        lower = script.lower()
        if any(word in lower for word in _SCRIPT_WORDS):
            for match in _SCRIPT_VALUE.finditer(script):
                value = (match[2] or match[3] or "").strip()
                key = match[1].lower()
                if normalise_doc_number(value):
                    values.setdefault("doc_number", value)
                elif "identifier" in key or "syh" in key or "index" in key:
                    values.setdefault("index_number", value)
                elif "publish" in key:
                    values.setdefault("issuer", value)
            if "identifier" in script:
                for match in _SCRIPT_EPOCH.finditer(script):
                    if moment := parse_epoch(match[2]):
                        name = "written_on" if match[1] == "date" else "published"
                        values.setdefault(name, moment[:10] if name == "written_on" else moment)
    return values


def _from_head(title: str | None, body: list[str]) -> tuple[str | None, str | None]:
    """The document number that stands alone in the body's first lines, and the issuer that its title names."""
    number = None
    for line in body[:12]:
        if len(line) <= 40 and line.rstrip("）) ").endswith("号"):
            candidate = line.strip("（）() ")
            for pattern in (_DOC_NUMBER, _DECREE):
                if pattern.fullmatch(candidate) and (number := normalise_doc_number(candidate)):
                    break
        if number:
            break
    if number is None or not title:
        return number, None
    issuer = _ISSUER.match(title)
    return number, _SPACES.sub(" ", issuer[1]) if issuer else None


def read_table(scan: Scan, prose: int) -> tuple[dict[str, str], int]:
    """The labelled values above the body's first sentence, and the position of the last; ({}, -1) without a table."""
    end = min(prose, _TABLE_TEXTS)
    above = "".join("".join([text[:_LABEL_TEXT] for text in scan.texts[:end]]).split())
    if not any(word in above for word in _SEEN):
        return {}, -1
    values, last = _read_table(scan, end)
    if len(_STRONG & values.keys()) + ("index_number" in values) < 2:
        return {}, -1
    return values, last


def policy_of_text(title: str | None, lines: list[str]) -> Policy | None:
    """What a plain text says about its document: the number among its first lines and the issuer in its title."""
    number, issuer = _from_head(title, lines)
    return Policy(doc_number=number, issuer=issuer) if number else None


def is_doc_number(line: str) -> bool:
    """Whether a line is a document number and nothing else."""
    return len(line) <= 40 and _DOC_NUMBER.fullmatch(line.strip("（）() ")) is not None


def read_metadata(scan: Scan, table: dict[str, str], title: str | None, body: list[str]) -> Metadata:
    """The metadata of a page.

    Args:
        scan: the page's flat view.
        table: what `read_table` found.
        title: the headline, which names the issuer where no table does.
        body: the lines of the body, whose first may be the document's number.

    """
    values = _without_title(table, title)
    for name, value in _from_scripts(scan).items():
        values.setdefault(name, value)
    number, issuer = _from_head(title, body)
    doc_number = _doc_number(values.get("doc_number", "")) or number
    for name, metas in _META.items():
        declared = next((scan.meta[meta] for meta in metas if meta in scan.meta), None)
        if declared:
            values.setdefault(name, declared)
    doc_number = doc_number or _doc_number(values.get("doc_number", ""))
    if not (doc_number or values.get("index_number") or len(_STRONG & values.keys()) >= 2):
        return Metadata(published=_date(values.get("published")))
    policy = Policy(
        index_number=_plain(values.get("index_number")),
        doc_number=doc_number,
        issuer=_plain(values.get("issuer")) or issuer,
        topic=_plain(values.get("topic")),
        written_on=_day(values.get("written_on")),
        effective_on=_day(values.get("effective_on")),
        validity=_plain(values.get("validity")),
        keywords=_keywords(values.get("keywords", "")),
    )
    return Metadata(
        policy=policy,
        title=values.get("title"),
        published=_date(values.get("published")),
        generated=_date(values.get("generated")),
    )


def _without_title(values: dict[str, str], title: str | None) -> dict[str, str]:
    """Drop what only repeats the headline: a page that leaves a field empty shows the next one in its place."""
    if not title:
        return values
    said = plain(title)
    return {
        name: value for name, value in values.items() if name == "title" or len(value) < 8 or plain(value) not in said
    }


def _plain(value: str | None) -> str | None:
    value = _SPACES.sub(" ", value).strip(SPACE) if value else None
    return None if not value or value in {"-", "--", "—", "/", "无", "暂无"} else value


def _date(value: str | None) -> str | None:
    return parse_date(value) if value else None


def _day(value: str | None) -> str | None:
    date = _date(value)
    return date[:10] if date else None
