import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.restore.patterns import LOOSE_SIGN, TORN, may_be_loose

# What readings, genuine parentheses and their neighbours are made of.
_PIECES = st.sampled_from(
    ["縣", "(", ")", "（", "）", "xiàn", "GDP", "3", "&#462;", "\u200b", "a\u0301", "\n", " ", "ｘ", "?"]
)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_the_quick_look_misses_no_sign(text: str) -> None:
    assert may_be_loose(text) or not LOOSE_SIGN.search(text)


@pytest.mark.parametrize("text", ["縣(xiàn)長(zhǎng)", "縣（擴大）的", "（2025年）", "準(zhǔn)則（試行）", "人(he)"])
def test_usual_texts_are_seen_to_be_plain_at_once(text: str) -> None:
    assert not may_be_loose(text)


def test_a_torn_reading_lacks_a_byte_or_two() -> None:
    assert [TORN.match(text)[1] for text in ("?zhǔn)", "?(zhǔn)", "\ufffdzhǔn)")] == ["zhǔn"] * 3  # type: ignore[index]
    assert TORN.match("?準)") is None
