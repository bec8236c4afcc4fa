import pytest

from crawler.restore import restore
from crawler.restore.tears import Habits, repair
from crawler.restore.walk import Seen
from tests.restore.pollution import tear

PLAIN = Habits("", frozenset(), ",", drops=False, seen=Seen(""))


def mended(line: str, habits: Habits = PLAIN) -> list[str]:
    return [torn.restored for torn in repair(line, habits)[0]]


@pytest.mark.parametrize("shape", ["?zhǔn)", "?(zhǔn)", "??zhǔn)", "\ufffdzhǔn)", "\ufffd(zhǔn)", "?zhun)"])
def test_shapes_that_decoders_leave(shape: str) -> None:
    assert mended(f"要強化鏈{shape}剿季S,開展") == ["式思維"]


@pytest.mark.parametrize(
    ("line", "marked", "torn", "want"),
    [
        # In step again at a reading in its right place.
        ("為當地經濟", "數經", "為當?shù)亟?jīng)濟", ["地經"]),
        # Over several characters, no ASCII byte between.
        ("同志們早早的來到會議室", "冊會", "同志們?cè)缭绲膩淼綍?huì)議室", ["早早的來到會"]),
    ],
)
def test_runs_of_any_length(line: str, marked: str, torn: str, want: list[str]) -> None:
    assert tear(line, frozenset(marked)) == torn
    assert mended(torn) == want


def test_a_private_pair_that_the_decoder_marked() -> None:
    # 全體 straddles bytes that make no character: AB F3.
    dirty = tear("直播的同志們全體起立", frozenset("內"))
    assert dirty == "直播的同志們?nèi)?w起立"
    assert mended(dirty) == ["全體"]


def test_a_private_pair_that_the_decoder_dropped() -> None:
    habits = Habits("", frozenset(), ",", drops=True, seen=Seen(""))
    assert mended("直播的同志們?nèi)w起立", habits) == ["全體"]


def test_a_run_that_lasts_to_the_end_of_the_line() -> None:
    dirty = tear("這是我們的經驗。", frozenset("證"))
    assert restore(dirty + "\n轉(zhuǎn)型發(fā)展").text.startswith("这是我们的经验。")


def test_a_question_mark_may_be_one() -> None:
    assert mended("這樣做好嗎?對)") == []
    assert mended("好?xyz)是") == []


def test_long_hostile_lines_end() -> None:
    assert mended("鏈" + "?zhǔn)" * 300 + "剿季" * 300) is not None
    assert mended("鏈?zhǔn)" + "?" * 2000) is not None
