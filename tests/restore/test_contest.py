from crawler.restore.contest import by_words
from crawler.restore.walk import Seen, Walk


def walks(seen: Seen, *restored: str) -> list[tuple[float, Walk]]:
    return [(1.0, Walk(2, seen, "成熟").tear(6, 0x90, 0.0).put(text, 7, None)) for text in restored]


def test_the_better_words_win() -> None:
    found = by_words(walks(Seen(""), "竟", "濟"), "成熟?yú)竟發", "經")
    assert found.written == ""
    assert found.tears[0].restored == "濟"


def test_what_the_text_has_elsewhere_wins_over_equal_words() -> None:
    priced = walks(Seen("他丟了甲乙丙丁的事"), "甲乙戊", "甲乙丙")
    assert by_words(priced, "成熟?yú)竟", "").tears[0].restored == "甲乙丙"


def test_walks_that_read_alike_keep_the_cheapest() -> None:
    (_, first), (_, second) = walks(Seen(""), "濟", "濟")
    assert by_words([(1.0, first), (2.0, second)], "成熟?yú)竟", "經") is first
