"""A text as the clauses that a reprint keeps: what stands between two marks of any kind, white space aside."""

from __future__ import annotations

import re

MAX_CHARACTERS = 400_000
"""Characters of a body that are looked at; the longest among the measured real articles has 60 thousand."""
MAX_CLAUSES = 4_000
"""Clauses of a text that are aligned: bounds the work to a few milliseconds for the longest page."""

_RUN = re.compile(r"\w+")
_BLANKS = (" ", "\u3000", "\u00a0", "\u200b", "\ufeff")
_WIDE_DIGITS = "０１２３４５６７８９"
_NARROW = str.maketrans(_WIDE_DIGITS, "0123456789")
_FURNITURE_LENGTH = 60
_FURNITURE = re.compile(
    r"发布时间|发布日期|更新时间|发稿时间|来源[:：]|稿源|信息来源|作者[:：]|浏览|阅读量|阅读次数|点击量|点击数|点击次数|字号|字体[:：]|打印|分享到"
    r"|责任编辑|责编|编辑[:：]|审核[:：]|上一篇|下一篇|相关阅读|相关链接|相关新闻|版权|转载|免责声明|扫一扫|原文链接|关注我们|返回顶部"
)
"""Words of the lines that a site puts around any article; each was seen on saved pages of portals or their mirrors."""


def fold(text: str) -> str:
    """The text without blanks and with narrow digits: both differ between copies without any meaning."""
    for blank in _BLANKS:
        if blank in text:
            text = text.replace(blank, "")
    if any(digit in text for digit in _WIDE_DIGITS):
        text = text.translate(_NARROW)
    return text


def split(text: str) -> list[str]:
    """The clauses of a text, in order: runs of letters, digits and characters between marks and line ends."""
    return _RUN.findall(fold(text[:MAX_CHARACTERS]))


def is_furniture(line: str) -> bool:
    """Whether a line is one of those that sites add around an article."""
    return len(line) <= _FURNITURE_LENGTH and _FURNITURE.search(line) is not None


def without_furniture(body: str) -> str:
    """A body without the lines that sites add around it."""
    lines = body.split("\n")
    kept = [line for line in lines if not is_furniture(line)]
    return body if len(kept) == len(lines) else "\n".join(kept)
