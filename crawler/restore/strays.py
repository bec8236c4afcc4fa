"""Question marks that a mirror's other steps leave: no reading is near, but the bytes around tell what was there."""

from __future__ import annotations

import re
from typing import Final

from crawler.restore import gbk
from crawler.restore.model import Tear
from crawler.restore.ngrams import NOWHERE, alone, run_cost
from crawler.restore.walk import form_of

_REACH = 4
# A character commoner than this (natural logarithm of one over its share) is worth believing in.
_COMMON = 11.0

_LEADING: Final = re.compile(r"^[?\ufffd]+(?:$|[ \u3000]+|(?=[\u4e00-\u9fff]))")
"""What is left of the no-break spaces before a paragraph, which GBK cannot write."""

_HALVED: Final = re.compile(r"(?<=[\u4e00-\u9fff)])[?\ufffd]([?,.:;!])([@-~])(?=[\u4e00-\u9fff(])")
"""A full-width mark made an ASCII one where its two bytes were the halves of two characters: 研。縣 becomes 研??h."""


def find(line: str) -> list[Tear]:
    """The stray question marks of one line that can be explained, with what belongs there."""
    found = []
    if match := _LEADING.match(line):
        found.append(Tear(match.start(), match.end(), ""))
    for match in _HALVED.finditer(line):
        second = gbk.character(ord(match[1]) | 0x80, ord(match[2]))
        if second is None or alone(form_of(second)) > _COMMON:
            continue
        # The full-width form of an ASCII mark is A3 and the mark with its high bit set.
        left = "".join(map(form_of, line[max(0, match.start() - _REACH) : match.start()]))
        right = form_of(second) + "".join(map(form_of, line[match.end() : match.end() + _REACH]))
        firsts = [char for lead in gbk.LEADS if (char := gbk.character(lead, 0xA3)) is not None]
        first = min(firsts, key=lambda char: run_cost(NOWHERE, left + form_of(char) + right))
        found.append(Tear(match.start(), match.end(), first + second))
    return found
