# ruff: noqa: E501 - templates are more readable on one line
"""What stands around an article: styles, scripts, navigation, hot lists, footers; as much of it as real pages have.

Real pages of government portals measured 5 kB to 510 kB, 84 kB on average over 53 pages, most of it inline scripts, styles and
menus. `REAL` holds one size for each tenth of that distribution.
"""

from __future__ import annotations

import random
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from crawler.replica.writing import names
from crawler.replica.writing.documents import SUBJECT_OBJECTS

if TYPE_CHECKING:
    from collections.abc import Sequence

REAL: Final = (5_000, 10_000, 16_000, 22_000, 28_000, 36_000, 44_000, 80_000, 130_000, 330_000)
SMALL: Final = (0,)
_WORDS: Final = (
    "header",
    "topbar",
    "searchbox",
    "mainnav",
    "subnav",
    "slider",
    "panel",
    "notice",
    "foot",
    "share",
    "tab",
    "widget",
)


@lru_cache(maxsize=64)
def styles(size: int) -> str:
    """About `size` bytes of CSS rules."""
    rng = random.Random(size)
    rules: list[str] = []
    length = 0
    while length < size:
        rule = (
            f".{rng.choice(_WORDS)}-{rng.randrange(900)} .{rng.choice(_WORDS)}{{width:{rng.randrange(1200)}px;"
            f"margin:{rng.randrange(40)}px auto;background:#{rng.randrange(1 << 24):06x} url(/images/bg_{rng.randrange(99)}.png) no-repeat}}\n"
        )
        rules.append(rule)
        length += len(rule)
    return "".join(rules)


@lru_cache(maxsize=64)
def scripts(size: int) -> str:
    """About `size` bytes of JavaScript functions that do nothing of use."""
    rng = random.Random(-size)
    lines: list[str] = []
    length = 0
    while length < size:
        word, number = rng.choice(_WORDS), rng.randrange(10_000)
        line = (
            f"function {word}_{number}(el,opt){{var t=document.getElementById('{rng.choice(_WORDS)}{number}');"
            f"if(!t||el.length<{rng.randrange(9)}){{return false;}}for(var i=0;i<t.children.length;i++)"
            f"{{t.children[i].style.display=(i=={rng.randrange(9)})?'block':'none';}}return opt||{number};}}\n"
        )
        lines.append(line)
        length += len(line)
    return "".join(lines)


@lru_cache(maxsize=64)
def menus(size: int) -> str:
    """About `size` bytes of drop-down menus and friendly links."""
    rng = random.Random(f"menus{size}")
    parts: list[str] = []
    length = 0
    while length < size:
        items = "".join(
            f'<li><a href="http://{rng.choice(_WORDS)}{rng.randrange(400)}.lanjiang.example/" target="_blank">{names.name(rng, "county")}'
            f"{rng.choice(SUBJECT_OBJECTS)[:4]}专栏</a></li>"
            for _ in range(8)
        )
        part = f'<div class="nav-drop"><h4>{rng.choice(SUBJECT_OBJECTS)[:6]}</h4><ul>{items}</ul></div>\n'
        parts.append(part)
        length += len(part.encode())
    return "".join(parts)


def sizes(number: int, profile: Sequence[int]) -> tuple[int, int, int]:
    """Bytes of styles, scripts and menus that page `number` carries under a profile of page sizes."""
    whole = profile[number * 7 % len(profile)]
    return whole * 3 // 10, whole * 45 // 100, whole // 4


def share_bar() -> str:
    """The row of share buttons."""
    return (
        '<div class="share bdsharebuttonbox"><span>分享到：</span><a href="javascript:;" class="bds_weixin" title="分享到微信">微信</a>'
        '<a href="javascript:;" class="bds_tsina" title="分享到新浪微博">微博</a><a href="javascript:window.print()">打印</a>'
        '<a href="javascript:window.close()">关闭窗口</a></div>'
    )


def font_sizes() -> str:
    """The widget that sets the letters' size."""
    return '字号：[<a href="javascript:doZoom(18)">大</a> <a href="javascript:doZoom(16)">中</a> <a href="javascript:doZoom(14)">小</a>]'


def footer(owner: str, code: str) -> str:
    """The foot of every page."""
    return (
        '<div class="footer"><p><a href="/wzdt/">网站地图</a> | <a href="/gywm/">关于我们</a> | <a href="/lxwm/">联系我们</a></p>'
        f"<p>主办：{owner}人民政府办公厅　承办：{owner}大数据中心</p>"
        f"<p>版权所有：{owner}人民政府　网站标识码：{code}　{owner[0]}ICP备20990001号　{owner[0]}公网安备 99010002000001号</p></div>"
    )
