from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dedup.evidence import Evidence

TEXT = st.text(st.sampled_from("自2025年6月18日起停水,王李任命"), max_size=30)


def counted(one: str, other: str) -> dict[str, int]:
    """The counts that are not 0."""
    evidence = Evidence()
    evidence.add_pair(one, other)
    evidence.settle()
    names = ("numbers", "miscopied", "digits", "names", "runs", "repeated", "clauses", "slips")
    return {name: count for name in names if (count := getattr(evidence, name))}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("自2025年6月18日起", "自2025年7月29日起", {"numbers": 2}),
        ("自2025年11月20日起", "自2025年2月12日起", {"numbers": 2}),
        ("自2025年6月18日起", "自2025年6月8日起", {"digits": 1}),
        ("自2025年6月18日起", "自2035年6月18日起", {"miscopied": 1}),
        ("自2025年6月18日起", "自205年6月18日起", {"slips": 1}),
        # a wrong character within a number is no other number
        ("自2025年6月18日起", "自2025年6月1不日起", {"slips": 1}),
        ("电话7043869", "电话7043学69", {"slips": 1}),
        ("电话7043869", "电话70438学69", {"slips": 1}),
        ("第三次会议", "第五次会议", {"numbers": 1}),
        ("任命章惟安同志", "任命祁惟安同志", {"names": 1}),
        ("任命章惟安同志", "任命章望舒同志", {"names": 1}),
        ("任命章惟安同志", "任命祁望舒同志", {"runs": 1}),
        ("对桐畈种业有限公司", "对桐屿特种玻璃有限公司", {"runs": 1}),
        ("停水期间储水", "停水其间储水", {"slips": 1}),
        ("停水期间请提前储水", "停水间请提前储储水", {"slips": 2}),
        ("稷湾的船到稷湾停", "稷泽的船到稷泽停", {"slips": 2, "repeated": 1}),
        ("岚口日报讯今日开工", "云陂晚报讯今日开工", {}),
    ],
)
def test_what_a_difference_counts_as(one: str, other: str, expected: dict[str, int]) -> None:
    assert counted(one, other) == expected
    assert counted(other, one) == expected


@pytest.mark.parametrize(
    ("before", "after", "clauses", "slips"),
    [
        (["章惟安"], ["祁望舒"], 1, 0),
        (["章惟安", "渌浔街道"], ["祁望舒", "青石镇"], 2, 0),
        (["岚口日报"], ["汀原在线"], 0, 0),
        (["一"], ["二"], 0, 1),
        ([], ["被删去的一句话"], 0, 0),
        # what a lost sentence and a wrong character leave over
        (["提供"], ["确需现场核查的", "应当在18个工作日内完成"], 0, 1),
        (["提供"], ["应当在18个工作日内完成"], 0, 1),
    ],
)
def test_what_clauses_in_place_of_others_count_as(
    before: list[str], after: list[str], clauses: int, slips: int
) -> None:
    for one, other in ((before, after), (after, before)):
        evidence = Evidence()
        evidence.add_replaced(one, other)
        assert (evidence.clauses, evidence.slips) == (clauses, slips)


@given(TEXT, TEXT)
@settings(max_examples=200)
def test_any_two_clauses_can_be_laid_beside_each_other(one: str, other: str) -> None:
    assert bool(counted(one, other)) <= (one != other)
    evidence = Evidence()
    evidence.add_pair(one, one)
    assert evidence.common == len(one)
    assert not any(evidence.against)
