"""Find the readings that a mirror inserted after characters, in a text that is in step."""

from __future__ import annotations

from itertools import islice

from crawler.restore import gbk
from crawler.restore.patterns import LOOSE, LOOSE_SIGN, PLAIN, RUBY, may_be_loose
from crawler.restore.readings import characters_read

Span = tuple[int, int]
"""Start and end of a run in the input."""

# A style that puts a space behind each reading does so behind nearly all of them; line ends lose it.
_MOSTLY = 0.8
_ENOUGH = 400
_ASKED = 800
_SPACES = " \xa0"
_NONE = "none"
"""What no reading has among its characters."""


def find(text: str) -> list[Span]:
    """Every reading in parentheses behind a character that is read so, doubled ones included, in order."""
    if may_be_loose(text) and LOOSE_SIGN.search(text):
        return _find_loose(text)
    spans = [match.span() for match in PLAIN.finditer(text)]
    behind = [text[start - 1 : end - 1] for start, end in spans]
    unread = {both for both in set(behind) if not both or both[0] not in characters_read(both[2:])}
    if not unread:
        return spans
    left: set[int] = set()
    bases: dict[int, str] = {}
    for at in [at for at, both in enumerate(behind) if both in unread]:
        start, end = spans[at]
        base = behind[at][:1]
        if at and spans[at - 1][1] == start:
            # Right behind another reading: of the same character.
            base = bases.get(at - 1, behind[at - 1][:1])
        read = characters_read(text[start + 1 : end - 1])
        if base and (base in read or _with_trail(text, start) in read):
            bases[at] = base
        else:
            bases[at] = ")"
            left.add(at)
    return [span for at, span in enumerate(spans) if at not in left]


def _with_trail(text: str, at: int) -> str:
    """The character that the mirror saw where an ASCII letter before a place follows the trail byte of a hanzi."""
    code = gbk.code(text[at - 2]) if at > 1 and text[at - 1].isascii() and text[at - 1].isalpha() else None
    return (code and gbk.character(code[1], ord(text[at - 1]))) or _NONE


def _find_loose(text: str) -> list[Span]:
    found: list[Span] = []
    last = -1
    base = ""
    for match in LOOSE.finditer(text):
        start = match.start()
        if start != last:
            base = text[start - 1] if start else ""
        if base and base in characters_read(match[1]):
            last = match.end()
            found.append((start, last))
    return found


def find_ruby(text: str) -> list[Span]:
    """The markup around ruby bases whose ruby text is their reading, opening and closing part of each."""
    found = []
    for match in RUBY.finditer(text):
        base = match[1].strip()
        if base and base[-1] in characters_read(match[2]):
            found.append((match.start(), match.start(1)))
            found.append((match.end(1), match.end()))
    return found


def with_spaces(text: str, found: list[Span]) -> list[Span]:
    """The same, with the one space behind each reading where the text was polluted in the style that adds one.

    That style is toneless. Where readings have tones a space behind one belongs to the text.
    """
    toneless = (
        text[end] in _SPACES
        for start, end in found[:: 1 + len(found) // _ASKED]
        if end < len(text) and text[end] not in "\r\n(" and text[start:end].isascii()
    )
    votes = list(islice(toneless, _ENOUGH))
    if not votes or sum(votes) < _MOSTLY * len(votes):
        return found
    size = len(text)
    return [
        (start, end + 1) if end < size and text[end] in _SPACES and text[start:end].isascii() else (start, end)
        for start, end in found
    ]
