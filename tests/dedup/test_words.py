from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dedup.words import differences

TEXT = st.text(st.sampled_from("山西省长调研5.3,，。 ab\n１２"), max_size=40)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("增长5.3%，总体平稳。", "增长５．３％ 总体平稳"),
        ("省长，“强调”", '省长,"强调"'),
        ("一\n二", "一二"),
    ],
)  # fmt: skip
def test_marks_blanks_and_widths_are_no_difference(one: str, other: str) -> None:
    assert differences(one, other) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("增长5.3%", "增长5.8%", [("5.3%", "5.8%")]),
        ("投资100万元", "投资1000万元", [("100", "1000")]),
        ("王小明同志", "李小红同志", [("王小明", "李小红")]),
        ("全面完成任务", "完成任务", [("全面", "")]),
        ("完成任务", "全面完成任务", [("", "全面")]),
    ],
)
def test_numbers_and_names_differ_as_a_whole(one: str, other: str, expected: list[tuple[str, str]]) -> None:
    assert [(found.before, found.after) for found in differences(one, other)] == expected


@given(TEXT, TEXT)
@settings(max_examples=200)
def test_a_difference_is_where_it_says(one: str, other: str) -> None:
    last = 0
    for found in differences(one, other):
        assert one[found.start : found.end] == found.before
        assert other[found.there : found.there_end] == found.after
        assert found.start >= last
        last = found.end


@given(TEXT)
@settings(max_examples=100)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert differences(text, text) == []
