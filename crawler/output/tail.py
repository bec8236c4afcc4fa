"""What stands in a file behind the acknowledged offset: our own next lines, whole or torn, or somebody else's bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.output.files import AppendFile


@dataclass(frozen=True, slots=True)
class Line:
    """An event's line: its bytes, empty where the event is not emitted, and the period of the file it belongs to."""

    seq: int
    data: bytes
    period: str


@dataclass(frozen=True, slots=True)
class Tail:
    """How far the bytes are ours.

    `offset` and `seq` are behind the last whole line of ours, `lines` how many these were. `end`: nothing follows
    (`whole`), the beginning of our next line and nothing else (`torn`), other bytes (`foreign`), or more than was
    compared (`more`).
    """

    offset: int
    seq: int
    lines: int
    end: Literal["whole", "torn", "foreign", "more"]


def compare(file: AppendFile, offset: int, seq: int, period: str, upcoming: Sequence[Line]) -> Tail:
    """Compare what stands behind `offset` with the lines that would be written next after event `seq`."""
    size = file.size()
    lines = 0
    for line in upcoming:
        if offset == size:
            return Tail(offset, seq, lines, "whole")
        if line.data:
            found = file.read(offset, len(line.data))
            if line.period != period or not line.data.startswith(found):
                return Tail(offset, seq, lines, "foreign")
            if len(found) < len(line.data):
                return Tail(offset, seq, lines, "torn")
            offset += len(found)
            lines += 1
        seq = line.seq
    return Tail(offset, seq, lines, "whole" if offset == size else "more")
