# ruff: noqa: E501 - texts are more readable on one line
"""The portals that a replica serves unless told otherwise: three of different make, in provinces that do not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crawler.replica.families import INTERFACES
from crawler.replica.models import Province
from crawler.replica.portal import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LANJIANG: Final = Province(name="岚江省", short="岚", code="LJ", paper="岚江日报")
TINGYUAN: Final = Province(name="汀原省", short="汀", code="TY", paper="汀原日报")
SHANCHUAN: Final = Province(name="山川国", short="国", code="SC", paper="山川社")

PLANS: Final = (
    Plan(
        id="replica-trs",
        cms="trs",
        province=LANJIANG,
        region="990001",
        site_name="岚江省人民政府门户网站",
        handwritten=True,
        sections=(
            {"id": "news", "name": "岚江要闻", "kind": "news", "path": "/ywdt/ljyw/", "trail": ("要闻动态",)},
            {
                "id": "conference", "name": "新闻发布会", "kind": "conference", "path": "/ywdt/xwfbh/", "trail": ("要闻动态",),
                "pager": "createPageHTML6", "first_further": 2,
            },
            {
                "id": "policy", "name": "省政府文件", "kind": "policy", "path": "/zcwjk/szfwj/", "trail": ("政务公开", "政策文件库"),
                "pager": "countPage", "rows": "dl",
            },
            {"id": "notice", "name": "通知公告", "kind": "notice", "path": "/zwgk/tzgg/", "trail": ("政务公开",), "pager": "links", "rows": "table"},
            {"id": "interpretation", "name": "政策解读", "kind": "interpretation", "path": "/zcjd/zxjd/", "trail": ("政策解读",)},
            {"id": "mirror", "name": "媒体转载", "kind": "news", "path": "/ywdt/mtzz/", "trail": ("要闻动态",), "pager": "createPageHTML5"},
        ),
    ),
    Plan(
        id="replica-hanweb",
        cms="hanweb",
        province=TINGYUAN,
        region="990002",
        site_name="汀原省人民政府",
        sections=(
            {"id": "news", "name": "汀原要闻", "kind": "news", "path": "/col/col1101/", "trail": ("资讯中心",), "code": 1101, "per_page": 15},
            {"id": "policy", "name": "政策文件", "kind": "policy", "path": "/col/col1201/", "trail": ("信息公开",), "code": 1201, "per_page": 15},
            {"id": "interpretation", "name": "政策解读", "kind": "interpretation", "path": "/col/col1202/", "trail": ("信息公开",), "code": 1202, "per_page": 15},
        ),
    ),
    Plan(
        id="replica-json",
        cms="json",
        province=SHANCHUAN,
        region="990000",
        site_name="山川国政府网",
        sections=(
            {"id": "yaowen", "name": "要闻", "kind": "news", "path": "/yaowen/liebiao/", "per_page": 500},
            {"id": "bumen", "name": "部门动态", "kind": "news", "path": "/lianbo/bumen/", "trail": ("新闻联播间",), "per_page": 500},
        ),
    ),
)  # fmt: skip

SHARES: Final = {
    "replica-trs/news": 30, "replica-trs/conference": 5, "replica-trs/policy": 10, "replica-trs/notice": 10, "replica-trs/interpretation": 3,
    "replica-trs/mirror": 5,
    "replica-hanweb/news": 15, "replica-hanweb/policy": 5, "replica-hanweb/interpretation": 2,
    "replica-json/yaowen": 10, "replica-json/bumen": 5,
}  # fmt: skip
"""How a number of articles is spread over the sections, in per cent."""


_SECTIONS: Final = (
    {"id": "policy", "name": "政策文件", "kind": "policy", "channel": "58154"},
    {"id": "news", "name": "要闻动态", "kind": "news", "channel": "58155"},
)


def family_plans(*names: str, per_page: int = 10) -> tuple[Plan, ...]:
    """A portal each for families of list interfaces, all of them without names: `Replica(plans=family_plans("igs"))`.

    Raises KeyError for a family that does not exist.
    """
    plans = []
    for name in names or INTERFACES:
        if name not in INTERFACES:
            raise KeyError(f"no family {name!r}; there are {', '.join(INTERFACES)}")
        sections = tuple(
            {"path": f"/{one['id']}/", "per_page": per_page, "trail": ("政务公开",), **one}
            for one in INTERFACES[name].sections or _SECTIONS
        )
        plans.append(
            Plan(
                id=f"replica-{name}",
                cms=name,
                province=LANJIANG,
                region="990001",
                site_name=f"岚江省人民政府（{name}）",
                sections=sections,
            )
        )
    return tuple(plans)


_MAKES: Final[dict[str, Callable[[int], dict[str, Any]]]] = {
    "trs": lambda place: {"path": f"/lm{place}/"},
    "hanweb": lambda place: {"path": f"/col/col{1100 + place}/", "code": 1100 + place, "per_page": 15},
    "json": lambda place: {"path": f"/lm{place}/liebiao/", "per_page": 500},
}


def many_plans(sections: int, *, per_portal: int = 10, makes: Sequence[str] = ("trs",)) -> tuple[Plan, ...]:
    """So many sections, `s0` and on of portals `p0` and on, the makes of which take turns: for measuring a watch.

    Raises KeyError for a make that does not exist.
    """
    plans = []
    for number in range(-(-sections // per_portal)):
        make = makes[number % len(makes)]
        columns = tuple(
            {"id": f"s{place}", "name": f"栏目{place}", "kind": "news", "trail": ("栏目",), **_MAKES[make](place)}
            for place in range(min(per_portal, sections - per_portal * number))
        )
        province = Province(name=f"第{number}省", short="第", code=f"P{number}", paper="日报")
        plans.append(
            Plan(id=f"p{number}", cms=make, province=province, region="990001", site_name="门户", sections=columns)
        )
    return tuple(plans)
