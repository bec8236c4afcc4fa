from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dedup import Fingerprint
from crawler.dedup.fingerprint import SAMPLE
from crawler.dedup.text import OVERHEAD, Recent, Text

CLAUSES = [f"第{n}项工作由有关部门按照职责分工负责落实到位" for n in range(60)]
TEXT = "，".join(CLAUSES)


@dataclass
class Stored:
    title: str | None
    body: str | None
    content: bytes | None = None
    reads: int = 0

    def read(self) -> tuple[str | None, str | None]:
        self.reads += 1
        return self.title, self.body


def test_a_copy_that_keeps_half_keeps_half_of_the_sample() -> None:
    whole, half = Fingerprint("题", TEXT), Fingerprint("题", "，".join(CLAUSES[:30]))
    assert len(whole.sample) == len(half.sample) == SAMPLE
    assert len(set(whole.sample) & set(half.sample)) >= SAMPLE // 4


def test_marks_blanks_and_wide_digits_do_not_matter() -> None:
    other = TEXT.replace("，", "。\n　　").replace("第1", "第１").replace("工作", "工 作")
    assert Fingerprint(None, TEXT).sample == Fingerprint("别的题", other).sample


def test_a_body_that_says_too_little_has_no_sample() -> None:
    for body in (None, "", "详见附件。", "通知如下：一、二、三", "字" * 39):
        assert Fingerprint("题", body).sample == ()


def test_details_tell_what_a_sample_may_not() -> None:
    base = "任命章惟安，为水利服务中心主任，试用期一年，"
    base += "请有关单位按照干部管理权限做好任职谈话和档案移交等工作，于十个工作日内报组织部备案"
    one, other = Fingerprint("题", base), Fingerprint("题", base.replace("章惟安", "祁望舒"))
    assert set(one.sample) == set(other.sample)
    assert set(one.details(())) - set(other.details(()))


def test_a_table_is_looked_up_by_its_lines() -> None:
    rows = "\n".join(f"GB/T {n}\t{n}号\t第{n}项" for n in range(100, 130))
    assert len(set(Fingerprint(None, rows).sample) & set(Fingerprint(None, f"标准清单\n{rows}").sample)) >= SAMPLE - 1


def test_of_several_candidates_the_nearest_is_chosen() -> None:
    half = "，".join(CLAUSES[:30])
    candidates = [Stored("题", "没有关系的一篇文章"), Stored("题", half), Stored("题", TEXT), Stored("题", TEXT)]
    assert Fingerprint("题", TEXT).choose(candidates[2:]) is candidates[2]
    assert Fingerprint("题", TEXT).choose(candidates[:1]) is None
    assert Fingerprint("题", TEXT).choose([]) is None


def test_a_text_that_was_read_or_stored_of_late_is_not_read_again() -> None:
    told, read, unknown = Stored("题", TEXT, b"told"), Stored("题", TEXT[:300], b"read"), Stored("题", TEXT)
    Fingerprint(told.title, told.body).remember(b"told")
    for _ in range(3):
        assert Fingerprint("题", TEXT).choose([unknown, read, told]) is unknown
    assert (told.reads, read.reads, unknown.reads) == (0, 1, 3)


def test_the_longest_unused_text_is_forgotten_first() -> None:
    recent = Recent(3 * OVERHEAD)
    texts = {bytes([n]): Text(None, None) for n in range(5)}
    for content, text in texts.items():
        recent.put(content, text)
        recent.get(b"\0")
    assert [content for content in texts if recent.get(content) is texts[content]] == [b"\0", b"\3", b"\4"]


def test_a_piece_beside_a_wrong_character_is_still_known() -> None:
    clause = "任命章惟安同志为稷湾县水利服务中心主任"
    more = "，试用期一年，任职时间自研究决定之日起计算，于十个工作日内报组织部备案"
    one, other = Fingerprint("题", clause + more), Fingerprint("题", clause.replace("中心", "中新") + more)
    common = set(one.sample) & set(other.sample)
    assert common
    told = set(one.details(common)) & set(other.details(common))
    assert len(told) > len(set(Fingerprint("题", more).details(common)) & told)


@given(st.text(max_size=200))
@settings(max_examples=100)
def test_hashes_fit_a_signed_integer_of_the_database(body: str) -> None:
    fingerprint = Fingerprint(body, body * 3)
    assert all(0 <= one < 2**48 for one in (*fingerprint.sample, *fingerprint.details(())))
    assert list(fingerprint.sample) == sorted(set(fingerprint.sample))
