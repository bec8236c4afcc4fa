from hypothesis import given
from hypothesis import strategies as st

from crawler.restore import gbk
from crawler.restore.halves import bridges, broken_pairs, led, led_before_loss, trailed


@given(st.sampled_from(gbk.LEADS))
def test_candidates_have_the_byte_asked_for(byte: int) -> None:
    assert all(gbk.code(one.char) == (byte, one.trail) for one in led(byte))
    assert all(gbk.code(one.char) == (one.lead, byte) for one in trailed(byte))
    assert [one.price for one in led(byte)] == sorted(one.price for one in led(byte))
    assert set(led_before_loss(byte)) == {one for one in led(byte) if one.trail in broken_pairs()}


def test_what_simplified_text_never_becomes_is_not_tried() -> None:
    leads = {char: gbk.code(char) for char in "經经"}
    assert leads["經"] is not None
    assert leads["经"] is not None
    assert "經" in {one.char for one in led(leads["經"][0])}
    assert "经" not in {one.char for one in led(leads["经"][0])}


def test_broken_pairs_make_no_character() -> None:
    assert all(gbk.character(first, second) is None for first, row in broken_pairs().items() for second in row)


def test_bridges_lead_and_end_nothing_alone() -> None:
    found = bridges()
    assert all(one.form == form and one.trail in broken_pairs() for form, row in found.items() for one in row)
    assert [row[0].price for row in found.values()] == sorted(row[0].price for row in found.values())


def test_classes_are_no_guesses() -> None:
    # Full-width digits and letters: A3 and the ASCII code with its high bit set.
    assert not {"０", "Ａ", "ａ"} & {one.char for one in led(0xA3)}
    assert "，" in {one.char for one in led(0xA3)}
