import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.restore import restore
from tests.restore.pollution import WAYS, Way, annotate, changed, tear, to_traditional
from tests.restore.samples import ALL, NEWS, POLICY, WORDS

texts = st.lists(st.sampled_from(WORDS), min_size=4, max_size=30).flatmap(
    lambda words: st.lists(
        st.sampled_from(["", "", "", "，", "。", "、", "\n", "2024", " "]), min_size=len(words), max_size=len(words)
    ).map(lambda marks: "".join(word + mark for word, mark in zip(words, marks, strict=True)))
)
ways = st.sampled_from(WAYS)
# Everything that the code looks for, so that chance finds its corners.
hostile = st.text(
    alphabet=st.sampled_from("轉型發展王和?�()（）zhuǎnfa &#462;<ruby>rt/\n\u200b鏈剿季S椤盀著覆乾1 a")
) | st.text(max_size=60)


@given(texts, ways, st.data())
def test_spaced_readings_round_trip(text: str, way: Way, data: st.DataObject) -> None:
    converted = to_traditional(text, way)
    marked = data.draw(st.sets(st.sampled_from(changed(converted)), min_size=1)) if changed(converted) else set()
    dirty = annotate(converted, frozenset(marked), toned=False, space=" ")
    assert restore(dirty).text == text


@given(texts, ways, st.data())
def test_toned_readings_round_trip(text: str, way: Way, data: st.DataObject) -> None:
    converted = to_traditional(text, way)
    marked = data.draw(st.sets(st.sampled_from(changed(converted)), min_size=1)) if changed(converted) else set()
    assert restore(annotate(converted, frozenset(marked), toned=True)).text == text


@given(hostile)
def test_any_text_keeps_its_lines_and_restores_once(text: str) -> None:
    first = restore(text)
    assert first.text.count("\n") == text.count("\n")
    assert restore(first.text).text == first.text


@given(texts, ways, st.booleans())
def test_polluted_text_restores_once(text: str, way: Way, toned: bool) -> None:  # noqa: FBT001
    converted = to_traditional(text, way)
    once = restore(annotate(converted, frozenset(changed(converted)), toned=toned)).text
    assert restore(once).text == once


@given(hostile)
def test_offsets_point_at_what_was_taken_out(text: str) -> None:
    result = restore(text)
    assert result.annotations_removed == len(result.removals)
    assert result.tears_repaired == len(result.tears)
    end = 0
    for removal in result.removals:
        assert removal.start >= end
        assert text[removal.start : removal.end] == removal.text
        end = removal.end
    end = 0
    for torn in result.tears:
        assert torn.start >= end
        end = torn.end
        assert end <= len(text)
    if not result.tears:
        assert len(text) - sum(r.end - r.start for r in result.removals) == len(result.text)


@given(st.text(alphabet=st.sampled_from("经济发展的会议，。\n (a)he和(he)王(音同旺)著名?GDP(GDP)年(nian)重(chóng)庆")))
def test_simplified_text_comes_back_as_it_is(text: str) -> None:
    assert restore(text).text == text
    assert restore(text, hant="keep").text == text


@pytest.mark.parametrize("text", ALL)
def test_samples_are_fixed_points(text: str) -> None:
    result = restore(text)
    assert (result.text, result.script, result.converted) == (text, "hans", False)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", ALL)
def test_converted_samples_come_back(text: str, way: Way) -> None:
    result = restore(to_traditional(text, way))
    assert result.text == text
    assert result.script in {"hant", "hant-machine"}
    assert result.converted


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", ALL)
def test_converted_samples_are_kept_on_request(text: str, way: Way) -> None:
    converted = to_traditional(text, way)
    result = restore(converted, hant="keep")
    assert result.text == converted
    assert not result.converted


@pytest.mark.parametrize("text", ALL)
def test_doubled_readings_of_unchanged_characters(text: str) -> None:
    converted = to_traditional(text, "s2t")
    marked = frozenset(char for char in converted if "\u4e00" <= char <= "\u9fff")
    assert restore(annotate(converted, marked, toned=False, twice=True)).text == text


@pytest.mark.parametrize("way", ["s2t", "s2hk", "over", "sparing"])
@pytest.mark.parametrize("text", [NEWS, POLICY])
def test_torn_samples_come_back(text: str, way: Way) -> None:
    converted = to_traditional(text, way)
    dirty = "\n".join(tear(line, frozenset(changed(converted)[::2])) for line in converted.split("\n"))
    assert restore(dirty).text == text


def test_a_run_is_torn_and_mended() -> None:
    dirty = tear("产业鏈式思維,轉變", frozenset("準轉"))
    assert dirty == "产业鏈?zhǔn)剿季S,轉(zhuǎn)變"
    result = restore(dirty)
    assert result.text == "产业链式思维,转变"
    assert [(t.start, t.end, t.restored) for t in result.tears] == [(3, 12, "式思維")]
    assert [r.text for r in result.removals] == ["?zhǔn)", "(zhuǎn)"]


def test_genuine_parentheses_stay() -> None:
    text = "經(jīng)濟總量(GDP)與管徑(300mm)、人(he)、範圍(擴大)、AI(人工智能)、選項(a)、王(音同旺)、發(fā)展"
    want = "经济总量(GDP)与管径(300mm)、人(he)、范围(扩大)、AI(人工智能)、选项(a)、王(音同旺)、发展"
    assert restore(text).text == want


def test_an_author_may_explain_a_reading() -> None:
    text = "重(chóng)庆的朱镕(róng)基"
    assert restore(text).text == text
    genuine = "臺灣經濟發展與國際貿易關係的歷史變遷研究報告，兼論產業轉型、環境保護與勞動權益。" * 3 + "龜(jūn)裂"
    assert restore(genuine, hant="keep").text == genuine


def test_a_paragraph_of_its_own_in_a_simplified_text() -> None:
    lines = [
        "这是一段简体中文，说的是会议和经济。",
        "轉(zhuǎn)型發(fā)展驅(qū)動經(jīng)濟環(huán)境優(yōu)化。",
        "这里也是简体。",
    ]
    text = "\n".join(lines * 1)
    long = "\n".join([lines[0]] * 8 + [lines[1]] + [lines[2]] * 8)
    assert restore(long).text == "\n".join([lines[0]] * 8 + ["转型发展驱动经济环境优化。"] + [lines[2]] * 8)
    assert restore(text).text.count("\n") == 2


def test_the_verdict_reaches_short_lines() -> None:
    body = annotate(to_traditional(NEWS, "over"), frozenset(changed(to_traditional(NEWS, "over"))), toned=True)
    assert restore("年(nián)報\n" + body).text == "年报\n" + NEWS


def test_lone_surrogates_survive() -> None:
    assert restore("發(fā)展\ud800經(jīng)濟").text == "发展\ud800经济"


def test_unknown_choice_is_refused() -> None:
    with pytest.raises(ValueError, match="convert"):
        restore("字", hant="drop")  # type: ignore[arg-type]
