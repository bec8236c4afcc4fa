from crawler.restore.closing import ahead, close_of, code_of
from crawler.restore.halves import trailed
from crawler.restore.lines import NOTHING, Below

NOBODY: frozenset[str] = frozenset()


def test_the_halves_that_a_character_out_of_step_leaves() -> None:
    assert code_of("準") == (0x9C, 0xCA)
    assert code_of("S") == (0x53, None)
    assert code_of("1") is None


def test_the_text_ahead_is_read_in_step_and_out_of_step() -> None:
    assert ahead("經(jīng)濟發展", 0, None) == "經濟發"
    # 思維, its first byte read before.
    assert ahead("季S,開", 0, 0xCB) == "思維,"
    assert ahead("?季", 0, 0xCB) == ""


def test_a_torn_reading_ahead_tells_its_character() -> None:
    # 驗 is F2 9E: its second byte is lost with the parenthesis.
    assert ahead("?yàn)，", 0, 0xF2, frozenset("驗")) == "驗，$"


def test_what_follows_makes_an_ending_likelier() -> None:
    # 思維, the first byte of 思 lost: 思 is not the commonest character of its trail byte, but it is before 維.
    close = close_of("季S,開", 0, NOBODY, NOTHING)
    assert close is not None
    assert close.right == "維,開"
    assert trailed(0xBC)[0].char != "思"
    assert close.endings[0].char == "思"


def test_the_end_of_the_line_is_known_too() -> None:
    assert ahead("經濟", 0, None) == "經濟$"


def test_the_end_of_a_line_ends_a_gap() -> None:
    close = close_of("發展?", 2, NOBODY, NOTHING)
    assert close is not None
    assert close.endings[0].char == "。"
    assert (close.pos, close.pending, close.read) == (3, None, False)


def test_a_line_that_goes_on_ends_in_what_the_next_one_continues() -> None:
    ended = close_of("數字?", 2, NOBODY, Below("活，推", ends=0.1, goes_on=9.0))
    goes_on = close_of("數字?", 2, NOBODY, Below("活，推", ends=1.0, goes_on=0.5))
    assert ended is not None
    assert goes_on is not None
    assert ended.endings[0].char == "。"
    assert goes_on.endings[0].char == "生"


def test_what_the_next_lines_close_is_opened() -> None:
    without = close_of("編制了?", 3, NOBODY, Below("国民经", ends=0.1, goes_on=3.0))
    close = close_of("編制了?", 3, NOBODY, Below("国民经", ends=0.1, goes_on=3.0, lacks="《"))
    assert without is not None
    assert close is not None
    assert close.endings[0].char == "《"
    assert without.endings[0].char == "。"
