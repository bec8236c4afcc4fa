import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.alerts import matches
from crawler.alerts.rules import check_rules
from crawler.alerts.words import LONGEST_PATTERN, MOST_WORDS, fold
from crawler.exceptions import ConfigError
from crawler.items import Policy

POLICY = Policy(doc_number="晋政办发〔2025〕 17 号", issuer="山西省人民政府办公厅")
BODY = "为优化营商环境，推动 AI 与 5G 产业发展，\n现印发专项资金管理办法。We said maintain."


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"must": ("营商",)}, True),
        ({"must": ("营商", "资金")}, True),
        ({"must": ("营商", "教育")}, False),
        ({"any": ("教育", "资金")}, True),
        ({"any": ("教育", "卫生")}, False),
        ({"not": ("资金",)}, False),
        ({"not": ("教育",)}, True),
        ({"must": ("营商",), "any": ("资金",), "not": ("教育",)}, True),
        ({"must": ("通知",)}, True),  # the title
        ({"must": ("晋政办发〔2025〕17号",)}, True),
        ({"must": ("晋政办发[2025]17号",)}, True),
        ({"must": ("晋政办发（2025）17 号",)}, True),
        ({"must": ("晋政办发【2025】1号",)}, False),
        ({"must": ("人民政府办公厅",)}, True),
        ({"must": ("ＡＩ",)}, True),
        ({"must": ("ai",)}, True),
        ({"must": ("we said",)}, True),
        ({"must": ("aid",)}, False),
        ({"must": ("g",)}, False),
        ({"must": ("5g产业",)}, True),
        ({"must": ("展，现",)}, False),  # not across paragraphs
    ],
)
def test_words_are_found_as_people_write_them(make: Any, fields: dict[str, Any], *, wanted: bool) -> None:
    assert matches(make.rule(**fields), make.event(body=BODY, policy=POLICY)) is wanted


def test_an_article_without_a_body_is_searched_in_its_title(make: Any) -> None:
    event = make.event(body=None, title="关于资金的通知")
    assert matches(make.rule(must=("资金",)), event)
    assert not matches(make.rule(must=("资金",)), make.event(body=None, title=None))
    assert matches(make.rule(**{"not": ("资金",)}), make.event(body=None, title=None))


@given(st.text(), st.text(min_size=1, alphabet="政府资金（）〔〕 Aa1"), st.text())
def test_a_chinese_word_is_found_wherever_it_stands(before: str, word: str, after: str) -> None:
    assert fold(f"资{word}金").strip() in fold(f"{before}\n资{word}金\n{after}")


@pytest.mark.parametrize("words", [("",), ("  ",), ("长" * 201,), ("a",) * (MOST_WORDS + 1)])
def test_a_word_that_is_none_is_refused_with_its_rule(make: Any, words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="rule 'all'"):
        check_rules([make.rule(must=words)])


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("/营商.{0,10}环境/", True),
        ("/晋政办?发〔20\\d\\d〕/", True),
        ("/WE (said|say)/", True),
        ("/^现印发/", False),
        ("/(?m)^现印发/", True),
        ("/教育|卫生/", False),
    ],
)
def test_an_expression_is_searched_in_the_text_as_it_is(make: Any, pattern: str, *, wanted: bool) -> None:
    pytest.importorskip("re2", reason="google-re2 is not installed")
    assert matches(make.rule(any=(pattern,)), make.event(body=BODY, policy=POLICY)) is wanted


@pytest.mark.parametrize(
    "pattern",
    [
        "/(/",
        "/(?<=a)b/",
        "/(a)\\1/",
        "/(((x{100}){100}){100})/",
        "/" + "a" * (LONGEST_PATTERN + 1) + "/",
        "/\\C{9999}/",
    ],
)
def test_an_expression_that_could_not_be_bounded_is_refused_in_one_line(make: Any, pattern: str) -> None:
    pytest.importorskip("re2", reason="google-re2 is not installed")
    with pytest.raises(ConfigError, match="rule 'all'") as caught:
        check_rules([make.rule(must=(pattern,))])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["/(a+)+$/", "/(a|aa)+$/", "/(a*)*b/", "/(.*.*)*x/", "/(a|a|a)*b/", "/([a-z]+)*!/"]))
def test_a_bomb_of_an_expression_takes_time_in_proportion_to_the_text(make: Any, pattern: str) -> None:
    """Any of these takes a backtracking engine longer than the test's limit; the result is what is asserted."""
    pytest.importorskip("re2", reason="google-re2 is not installed")
    event = make.event(title=None, body="a" * 200_000 + "，")
    assert not matches(make.rule(must=(pattern,)), event)


def test_without_the_engine_an_expression_is_a_line_with_its_command(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    with pytest.raises(ConfigError, match="pip install google-re2"):
        check_rules([make.rule(must=("/营商.*环境/",))])
