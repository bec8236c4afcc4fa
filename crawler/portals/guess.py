"""What names and addresses suggest about a portal that no file describes: kinds, ids, the region."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from crawler.portals.models import Kind, Portal

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("interpretation", re.compile("解读|图解")),
    ("conference", re.compile("发布会|吹风会")),
    ("notice", re.compile("公告|公示|通告|通知(?!书)")),
    ("policy", re.compile("政策|文件|法规|规章|规范性|政府令|公报")),
    ("news", re.compile("要闻|新闻|动态|时政|快讯|快报|资讯|头条|政务活动|聚焦|媒体(?:报道|转载|看)|转载")),
)
"""The first that fits counts: 政策解读 interprets, 新闻发布会 is a conference, 通知公告 is no document."""
_FOLDERS: dict[str, Kind] = {
    **dict.fromkeys(("zcjd", "jd", "zxjd", "wzjd", "tjjd", "zcjdpt"), "interpretation"),
    **dict.fromkeys(("xwfbh", "xwfb", "fbh", "szfxwbxwfbh"), "conference"),
    **dict.fromkeys(("tzgg", "gsgg", "gggs", "gggs1", "gg", "gongshi"), "notice"),
    **dict.fromkeys(("zcwj", "szfwj", "wjk", "zcwjk", "zfwj", "gfxwj", "szfbgtwj", "zcfg", "zhengce"), "policy"),
    **dict.fromkeys(("yw", "ywdt", "xw", "xwdt", "zwdt", "zwyw", "yaowen", "xinwen", "gzdt", "bmdt"), "news"),
}  # fmt: skip
"""Folders that columns of the portals in the registry have, as the initials of their names."""
_SUFFIXES = ("gov.cn", "com.cn", "org.cn", "net.cn", "edu.cn", "ac.cn", "cn", "com", "org", "net", "gov")
_PLAIN = re.compile(r"[^a-z0-9]+")
_AFTER = re.compile(r"(?:人民)?(?:政府|门户|网|$)")
"""What follows a province's name where the portal is the province's own; 吉林市 is not 吉林."""
_WELCOME = re.compile(r"^欢迎(?:访问|光临|来到)?")
UNKNOWN_REGION = "990000"
"""No code of GB/T 2260: its first two digits are left to users."""


def guess_kind(name: str, url: str = "") -> tuple[Kind, bool]:
    """The kind of a section, by its name, else by the folders of its address; and whether the name says it."""
    bare = "".join(name.split())
    for kind, words in _KINDS:
        if words.search(bare):
            return kind, True
    for folder in reversed(urlsplit(url).path.lower().split("/")):
        if folder in _FOLDERS:
            return _FOLDERS[folder], False
    return "other", False


def portal_id(host: str) -> str:
    """An id from a host: `qingshi` of www.qingshi.gov.cn, `shanxi-wjw` of wjw.shanxi.gov.cn."""
    name = host.lower().removeprefix("www.")
    for suffix in _SUFFIXES:
        if name.endswith("." + suffix):
            name = name.removesuffix("." + suffix)
            break
    else:
        return _slug(name) or "portal"
    return _slug("-".join(reversed(name.split(".")))) or "portal"


def section_id(kind: Kind, url: str, taken: Collection[str]) -> str:
    """An id for a section: its kind, then with the last folder of its address, then with a number."""
    if kind not in taken:
        return kind
    folders = [_slug(part) for part in urlsplit(url).path.split("/")[:-1]]
    last = next((part for part in reversed(folders) if part), "")
    wanted = f"{kind}-{last}"[:60].strip("-") if last else kind
    found, number = wanted, 2
    while found in taken:
        found, number = f"{wanted[:56].strip('-')}-{number}", number + 1
    return found


def guess_region(name: str, site_code: str, host: str, known: Iterable[Portal]) -> tuple[str, str, str | None]:
    """The GB/T 2260 code of a portal: (code, what it rests on, why that is unsure or null).

    Args:
        name: what the portal calls itself.
        site_code: its SiteIDCode: ten digits that open with the code, by the national guideline on government sites.
        host: its host.
        known: portals whose regions are known; their names and aliases are looked for.

    """
    provinces = [portal for portal in known if portal.region < UNKNOWN_REGION]
    word, province = _named(name, provinces)
    if word and (word == name or word.endswith("人民政府") or _AFTER.match(name.partition(word)[2])):
        return province, f"its name begins with {word}", None
    if re.fullmatch(r"\d{10}", site_code, re.ASCII):
        code = site_code[:6]
        doubt = None if any(code[:2] == p.region[:2] for p in provinces) else f"GB/T 2260 has no province {code[:2]}"
        return code, f"its SiteIDCode is {site_code}", doubt
    if word:
        return province, f"its name begins with {word}", f"the code of {word}: {name} may have one of its own"
    for portal in provinces:
        for parent in (other.removeprefix("www.") for other in portal.hosts):
            if host.endswith("." + parent) and parent.count(".") >= 2:
                return portal.region, f"its host is below {parent}", f"the code of {portal.name}; it may have its own"
    return UNKNOWN_REGION, "nothing", "neither its name nor a SiteIDCode tells: write the code of GB/T 2260"


def _named(name: str, provinces: Iterable[Portal]) -> tuple[str, str]:
    """The longest name or alias of a province that a name begins with, and the code; empty where there is none."""
    bare = _WELCOME.sub("", name)
    words = ((word, p.region) for p in provinces for word in (p.name, *p.aliases) if len(word) >= 2)
    return max(((w, r) for w, r in words if bare.startswith(w)), key=lambda pair: len(pair[0]), default=("", ""))


def _slug(text: str) -> str:
    return _PLAIN.sub("-", text.lower()).strip("-")[:60].strip("-")
