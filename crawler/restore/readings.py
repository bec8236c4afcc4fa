"""The readings of characters, and the many spellings of one reading."""

from __future__ import annotations

import html
import unicodedata
from functools import lru_cache
from importlib.resources import files

from crawler.restore import gbk

# Written for ü, for a and g in phonetic fonts, and for the third tone by typists who took a breve for a caron.
_SPELLINGS = str.maketrans("vɑɡăĕĭŏŭ", "üaɡǎěǐǒǔ".replace("ɡ", "g"))
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0304\u030c"))
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


def _toneless(syllable: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", syllable).translate(_TONES))


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """Toned syllable to characters, and toneless spelling to characters."""
    toned: dict[str, str] = {}
    plain: dict[str, list[str]] = {}
    text = (files("crawler.restore") / "data" / "readings.txt").read_text("utf-8")
    for line in text.splitlines():
        syllable, characters = line.split("\t")
        toned[syllable] = characters
        plain.setdefault(_toneless(syllable), []).append(characters)
    toneless = {syllable: "".join(parts).replace("|", "") for syllable, parts in plain.items()}
    for syllable in [s for s in toneless if "ü" in s]:
        # 女(nv), 略(lue): keyboards and toneless tables know no ü.
        for spelling in (syllable.replace("ü", "v"), syllable.replace("ü", "u")):
            toneless[spelling] = toneless.get(spelling, "") + toneless[syllable]
    return toned, toneless


@lru_cache(maxsize=1024)
def canonical(spelling: str) -> str:
    """The reading in lower case and composed, bare of entities, tone numbers, invisible characters."""
    text = html.unescape(spelling).translate(_INVISIBLE).strip("\u00a0 12345")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).lower().translate(_SPELLINGS))


@lru_cache(maxsize=2048)
def characters_read(spelling: str) -> str:
    """All characters that have this reading in any tone; empty where it is no syllable."""
    return _tables()[1].get(_toneless(canonical(spelling)), "")


@lru_cache(maxsize=128)
def homophones(spelling: str) -> dict[int, tuple[tuple[int, str, bool], ...]]:
    """By GBK lead byte the characters of a reading: trail byte, character, whether it is the first reading.

    A reading with a tone mark asks for that tone; where no character has it, for any tone.
    """
    reading = canonical(spelling)
    toned, toneless = _tables()
    if _toneless(reading) != reading and reading in toned:
        first, other = toned[reading].split("|")
    else:
        first, other = toneless.get(_toneless(reading), ""), ""
    found: dict[int, list[tuple[int, str, bool]]] = {}
    for characters, usual in ((first, True), (other, False)):
        for char in dict.fromkeys(characters):
            code = gbk.code(char)
            if code is not None:
                found.setdefault(code[0], []).append((code[1], char, usual))
    return {lead: tuple(row) for lead, row in found.items()}
