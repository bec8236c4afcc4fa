# ruff: noqa: E501 - texts are more readable on one line
"""Names that exist nowhere: places, people, companies and offices of the replica's country."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

_HEADS: Final = "岚霁枫槿桐雁禾汀渌苇芷棠砚梧稷濂"
_TAILS: Final = "泽丘湾陂埠屿岫浔峪坞塬渚畈磴垭"
_SURNAMES: Final = "章祁蔺殷柏褚邬虞晏荀尹卞闵戚娄裘"
_GIVEN: Final = (
    "惟安", "望舒", "予衡", "明霁", "思稷", "若川", "清和", "守拙", "怀瑜", "以宁", "临渊", "知远", "静禾", "启岚", "亦舟", "承砚",
    "晓棠", "景行", "同尘", "叔同", "季白", "长歌", "云岫", "溪亭", "嘉穗", "松年", "采薇", "念初", "行简", "书瑶", "砚秋", "百川",
)  # fmt: skip
_TRADES: Final = (
    "轴承", "新材料", "生物制药", "智能装备", "光电", "冷链物流", "食品", "环保科技", "数据服务", "特种玻璃", "纺织", "农机", "氢能",
    "建材", "陶瓷", "仪表", "软件", "茶业", "种业", "电池材料",
)  # fmt: skip
_CITIES: Final = (
    "岚口市",
    "汀原市",
    "青埠市",
    "云陂市",
    "渌川市",
    "桐岭市",
    "雁泽市",
    "禾丘市",
    "枫湾市",
    "霁阳市",
    "砚州市",
    "芷林市",
)
_DEPARTMENTS: Final = (
    "发展改革委", "工业和信息化厅", "农业农村厅", "水利厅", "交通运输厅", "教育厅", "卫生健康委", "文化和旅游厅", "生态环境厅", "科技厅",
    "商务厅", "应急管理厅", "住房城乡建设厅", "人力资源社会保障厅", "民政厅", "能源局", "数据局", "林业和草原局", "市场监管局", "财政厅",
)  # fmt: skip
_RIVERS: Final = ("岚江", "渌水", "雁河", "芷溪", "汀河", "砚水", "稷川河", "桐溪")
_NUMBER: Final = re.compile(r"(\d+)-(\d+)(?:/(\d+))?")


def place(rng: random.Random) -> str:
    """The two characters that a county, town, company or project is called by."""
    return rng.choice(_HEADS) + rng.choice(_TAILS)


def person(rng: random.Random) -> str:
    """A full name of three characters."""
    return rng.choice(_SURNAMES) + rng.choice(_GIVEN)


def company(rng: random.Random) -> str:
    """A limited company with its trade."""
    return f"{place(rng)}{rng.choice(_TRADES)}有限公司"


def number(rng: random.Random, span: str) -> str:
    """A number of `span`: `20-90`, or `20-900/10` for one with a decimal (tenths)."""
    match = _NUMBER.fullmatch(span)
    if match is None:
        raise ValueError(f"not a span of numbers: {span!r}")
    low, high, divisor = int(match[1]), int(match[2]), match[3]
    drawn = rng.randint(low, high)
    return str(drawn / int(divisor)) if divisor else str(drawn)


def name(rng: random.Random, what: str) -> str | None:
    """The invented name that the slot `what` asks for; None when it asks for something else."""
    if (make := _MAKERS.get(what)) is not None:
        return make(rng)
    return number(rng, what) if _NUMBER.fullmatch(what) else None


_MAKERS: Final[dict[str, Callable[[random.Random], str]]] = {
    "city": lambda rng: rng.choice(_CITIES),
    "county": lambda rng: place(rng) + rng.choice("县县县区"),
    "town": lambda rng: place(rng) + rng.choice(("镇", "镇", "乡", "街道")),
    "village": lambda rng: place(rng) + "村",
    "person": person,
    "company": company,
    "dept": lambda rng: "省" + rng.choice(_DEPARTMENTS),
    "river": lambda rng: rng.choice(_RIVERS),
    "brand": place,
}
