import re
import unicodedata
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC
from pypinyin import Style, pinyin

from crawler.replica.pollution import pollute, readings, toneless
from crawler.replica.writing.author import Author

HANT = OpenCC("s2t")
TEXT = "岚江省把办公室搬进旧仓库，会议决定对车间进行标准化改造，领导调研县域经济发展。"
TABLE = [char for char in readings() if unicodedata.category(char) == "Lo"]


def test_readings_are_those_of_pypinyin() -> None:
    assert {char: pinyin(char, style=Style.TONE)[0][0] for char in readings()} == readings()


def test_the_table_covers_what_the_replica_writes() -> None:
    words = "".join(
        post.headline + "".join(post.paragraphs) for kind in ("news", "policy") for post in Author(1).handwritten(kind)
    )
    missing = {char for char in words + HANT.convert(words) if "一" <= char <= "鿿"} - readings().keys()
    assert not missing


def test_the_table_is_sorted_and_names_each_character_once() -> None:
    lines = resources.files("crawler.replica").joinpath("data/readings.txt").read_text(encoding="utf-8").splitlines()
    chars = "".join(line.partition(" ")[2] for line in lines)
    assert lines == sorted(lines)
    assert len(chars) == len(set(chars)) > 4000


def test_spaced_marks_early_changed_characters_everywhere() -> None:
    polluted = pollute("书记在会议室书写", "spaced", "x")
    assert polluted == "書(shu) 記在會(hui) 議室書(shu) 寫(xie) "


def test_toned_marks_the_same_characters_throughout_a_document() -> None:
    polluted = pollute(TEXT * 3, "toned", "doc")
    marked = set(re.findall(r"(.)\(", polluted))
    assert marked
    assert all(polluted.count(char) == len(re.findall(rf"{char}\(", polluted)) for char in marked)
    assert re.search(r"[āáǎàēéěèīíǐìōóǒòūúǔù]", polluted)


def test_random_marks_some_occurrences_and_unchanged_characters() -> None:
    polluted = pollute(TEXT * 20, "random", "doc")
    marked = re.findall(r"(.)\(([a-zü]+)\)", polluted)
    assert any(HANT.convert(char) == char for char, _ in marked)
    assert 0.1 < len(marked) / len(TEXT * 20) < 0.4
    assert re.search(r"\(([a-zü]+)\)\(\1\)", polluted)


def test_torn_inserts_into_bytes_that_only_look_like_a_character() -> None:
    for number in range(200):
        polluted = pollute("链式思维", "torn", str(number))
        if "zhǔn" in polluted:
            break
    else:
        polluted = "".join(pollute("标准的链式思维", "torn", str(number)) for number in range(50))
    assert "鏈?zhǔn)剿季" in polluted


@pytest.mark.parametrize("style", ["spaced", "toned", "random"])
@given(text=st.text(st.sampled_from(TABLE) | st.sampled_from("，。：Aa1 "), max_size=60))
def test_taking_the_readings_away_leaves_the_traditional_text(style: str, text: str) -> None:
    pattern = r"\([a-zü]+\) " if style == "spaced" else r"\([^()]+\)"
    bare = re.sub(pattern, "", pollute(text, style, "seed"))
    assert bare == pollute(text, "none", "seed")


@given(text=st.text(max_size=80), style=st.sampled_from(["none", "spaced", "toned", "random", "torn"]))
def test_any_text_can_be_polluted(text: str, style: str) -> None:
    assert pollute(text, style, "s") == pollute(text, style, "s")


def test_toneless_keeps_u_umlaut() -> None:
    assert [toneless(one) for one in ("lǜ", "zhuǎn", "ma")] == ["lü", "zhuan", "ma"]
