"""The words by which pages label and surround an article."""

from __future__ import annotations

import re

SQUASH = re.compile(r"[\s\u3000\xa0\u200b\ufeff]+")
SENTENCE = re.compile(r"[，。；！？]")

COLON = r"[:：︰∶]"
SOURCE_LABEL = (
    r"(?:信息|文章|稿件|新闻|内容|文稿|资料|消息|图文|图片|转载|发布)?来\s{0,4}源(?:单位|部门|网站|媒体)?|稿\s?源|出\s{0,4}处|供稿(?:单位|部门)"
    r"|发布(?:单位|机构|部门)|信息提供|来自"
)
AUTHOR_LABEL = r"作\s{0,4}者|本?[报台网]?(?:见习|实习|全媒体)?记者|通讯员|撰\s{0,2}稿人?|撰文|文[/／]|文字"
EDITOR_LABEL = (
    r"责任?编辑|责\s?编|编\s{0,4}辑|网络编辑|审\s{0,4}核人?|审\s{0,4}校|校\s{0,4}对|责任校对|录入人?|录入员|上传人?|发布人|发布者|签发人?"
    r"|终\s{0,2}审|初\s{0,2}审|复\s{0,2}审|编\s?审|监\s?制|供稿人?|摄\s{0,2}影|值班(?:编辑|主任|编委)|信息员"
)
_PUBLISHED_LABEL = (
    r"发布(?:时间|日期)|发稿(?:时间|日期)|发表(?:时间|日期|于)|公开(?:时间|日期)|公布(?:时间|日期)|上网(?:时间|日期)|刊发(?:时间|日期)"
    r"|(?:信息|文章|新闻|内容)(?:时间|日期)|发布于|添加时间|录入时间|上传时间|发布"
    r"|(?<![\u4e00-\u9fff])(?:时\s{0,4}间|日\s{0,4}期)"  # not 成文日期, 活动时间
)
_UPDATED_LABEL = r"生成日期|生成时间|更新(?:时间|日期)|最后更新|修改时间|编辑时间"
DATE_LABELS = (_PUBLISHED_LABEL, _UPDATED_LABEL)
"""Labels of the day of publication, the second group only where no label of the first is printed."""
OTHER_LABELS = (
    r"浏览(?:次数|量|数)?|点击(?:次数|率|量|数)?|阅读(?:次数|量|数)?|访问(?:次数|量)?|人气|字体(?:大小)?|字号|分享(?:到|至)?|打印(?:本页)?|收藏|关闭"
    r"|背景色|保护视力色|语音播报|朗读|责任|评论|视力保护色|文章字体|文字大小|我要纠错|扫一扫|下载|大中小|索引号|文号|主题词|摘要|关键词"
)
ANY_LABEL = re.compile(
    rf"(?:{SOURCE_LABEL}|{AUTHOR_LABEL}|{EDITOR_LABEL}|{'|'.join(DATE_LABELS)}|{OTHER_LABELS})\s{{0,4}}(?:{COLON}|$)"
    rf"|(?:{OTHER_LABELS})[\s\[【［(（]"
)

_MAY_BE_LABELLED = re.compile(
    r"[源位门站体处构供自者员稿人文/／字辑编核校对入传发审制影任委间期于布新览数量击率读问气小号享到至印页藏闭色报论载错扫词要]"
    rf"(?:\s{{0,4}}(?:{COLON}|$)|[\s\[【［(（])"
)
"""The last characters of all labels: most texts are told apart by them, five times faster."""


def has_label(text: str) -> bool:
    """Whether a text holds a label of the line of date and source, or of a button."""
    return _MAY_BE_LABELLED.search(text) is not None and ANY_LABEL.search(text) is not None


FOOTER = re.compile(
    r"(?:[^\s]{0,3}ICP备|公网安备|网站标识码|版权所有|Copyright|©|All Rights Reserved|建议使用.{0,40}浏览器"
    r"|主办单位?\s{0,4}[:：].{2,60}承办"
    r"|^(?:网站地图|关于我们|联系我们|法律声明|隐私声明)$)",
    re.IGNORECASE,
)
"""What only the foot of a page says."""

FOOT_WORDS = ("ICP备", "公网安备", "网站标识码", "版权所有", "opyright", "COPYRIGHT", "©")

