"""Pages that stand in the way of a page: challenges, block pages, error pages with status 200; never solved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.text.page import Page

_STATUSES = {
    403: "access refused (403)",
    405: "refused by a web application firewall (405)",
    412: "a challenge (412)",
    418: "refused by a web application firewall (418)",
    429: "too many requests (429)",
    521: "a challenge (521)",
}
"""Statuses that firewalls of portals answer with: 412 Ruishu, 521 Jiasule, 405 Wangfang G01 (probe log of 2026-09)."""

_MARKS: tuple[tuple[str, str], ...] = (
    ("security_verify_data", "a session challenge (security_verify_data)"),
    ("security_session_verify", "a session challenge (security_session_verify)"),
    ("__jsl_clearance", "a script challenge (Jiasule)"),
    ("$_ts", "a script challenge (Ruishu)"),
    ("_waf_", "a firewall's page"),
    ("请求被拦截", "a block page"),
    ("请求已被拦截", "a block page"),
    ("访问被拦截", "a block page"),
    ("您的访问被阻断", "a block page"),
    ("您的请求疑似攻击行为", "a block page"),
    ("访问过于频繁", "a block page: too many requests"),
    ("安全验证", "a verification page"),
    ("人机验证", "a verification page"),
    ("浏览器安全检查", "a verification page"),
)
_MISSING: tuple[str, ...] = (
    "页面不存在",
    "您访问的页面不存在",
    "您要查看的页面不存在",
    "页面未找到",
    "找不到页面",
    "网页不存在",
    "404 not found",
    "404错误",
    "页面已删除",
    "内容已被删除",
)
_REFRESH = re.compile(r"<meta[^>]{0,60}http-equiv\s*=\s*[\"']?refresh", re.IGNORECASE)
_COOKIE_SCRIPT = re.compile(r"document\.cookie\s*=|location\.(?:reload|replace|href)|window\.location", re.IGNORECASE)
SMALL_TEXT = 400
"""Characters of visible text up to which a page can be a stand-in; the shortest of the measured real articles has
500."""


def block_reason(page: Page, status: int = 200) -> str | None:
    """Why this answer is not the page that was asked for, or null if nothing says so.

    A mark alone proves nothing (an article may quote it): with status 200 the page must also be almost without text.
    """
    if status in _STATUSES:
        return _STATUSES[status]
    visible = _visible(page)
    if len(visible) > SMALL_TEXT:
        return None
    for mark, says in _MARKS:
        if mark in page.text:
            return says
    if _says_missing(page, visible):
        return "an error page that says the page does not exist"
    if len(visible) < 80 and _REFRESH.search(page.text):
        return "a page that only redirects (meta refresh)"
    return "a script challenge" if len(visible) < 80 and _COOKIE_SCRIPT.search(page.text) else None


def _says_missing(page: Page, visible: str) -> bool:
    title = page.tree.css_first("title")
    heading = "".join((title.text() if title is not None else "").split())
    said = f"{heading} {visible}".lower()
    return any("".join(mark.split()) in said for mark in _MISSING)


def _visible(page: Page) -> str:
    """Visible text without white space; it stops where the text is longer than matters."""
    body = page.tree.body
    if body is None:
        return ""
    parts: list[str] = []
    length = 0
    for node in body.traverse(include_text=True):
        if node.tag != "-text" or node.parent is None or node.parent.tag in {"script", "style", "noscript"}:
            continue
        parts.append("".join((node.text_content or "").split()))
        length += len(parts[-1])
        if length > SMALL_TEXT:
            break
    return "".join(parts)
