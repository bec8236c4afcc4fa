"""The built-in portal files, held to what docs/portals.md says of them."""

import csv
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from crawler.listing import ADAPTERS
from crawler.portals import Portal, Section, load_portals
from crawler.portals.loader import expression_problem

PORTALS = load_portals().portals
SECTIONS = [pytest.param(p, s, id=f"{p.id}/{s.id}") for p in PORTALS.values() for s in p.sections]
REGIONS = {
    "govcn": "000000", "beijing": "110000", "tianjin": "120000", "hebei": "130000", "shanxi": "140000", "nmg": "150000",
    "liaoning": "210000", "jilin": "220000", "heilongjiang": "230000", "shanghai": "310000", "jiangsu": "320000",
    "zhejiang": "330000", "anhui": "340000", "fujian": "350000", "jiangxi": "360000", "shandong": "370000",
    "henan": "410000", "hubei": "420000", "hunan": "430000", "guangdong": "440000", "guangxi": "450000",
    "hainan": "460000", "chongqing": "500000", "sichuan": "510000", "guizhou": "520000", "yunnan": "530000",
    "xizang": "540000", "shaanxi": "610000", "gansu": "620000", "qinghai": "630000", "ningxia": "640000",
    "xinjiang": "650000", "xjbt": "660000",
}  # fmt: skip


def test_every_province_the_corps_and_the_national_portal_are_there_under_their_region_codes() -> None:
    assert {p.id: p.region for p in PORTALS.values()} == REGIONS


@pytest.mark.parametrize(("portal", "section"), SECTIONS)
def test_a_section_is_on_by_the_rule_and_off_with_a_reason(portal: Portal, section: Section) -> None:
    del portal
    assert section.basis != "live"  # nobody checked anything live
    if section.enabled:
        assert section.basis == "code"
        assert section.seen[:4].isdigit()
        assert int(section.seen[:4]) >= 2022
        assert section.reason is None
    if section.basis == "inferred" or section.seen == "undated" or section.seen < "2022":
        assert not section.enabled


NO_LIST = re.compile(r"front page|search page|filled by script|one page of text|documents are JSON|later went over to")
"""Why an address may be off whose evidence is recent enough: it is no list of pages, or no longer the list."""


@pytest.mark.parametrize(("portal", "section"), SECTIONS)
def test_what_has_recent_evidence_is_on_unless_it_is_no_list(portal: Portal, section: Section) -> None:
    del portal
    recent = section.basis == "code" and section.seen[:4].isdigit() and section.seen >= "2022"
    if recent and not section.enabled:
        assert NO_LIST.search(section.reason or "")


@pytest.mark.parametrize(("portal", "section"), SECTIONS)
def test_the_hints_of_a_section_can_be_used(portal: Portal, section: Section) -> None:
    del portal
    rows = section.list
    is_json = rows.entries is not None
    for text, as_jmespath in (
        (rows.item, is_json), (rows.title, is_json), (rows.date, is_json), (rows.entries, True), (rows.total, True),
        (section.article.body, False), (section.article.title, False),
    ):  # fmt: skip
        assert text is None or expression_problem(text, as_jmespath=as_jmespath) is None
    assert rows.adapter is None or rows.adapter in ADAPTERS
    if rows.page_param is not None:
        assert rows.page_param in {name for name, _ in section.url.query_params()}


def test_evidence_names_public_sources_only() -> None:
    for portal in PORTALS.values():
        for text in (
            portal.evidence,
            portal.status_evidence or "",
            portal.notes or "",
            *(s.evidence for s in portal.sections),
        ):
            assert not re.search(r"\bid \d{6,}|/work|/tmp", text)


def test_names_of_sections_are_unique_in_a_portal_and_addresses_too() -> None:
    for portal in PORTALS.values():
        assert not [name for name, n in Counter(s.name for s in portal.sections).items() if n > 1]
        asked = Counter((s.url, s.list.post) for s in portal.sections)
        assert not [url for url, n in asked.items() if n > 1]


def test_no_name_belongs_to_two_portals() -> None:
    names = Counter(name for p in PORTALS.values() for name in {p.id, p.name, *p.aliases})
    assert not [name for name, n in names.items() if n > 1]


def test_files_are_read_in_the_order_of_their_ids_and_nothing_else_lies_there() -> None:
    found = sorted(entry.name for entry in (files("crawler.portals") / "data").iterdir())
    assert found == [f"{name}.toml" for name in sorted(REGIONS)]


def test_the_portals_are_those_of_the_reference_table(shared: Path) -> None:
    with (shared / "portals" / "portals.tsv").open(encoding="utf-8") as file:
        rows = {row["id"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    assert set(rows) == set(PORTALS)
    for name, row in rows.items():
        assert row["domain"] in PORTALS[name].hosts
        assert row["domain"] == PORTALS[name].home.host
        assert row["province"] in {*PORTALS[name].aliases, PORTALS[name].name}


def test_every_column_of_the_shanxi_facts_is_a_section(shared: Path) -> None:
    text = (shared / "portals" / "shanxi.md").read_text("utf-8")
    table = text.partition("## Columns")[2].partition("Not found anywhere")[0]
    paths = set(re.findall(r"(?<![\w…])/[a-z][\w/]*/(?:[\w]+\.shtml)?", table))
    urls = [str(s.url) for s in PORTALS["shanxi"].sections]
    # Articles and prefixes of the braces count as found where an address begins with their folder.
    missing = {path for path in paths if not any(path.rsplit("/20", 1)[0] in url for url in urls)}
    assert len(paths) > 20
    assert not missing
