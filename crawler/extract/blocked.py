"""Answers that are no page of the portal: challenges, firewalls, captchas, error pages that say 200.

Challenges are recognised, never solved: the portal is reported as blocked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.extract import tags

if TYPE_CHECKING:
    from crawler.text.page import Page

_REFUSED_STATUS = frozenset({401, 403, 404, 405, 410, 412, 418, 429, 444, 451})
"""412 is Ruishu's, 521 Jiasule's, 405 WangfangG01's; 418, 444 and 567 are other firewalls' seen before portals."""
_JSL_STATUS = 521
_SHORT = 600
"""Characters of visible text: block and error pages say less, articles about firewalls more."""
_HARDLY = 60
"""Characters that a page of nothing but scripts may show."""
_HEADING = 16
"""Characters; longer titles are those of articles."""
_SMALL = 100_000
"""Characters of source; with a style sheet it is the shell of a page that scripts fill, not a challenge."""

_SCRIPT_MARKS = (
    ("challenge-ruishu", ("$_ts=window", "$_ts.", "_$jsvmprt", "r='m'", 'r="m"')),
    ("challenge-jsl", ("_jsl_clearance", "jsl.js")),
    (
        "challenge-cookie",
        (
            "security_session_verify",
            "security_verify_data",
            "yunsuo_session_verify",
            "acw_sc__v2",
            "arg1=",
            "cf_chl_",
            "_guard/",
        ),
    ),
)
_WORDS = (
    (
        "captcha",
        re.compile(r"请输入.{0,6}验证码|(?:安全|人机|滑动|滑块)验证|拖动.{0,4}滑块|访问验证|captcha", re.IGNORECASE),
    ),
    (
        "firewall",
        re.compile(
            r"(?:请求|访问|操作|行为).{0,12}(?:被拦截|被阻断|被拒绝|被禁止|存在威胁|疑似攻击|不合法|异常)"
            r"|(?:网站|应用|云)防火墙|网防G01|安全狗|云盾|创宇盾|玄武盾|拦截提示|访问(?:过于|太)频繁|恶意(?:行为|请求|攻击)"
            r"|Access Denied|403 Forbidden|Request Rejected|Web Application Firewall",
            re.IGNORECASE,
        ),
    ),
    (
        "soft-404",
        re.compile(
            r"(?:^|\n|错误|HTTP.{0,6})\s{0,3}404\s{0,3}(?:$|\n|-|错误|页面|Not|Error)"
            r"|页面(?:不存在|没有找到|未找到|走丢|已删除|丢失)|Not Found"
            r"|找不到(?:该|您|网页|页面|文件)|无法找到(?:该|您|此)"
            r"|(?:您|你).{0,10}(?:访问|查看|查找|浏览|请求)的.{0,12}(?:不存在|已删除|被删除|未找到|找不到|无法找到|已失效)"
            r"|(?:文章|信息|内容|栏目|网页|资源)(?:不存在|已(?:被)?删除|已下线|找不到)",
            re.IGNORECASE,
        ),
    ),
    (
        "error-page",
        re.compile(
            r"(?:系统|服务器|网站|程序).{0,4}(?:繁忙|(?:内部)?错误|异常|正在维护|维护中|升级中)"
            r"|502 Bad Gateway|503 Service"
            r"|500 Internal|Internal Server Error|Whitelabel Error"
        ),
    ),
)
_REFRESH = re.compile(r"<meta[^>]{0,60}http-equiv\s?=\s?[\"']?refresh", re.IGNORECASE)
_RELOAD = re.compile(
    r"location\s?(?:\.\s?(?:href|replace|reload)\s?|\[.{1,30}\]\s?)?[=(]|document\s?\.\s?cookie\s?=|\.submit\(\)"
)


def _visible(page: Page) -> str:
    """The first texts of a page that a visitor would see, title included."""
    pieces: list[str] = []
    size = 0
    root = page.tree.root
    if root is None:
        return ""
    for node in root.traverse(include_text=True, skip_empty=True):
        if node.tag_id != tags.TEXT:
            continue
        parent = node.parent
        if parent is not None and parent.tag_id in tags.SILENT and parent.tag_id != tags.TITLE:
            continue
        text = (node.text_content or "").strip()
        pieces.append(text)
        size += len(text)
        if size > _SHORT:
            break
    return "\n".join(pieces)


def block_reason(page: Page, status: int = 200) -> str | None:
    """Why an answer is no page of the portal, as a short word; None where nothing speaks against it.

    `http-412` and the like by the status alone; `challenge-ruishu`, `challenge-jsl`, `challenge-cookie`,
    `challenge-script` (a page of scripts that only reloads itself), `challenge-refresh`, `captcha`, `firewall`,
    `soft-404`, `error-page`.
    """
    reason = _by_heading(page) or _by_content(page)
    if status == _JSL_STATUS and reason == "challenge-script":
        return "challenge-jsl"  # it spells the cookie's name character by character
    if reason is None and (status in _REFUSED_STATUS or status >= 500):
        return f"http-{status}"
    return reason


def _by_heading(page: Page) -> str | None:
    title = page.tree.css_first("title")
    heading = title.text().strip() if title is not None else ""
    if not heading or len(heading) >= _HEADING:
        return None
    return next((reason for reason, words in _WORDS if words.search(heading)), None)


def _by_content(page: Page) -> str | None:
    visible = _visible(page)
    if len(visible) > _SHORT:
        return None
    for reason, marks in _SCRIPT_MARKS:
        if any(mark in page.text for mark in marks):
            return reason
    for reason, words in _WORDS:
        if words.search(visible):
            return reason
    return _by_scripts(page) if len(visible) < _HARDLY else None


def _by_scripts(page: Page) -> str | None:
    if _REFRESH.search(page.text[:20_000]):
        return "challenge-refresh"
    if len(page.text) < _SMALL and "stylesheet" not in page.text and _RELOAD.search(page.text):
        return "challenge-script"
    return None
