import pytest

from crawler.restore import gbk
from crawler.restore.readings import canonical, characters_read, homophones


@pytest.mark.parametrize(
    ("spelling", "want"),
    [
        ("zhuǎn", "zhuǎn"),
        ("ZHUĂN", "zhuǎn"),
        ("zhua\u030cn", "zhuǎn"),
        ("zhu&#462;n", "zhuǎn"),
        ("zhu&#x1ce;n", "zhuǎn"),
        ("\u200blv4", "lü"),
        ("ｚｈｕａｎ", "zhuan"),
        ("ɡuó", "guó"),
    ],
)
def test_spellings_of_one_reading(spelling: str, want: str) -> None:
    assert canonical(spelling) == want


@pytest.mark.parametrize(
    ("spelling", "char"),
    [("zhuan", "轉"), ("zhuán", "转"), ("chang", "長"), ("zhǎng", "長"), ("lü", "綠"), ("lv", "律"), ("lue", "略")],
)
def test_every_reading_of_a_character_counts(spelling: str, char: str) -> None:
    assert char in characters_read(spelling)


@pytest.mark.parametrize("spelling", ["gdp", "xyz", "", "zhuanzhuan"])
def test_what_is_no_syllable_reads_nothing(spelling: str) -> None:
    assert characters_read(spelling) == ""


def test_homophones_are_grouped_by_their_lead_byte() -> None:
    code = gbk.code("準")
    assert code is not None
    assert (code[1], "準", True) in homophones("zhǔn")[code[0]]
    assert all(char != "準" for row in homophones("zhuǎn").values() for _trail, char, _usual in row)


def test_a_toneless_reading_asks_for_any_tone() -> None:
    chars = {char for row in homophones("zhun").values() for _trail, char, _usual in row}
    assert {"準", "諄"} <= chars
