from importlib.resources import files

import pytest

from crawler.restore.conversion import characters_simplified, settle, simple


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("著力培育", "着力培育"),
        ("看著窗外", "看着窗外"),
        ("著名的著作", "著名的著作"),
        ("效果顯著", "效果显著"),
        ("吸引著名跨國公司", "吸引著名跨国公司"),
        ("恢覆生產", "恢复生产"),
        ("反覆強調", "反复强调"),
        ("全覆蓋", "全覆盖"),
        ("現函覆如下", "现函复如下"),
        ("甚麼水菓", "什么水果"),
        ("衞生", "卫生"),
        ("牠們", "它们"),
        ("瞭望塔", "瞭望塔"),
        ("瞭解情況", "了解情况"),
        ("指明瞭方向", "指明了方向"),
        ("乾隆皇帝", "乾隆皇帝"),
        ("乾坤", "乾坤"),
        ("乾燥的幹部", "干燥的干部"),
        ("憑藉", "凭借"),
        ("慰藉", "慰藉"),
        ("資金鍊", "资金链"),
        ("鍛鍊身體", "锻炼身体"),
        ("座落於", "坐落于"),
        ("想像力", "想象力"),
        ("好像", "好像"),
        ("局麵曆史係統", "局面历史系统"),
        ("關于范圍", "关于范围"),
        ("公裏", "公里"),
        ("徵求意見", "征求意见"),
        ("傢俱", "家具"),
    ],
)
def test_words_decide(text: str, want: str) -> None:
    assert settle(characters_simplified(text)) == want


def test_both_forms_in_one_text_are_both_meant() -> None:
    assert settle("软著登记，沿着道路") == "软著登记，沿着道路"
    assert settle("软著登记") == "软着登记"


def test_line_breaks_fall_into_words() -> None:
    assert settle("全面覆\n盖") == "全面覆\n盖"


def test_one_character_for_one_character() -> None:
    text = "轉型發展\ud800\U00020b9f abc"
    assert len(characters_simplified(text)) == len(text)
    assert simple("著") == "着"
    assert simple("龍") == "龙"


def test_what_was_converted_is_converted_no_further() -> None:
    """苧 is how 薴 is simplified and the traditional form of 苎; U+F95B is 拏, an old form of 拿."""
    table = (files("crawler.restore") / "data" / "characters.txt").read_text("utf-8")
    for line in table.splitlines():
        once = characters_simplified(line[0])
        assert characters_simplified(once) == once
    assert characters_simplified("薴苧\uf95b") == "薴苎拿"
