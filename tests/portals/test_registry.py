import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.exceptions import UsageError
from crawler.portals import Portal, Registry, Section, load_portals
from crawler.portals.registry import KIND_NAMES


def section(name: str, kind: str = "news", *, on: bool = True, title: str | None = None) -> dict[str, object]:
    values: dict[str, object] = {
        "id": name, "name": title or f"{name}栏目", "kind": kind, "url": f"https://a.gov.cn/{name}/",
        "evidence": "ours", "seen": "2026", "enabled": on,
    }  # fmt: skip
    return values if on else {**values, "reason": "moved"}


def portal(name: str, title: str, aliases: tuple[str, ...], *sections: dict[str, object]) -> Portal:
    return Portal.model_validate({
        "id": name, "name": title, "aliases": aliases, "region": "140000", "home": "https://a.gov.cn/",
        "hosts": ["a.gov.cn"], "cms": "trs", "evidence": "ours", "seen": "2026", "section": list(sections),
    })  # fmt: skip


REGISTRY = Registry({
    p.id: p
    for p in (
        portal("bingtuan", "兵团", ("新疆兵团",), section("off", on=False)),
        portal(
            "shanxi", "山西省人民政府", ("山西", "晋"),
            section("news", title="山西要闻"), section("old", on=False, title="山西要闻（旧）"),
            section("files", "policy", title="文件"), section("more", "policy", title="文件"),
        ),
        portal("xinjiang", "新疆", ("新疆兵团",), section("news"), section("talks", "conference", on=False)),
    )
})  # fmt: skip


def ids(found: tuple[tuple[Portal, Section], ...]) -> list[str]:
    return [f"{portal.id}/{section.id}" for portal, section in found]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("shanxi", ["shanxi/news", "shanxi/files", "shanxi/more"]),
        ("山西", ["shanxi/news", "shanxi/files", "shanxi/more"]),
        ("山西省人民政府", ["shanxi/news", "shanxi/files", "shanxi/more"]),
        (" SHANXI ", ["shanxi/news", "shanxi/files", "shanxi/more"]),
        ("ｓｈａｎｘｉ／ｎｅｗｓ", ["shanxi/news"]),
        ("shanxi/news", ["shanxi/news"]),
        ("山西/山西要闻", ["shanxi/news"]),
        ("山西/山西要闻(旧)", ["shanxi/old"]),
        ("shanxi/old", ["shanxi/old"]),
        ("新疆", ["xinjiang/news"]),
        ("all", ["shanxi/news", "shanxi/files", "shanxi/more", "xinjiang/news"]),
        ("全部", ["shanxi/news", "shanxi/files", "shanxi/more", "xinjiang/news"]),
        ("kind:policy", ["shanxi/files", "shanxi/more"]),
        ("kind:政策", ["shanxi/files", "shanxi/more"]),
        ("kind：news", ["shanxi/news", "xinjiang/news"]),
    ],
)
def test_a_target_names_sections(target: str, expected: list[str]) -> None:
    assert ids(REGISTRY.resolve(target)) == expected


def test_a_section_that_is_off_is_found_by_name_and_says_why() -> None:
    ((_, found),) = REGISTRY.resolve("shanxi/old")
    assert (found.enabled, found.reason) == (False, "moved")


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("shanx", "unknown portal 'shanx': did you mean shanxi?"),
        ("xinjaing", "unknown portal 'xinjaing': did you mean xinjiang?"),
        ("山西省政府", "unknown portal '山西省政府': did you mean shanxi?"),
        ("qqq", "unknown portal 'qqq': portalwatch portals lists the known ones"),
        ("", "unknown portal '': portalwatch portals lists the known ones"),
        ("/news", "unknown portal '': portalwatch portals lists the known ones"),
        ("新疆兵团", "'新疆兵团' names several portals: write one of bingtuan, xinjiang"),
        ("shanxi/newz", "unknown section 'newz' of shanxi: did you mean shanxi/news?"),
        ("shanxi/要闻", "unknown section '要闻' of shanxi: did you mean shanxi/news or shanxi/old?"),
        ("shanxi/qqq", "unknown section 'qqq' of shanxi: portalwatch portals shanxi lists them"),
        ("shanxi/", "unknown section '' of shanxi: portalwatch portals shanxi lists them"),
        ("shanxi/文件", "'文件' names several sections of shanxi: write one of shanxi/files, shanxi/more"),
        ("kind:polcy", "unknown kind 'polcy': did you mean kind:policy?"),
        ("kind:", "unknown kind '': kinds: news, policy, notice, interpretation, conference, other"),
        ("kind:conference", "kind:conference: no section of this kind is on: name one that is off as portal/section"),
        ("兵团", "bingtuan: no section is on: name one as portal/section (portalwatch portals bingtuan)"),
    ],
)
def test_a_target_that_names_nothing_is_one_line_with_the_nearest(target: str, line: str) -> None:
    with pytest.raises(UsageError) as caught:
        REGISTRY.resolve(target)
    assert str(caught.value) == line
    assert caught.value.exit_status == 2


def test_several_targets_give_each_section_once_in_the_order_named() -> None:
    found = REGISTRY.resolve_all(["xinjiang", "shanxi/old", "kind:news", "shanxi/old"])
    assert ids(found) == ["xinjiang/news", "shanxi/old", "shanxi/news"]
    assert REGISTRY.resolve_all([]) == ()


@pytest.mark.parametrize(
    "typo", ["shanx", "sanxi", "zhejang", "heilongjang", "guangdon", "内蒙古政府", "bejing", "govc"]
)
def test_a_slip_in_a_built_in_id_leads_to_a_suggestion(typo: str) -> None:
    with pytest.raises(UsageError, match="did you mean"):
        load_portals().resolve(typo)


def test_shanxi_and_shaanxi_are_told_apart() -> None:
    registry = load_portals()
    assert {p.id for p, _ in registry.resolve("山西")} == {"shanxi"}
    assert {p.id for p, _ in registry.resolve("陕西")} == {"shaanxi"}


def test_every_kind_has_a_chinese_word() -> None:
    assert set(KIND_NAMES.values()) == {"news", "policy", "notice", "interpretation", "conference", "other"}


@given(st.text(max_size=300))
def test_any_text_is_sections_or_a_usage_error(target: str) -> None:
    try:
        found = REGISTRY.resolve(target)
    except UsageError as error:
        assert len(str(error)) < 1000  # noqa: PT017 - either outcome is right
    else:
        assert found
