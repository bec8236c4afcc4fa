import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.labels import AFTER, ANY_LABEL, WIDGET, has_label, is_after, is_widget

AFTER_LINES = (
    *(
        "扫一扫在手机打开当前页",
        "扫码阅读",
        "打印本页",
        "【关闭窗口】",
        "返回顶部",
        "分享到：微信",
        "收藏本页",
        "上一篇：春耕",
        "下一条",
    ),
    *(
        "相关新闻",
        "推荐阅读：",
        "推荐阅读",
        "延伸阅读",
        "猜你喜欢",
        "热门推荐",
        "责任编辑：李四",
        "责编：李四",
        "编辑：李四",
        "网络编辑：李四",
    ),
    *(
        "值班编辑：李四",
        "本文编辑：李四",
        "审核：王五",
        "网友评论",
        "发表评论",
        "我要纠错",
        "纠错",
        "顶部",
        "回到顶部",
        "浏览次数：12",
    ),
    *(
        "您访问的链接即将离开本站",
        "点击量：12",
        "阅读数：12",
        "微信扫一扫",
        "手机浏览",
        "移动端查看",
        "更多",
        "更多>>",
        "网站声明",
    ),
    *("免责声明：", "版权声明：", "声明："),
)
WIDGETS = (
    *(
        "字体：大 中 小",
        "【字号：大中小】",
        "文字大小",
        "大 中 小",
        "打印",
        "关闭窗口",
        "返回列表",
        "收藏",
        "分享到：",
        "复制链接",
        "微信",
    ),
    *(
        "新浪微博",
        "QQ空间",
        "腾讯微博",
        "人人网",
        "朋友圈",
        "扫一扫",
        "语音播报",
        "播放",
        "暂停",
        "停止",
        "朗读",
        "视频播放",
        "放大",
    ),
    *(
        "您的浏览器不支持video",
        "Your browser does not support the video tag",
        "浏览量：12",
        "点击数：12次",
        "阅读量：12",
        "缩小",
        "正常",
    ),
    *("加大", "我要纠错", "点击下载", "大图", "查看原图", ">>", "|", "（打印本页）"),
)


@pytest.mark.parametrize("line", AFTER_LINES)
def test_lines_behind_an_article_are_known_by_pattern_and_first_letter(line: str) -> None:
    assert AFTER.match(line) is not None
    assert is_after(line)


@pytest.mark.parametrize("line", WIDGETS)
def test_buttons_are_known_by_pattern_and_first_letter(line: str) -> None:
    assert WIDGET.match(line) is not None
    assert is_widget(line)


@pytest.mark.parametrize(
    "line", ["各市人民政府：", "打印机采购项目中标，价格合理。", "更多的人参加了活动。", "声明如下。", "编辑部设在北京"]
)
def test_lines_of_a_body_are_none(line: str) -> None:
    assert not is_after(line)
    assert not is_widget(line)


WORDS = st.sampled_from(
    [
        *("来源", "信息来源", "稿源", "出处", "供稿单位", "发布机构", "信息提供", "来自", "作者", "见习记者", "通讯员"),
        *("撰稿人", "撰文", "文/", "文字", "责任编辑", "责编", "审核人", "校对", "录入员", "发布者", "签发人", "监制"),
        *(
            "摄影",
            "值班主任",
            "值班编委",
            "信息员",
            "发布时间",
            "发表于",
            "时间",
            "日期",
            "最后更新",
            "浏览次数",
            "点击率",
        ),
        *("人气", "字体大小", "字号", "分享到", "打印本页", "收藏", "背景色", "语音播报", "朗读", "责任", "文章字体"),
        *(
            "我要纠错",
            "扫一扫",
            "下载",
            "大中小",
            "索引号",
            "主题词",
            "摘要",
            "关键词",
            "来源网站",
            "：",
            ":",
            "[",
            "（",
            " ",
        ),
    ]
)


@given(st.lists(WORDS | st.text("来源作者编辑发布时日期字体分享大小号览数1 :：", max_size=3), max_size=5).map("".join))
def test_the_last_letters_of_labels_tell_all_labels(text: str) -> None:
    assert has_label(text) == (ANY_LABEL.search(text) is not None)
