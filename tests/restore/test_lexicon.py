from hypothesis import given
from hypothesis import strategies as st

from crawler.restore.lexicon import character_cost, cost, text_cost


def test_common_words_are_cheaper_than_rare_ones() -> None:
    word, rare = cost("经济"), cost("经纬")
    assert word is not None
    assert rare is not None
    assert word < rare


def test_what_is_no_word_costs_nothing_known() -> None:
    assert cost("济经") is None
    assert cost("經濟") is None
    assert cost("\U00020000字") is None


def test_the_parts_of_a_word_cost_more_than_the_word() -> None:
    assert text_cost("着力破解难题") < text_cost("著力破解难题")
    assert text_cost("全面发展") < text_cost("三叉发展")


def test_the_beginning_of_a_word_is_none() -> None:
    assert cost("计划生育") is not None
    assert cost("计划生") is None


@given(st.text(max_size=12))
def test_any_text_has_a_price(text: str) -> None:
    assert text_cost(text) >= 0
    assert text_cost(text) <= sum(character_cost(char) + 1 for char in text)
