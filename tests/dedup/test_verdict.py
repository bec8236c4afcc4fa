from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dedup import Text, compare

NOTICE = (
    "因{place}供水管网改造施工需要，定于{date}9时起对沿线用户实施计划停水，停水时间约{hours}小时。\n"
    "停水期间请广大用户提前做好储水准备，关闭户内用水阀门，避免来水时无人看管造成财产损失。\n"
    "恢复供水初期水质可能短时浑浊，属正常现象，放水片刻即可正常使用。联系人：{person}。"
)
BASE = {"place": "稷湾街道", "date": "2025年6月18日", "hours": "8", "person": "章惟安"}
STORY = (
    "岚口市今天启动六座老旧码头的改造，总投资3.2亿元，计划用十八个月完成。\n"
    "改造后的码头将增加岸电设施，船舶靠港时不再烧油发电，每年减少排放约4000吨。\n"
    "施工期间，客运航线由北岸临时泊位接替，班次和票价都不变。\n"
    "家住东渡口的居民每天乘船上班，最盼望候船厅里能有一处挡风的地方。\n"
    "设计单位已经在方案中加入封闭式候船廊，并把无障碍坡道延长到栈桥尽头。\n"
    "工程分三期推进，首期的两座码头将在明年春汛之前交付使用。"
)
LINES = STORY.split("\n")


def is_reprint(one: str, other: str, title: str | None = None, other_title: str | None = None) -> bool:
    verdict = compare(Text(title, one), Text(other_title, other))
    assert verdict == compare(Text(other_title, other), Text(title, one)) or verdict.reprint
    return verdict.reprint


@pytest.mark.parametrize(
    "changed",
    [
        {"place": "渌浔街道"},
        {"date": "2025年6月19日"},
        {"date": "2025年7月2日"},
        {"hours": "6"},
        {"hours": "12"},
        {"person": "祁望舒"},
        {"person": "祁惟安"},
        {"date": "2025年9月3日", "place": "青石镇", "hours": "5", "person": "柏以宁"},
    ],
)
def test_a_notice_with_another_name_number_or_date_is_another(changed: dict[str, str]) -> None:
    assert not is_reprint(NOTICE.format(**BASE), NOTICE.format(**{**BASE, **changed}))


def test_a_name_that_differs_in_title_and_text_tells_even_by_one_character() -> None:
    other = NOTICE.format(**{**BASE, "place": "稷泽街道"})
    assert not is_reprint(NOTICE.format(**BASE), other, "稷湾街道停水公告", "稷泽街道停水公告")


@pytest.mark.parametrize(
    "copy",
    [
        STORY,
        "\n".join(LINES[:3]),
        "\n".join(LINES[1:]),
        "\n".join([*LINES[:2], *LINES[3:]]),
        f"来源：汀原网 2025-06-20 浏览次数：371\n{STORY}\n（责任编辑：邬同尘）\n声明：本网转载此文仅为传递更多信息。",
        "\n".join([*LINES[:3], "关注汀原在线，获取更多资讯。", "上一篇：某县召开会议"]),
        f"汀原日报讯 {STORY}",
        STORY.replace("今天", "令天").replace("居民", "居鸣").replace("坡道", "坡"),
        STORY.replace("，", ",").replace("。", "."),
        STORY.replace("\n", "\n\n\u3000\u3000"),
    ],
    ids=["same", "half", "first line gone", "one gone", "furniture", "half, tail", "brand", "slips", "marks", "blanks"],
)  # fmt: skip
def test_a_copy_is_a_reprint(copy: str) -> None:
    assert is_reprint(STORY, copy, "码头改造启动", "另一个标题")


def test_a_wrong_character_in_a_number_is_no_other_number() -> None:
    copy = STORY.replace("3.2亿", "3.方亿").replace("约4000吨", "约40品0吨")
    assert is_reprint(STORY, copy)
    assert not is_reprint(STORY, STORY.replace("3.2亿", "3.7亿"))


def test_half_of_a_brief_notice_is_found_though_hardly_a_clause_is_whole() -> None:
    whole = NOTICE.format(**BASE)
    half = whole.split("\n")[0].replace("供水", "共水").replace("沿线", "沿县")
    assert is_reprint(whole, half)


def test_the_same_name_in_place_of_another_throughout_is_another_case() -> None:
    report = f"{STORY}\n稷湾码头先行。\n从稷湾到东渡口的航线照旧。\n稷湾一带交通管制。"
    assert not is_reprint(report, report.replace("稷湾", "渌浔"))


def test_the_brand_of_another_paper_in_its_place_is_no_sign_of_another_case() -> None:
    assert is_reprint(f"岚口日报讯 {STORY}", f"云陂晚报讯 {STORY}")


def test_the_dateline_of_another_paper_is_no_other_date() -> None:
    assert is_reprint(f"9月12日，{STORY}", f"云陂晚报9月14日电（记者柏以宁）{STORY}（云陂晚报）")


def test_a_phrase_in_common_is_no_reprint() -> None:
    other = "停水期间请广大用户提前做好储水准备。" + "另外一篇完全不同的文章说的是另外一件事情，和供水没有关系。" * 6
    assert not is_reprint(NOTICE.format(**BASE), other)


def test_a_piece_of_a_digest_is_no_reprint_of_it() -> None:
    digest = (
        STORY + "\n" + "\n".join(f"第{n}条要闻讲的是第{n}个县的春耕备耕和农田水利建设的进展情况。" for n in range(60))
    )
    assert not is_reprint(STORY, digest)


@pytest.mark.parametrize(
    ("one", "other"), [("", ""), ("", STORY), ("。。。", "！！"), ("字" * 500_000, "字" * 400_000)]
)
def test_odd_texts_end_without_a_reprint_or_at_once(one: str, other: str) -> None:
    compare(Text(None, one), Text(None, other))


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=200)
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    verdict = compare(Text(one, other), Text(other, one))
    assert 0 <= verdict.shared <= 1
