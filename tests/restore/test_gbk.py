from hypothesis import given
from hypothesis import strategies as st

from crawler.restore import gbk


def test_characters_and_their_bytes() -> None:
    assert gbk.code("準") == (0x9C, 0xCA)
    assert gbk.character(0x9C, 0xCA) == "準"
    assert gbk.code("a") is None
    assert gbk.code("\u2022") is None
    assert gbk.character(0xAA, 0xA1) is None
    assert (0xCA, "準") in gbk.row(0x9C)


@given(st.sampled_from(gbk.LEADS), st.sampled_from(gbk.TRAILS))
def test_bytes_come_back(lead: int, trail: int) -> None:
    char = gbk.character(lead, trail)
    assert char is None or gbk.code(char) == (lead, trail)


@given(st.sampled_from([0x80, *gbk.LEADS]))
def test_a_row_holds_what_its_bytes_make(lead: int) -> None:
    made = [(trail, char) for trail in gbk.TRAILS if (char := gbk.character(lead, trail)) is not None]
    assert gbk.row(lead) == made
