"""The files that an article links to, and the next page of an article that goes on."""

from __future__ import annotations

import mimetypes
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.extract import tags
from crawler.extract.labels import SQUASH
from crawler.extract.lines import tidy
from crawler.extract.scan import LINK
from crawler.items import Attachment
from crawler.text.urls import is_file, join

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from crawler.extract.scan import Scan
    from crawler.text.page import Page

MAX_ATTACHMENTS = 200
MAX_NAME = 200
_WINDOW = 60
"""Texts behind the body in which lists of attachments stand."""
_DEPTH = 6
_STRANGERS = 3
"""Links to pages behind the body, after which no list of attachments is expected."""
_NOWHERE = "http://relative.invalid/"
_PICTURES = ("image/", "video/", "audio/")
_TYPES = {
    "ofd": "application/ofd",
    "wps": "application/vnd.ms-works",
    "et": "application/vnd.ms-excel",
    "rar": "application/vnd.rar",
    "7z": "application/x-7z-compressed",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_FILEISH = re.compile(r"\.[A-Za-z0-9]{2,4}(?:$|[?#&])|down|file", re.IGNORECASE)
_PAGES = (".html", ".shtml", ".htm", ".jsp", ".php", "/")
_GENERIC = re.compile(
    r"^[\[【（(]?(?:点击|立即|我要|附件)?(?:下载|查看|打开|浏览|阅读|预览|此处|这里|附件|全文|原文)*(?:文件|附件|此处)?[\]】）)]?$"
)
_LEAD = re.compile(r"^(?:相关|文件)?附\s*件\s*(?:下载|列表)?\s*\d*\s*[:：.、]?\s*|[:：]\s*$")
_NEXT = re.compile(r"^[\[【（(<>«‹\s]*(?:下一页|下页|后一页|余下全文|阅读全文)[\]】）)<>»›\s]*$")
_PAGED = re.compile(
    r"createPageHTML\(\s{0,9}(?:['\"][\w#-]{0,40}['\"]\s{0,9},\s{0,9})?(\d{1,3})\s{0,9},\s{0,9}(\d{1,3})\s{0,9},\s{0,9}"
    r"['\"]([\w./-]{1,80})['\"]\s{0,9},\s{0,9}['\"](\w{2,5})['\"]"
)
_NUMBERED = re.compile(r"[_-](\d{1,3})$")


def link_of(node: LexborNode | None) -> LexborNode | None:
    """The link that a text lies in, if any."""
    for _ in range(_DEPTH):
        node = node.parent if node is not None else None
        if node is None:
            return None
        if node.tag_id == tags.A:
            return node
    return None


def _media_type(url: str) -> str | None:
    parts = urlsplit(url)
    name = parts.path
    if not is_file(url.partition("?")[0]):
        name = next((value for key, value in parse_qsl(parts.query)[:20] if "." in value), name)
    extension = name.rpartition(".")[2].lower()
    return _TYPES.get(extension) or mimetypes.guess_type("x." + extension)[0]


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2])[:MAX_NAME]


def _name(text: str, before: str, url: str) -> str:
    name = tidy(text)
    if _GENERIC.match(SQUASH.sub("", name)):
        name = _LEAD.sub("", tidy(before))
        if len(name) < 2 or len(name) > 100:
            name = _file_name(url)
    return name[:MAX_NAME] or _file_name(url)


def _may_be_file(href: str) -> bool:
    """A quick look, since joining addresses is dear."""
    return not href.endswith(_PAGES) and href[:1] != "#" and _FILEISH.search(href) is not None


def _target(base: str | None, href: str) -> str | None:
    """The file that a link leads to; as written where the page's own address is not known."""
    url = join(base or "", href)
    if url is None and base is None and (nowhere := join(_NOWHERE, href)) is not None and is_file(nowhere):
        return href.strip()
    return url if url is not None and is_file(url) else None


def find_attachments(scan: Scan, page: Page, low: int, last: int, high: int) -> tuple[Attachment, ...]:
    """The files linked between the headline and a little behind the body, once each; pictures are none.

    Args:
        scan: the page's flat view.
        page: the page, for the address that links start from.
        low: the position of the headline's last text.
        last: the position of the body's last text.
        high: the position of the page's foot.

    """
    found: dict[str, Attachment] = {}
    seen: set[int] = set()
    base: str | None = _NOWHERE  # not looked up yet
    strangers = 0
    for i in range(low + 1, min(high, last + _WINDOW)):
        if not scan.marks[i] & LINK:
            continue
        link = link_of(scan.nodes[i])
        if link is None or link.mem_id in seen:
            continue
        seen.add(link.mem_id)
        href = link.attributes.get("href")
        url = None
        if href and _may_be_file(href):
            base = page.base_url if base == _NOWHERE else base
            url = _target(base, href)
        if i > last:
            strangers += 1
        if url is None or url in found:
            if strangers > _STRANGERS:
                break
            continue
        strangers = 0
        media_type = _media_type(url)
        if media_type is not None and media_type.startswith(_PICTURES):
            continue
        text = link.text(separator=" ") if link.first_child is not link.last_child else scan.texts[i]
        name = _name(text, scan.texts[i - 1] if i > low + 1 else "", url)
        found[url] = Attachment(url=url, name=name, media_type=media_type)
        if len(found) >= MAX_ATTACHMENTS:
            break
    return tuple(found.values())


def _stem(url: str) -> str:
    """An address without its extension and query."""
    path = url.partition("?")[0].partition("#")[0]
    head, dot, tail = path.rpartition(".")
    return head if dot and "/" not in tail else path


def _continues(url: str, own: str) -> bool:
    """Whether an address is that of a later page of the same article: `t1.html`, `t1_2.html`, `t1_3.html`."""
    here, there = _stem(own), _stem(url)
    number = _NUMBERED.search(there)
    if number is None or here == there:
        return False
    first = there[: number.start()]
    if first == here:
        return True
    before = _NUMBERED.search(here)
    return before is not None and here[: before.start()] == first and int(number[1]) > int(before[1])


def find_next_page(scan: Scan, page: Page, last: int, high: int) -> str | None:
    """The address on which the article goes on, or None.

    A link 下一页 counts only where it leads to the same address with a higher number: lists and comments have pagers
    too.
    """
    if page.url is None:
        return None
    for script in scan.scripts:
        match = _PAGED.search(script)
        if match is not None and int(match[2]) + 1 < int(match[1]):
            name = match[3].rpartition("/")[2]
            following = join(page.url, f"{name}_{int(match[2]) + 1}.{match[4]}")
            if following and _continues(following, page.url):
                return following
    for i in range(last, min(high, last + _WINDOW)):
        if scan.marks[i] & LINK and _NEXT.match(scan.texts[i]) is not None:
            link = link_of(scan.nodes[i])
            url = join(page.base_url or page.url, link.attributes.get("href")) if link is not None else None
            if url and _continues(url, page.url):
                return url
    return None
