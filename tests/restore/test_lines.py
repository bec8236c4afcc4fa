from math import exp, isclose

from hypothesis import given
from hypothesis import strategies as st

from crawler.restore import restore
from crawler.restore.lines import NOTHING, Below, belows, either, end_cost, gains_at_end
from tests.restore.pollution import tear


def test_only_lines_that_end_in_a_mark_are_asked_about() -> None:
    first, second, third = belows(["數字?", "活(huó)，推進", "建設。"])
    assert (first.forms, second, third) == ("活，推", NOTHING, NOTHING)
    assert belows(["數字", "活"]) == [NOTHING, NOTHING]


def test_a_blank_or_an_indented_line_continues_nothing() -> None:
    assert belows(["數字?", ""])[0].forms == ""
    assert belows(["數字?", "\u3000\u3000活動"])[0].forms == ""
    assert belows(["數字?", "?huó)動"])[0].forms == ""


def test_texts_whose_lines_end_in_mid_sentence_go_on() -> None:
    wrapped = belows(["推進產", "業發展，提", "高數字?", "活水平，建"])[2]
    paragraphs = belows(["推進發展。", "提高水平。", "數字?", "建設城市。"])[2]
    assert wrapped.goes_on < wrapped.ends
    assert paragraphs.ends < paragraphs.goes_on


def test_what_is_open_is_closed_and_what_is_closed_later_is_opened() -> None:
    lacking = belows(["編制了?", "規劃綱要", "》，提請審議"])[0]
    assert lacking.lacks == "《"
    assert gains_at_end("編制了", lacking)["《"] < 0
    assert gains_at_end("編制了《", lacking).keys() == {"》"}
    assert belows(["編制了?", "《綱要》", "提請審議"])[0].lacks == ""
    assert belows(["編制了《", "規劃綱要?", "》，提請審議"])[1].lacks == ""
    assert belows(["關於《", "規劃》和?", "規定", "》，提請審議"])[1].lacks == "《"


def test_a_line_that_ends_with_nothing_below_costs_what_its_end_costs() -> None:
    ended = end_cost("建设。", NOTHING)
    assert ended < end_cost("的建设", NOTHING)
    assert end_cost("建设。", Below("活", ends=0.0, goes_on=50.0)) <= ended


@given(st.floats(0, 50), st.floats(0, 50))
def test_two_ways_are_likelier_than_one(one: float, other: float) -> None:
    assert isclose(exp(-either(one, other)), exp(-one) + exp(-other), rel_tol=1e-9)


def test_a_word_torn_at_the_end_of_a_line_is_read_on() -> None:
    # The bytes of 謱, which stand in 數字, put what follows out of step: of 導 the first byte is left.
    torn = tear("我們要加快數字導", frozenset("謱"))
    assert torn.endswith("?")
    others = "幹部帶頭。\n這項工作讓縣(xiàn)裏的羣眾(zhòng)滿意，發(fā)展加快。"
    assert restore(f"{torn}\n{others}").text.startswith("我们要加快数字导\n")
    assert not restore(f"{torn}\n\n{others}").text.startswith("我们要加快数字导\n")
