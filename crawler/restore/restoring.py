"""Bring a polluted copy back to the text that it was made of."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.restore import annotations as inserted
from crawler.restore import script, strays
from crawler.restore.conversion import characters_simplified, settle
from crawler.restore.lines import belows
from crawler.restore.model import Hant, Restoration, Script, Tear
from crawler.restore.patterns import TORN
from crawler.restore.tears import Habits, repair
from crawler.restore.walk import Seen

if TYPE_CHECKING:
    from crawler.restore.annotations import Span

# Of the characters that tell the scripts apart at least half are traditional in any converted text, hardly any in a
# simplified one: measured 0.93 to 1 and 0 to 0.02.
_TRADITIONAL = 0.5
# In a simplified text a paragraph of its own is traditional only when this is beyond doubt.
_QUOTED = 6
_QUOTED_SHARE = 0.9
# An author explains the reading of one rare character in hundreds; a mirror annotates one traditional character in
# sixty or more.
_SPARSEST = 60
# Without readings a machine's work and an author's look alike: the verdict is little better than a guess.
_UNSURE = 0.6

_MARKED_LOSS = re.compile("[\u4e00-\u9fff][?\ufffd][\u4e00-\u9fff]")
_BETWEEN_HANZI = re.compile("[ -'*-/](?<=[\u4e00-\u9fff].)(?=[\u4e00-\u9fff])")


def restore(text: str, hant: Hant = "convert") -> Restoration:
    """Take out inserted readings, mend what their insertion tore, and convert to simplified characters.

    The number of line feeds never changes, so that lines which belong together can be joined, restored with one
    verdict, and split again. Simplified text comes back as it is. With `hant="keep"` so does traditional text without
    inserted readings; with "convert" it is converted.

    Raises:
        ValueError: `hant` is neither "convert" nor "keep".
    """
    if hant not in {"convert", "keep"}:
        raise ValueError(f'hant is {hant!r}: it must be "convert" or "keep"')
    simplified = characters_simplified(text)
    if simplified == text:
        return Restoration(text, "hans", 1.0, text)
    tally, scale = script.sampled(text, simplified)
    if tally.share <= _TRADITIONAL:
        return _mixed(text, simplified, tally, hant)
    return _traditional(text, simplified, tally.traditional * scale, tally.share, hant)


def _mixed(text: str, simplified: str, tally: script.Tally, hant: Hant) -> Restoration:
    """A simplified text with some traditional characters: names, quotations, perhaps a polluted paragraph."""
    lines = []
    spans: list[Span] = []
    tears: list[Tear] = []
    offset = 0
    for line, converted in zip(text.split("\n"), simplified.split("\n"), strict=True):
        here = line
        if line != converted:
            own = script.tally(line, converted)
            if own.traditional >= _QUOTED and own.share >= _QUOTED_SHARE:
                part = _traditional(line, converted, own.traditional, own.share, hant)
                here = part.text
                spans += [(start + offset, end + offset) for start, end in part.spans]
                tears += [Tear(start + offset, end + offset, run) for start, end, run in part.tears]
        lines.append(here)
        offset += len(line) + 1
    restored = "\n".join(lines)
    return Restoration(restored, "hans", 1.0 - tally.share, text, tuple(spans), tuple(tears), restored != text)


def _traditional(text: str, simplified: str, count: float, share: float, hant: Hant) -> Restoration:
    """A text in traditional characters: polluted when enough of them, about `count`, bear readings."""
    found = inserted.find(text)
    torn = len(TORN.findall(text)) if "?" in text or "\ufffd" in text else 0
    ruby = inserted.find_ruby(text) if "<r" in text else []
    signs = len(found) + torn + len(ruby)
    if not signs or signs * _SPARSEST < count:
        verdict: Script = "hant-machine" if script.machine_made(text) else "hant"
        if hant == "keep":
            return Restoration(text, verdict, share * _UNSURE, text)
        return Restoration(settle(simplified), verdict, share * _UNSURE, text, converted=True)
    spans = inserted.with_spaces(text, found)
    if ruby:
        spans = sorted(spans + ruby)
    stray = _strays(text) if "?" in text or "\ufffd" in text else []
    if not (torn or stray):
        kept = "".join(_pieces(simplified, spans, 0, len(simplified)))
        return Restoration(settle(kept), "hant-machine", share, text, tuple(spans), converted=True)
    tears, taken = _mend(text, found) if torn else ([], [])
    tears = sorted([*tears, *(s for s in stray if not any(t.start < s.end and s.start < t.end for t in tears))])
    spans = sorted([*spans, *(span for span in taken if not _begins(spans, span[0]))])
    restored = settle(_mended(simplified, spans, tears))
    return Restoration(restored, "hant-machine", share, text, tuple(spans), tuple(tears), converted=True)


def _begins(spans: list[Span], start: int) -> bool:
    """Whether one of some spans in order begins at a place."""
    at = bisect_left(spans, (start, start))
    return at < len(spans) and spans[at][0] == start


def _mended(simplified: str, spans: list[Span], tears: list[Tear]) -> str:
    """Put the mended runs in place of the torn ones, and take out the readings outside them."""
    pieces = []
    at = first = 0
    for tear in tears:
        last = bisect_left(spans, (tear.start, tear.start), first)
        pieces += _pieces(simplified, spans[first:last], at, tear.start)
        pieces.append(characters_simplified(tear.restored) if tear.restored else "")
        at = max(at, tear.end)
        # A reading that lies within a torn run is gone with it.
        first = bisect_left(spans, (at, at), last)
        at = max(at, spans[first - 1][1] if first else 0)
    pieces += _pieces(simplified, spans[first:], at, len(simplified))
    return "".join(pieces)


def _pieces(text: str, spans: list[Span], at: int, end: int) -> list[str]:
    """What is left of a part of a text without some spans."""
    starts = [start for start, _stop in spans]
    stops = [stop for _start, stop in spans]
    return [text[left:right] for left, right in zip([at, *stops], [*starts, end], strict=True)]


def _mend(text: str, found: list[Span]) -> tuple[list[Tear], list[Span]]:
    marked = frozenset([text[start - 1] for start, _end in found])
    bare = "".join(_pieces(text, found, 0, len(text)))
    habits = Habits(text, marked, _filler(bare), _MARKED_LOSS.search(text) is None, Seen(bare, marked))
    tears: list[Tear] = []
    taken: list[Span] = []
    offset = 0
    lines = text.split("\n")
    for line, below in zip(lines, belows(lines), strict=True):
        if TORN.search(line):
            mended, removed = repair(line, replace(habits, below=below))
            tears += [Tear(start + offset, end + offset, run) for start, end, run in mended]
            taken += [(start + offset, end + offset) for start, end in removed]
        offset += len(line) + 1
    return tears, taken


def _strays(text: str) -> list[Tear]:
    found = []
    offset = 0
    for line in text.split("\n"):
        if "?" in line or "\ufffd" in line:
            found += [Tear(start + offset, end + offset, run) for start, end, run in strays.find(line)]
        offset += len(line) + 1
    return found


def _filler(text: str) -> str:
    """The ASCII mark that stands between two hanzi most often: the likeliest to have been swallowed there."""
    marks = Counter(_BETWEEN_HANZI.findall(text))
    return marks.most_common(1)[0][0] if marks else "?"
