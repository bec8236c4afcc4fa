"""What the differences of two alike texts say: the noise of copying, or another case in the same words.

A copy loses and gains single characters anywhere. A templated notice differs from its sibling in numbers, names and
whole clauses, and nowhere else. Each kind of difference is counted here; `verdict` weighs them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import Hamming, Indel, Levenshtein

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rapidfuzz.distance import MatchingBlock

_NUMBER = re.compile(r"\d+")
_A_NUMBER = "0"
"""Stands for a number while the words around it are compared."""
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
_REPLACED = 3
"""How many times as long as a clause the one may be that stands in its place."""
_BRIDGE = 1
"""Equal characters between two differences that are parts of one: 桐畈种业 for 桐屿特种玻璃 has 种 in common."""
_RUN = 2
"""Characters from which a replaced run is a name or a word and not a wrong character."""


@dataclass(slots=True)
class Evidence:
    """Counts of differences, and characters that the texts have in common.

    For another case speak `numbers`, `names` (two characters replaced by two, a surname by a surname), `runs` (more
    characters replaced), `repeated` (the same replaced by the same more than once) and `clauses` (replaced outright
    between equal ones); for a copy `slips` (single characters). Either may be: `miscopied` (a long number with one
    other digit) and `digits` (a short number that lost or gained one).
    """

    common: int = 0
    numbers: int = 0
    miscopied: int = 0
    digits: int = 0
    names: int = 0
    runs: int = 0
    repeated: int = 0
    clauses: int = 0
    slips: int = 0
    swaps: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def against(self) -> tuple[int, ...]:
        """What speaks for another case, in the order of the weights."""
        return self.numbers, self.miscopied, self.digits, self.names, self.runs, self.repeated, self.clauses

    def add_pair(self, one: str, other: str) -> None:
        """Count the differences of a clause and what became of it: numbers one by one, and what stands around them."""
        before, after = _NUMBER.findall(one), _NUMBER.findall(other)
        if before or after:
            one, other = _NUMBER.sub(_A_NUMBER, one), _NUMBER.sub(_A_NUMBER, other)
        found: list[_Replaced] = []
        end = upto = 0
        for block in Levenshtein.editops(one, other).as_matching_blocks():
            if block.a > end or block.b > upto:
                found.append(_Replaced(end, block.a, upto, block.b))
            end, upto = block.a + block.size, block.b + block.size
            self.common += block.size
            if before and after:
                self._numbers(one, other, block, (before, after))
        for cluster in _clusters(found):
            first, last = cluster[0], cluster[-1]
            if not (_is_brand(one, first.start, last.end) or _is_brand(other, first.there, last.upto)):
                whole = [_Replaced(first.start, last.end, first.there, last.upto)]
                for start, end, there, upto in whole if _is_run(cluster) else cluster:
                    self._difference(one[start:end], other[there:upto])

    def _numbers(self, one: str, other: str, block: MatchingBlock, numbers: tuple[list[str], list[str]]) -> None:
        """Count the numbers of a block that is equal but for them."""
        i, j = one.count(_A_NUMBER, 0, block.a), other.count(_A_NUMBER, 0, block.b)
        for at in range(block.size):
            if one[block.a + at] == _A_NUMBER:
                ends = at + 1 == block.size and (block.a + at + 1 < len(one) or block.b + at + 1 < len(other))
                begins = at == 0 and (block.a > 0 or block.b > 0)
                self._number(numbers[0][i], numbers[1][j], beside=begins or ends)
                i, j = i + 1, j + 1

    def _number(self, before: str, after: str, *, beside: bool) -> None:
        """Count two numbers; `beside` a difference the one may be what is left of the other, which is counted there."""
        if before == after:
            self.common += len(before) - 1
        elif beside and (_is_part(before, after) or _is_part(after, before)):
            return
        elif abs(len(before) - len(after)) == 1 and Indel.distance(before, after) == 1:
            if max(len(before), len(after)) < _LONG_NUMBER:
                self.digits += 1
            else:
                self.slips += 1
        elif len(before) >= _LONG_NUMBER and Hamming.distance(before, after) == 1:
            self.miscopied += 1
        else:
            self.swaps[before, after] += 1
            self.numbers += 1

    def _difference(self, before: str, after: str) -> None:
        """Count what is replaced by something else, or is in one text alone."""
        if len(before) >= _RUN and len(after) >= _RUN:
            self.swaps[before, after] += 1
            if len(before) == len(after) == _RUN:
                self.names += 1
            else:
                self.runs += 1
        elif len(before) == len(after) == 1:
            self.swaps[before, after] += 1
            if before in _NUMERALS and after in _NUMERALS:
                self.numbers += 1
            elif before in _SURNAMES and after in _SURNAMES:
                self.names += 1
            else:
                self.slips += 1
        else:
            self.slips += 1

    def add_replaced(self, before: list[str], after: list[str]) -> None:
        """Count clauses that stand in place of others between equal ones.

        As many stand in place of as many, about as long: else something was left out, and what is left over slipped.
        """
        if not before or not after or any(_BRAND.search(clause) for clause in (*before, *after)):
            return
        if len(before) != len(after):
            self.slips += 1
            return
        for one, other in zip(before, after, strict=True):
            shorter, longer = sorted((len(one), len(other)))
            if shorter < _RUN or longer > _REPLACED * shorter:
                self.slips += 1
            else:
                self.clauses += 1

    def settle(self) -> None:
        """Count what was replaced by the same more than once."""
        self.repeated += sum(count > 1 for count in self.swaps.values())
        self.swaps.clear()


def is_credit(clause: str) -> bool:
    """Whether a clause names a paper or its reporter, as those before and after an article do: `某报3月8日电`."""
    return _CREDIT.search(clause) is not None


def _is_brand(text: str, start: int, end: int) -> bool:
    found = _BRAND.search(text, start, end + _BRAND_REACH + 4)
    return found is not None and found.start() <= end + _BRAND_REACH


def _is_part(number: str, whole: str) -> bool:
    return whole.startswith(number) or whole.endswith(number)


class _Replaced(NamedTuple):
    """`[start:end]` of one clause stands for `[there:upto]` of the other."""

    start: int
    end: int
    there: int
    upto: int


def _clusters(found: Sequence[_Replaced]) -> Iterator[list[_Replaced]]:
    """Differences with no more than `_BRIDGE` equal characters between them, together."""
    cluster: list[_Replaced] = []
    for one in found:
        if cluster and one.start - cluster[-1].end > _BRIDGE:
            yield cluster
            cluster = []
        cluster.append(one)
    if cluster:
        yield cluster


def _is_run(cluster: Sequence[_Replaced]) -> bool:
    """Whether differences with hardly anything between them replace more than two wrong characters would."""
    return max(sum(one.end - one.start for one in cluster), sum(one.upto - one.there for one in cluster)) > _RUN
