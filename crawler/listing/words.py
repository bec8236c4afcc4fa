"""The words and shapes by which list pages tell entries from everything else."""

from __future__ import annotations

import html
import re
from functools import lru_cache

NO_ENTRY = re.compile(
    r"[\s<>«»‹›＜＞|\[\]（）()·.…]*(?:\d{1,5}|首\s?页|第一页|上一?页|前一?页|上[一\d]+页|下一?页|后一?页|下[一\d]+页|尾\s?页|末\s?页|最后一?页|最末页"
    r"|更多(?:内容|信息)?|查看更多|更多>{0,3}|more|next|prev(?:ious)?|first|last|返回(?:首页|顶部|上级)?|打印|关闭|收藏|分享|跳转|转到|GO|确定|检索|搜索|展开|收起"
    r"|转至|网站地图|联系我们|登录|注册|english|RSS|订阅)?[\s<>«»‹›＜＞|\[\]（）()·.…]*",
    re.IGNORECASE,
)
"""The whole text of a link that is never an entry: parts of pagers, 更多, controls of the page."""
GENERIC = re.compile(
    r"[\s\[（(【>》]*(?:点击|立即|我要)?(?:查看|查阅|阅读|详情|详细|下载|全文|浏览|打开|原文|进入|预览)?(?:查看|阅读|详情|详细|下载|全文|内容|信息|原文|附件)?(?:>>|»)?[\s\]）)】>》]*"
)
"""The whole text of a link that says nothing about its target: 查看, 点击下载, 详情."""
NEXT_PAGE = re.compile(
    r"[\s<>\[\]（）()]*(?:下一?页|后一?页|下一頁|next(?:\s?page)?|[>›»＞]{1,2})[\s<>›»＞\[\]（）()]*", re.IGNORECASE
)
ASIDE = re.compile(
    r"热门|热点|排行|点击榜|点击量|推荐|相关|最新(?:更新|发布|文章)|猜你|专题|友情链接|浏览最多|阅读榜|图片新闻|视频"
)
"""Headings of what stands beside a main list."""
EMPTY = re.compile(
    r"暂无(?:数据|信息|内容|记录|相关|文章)|没有(?:数据|记录|找到|相关|符合)|无相关(?:数据|信息|内容|记录)|未找到相关"
)
"""What a page says in place of an empty list."""
FOOTER_HOSTS = (
    "beian.gov.cn",
    "beian.mps.gov.cn",
    "miit.gov.cn",
    "conac.cn",
    "kaipuyun.cn",
    "zfwzgl.www.gov.cn",
    "12377.cn",
)
"""Registration, identity mark and error report, which every portal has to link at its foot: never an entry."""
YEAR_ALONE = re.compile(r"\s*((?:19|20)\d\d)\s*年?\s*(?:度|(?:0?[1-9]|1[0-2])\s*月(?:份)?)?\s*")

_SPACE = re.compile(r"[\s\u200b\u200c\u200d\ufeff\u2060\u00ad]+")
_ZERO = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff\u2060\u00ad"))
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,400}>")


def tidy(text: str) -> str:
    """White space runs to one space, zero-width characters away, ends trimmed."""
    if text.isprintable():  # as most texts are: the one white space in it is the plain space
        return " ".join(text.split()) if " " in text else text
    return " ".join(text.translate(_ZERO).split())


def plain(text: str) -> str:
    """A title of an interface as text: its tags (`<em>`) and entities resolved."""
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = html.unescape(text)
        if "<" in text:
            text = re.sub(r"</?(?:em|span|font|br|b|strong)\b[^<>]{0,400}>", "", text)
    return tidy(text)


_INDEX = re.compile(r"(?:index|default|list|main|home|node|more)(?:[_-]?\d{0,6})?(?:\.\w{2,6})?", re.IGNORECASE)
_ID = re.compile(
    r"\d{4,}|[0-9a-f]{8}-?[0-9a-f]{4}|post_\d|art_\d|content_\d|[?&](?:id|iid|aid|infoid|guid|docid|articleid|newsid)=\w",
    re.IGNORECASE,
)


@lru_cache(maxsize=8192)
def article_like(url: str) -> bool:
    """Whether an address looks like an article's, not a column's: its last part names a number, a hash or a file."""
    path, _, query = url.partition("?")
    _, _, path = path.partition("://")
    host, slash, path = path.partition("/")
    if not slash or (not path and not query):
        return False
    last = path.rsplit("/", 1)[-1]
    if query and _ID.search("?" + query):
        return True
    if host.endswith("weixin.qq.com"):
        return path.startswith("s")
    if not last or _INDEX.fullmatch(last):
        return False
    stem, dot, extension = last.rpartition(".")
    if dot and extension.lower() in {"pdf", "doc", "docx", "xls", "xlsx", "ofd", "wps", "zip", "rar"}:
        return True
    return _ID.search(last) is not None or (bool(stem) and any(c.isdigit() for c in stem))