AFTER = re.compile(
    r"^[【\[(（「<〈《]?\s{0,3}(?:扫一扫.{0,24}|扫码.{0,16}|打印(?:本页|本文|此页|页面|文章)?|关闭(?:本页|窗口|页面)?|返回(?:顶部|首页|列表|上页)?|"
    r"分享(?:到|至|按钮|本文)?(?:[:：].{0,40})?|收藏(?:本页|本文)?|上一[篇条页](?:[:：].{0,120})?|下一[篇条页](?:[:：].{0,120})?|"
    r"相关(?:链接|新闻|文章|阅读|信息|报道|解读|文件|稿件|推荐|附件|政策|资讯|内容|专题)[:：]?|(?:推荐阅读|延伸阅读|猜你喜欢|为你推荐|热门(?:推荐|文章|新闻))[:：]?|"
    r"(?:责任?编辑|责编)\s{0,4}[:：].{0,40}|编辑\s{0,4}[:：].{0,30}|(?:网络|值班|本文)编辑\s{0,4}[:：].{0,30}|审核\s{0,4}[:：].{0,30}|"
    r"网友评论|发表评论|我要(?:纠错|评论|留言)|纠错|顶部|回到顶部|浏览次数.{0,20}|您访问的链接.{0,60}|(?:点击|阅读)(?:次数|量|数)[:：].{0,20}|"
    r"微信扫.{0,20}|(?:手机|移动端)(?:浏览|查看|阅读).{0,20}|更多|更多>{1,2}|网站声明|免责声明[:：]?|版权声明[:：]?|声明[:：])\s{0,3}[】\])）」>〉》]?$"
)
"""Whole lines that follow an article but do not belong to it."""

WIDGET = re.compile(
    r"^[【\[(（「<]?\s{0,3}(?:(?:字体|字号|文字)(?:大小)?\s{0,4}[:：]?\s{0,4}[\[【（(]?\s{0,2}(?:大|中|小|特大|默认|超大|\s){0,12}[\]】）)]?|大\s{0,6}中\s{0,6}小|"
    r"打印(?:本页|本文|此页|页面|文章)?|关闭(?:本页|窗口|页面)?|返回(?:顶部|首页|列表|上页)?|收藏(?:本页|本文)?|分享(?:到|至|按钮|本文)?(?:[:：].{0,40})?|"
    r"复制链接|微信|微博|新浪微博|QQ空间|QQ|QQ好友|腾讯微博|人人网|朋友圈|扫一扫.{0,24}|分享到(?:微信|微博|朋友圈).{0,16}|"
    r"语音播报|播放|暂停|停止|朗读|视频播放.{0,10}|您的浏览器不支持.{0,40}|Your browser does not support.{0,60}|"
    r"浏览(?:次数|量)?\s{0,4}[:：]\s{0,4}\d{0,9}\s{0,2}次?|点击(?:数|率|量|次数)?\s{0,4}[:：]\s{0,4}\d{0,9}\s{0,2}次?|阅读(?:数|量|次数)\s{0,4}[:：]\s{0,4}\d{0,9}|"
    r"放大|缩小|正常|加大|我要纠错|点击(?:下载|查看|进入)?|【?大图】?|查看原图|查看大图|>{1,3}|<{1,3}|\|)\s{0,3}[】\])）」>]?$"
)
"""Whole lines of buttons that stand before, after or inside an article."""


_BRACKETS = "【[（(「<〈《 \u3000"
_AFTER_FIRST = frozenset(_BRACKETS + "为扫打关返分收上下相推延猜热责编网值本审发我纠顶回浏您点阅微手移更免版声")
_WIDGET_FIRST = frozenset(_BRACKETS + "字文大打关返收分复微新Q腾人朋扫语播暂停朗视您Y浏点阅放缩正加我查>|")
"""The first letters of the two patterns above: most lines are told apart by them, ten times faster."""


def is_after(text: str) -> bool:
    """Whether a line only follows an article: share lines, related links, the pager, the editor."""
    return text[:1] in _AFTER_FIRST and AFTER.match(text) is not None


def is_widget(text: str) -> bool:
    """Whether a line is nothing but a button."""
    return text[:1] in _WIDGET_FIRST and WIDGET.match(text) is not None


HEAD_WIDGET = re.compile(
    r"^(?:关注[\u4e00-\u9fffA-Za-z]{2,8}|Qzone|评论|图集|视频|新闻|正文|微信|微博|听全文|听新闻|无障碍|首页|手机版|A[+-]?|[\d\s|+-]{1,6})$"
)
"""Lines of buttons that are dropped only above the first sentence."""


def squash(text: str) -> str:
    """A text without any white space, to compare what is written over one line or several."""
    return SQUASH.sub("", text)
