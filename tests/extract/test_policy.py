from collections.abc import Callable

import pytest

from crawler.extract.policy import is_doc_number, normalise_doc_number, policy_of_text, read_metadata, read_table
from crawler.extract.scan import Scan
from crawler.items import Policy

EXPECTED = Policy(
    index_number="000010/2025-00031",
    doc_number="云政发〔2025〕7号",
    issuer="云岭省人民政府",
    topic="农业、林业、水利",
    written_on="2025-03-12",
    effective_on="2025-05-01",
    validity="有效",
    keywords=("供水", "保障"),
)
FIELDS = (
    ("索 引 号", "000010/2025-00031"),
    ("发文机关", "云岭省人民政府"),
    ("主题分类", "农业、林业、水利"),
    ("成文日期", "2025年3月12日"),
    ("发文字号", "云政发[2025]7号"),
    ("生效日期", "2025-05-01"),
    ("有效性", "有效"),
    ("主 题 词", "供水 保障"),
    ("发布日期", "2025-03-18"),
)
LAYOUTS = {
    "cells": "<table>" + "".join(f"<tr><td>{k}：</td><td>{v}</td></tr>" for k, v in FIELDS) + "</table>",
    "cells by twos": "<table><tr>"
    + "".join(f"<td><b>{k}：</b></td><td> {v} </td>" for k, v in FIELDS)
    + "</tr></table>",
    "headed cells": "<table>" + "".join(f"<tr><th>{k}</th><td><p>{v}</p></td></tr>" for k, v in FIELDS) + "</table>",
    "items": "<ul>" + "".join(f"<li>{k}：{v}</li>" for k, v in FIELDS) + "</ul>",
    "items of spans": "<ul>" + "".join(f"<li><span>{k}:</span><span>{v}</span></li>" for k, v in FIELDS) + "</ul>",
    "bracketed": "<ol>" + "".join(f"<li><b>【{k}】</b>：{v}</li>" for k, v in FIELDS) + "</ol>",
    "definitions": "<dl>" + "".join(f"<dt>{k}：</dt><dd>{v}</dd>" for k, v in FIELDS) + "</dl>",
    "paragraphs": "".join(f"<p><span class=tt>{k}：</span><span class=value>{v}</span></p>" for k, v in FIELDS),
}


def read(found: Scan, title: str | None = None, body: list[str] | None = None) -> Policy | None:
    return read_metadata(found, read_table(found, len(found.texts))[0], title, body or []).policy


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_says_the_same(scan_of: Callable[..., Scan], layout: str) -> None:
    found = scan_of(LAYOUTS[layout])
    values, last = read_table(found, len(found.texts))
    metadata = read_metadata(found, values, None, [])
    assert metadata.policy == EXPECTED
    assert metadata.published == "2025-03-18"
    assert last == len(found.texts) - 1


def test_an_empty_field_does_not_take_its_neighbour(scan_of: Callable[..., Scan]) -> None:
    rows = (
        "<tr><td>索引号：</td><td>A-1</td><td>文号：</td><td></td></tr><tr><td>成文日期：</td><td>2020-01-02</td></tr>"
    )
    table = f"<table>{rows}</table>"
    policy = read(scan_of(table + "<div><div><p>云政发〔2020〕1号文件解读</p></div></div>"))
    assert policy == Policy(index_number="A-1", written_on="2020-01-02")


def test_a_field_that_repeats_the_headline_is_empty(scan_of: Callable[..., Scan]) -> None:
    title = "云岭省人民政府关于供水的通知"
    policy = read(scan_of(f"<p>索引号：A-1</p><p>发文机关：省政府</p><p>主题词：</p><p>{title}</p>"), title)
    assert policy == Policy(index_number="A-1", issuer="省政府")


def test_news_have_no_policy(scan_of: Callable[..., Scan]) -> None:
    assert read(scan_of("<p>来源：云岭日报</p><p>发布日期：2020-01-02</p>"), "某地召开会议", ["会议今天召开。"]) is None


def test_a_number_that_only_a_script_knows(scan_of: Callable[..., Scan]) -> None:
    policy = read(scan_of("<script>var fileNum='云政发 〔2009〕30号';</script>"))
    assert policy is not None
    assert policy.doc_number == "云政发〔2009〕30号"


def test_the_head_of_a_body_gives_number_and_issuer(scan_of: Callable[..., Scan]) -> None:
    title = "云岭省水利厅 云岭省财政厅关于下达资金的通知"
    policy = read(scan_of(""), title, ["云水发（2021）第8号", "各市水利局："])
    assert policy == Policy(doc_number="云水发〔2021〕第8号", issuer="云岭省水利厅 云岭省财政厅")
    assert policy_of_text(title, ["云水发（2021）第8号"]) == policy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("晋政发〔2024〕12号", "晋政发〔2024〕12号"),
        ("晋政发[2024]12号", "晋政发〔2024〕12号"),
        ("晋政办发 【2024】 12 号", "晋政办发〔2024〕12号"),
        ("晋政发（2024）第12号", "晋政发〔2024〕第12号"),
        ("晋政发﹝2024﹞１２号", "晋政发〔2024〕12号"),
        ("国务院令第 742 号", "国务院令第742号"),
        ("2024年第5号", "2024年第5号"),
        ("字号：大", None),
        ("第3号", None),
        ("", None),
    ],
)
def test_document_numbers_take_one_form(text: str, expected: str | None) -> None:
    assert normalise_doc_number(text) == expected


def test_a_line_that_cites_a_number_is_none() -> None:
    assert is_doc_number("（云政发〔2020〕1号）")
    assert not is_doc_number("根据云政发〔2020〕1号文件，现通知如下：")
