import tomllib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.exceptions import ConfigError
from crawler.portals.writer import PortalDraft, SectionDraft, read_back, write_portal

SECTION = SectionDraft(
    id="news",
    name="要闻",
    kind="news",
    url="https://www.qingshi.gov.cn/yw/",
    evidence="linked from https://www.qingshi.gov.cn/",
    seen="2026-11-22",
)
PORTAL = PortalDraft(
    id="qingshi",
    name="青石县人民政府",
    region="990000",
    home="https://www.qingshi.gov.cn/",
    hosts=("www.qingshi.gov.cn",),
    cms="trs",
    status_evidence="portalwatch add https://www.qingshi.gov.cn/",
    evidence="portalwatch add https://www.qingshi.gov.cn/; region: its name",
    seen="2026-11-22",
    sections=(SECTION,),
    unsure={"region": "write the code"},
)


def test_a_file_says_what_was_found_and_what_is_unsure() -> None:
    off = replace(SECTION, id="policy", kind="policy", reason="a single row", unsure={"kind": "guessed"})
    text = write_portal(replace(PORTAL, sections=(SECTION, off)))
    assert 'region = "990000"  # unsure: write the code\n' in text
    assert 'kind = "policy"  # unsure: guessed\n' in text
    assert 'enabled = false\nreason = "a single row"\n' in text
    portal = read_back("qingshi", text)
    assert (portal.name, portal.status, portal.status_seen) == ("青石县人民政府", "open", "2026-11-22")
    assert (portal.status_evidence, portal.evidence) == (PORTAL.status_evidence, PORTAL.evidence)
    assert [(s.id, s.enabled, s.basis) for s in portal.sections] == [("news", True, "live"), ("policy", False, "live")]


TEXT = st.text(max_size=80).filter(lambda text: text.strip())


@settings(max_examples=200, deadline=None)
@given(name=TEXT, evidence=TEXT, doubt=st.text(max_size=80))
def test_whatever_a_page_calls_itself_the_file_can_be_read_again(name: str, evidence: str, doubt: str) -> None:
    named = replace(SECTION, name=f"列{name}", evidence=f"见{evidence}", unsure={"name": doubt, "url": doubt})
    text = write_portal(replace(PORTAL, name=f"县{name}", sections=(named,), unsure={"cms": doubt, "hosts": doubt}))
    portal = read_back("qingshi", text)
    assert portal.sections[0].url == read_back("qingshi", write_portal(PORTAL)).sections[0].url
    # control characters and lone surrogates are no part of a name; everything else is kept
    kept = "".join(c for c in name if c.isprintable() and not c.isspace())
    assert "".join(c for c in portal.name if c.isprintable() and not c.isspace()) == f"县{kept}"
    assert set(tomllib.loads(text)) == {
        "id", "name", "region", "home", "hosts", "cms", "status", "status_evidence", "status_seen", "evidence", "seen",
        "section",
    }  # fmt: skip


def test_a_file_that_could_not_be_read_again_is_not_made() -> None:
    with pytest.raises(ConfigError, match="hosts"):
        write_portal(replace(PORTAL, hosts=("elsewhere.gov.cn",)))
