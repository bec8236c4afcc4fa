import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.portals import load_portals
from crawler.portals.guess import UNKNOWN_REGION, guess_kind, guess_region, portal_id, section_id

KNOWN = list(load_portals().portals.values())
IDENTIFIER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("青石要闻", "news"),
        ("部门动态", "news"),
        ("新闻发布会", "conference"),
        ("通知公告", "notice"),
        ("公 示 公 告", "notice"),
        ("政策文件", "policy"),
        ("政策解读", "interpretation"),
        ("政策文件及解读", "interpretation"),
        ("行政规范性文件", "policy"),
        ("领导之窗", "other"),
    ],
)
def test_the_name_of_a_section_tells_its_kind(name: str, kind: str) -> None:
    assert guess_kind(name) == (kind, kind != "other")


def test_the_address_tells_the_kind_where_the_name_does_not_and_that_is_not_sure() -> None:
    assert guess_kind("最新发布", "https://www.qingshi.gov.cn/zwgk/tzgg/index.html") == ("notice", False)
    assert guess_kind("政策解读", "https://www.qingshi.gov.cn/zwgk/tzgg/") == ("interpretation", True)
    assert guess_kind("最新发布", "https://www.qingshi.gov.cn/") == ("other", False)


def test_kinds_of_the_registry_are_guessed_from_its_names() -> None:
    named = [(s.kind, guess_kind(s.name, str(s.url))[0]) for p in KNOWN for s in p.sections if s.kind != "other"]
    assert sum(kind == guessed for kind, guessed in named) > 0.75 * len(named)
    wrong = [(kind, guessed) for kind, guessed in named if guessed not in {kind, "other"}]
    assert len(wrong) < 0.1 * len(named)


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("www.qingshi.gov.cn", "qingshi"),
        ("wjw.qingshi.gov.cn", "qingshi-wjw"),
        ("www.gov.cn", "gov"),
        ("127.0.0.2", "127-0-0-2"),
        ("X_Y.example.com", "example-x-y"),
        ("-", "portal"),
    ],
)
def test_an_id_is_made_from_the_host(host: str, found: str) -> None:
    assert portal_id(host) == found


def test_sections_of_one_kind_are_told_apart_by_folder_then_by_number() -> None:
    taken: list[str] = []
    for url in ("https://a.gov.cn/yw/", "https://a.gov.cn/bmdt/", "https://a.gov.cn/x/bmdt/", "https://a.gov.cn/"):
        taken.append(section_id("news", url, taken))
    assert taken == ["news", "news-bmdt", "news-bmdt-2", "news-2"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.lists(st.sampled_from(["news", "news-a", "news-2"])))
def test_ids_are_identifiers_whatever_they_are_made_from(text: str, taken: list[str]) -> None:
    assert IDENTIFIER.fullmatch(portal_id(text))
    made = section_id("news", f"https://a.cn/{text.replace('?', '')}/", taken)
    assert IDENTIFIER.fullmatch(made)
    assert len(made) <= 64
    assert made not in taken


def test_every_portal_of_the_registry_gets_its_region_by_its_name() -> None:
    for portal in KNOWN:
        code, _, doubt = guess_region(portal.name, "", "x.example", KNOWN)
        assert (code, doubt) == (portal.region, None), portal.id


@pytest.mark.parametrize(
    ("name", "site_code", "host", "code", "sure"),
    [
        ("欢迎访问山西省人民政府门户网站", "", "", "140000", True),
        ("太原市人民政府", "1401000001", "", "140100", True),
        ("山西省财政厅", "", "", "140000", False),
        ("吉林市人民政府", "", "", "220000", False),
        ("岚江省人民政府", "9900010001", "", "990001", False),
        ("自然资源厅", "", "zrzyt.shanxi.gov.cn", "140000", False),
        ("青石县人民政府", "bm01000001", "www.qingshi.gov.cn", UNKNOWN_REGION, False),
        ("", "", "", UNKNOWN_REGION, False),
    ],
)
def test_a_region_is_told_by_name_code_or_host_and_doubt_is_said(
    name: str, site_code: str, host: str, code: str, *, sure: bool
) -> None:
    found, _, doubt = guess_region(name, site_code, host, KNOWN)
    assert found == code
    assert (doubt is None) == sure
