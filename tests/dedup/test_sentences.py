from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dedup.sentences import changes, pieces

BEFORE = "第一句没有变化。第二句说投资3亿元，工期两年。\n第三句会被删去。第四句在最后。"
TEXT = st.text(st.sampled_from("供水管网改造，。！\n12"), max_size=60)


def test_an_edit_by_sentence() -> None:
    after = "第一句没有变化。第二句说投资5亿元，工期两年。\n第四句在最后。另外添了一句。"
    found = changes(BEFORE, after)
    assert [one.kind for one in found] == ["changed", "removed", "inserted"]
    assert found[0].pieces == (
        ("same", "第二句说投资"),
        ("removed", "3"),
        ("inserted", "5"),
        ("same", "亿元，工期两年。"),
    )
    assert found[1].pieces == (("removed", "第三句会被删去。"),)


def test_where_only_marks_differ_they_are_shown() -> None:
    assert pieces("完成任务，", "完成任务。") == (("same", "完成任务"), ("removed", "，"), ("inserted", "。"))


def test_white_space_between_sentences_is_no_edit() -> None:
    assert changes(BEFORE, BEFORE.replace("\n", "\n\n　　")) == []


@given(TEXT, TEXT)
@settings(max_examples=200)
def test_pieces_make_up_the_old_form(before: str, after: str) -> None:
    made = pieces(before, after)
    assert "".join(text for kind, text in made if kind != "inserted") == before
