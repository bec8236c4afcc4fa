import pytest

from crawler.restore.lines import NOTHING, Below
from crawler.restore.losses import lost
from crawler.restore.walk import Seen, Walk


def ends(line: str, below: Below = NOTHING) -> dict[str, float]:
    """What may end a line whose last character has left its first byte, A3, and what each costs more than the best."""
    walk = Walk(0, Seen("")).put(line, len(line), None).tear(len(line), 0xA3, 0.0)
    found = {new.last: new.price for new in lost(walk, line + "?", "", below)}
    return {char: price - min(found.values()) for char, price in found.items()}


def test_the_last_mark_of_a_line_closes_what_is_open() -> None:
    # A3 leads ） as well as ； and ！.
    assert ends("（三百字以內")["）"] < ends("（三百）字以內").get("）", 99.0)
    assert ends("（三百字以內")["）"] < ends("三百字以內").get("）", 99.0)


def test_the_last_mark_of_a_line_opens_what_the_next_ones_close() -> None:
    # A1 leads 《 as well as 。 and 、.
    def opens(line: str, below: Below) -> float:
        walk = Walk(0, Seen("")).put(line, len(line), None).tear(len(line), 0xA1, 0.0)
        return {new.last: new.price for new in lost(walk, line + "?", "", below)}.get("《", 99.0)

    assert opens("編制了", Below(lacks="《")) < opens("編制了", NOTHING)


@pytest.mark.parametrize(
    ("rest", "mark"), [("5個", "?"), (".6萬", "?"), ("%，", "?"), ("025年", "2"), ("998年", "1"), ("縣", ",")]
)
def test_a_swallowed_digit_is_not_invented_and_not_left_out(rest: str, mark: str) -> None:
    # Of 程 the first byte is read, B3; the second was taken for a lead and swallowed what stood before the rest.
    walk = Walk(0, Seen("")).put("里", 1, None).tear(1, 0xB3, 0.0)
    in_step = [new for new in lost(walk, f"里?{rest}", ",", NOTHING) if new.pos == 2 and new.pending is None]
    assert {new.last for new in in_step} == {mark}


def test_in_step_nothing_is_lost() -> None:
    assert list(lost(Walk(0, Seen("")), "?", "", NOTHING)) == []
