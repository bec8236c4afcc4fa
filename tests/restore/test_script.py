import pytest

from crawler.restore.conversion import characters_simplified
from crawler.restore.script import Tally, machine_made, sampled, tally


def test_only_what_one_script_has_counts() -> None:
    assert tally("經濟和经济", characters_simplified("經濟和经济")) == Tally(2, 2)
    assert Tally(3, 1).share == 0.75
    assert Tally(0, 0).share == 0.0


def test_a_long_text_is_sampled() -> None:
    text = "經濟發展" * 5000
    counted, scale = sampled(text, characters_simplified(text))
    assert counted.share == 1.0
    assert counted.traditional * scale == pytest.approx(15000)


def test_a_lone_paragraph_far_inside_is_seen() -> None:
    text = "文" * 3000 + "經濟" + "文" * 3000
    assert sampled(text, characters_simplified(text))[0] == Tally(2, 0)


def test_a_converters_words_give_it_away() -> None:
    assert machine_made("關于進一步擴大范圍的局麵")
    assert not machine_made("關於進一步擴大範圍的局面，皇后與太后")
