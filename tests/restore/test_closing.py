from crawler.restore.closing import ahead, close_of, code_of, rest_of
from crawler.restore.halves import trailed
from crawler.restore.lexicon import text_cost

NOBODY: frozenset[str] = frozenset()


def test_the_halves_that_a_character_out_of_step_leaves() -> None:
    assert code_of("準") == (0x9C, 0xCA)
    assert code_of("S") == (0x53, None)
    assert code_of("1") is None


def test_the_text_ahead_is_read_in_step_and_out_of_step() -> None:
    assert ahead("經(jīng)濟發展", 0, None) == "经济发"
    # 思維, its first byte read before.
    assert ahead("季S,開", 0, 0xCB) == "思维,"
    assert ahead("?季", 0, 0xCB) == ""


def test_a_torn_reading_ahead_tells_its_character() -> None:
    # 驗 is F2 9E: its second byte is lost with the parenthesis.
    assert ahead("?yàn)，", 0, 0xF2, frozenset("驗")) == "验，"


def test_a_word_with_what_follows_makes_an_ending_cheaper() -> None:
    # 思維, the first byte of 思 lost.
    close = close_of("季S,開", 0, NOBODY)
    assert close is not None
    assert close.right == "维,开"
    alone = next(one for one in trailed(0xBC) if one.char == "思")
    ending = next(one for one in close.endings if one.char == "思")
    assert ending.price < alone.price


def test_what_is_left_of_a_text_costs_less_and_less() -> None:
    assert rest_of("经济") == (text_cost("经济"), text_cost("济"), 0.0)


def test_the_end_of_a_line_ends_a_gap() -> None:
    close = close_of("發展?", 2, NOBODY)
    assert close is not None
    assert close.endings[0].char == "。"
    assert (close.pos, close.pending, close.read) == (3, None, False)
