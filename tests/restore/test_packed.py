from crawler.restore.packed import line_starts, text_of, words_of


def test_lines_are_found_by_their_first_character() -> None:
    text = "甲一二\n乙三\n"
    starts = line_starts(text)
    assert text[starts[ord("甲")]] == "一"
    assert text[starts[ord("乙")]] == "三"
    assert starts[ord("丙")] == 0


def test_a_line_beyond_the_plane_is_passed_over() -> None:
    starts = line_starts("\U00020000x\n甲y\n")
    assert sum(1 for start in starts if start) == 1


def test_tables_are_read_whole() -> None:
    text = text_of("words.txt")
    assert text.endswith("|\n")
    assert "\n的|" in text
    assert len(words_of("ngrams.bin")) == 1 << 20
