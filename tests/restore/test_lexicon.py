from hypothesis import given
from hypothesis import strategies as st

from crawler.restore.lexicon import BEGINS, before, character_cost, continued, cost, pair, text_cost


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


def test_pairs_agree_with_words() -> None:
    assert pair("经", "济") == cost("经济")
    assert pair("济", "经") is None
    assert pair("一", "_") is None
    assert pair("计", "划") == cost("计划")
    row = before("济")
    assert row[row.index("经") + 1] != "~"


def test_continued_prefixes_agree_with_words() -> None:
    found = continued("计划")
    assert cost("计划生") is None
    assert found["生"] == BEGINS
    assert continued("计划生")["育"] == cost("计划生育")
    assert continued("济经") == continued("\u3000的") == {}
    assert all(price == (cost("计划" + char) or BEGINS) for char, price in found.items())


@given(st.text(max_size=12))
def test_any_text_has_a_price(text: str) -> None:
    assert text_cost(text) >= 0
    assert text_cost(text) <= sum(character_cost(char) + 1 for char in text)
