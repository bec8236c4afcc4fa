"""Bring a polluted copy back to the text that it was made of."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from crawler.restore import annotations, script
from crawler.restore.conversion import characters_simplified, to_simplified
from crawler.restore.model import Hant, Removal, Restoration, Script, Tear
from crawler.restore.patterns import PLAIN, TORN
from crawler.restore.tears import Habits, repair
from crawler.restore.walk import Seen

# Of the characters that tell the scripts apart at least half are traditional in any converted text, hardly any in a
# simplified one: measured 0.93 to 1 and 0 to 0.02.
_TRADITIONAL = 0.5
# In a simplified text a paragraph of its own is traditional only when this is beyond doubt.
_QUOTED = 6
_QUOTED_SHARE = 0.9
# An author explains the reading of one rare character in hundreds; a mirror annotates one traditional character in fifty or more.
_SPARSEST = 60


def restore(text: str, hant: Hant = "convert") -> Restoration:
    """Take out inserted readings, mend what their insertion tore, and convert to simplified characters.

    The number of line feeds never changes, so that lines which belong together can be joined, restored with one verdict,
    and split again. Simplified text comes back as it is. With `hant="keep"` so does traditional text without inserted
    readings; with "convert" it is converted.

    Raises:
        ValueError: `hant` is neither "convert" nor "keep".
    """
    if hant not in ("convert", "keep"):
        raise ValueError(f'hant is {hant!r}: it must be "convert" or "keep"')
    simplified = characters_simplified(text)
    if simplified == text:
        return Restoration(text, "hans", 1.0)
    tally, scale = script.sampled(text, simplified)
    if tally.share < _TRADITIONAL:
        return _mixed(text, simplified, tally, hant)
    return _traditional(text, simplified, tally.traditional * scale, tally.share, hant)


def _mixed(text: str, simplified: str, tally: script.Tally, hant: Hant) -> Restoration:
    """A simplified text with some traditional characters: names, quotations, perhaps a polluted paragraph."""
    lines = []
    removals: list[Removal] = []
    tears: list[Tear] = []
    offset = 0
    for line, converted in zip(text.split("\n"), simplified.split("\n"), strict=True):
        here = line
        if line != converted:
            own = script.tally(line, converted)
            if own.traditional >= _QUOTED and own.share >= _QUOTED_SHARE:
                part = _traditional(line, converted, own.traditional, own.share, hant)
                here = part.text
                removals += [Removal(a + offset, b + offset, t) for a, b, t in part.removals]
                tears += [Tear(a + offset, b + offset, t) for a, b, t in part.tears]
        lines.append(here)
        offset += len(line) + 1
    restored = "\n".join(lines)
    return Restoration(restored, "hans", 1.0 - tally.share, tuple(removals), tuple(tears), restored != text)


def _traditional(text: str, simplified: str, count: float, share: float, hant: Hant) -> Restoration:
    found = annotations.find(text)
    torn = len(TORN.findall(text)) if "?" in text or "\ufffd" in text else 0
    ruby = annotations.find_ruby(text) if "<r" in text else []
    if (len(found) + torn + len(ruby)) * _SPARSEST < count or not (found or torn or ruby):
        verdict: Script = "hant"
        if hant == "keep":
            return Restoration(text, verdict, share / 2)
        return Restoration(to_simplified(text), verdict, share / 2, converted=True)
    tears, taken = _mend(text, found) if torn else ([], [])
    outside = [*annotations.with_spaces(text, found), *ruby]
    if tears:
        known = {removal.start for removal in outside}
        outside = _beyond(outside + [removal for removal in taken if removal.start not in known], tears)
    inside = [removal for removal in taken if not _beyond([removal], tears)]
    removals = sorted([*outside, *inside])
    edits = sorted([*((r.start, r.end, "") for r in outside), *((t.start, t.end, t.restored) for t in tears)])
    pieces = []
    at = 0
    for start, end, replacement in edits:
        pieces.append(text[at:start])
        if replacement:
            pieces.append(replacement)
        at = end
    pieces.append(text[at:])
    restored = to_simplified("".join(pieces))
    return Restoration(restored, "hant-machine", share, tuple(removals), tuple(tears), converted=True)


def _mend(text: str, found: list[Removal]) -> tuple[list[Tear], list[Removal]]:
    habits = Habits(text, frozenset(text[removal.start - 1] for removal in found if removal.start), _filler(text), Seen(PLAIN.sub("", text)))
    tears: list[Tear] = []
    taken: list[Removal] = []
    offset = 0
    for line in text.split("\n"):
        if TORN.search(line):
            mended, removed = repair(line, habits)
            tears += [Tear(a + offset, b + offset, t) for a, b, t in mended]
            taken += [Removal(a + offset, b + offset, t) for a, b, t in removed]
        offset += len(line) + 1
    return tears, taken


def _filler(text: str) -> str:
    """The ASCII mark that stands between two hanzi most often: the likeliest to have been swallowed there."""
    wide = "\u4e00"
    marks = Counter(
        b for (a, b), (_, c) in pairwise(pairwise(text)) if " " <= b < "0" and b not in "()?" and a >= wide <= c
    )
    return marks.most_common(1)[0][0] if marks else "?"


def _beyond(found: list[Removal], tears: list[Tear]) -> list[Removal]:
    """The removals that lie outside all tears."""
    kept = []
    rest = iter(sorted(tears))
    tear = next(rest, None)
    for removal in sorted(found):
        while tear is not None and tear.end <= removal.start:
            tear = next(rest, None)
        if tear is None or removal.end <= tear.start:
            kept.append(removal)
    return kept
