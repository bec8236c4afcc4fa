"""Find the readings that a mirror inserted after characters, in a text that is in step."""

from __future__ import annotations

from crawler.restore.model import Removal
from crawler.restore.patterns import LOOSE, LOOSE_MARKS, PLAIN, RUBY
from crawler.restore.readings import characters_read

# A style that puts a space behind each reading does so behind nearly all of them; line ends lose it.
_MOSTLY = 0.8


def find(text: str) -> list[Removal]:
    """Every reading in parentheses behind a character that is read so, doubled ones included, in the order of the text."""
    pattern = LOOSE if any(mark in text for mark in LOOSE_MARKS) else PLAIN
    found: list[Removal] = []
    last = -1
    base = ""
    for match in pattern.finditer(text):
        start = match.start()
        if start != last:
            base = text[start - 1] if start else ""
        if base and base in characters_read(match[1]):
            last = match.end()
            found.append(Removal(start, last, match[0]))
    return found


def find_ruby(text: str) -> list[Removal]:
    """The markup around ruby bases whose ruby text is their reading, opening and closing part of each."""
    found = []
    for match in RUBY.finditer(text):
        base, reading = match[1].strip(), match[2]
        if base and base[-1] in characters_read(reading):
            found.append(Removal(match.start(), match.start(1), text[match.start() : match.start(1)]))
            found.append(Removal(match.end(1), match.end(), text[match.end(1) : match.end()]))
    return found


def with_spaces(text: str, found: list[Removal]) -> list[Removal]:
    """The same, with the one space behind each reading where the text was polluted in the style that adds one."""
    spaced = [removal for removal in found if removal.text.isascii()]
    inside = [removal for removal in spaced if removal.end < len(text) and text[removal.end] not in "\r\n("]
    if not inside or sum(text[removal.end] in " \xa0" for removal in inside) < _MOSTLY * len(inside):
        return found
    widened = []
    for removal in found:
        start, end, inner = removal
        if end < len(text) and text[end] in " \xa0" and inner.isascii():
            widened.append(Removal(start, end + 1, text[start : end + 1]))
        else:
            widened.append(removal)
    return widened
