"""The shapes of inserted readings.

Every pattern is a bounded repetition of one character class between fixed marks: matching is linear.
"""

from __future__ import annotations

import re
from typing import Final

_LETTERS = "a-zA-Zāáǎàēéěèêīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿăĕĭŏŭɑɡ"
_HIDDEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
# The longest syllable has six letters (zhuang); combining marks and digits of tones make it eight.
_SYLLABLE = f"[{_LETTERS}\u0300\u0301\u0304\u0308\u030c]{{1,8}}[1-5]?"
# Letters by number or by name (&#462; &#x1ce; &uuml; &agrave; &nbsp;), invisible characters between them.
_LOOSE = f"(?:[{_LETTERS}{_HIDDEN}\u0300\u0301\u0304\u0308\u030c\u00a0 \uff41-\uff5a]|&[#a-zA-Z0-9]{{2,8}};){{1,24}}"
_OPEN = r"(?:[(（]|&#40;|&#x28;|&lpar;|&#65288;)"
_CLOSE = r"(?:[)）]|&#41;|&#x29;|&rpar;|&#65289;)"

PLAIN: Final = re.compile(rf"\(({_SYLLABLE})\)")
"""A reading between ASCII parentheses: group 1."""

LOOSE: Final = re.compile(rf"[{_HIDDEN}]{{0,8}}{_OPEN}({_LOOSE}){_CLOSE}[{_HIDDEN}]{{0,8}}")
"""The same with full-width or escaped parentheses, entities and invisible characters: group 1."""

LOOSE_SIGN: Final = re.compile(
    rf"（[a-zāáǎàēéěèōóǒòɑ&{_HIDDEN}][^（()\n]{{0,40}}[)）]|\([^（()\n]{{1,40}}）|&[#a-z]|[{_HIDDEN}\u0300\u0301\u0304\u030c]"
)
"""Where this is not in the text, PLAIN finds all that LOOSE finds."""

_RARE_MARKS: Final = ("&", *_HIDDEN, "\u0300", "\u0301", "\u0304", "\u030c")
_CJK: Final = "\u2e80"


def may_be_loose(text: str) -> bool:
    """Whether LOOSE_SIGN may be in a text: told quicker, from what is around each full-width parenthesis."""
    return (
        any(mark in text for mark in _RARE_MARKS)
        or any("9" < behind[:1] < _CJK for behind in text.split("（")[1:])
        or any(before.rfind("(") > max(map(before.rfind, ")（")) for before in text.split("）")[:-1])
    )


RUBY: Final = re.compile(
    r"<ruby>(?:<rb>)?([^<]{1,8})(?:</rb>)?(?:<rp>[^<]{0,8}</rp>)?<rt>([^<]{1,32})</rt>(?:<rp>[^<]{0,8}</rp>)?</ruby>",
    re.IGNORECASE,
)
"""A ruby element: its base (group 1) and its reading (group 2)."""

TORN: Final = re.compile(rf"[?\ufffd][(（]?({_SYLLABLE})[)）]")
"""What a decoder leaves of a reading inserted within a character: the byte before `(` is lost, often `(` too."""
