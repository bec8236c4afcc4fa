"""What the differences of two alike texts say: the noise of copying, or another case in the same words.

A copy loses and gains single characters anywhere. A templated notice differs from its sibling in numbers, names and
whole clauses, and nowhere else. Each kind of difference is counted here; `verdict` weighs them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from rapidfuzz.distance import Indel, Levenshtein

_NUMBER = re.compile(r"\d+")
_NUMERALS = frozenset("一二三四五六七八九十百千万零〇两壹贰叁肆伍陆柒捌玖拾甲乙丙丁")
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "章祁蔺殷柏褚邬虞晏荀卞闵戚娄裘倪鲁翟岳骆邢施聂焦耿齐庞樊葛岑芦涂甘佟翁詹霍辛阮俞柴鲍蒲冉柯祝阎欧窦邬臧蓝闫苗尚"
)
"""The commonest family names, some 150; the later ones are characters of little other use."""
_BRAND = re.compile(
    r"日报|晚报|早报|时报|晨报|商报|新闻|电视台|广播|客户端|频道|公众号|微信|在线|融媒|传媒|记者|通讯员|编辑|报道|网讯|报讯|社讯|[网报台社](?=[电讯]|$)"
)
"""Words of the names that sites and papers put into a text in place of one another's."""
_CREDIT = re.compile(
    r"(?:日报|晚报|早报|时报|晨报|商报|新闻网|客户端|融媒|在线|记者|通讯员)|(?:网|报|社|台)讯|[0-9]日[电讯]$"
)
_BRAND_REACH = 1
"""Characters after a difference from which such a word makes it a brand."""
_LONG_NUMBER = 4
"""Digits from which a number that lacks one was miscopied; two days or two months may differ so."""
_RUN = 2
"""Characters from which a replaced run is a name or a word and not a wrong character."""


@dataclass(slots=True)
class Evidence:
    """Counts of differences, and characters that the texts have in common.

    `numbers`, `names` (runs of characters replaced by others, surnames by surnames, one character by the same other one
    repeatedly) and `clauses` (replaced outright between equal ones) speak for another case; `slips` (single
    characters) for a copy. `digits` are numbers that only lost or gained one: either may be.
    """

    common: int = 0
    numbers: int = 0
    digits: int = 0
    names: int = 0
    clauses: int = 0
    slips: int = 0
    swaps: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def against(self) -> tuple[int, int, int, int]:
        """What speaks for another case."""
        return self.numbers, self.digits, self.names, self.clauses

    def add_pair(self, one: str, other: str) -> None:
        """Count the differences of a clause and what became of it."""
        before, after = _NUMBER.findall(one), _NUMBER.findall(other)
        if before != after:
            if len(before) == len(after):
                for number, now in zip(before, after, strict=True):
                    if number != now:
                        self._number(number, now)
            else:
                self.slips += 1
        operations = Levenshtein.opcodes(one, other)
        start = 0
        while start < len(operations):
            end = start
            while end < len(operations) and operations[end].tag != "equal":
                end += 1
            if end == start:
                self.common += operations[start].src_end - operations[start].src_start
                start += 1
                continue
            first, last = operations[start], operations[end - 1]
            self._difference(one, other, (first.src_start, last.src_end), (first.dest_start, last.dest_end))
            start = end

    def _number(self, before: str, after: str) -> None:
        if len(before) != len(after) and Indel.distance(before, after) == 1:
            if max(len(before), len(after)) < _LONG_NUMBER:
                self.digits += 1
            else:
                self.slips += 1
        else:
            self.numbers += 1

    def _difference(self, one: str, other: str, here: tuple[int, int], there: tuple[int, int]) -> None:
        x, y = one[slice(*here)], other[slice(*there)]
        if (not x or x.isdecimal()) and (not y or y.isdecimal()):
            return  # counted as numbers
        if _is_brand(one, here) or _is_brand(other, there):
            return
        if len(x) >= _RUN and len(y) >= _RUN:
            self.names += 1
        elif len(x) == len(y) == 1:
            if x in _NUMERALS and y in _NUMERALS:
                self.numbers += 1
            elif x in _SURNAMES and y in _SURNAMES:
                self.names += 1
            else:
                self.swaps[x, y] += 1
        else:
            self.slips += 1

    def add_replaced(self, before: list[str], after: list[str]) -> None:
        """Count clauses that stand in place of others between equal ones."""
        if any(_BRAND.search(clause) for clause in (*before, *after)):
            return
        for one, other in zip(before, after, strict=False):
            if len(one) < _RUN or len(other) < _RUN:
                self.slips += 1
            else:
                self.clauses += 1

    def settle(self) -> None:
        """Tell repeated swaps, which are names, from single ones."""
        for count in self.swaps.values():
            if count > 1:
                self.names += 1
            else:
                self.slips += 1
        self.swaps.clear()


def is_credit(clause: str) -> bool:
    """Whether a clause names a paper or its reporter, as those before and after an article do: `某报3月8日电`."""
    return _CREDIT.search(clause) is not None


def _is_brand(text: str, span: tuple[int, int]) -> bool:
    start, end = span
    found = _BRAND.search(text, start, end + _BRAND_REACH + 4)
    return found is not None and found.start() <= end + _BRAND_REACH
