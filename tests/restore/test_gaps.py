import pytest

from crawler.restore import gbk
from crawler.restore.gaps import fill, ranked
from crawler.restore.lines import NOTHING
from crawler.restore.walk import Seen, Walk


def shifted(text: str) -> tuple[int, str]:
    """The lead byte of the first character, and the text behind it as a reader one byte out of step decodes it."""
    raw = text.encode("gbk")
    line = ""
    for at in range(1, len(raw) - 1, 2):
        char = gbk.character(raw[at], raw[at + 1])
        line += char or "?"
    return raw[0], line


@pytest.mark.parametrize(
    ("before", "gap", "marks"),
    [
        # One pair of bytes: a half is left of both its characters.
        ("這項", "政策的實施", 1),
        # Of two pairs in a row the middle character has lost both halves; a word of four characters tells it.
        ("堅持計劃", "生育的基本", 2),
        # What was never seen behind the first character is found by what stands behind it.
        ("風電光", "伏基地和", 2),
    ],
)
def test_words_on_both_sides_fill_a_gap(before: str, gap: str, marks: int) -> None:
    pending, line = shifted(gap)
    assert line[:marks] == "?" * marks != line[1 : marks + 1]
    walk = Walk(0, Seen(""))
    for char in before:
        walk = walk.put(char, 0, None)
    first = min(fill(walk.tear(0, pending, 0.0), line, marks, NOTHING), key=lambda new: new.price)
    assert first.written == gap[: marks + 1]


def test_a_character_that_bears_readings_elsewhere_is_not_guessed_bare() -> None:
    pending = gbk.code("體")
    assert pending is not None
    walk = Walk(0, Seen("")).put("全", 0, None).tear(0, pending[0], 0.0)
    marked = Walk(0, Seen("", frozenset("體"))).put("全", 0, None).tear(0, pending[0], 0.0)
    assert next(price for price, one in ranked(walk) if one.char == "體") < next(
        price for price, one in ranked(marked) if one.char == "體"
    )


def test_in_step_there_is_no_gap() -> None:
    assert list(fill(Walk(0, Seen("")), "?剿", 1, NOTHING)) == []
