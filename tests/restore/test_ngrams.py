import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.restore.ngrams import (
    NOWHERE,
    WEIGHT,
    alone,
    behind,
    context,
    following,
    key,
    normal,
    pair_cost,
    run_cost,
    slots,
    successors,
)

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)


def test_digits_letters_and_spaces_are_all_one() -> None:
    assert normal("2025年，ＧＤＰ Growth\n") == "0000年，aaa$aaaaaa$"
    assert normal("(一),;:!?") == "（一），；：！？"


@given(st.text(HAN, min_size=3, max_size=3), HAN)
def test_the_two_ways_of_looking_up_agree(tail: str, char: str) -> None:
    assert behind(tail, char) == pytest.approx(following(context(tail), char))


@given(st.text(min_size=3, max_size=3), st.characters())
def test_any_character_has_a_cost(tail: str, char: str) -> None:
    assert 0 <= behind(tail, char) < 60


def test_costs_are_of_probabilities() -> None:
    # All that may follow a frequent character is certain to follow it, but for what rounding and pruning do.
    row, if_not = successors("经")
    seen = sum(math.exp(-(ord(weight) - WEIGHT) / 6) for weight in row[1::2])
    assert 0.8 < seen < 1.05
    assert if_not > 0


def test_rows_agree_with_pairs() -> None:
    row, if_not = successors("经")
    assert row[0] == "济"
    assert pair_cost("经", "济") == (ord(row[1]) - WEIGHT) / 6
    assert pair_cost("经", "鑫") == if_not + alone("鑫")
    assert successors("\U00020000") == ("", 0.0)
    assert pair_cost("\U00020000", "济") == alone("济")


def test_a_longer_context_knows_better() -> None:
    assert behind("国家主", "席") < behind(NOWHERE[:2] + "主", "席") < alone("席")


def test_a_run_costs_the_sum_of_its_characters() -> None:
    whole = run_cost("$$$", "经济发展")
    assert whole == behind("$$$", "经") + behind("$$经", "济") + behind("$经济", "发") + behind("经济发", "展")


@given(st.text(min_size=1, max_size=4))
def test_keys_lie_in_the_table(run: str) -> None:
    assert 0 <= key(run) < 1 << 64
    first, second = slots(key(run))
    assert 0 <= first < 1 << 20
    assert 0 <= second < 1 << 20
