import pytest

from crawler.restore.annotations import find, find_ruby, with_spaces


def taken(text: str) -> list[str]:
    return [text[start:end] for start, end in find(text)]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("轉(zhuǎn)型", ["(zhuǎn)"]),
        ("中(zhong)(zhong)共", ["(zhong)", "(zhong)"]),
        ("轉（zhuǎn）型", ["（zhuǎn）"]),
        ("轉(zhuǎn）型", ["(zhuǎn）"]),
        ("轉&#40;zhuǎn&#41;型", ["&#40;zhuǎn&#41;"]),
        ("轉(zhu&#462;n)型", ["(zhu&#462;n)"]),
        ("轉(&nbsp;zhuǎn)型", ["(&nbsp;zhuǎn)"]),
        ("轉(\u200bzhuǎn\ufeff)型", ["(\u200bzhuǎn\ufeff)"]),
        ("轉(zhua\u030cn)型", ["(zhua\u030cn)"]),
        ("綠(lv)女(nǚ)略(lue)", ["(lv)", "(nǚ)", "(lue)"]),
        ("綠(l&uuml;)", ["(l&uuml;)"]),
        ("轉(Zhuan3)", ["(Zhuan3)"]),
        ("和(hè)和(hé)", ["(hè)", "(hé)"]),
        ("人(he)王(音同旺)數(GDP)長(300mm)(zhuǎn)", []),
        ("(zhuǎn)型", []),
        ("a(a)", []),
        # The second byte of 高 and the letter B are the bytes of 連.
        ("高B(lián)RT", ["(lián)"]),
        ("高B(zhuǎn)RT", []),
        ("B(lián)", []),
    ],
)
def test_readings_are_found_behind_their_characters(text: str, want: list[str]) -> None:
    assert taken(text) == want


def test_ruby_markup_around_its_base() -> None:
    text = "<ruby>漢<rt>hàn</rt></ruby><RUBY>學<rp>(</rp><rt>xué</rt><rp>)</rp></RUBY><ruby>字<rt>word</rt></ruby>"
    parts = find_ruby(text)
    assert [text[start:end] for start, end in parts] == [
        "<ruby>",
        "<rt>hàn</rt></ruby>",
        "<RUBY>",
        "<rp>(</rp><rt>xué</rt><rp>)</rp></RUBY>",
    ]


def test_spaces_go_where_every_toneless_reading_has_one() -> None:
    text = "書(shu) 記(ji) 會(hui) 議(yi)\n"
    assert with_spaces(text, find(text)) == [(1, 7), (8, 13), (14, 20), (21, 25)]


@pytest.mark.parametrize("text", ["書(shu)記 會(hui)議(yi)", "動(dòng)力 當(dāng) 好", "導(dǎo) 張"])
def test_other_spaces_belong_to_the_text(text: str) -> None:
    assert with_spaces(text, find(text)) == find(text)
