"""An event as a message that people read: title, portal, date, first sentences, link; within a channel's limits.

Rendered from the body of the delivery alone, so that each attempt sends the same words. Everything that comes from a
page is hostile: a title must not mention a whole group, hide a link behind words, or turn the text round.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from crawler.text.dates import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Form = Literal["text", "markdown", "html"]
Measure = Literal["characters", "bytes", "escaped"]

SUMMARY = 200
"""Characters of an article's text in a message: two or three sentences of a notice."""
_BRIEF = 80  # the same of one of many articles in a digest
_HEADING = 200
_LINK = 1500

# Signs by which one service or another makes markup, mentions and links; as wide forms they are read alike and mean
# nothing. Backslash escapes would be shown by those that know none.
_WIDE = str.maketrans({sign: chr(ord(sign) + 0xFEE0) for sign in "<>[]@*_~`|\\#"})
# Controls, and marks that reorder or hide text; newlines and tabs become spaces before.
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;]+[”’」』）)]*|[^。！？!?；;\n]+")
_CLAUSE_ENDS = "，、,：: "
_MARKS = {"article.revised": "【有修改】", "article.withdrawn": "【已撤下】", "test": "【测试】"}
_FIELDS = {
    "title": "标题", "published_at": "日期", "source": "来源", "authors": "作者", "body": "正文", "policy": "文件信息",
    "attachments": "附件", "withdrawn_at": "重新出现",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """What a channel takes: a form, and at most `limit` of what `measure` counts in the whole text.

    `title_limit` is the most characters of a title of its own; 0 where there is none and the text begins with it.
    `measure` is characters (UTF-16 units, which count more of what is rare than any other), bytes of UTF-8, or bytes
    of ASCII JSON, where a Chinese character takes six.
    """

    form: Form = "text"
    limit: int = 4000
    measure: Measure = "characters"
    title_limit: int = 0

    def size(self, text: str) -> int:
        """How much of the limit a text takes."""
        if self.measure == "characters":
            return len(text.encode("utf-16-le", "replace")) // 2
        return len(text.encode("utf-8", "replace")) if self.measure == "bytes" else len(json.dumps(text)) - 2


@dataclass(frozen=True, slots=True)
class Message:
    """What is handed to a service: `title` is empty where the style knows none."""

    title: str
    text: str


def clean(text: object, limit: int | None = None) -> str:
    """One line of a page's text without what cannot be seen, cut at a character."""
    line = " ".join(str(text or "").split())
    line = "".join(c for c in line if unicodedata.category(c) not in _HIDDEN)
    return line if limit is None or len(line) <= limit else line[: max(limit - 1, 0)] + "…"


def first_sentences(text: str | None, limit: int) -> str:
    """The first sentences of a text that fit into `limit` characters; of a longer first one what ends at a clause."""
    taken = ""
    for sentence in _sentences(text or "", limit):
        if len(taken) + len(sentence) > limit:
            break
        taken += sentence
    if taken or limit <= 1:
        return taken
    line = clean((text or "")[: 4 * limit])
    if len(line) <= limit:
        return line
    end = max(line.rfind(sign, 0, limit) for sign in _CLAUSE_ENDS)
    return line[: end if end >= limit // 2 else limit - 1] + "…"


def _sentences(text: str, limit: int) -> Iterator[str]:
    before = ""
    for match in _SENTENCE.finditer(text[: 4 * limit]):
        sentence = clean(match[0])
        if match.end() == 4 * limit < len(text):
            return  # cut off
        if sentence:
            # Chinese sentences stand close; Latin ones, and paragraphs without a full stop, need a space.
            apart = before and (before[-1].isascii() or before[-1].isalnum())
            yield f" {sentence}" if apart else sentence
            before = sentence


def safe_link(url: object) -> str:
    """A web address in which nothing ends a link or begins markup; empty for anything else."""
    text = clean(url).replace(" ", "%20")
    if not text.lower().startswith(("http://", "https://")) or len(text) > _LINK:
        return ""
    return quote(text, safe="!#$%&'+,/:;=?@-._~")


def brief(event: dict[str, Any]) -> dict[str, Any]:
    """An event's `{type, timestamp, data}` as one of a digest: an article's record without its text, but a summary."""
    data: dict[str, Any] = event["data"]
    if not event["type"].startswith("article."):
        return event
    kept = ("id", "url", "portal", "portal_name", "region", "sections", "kind", "revision", "published_at", "changes")
    short: dict[str, Any] = {name: data[name] for name in kept if data.get(name) is not None}
    short["url"] = short["url"][:_LINK]
    short["title"] = None if data.get("title") is None else clean(data["title"], _HEADING)
    number = (data.get("policy") or {}).get("doc_number")
    if number:
        short["doc_number"] = clean(number, _HEADING)
    short["summary"] = first_sentences(data.get("body"), _BRIEF)
    return {**event, "data": short}


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a message says of one event, cleaned but not yet in a form."""

    heading: str
    about: str
    summary: str
    link: str


def _parts(event: dict[str, Any], budget: int) -> _Parts:
    kind: str = event["type"]
    data: dict[str, Any] = event["data"]
    if kind == "test":
        return _Parts(f"{_MARKS[kind]}portalwatch", _local(event["timestamp"]), clean(data.get("message"), budget), "")
    if not kind.startswith("article."):
        return _fault(kind, data, budget)
    title = clean(data.get("title"), _HEADING) or "（无标题）"
    number = data.get("doc_number") or (data.get("policy") or {}).get("doc_number")
    date = clean(data.get("published_at"))[:16].replace("T", " ")
    about = " · ".join(part for part in (clean(data.get("portal_name"), 60), date, clean(number, 60)) if part)
    changed = "、".join(_FIELDS.get(name, clean(name, 20)) for name in data.get("changes") or ())
    if changed:
        about += f" · 修改：{changed}"
    text = data["summary"] if "summary" in data else data.get("body")
    return _Parts(_MARKS.get(kind, "") + title, about, first_sentences(text, budget), safe_link(data.get("url")))


def _fault(kind: str, data: dict[str, Any], budget: int) -> _Parts:
    over = kind.endswith(".recovered")
    name = clean(data.get("portal_name") or "", 60)
    which = clean(data.get("name") or "", 120)
    since = f"自 {_local(data['since'])}" if data.get("since") else ""
    about = " · ".join(part for part in (name, since) if part)
    said = " · ".join(part for part in (clean(data.get("reason")), "" if over else clean(data.get("next"))) if part)
    mark = "【恢复】" if over else "【故障】"
    return _Parts(
        f"{mark}{which or '网络'}：{clean(data.get('verdict'), 40)}", about, first_sentences(said, budget), ""
    )


def _plain(text: str, form: Form) -> str:
    """Text of ours or of a page in which nothing is markup."""
    return html.escape(text).replace("@", "＠") if form == "html" else text.translate(_WIDE)


def _lines(parts: _Parts, form: Form, *, with_heading: bool) -> list[str]:
    heading, about, summary = (_plain(part, form) for part in (parts.heading, parts.about, parts.summary))
    link = parts.link
    if form == "html":
        linked = f'<a href="{html.escape(link)}">{html.escape(link)}</a>' if link else ""
        said = [f"<b>{heading}</b>" if with_heading else "", about, summary, linked]
    elif form == "markdown":
        said = [f"**{heading}**" if with_heading else "", about, summary, f"[原文]({link})" if link else ""]
    else:
        said = [heading if with_heading else "", about, summary, link]
    return [line for line in said if line]


_BREAK: dict[Form, str] = {"text": "\n", "markdown": "\n\n", "html": "<br>"}


def _fitting(event: dict[str, Any], style: Style, room: int, longest: int, number: str = "") -> Message:
    """A message of one event within `room`: the summary is shortened first, then the heading; the link goes last."""
    apart = style.title_limit > 0 and not number
    for budget in (longest, 120, 60, 30, 0):
        parts = _parts(event, min(budget, longest))
        parts = replace(parts, heading=number + parts.heading)
        title = _plain(clean(parts.heading, style.title_limit), "text") if apart else ""
        text = _BREAK[style.form].join(_lines(parts, style.form, with_heading=not apart))
        if text and style.size(text) + 2 * style.size(title) <= room:  # a service may repeat the title in the text
            return Message(title, text)
    for link in (parts.link, ""):
        for length in range(len(parts.heading), 0, -1):
            short = _Parts(clean(parts.heading, length), "", "", link)
            text = _BREAK[style.form].join(_lines(short, style.form, with_heading=True))
            if style.size(text) <= room:
                return Message("", text)
    return Message("", "")


def item(event: dict[str, Any], number: int, style: Style) -> str:
    """One event of a digest, within what a digest of one leaves to it."""
    return _fitting(event, style, style.limit - head_room(style), _BRIEF, f"{number}. ").text


def _head(data: dict[str, Any]) -> str:
    part = f"（{data['part']}/{data['parts']}）" if data["parts"] > 1 else ""
    span = f"{_local(data['since'])} 至 {_local(data['until'])}"
    return f"{data['count']} 条消息{part} · {span}"


def _local(timestamp: str) -> str:
    """A time of ours as it is in Shanghai, to the minute."""
    try:
        at = datetime.fromisoformat(timestamp)
    except ValueError:
        return clean(timestamp, 16)
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def head_room(style: Style) -> int:
    """What the head of a digest takes of the limit at most; twice where it is a title that a service may repeat."""
    day = "2026-11-22T08:00:00+08:00"
    longest = _head({"count": 99_999, "part": 999, "parts": 999, "since": day, "until": day})
    return style.size(_plain(longest, style.form) + _BREAK["html"] * 2) * (2 if style.title_limit else 1)


def item_room(text: str, style: Style) -> int:
    """What one item of a digest takes of the limit, with the line that parts it from the next."""
    return style.size(text) + 2 * style.size(_BREAK[style.form])


def render(event: dict[str, Any], style: Style) -> Message:
    """The message of an event's `{type, timestamp, data}`, never above the style's limit."""
    if event["type"] != "digest":
        return _fitting(event, style, style.limit, SUMMARY)
    data = event["data"]
    head = _plain(_head(data), style.form)
    first = data["first"]
    items = [item(one, first + number, style) for number, one in enumerate(data["events"])]
    gap = _BREAK[style.form] * (1 if style.form == "markdown" else 2)
    apart = style.title_limit > 0
    return Message(_plain(_head(data), "text") if apart else "", gap.join(items if apart else [head, *items]))


def split(sizes: Iterable[Sequence[int]], limits: Sequence[int]) -> list[int]:
    """How many items go into each part, so that no part exceeds any limit; an item that alone does goes alone."""
    counts: list[int] = []
    used: list[int] = []
    for size in sizes:
        fits = counts and all(a + b <= limit for a, b, limit in zip(used, size, limits, strict=True))
        if fits:
            counts[-1] += 1
            used = [a + b for a, b in zip(used, size, strict=True)]
        else:
            counts.append(1)
            used = list(size)
    return counts
