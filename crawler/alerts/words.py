"""Words that a rule looks for in an article: plain ones as people write them, /expressions/ in linear time."""

from __future__ import annotations

import importlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crawler.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.config import Rule
    from crawler.items import Record

LONGEST_WORD = 200
LONGEST_PATTERN = 1000
"""Characters of a plain word and of an expression; beyond that it is a mistake."""
MOST_WORDS = 1000
"""Words of one rule."""
_PATTERN_MEMORY = 8 << 20  # bytes that an expression may take; RE2 refuses to compile a larger one

# Document numbers are written 〔2025〕, [2025], 【2025】 and （2025）: one kind of bracket for all.
_BRACKETS = str.maketrans("〔[【〕]】", "((()))")
# A space beside anything but Latin letters and digits is typesetting: 晋政发〔2025〕 3 号. A TAB parts table cells.
_RUN = re.compile(" {2,}")
_SPACE = re.compile("(?<![a-z0-9]) | (?![a-z0-9])")
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


@dataclass(frozen=True, slots=True)
class Text:
    """An article's text to search: as it is, and folded for plain words."""

    whole: str
    folded: str


def fold(text: str) -> str:
    """Text as plain words are compared: width, case, kinds of brackets and spaces beside Chinese make no difference."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_BRACKETS)
    return _SPACE.sub("", _RUN.sub(" ", folded))


@lru_cache(maxsize=1)
def _text(*parts: str | None) -> Text:
    """The searched text of the article at hand, folded once for all rules."""
    whole = "\n".join(part for part in parts if part)
    return Text(whole, "\n".join(fold(line) for line in whole.split("\n")))


@dataclass(frozen=True, slots=True)
class _Plain:
    """A plain word, folded. Latin letters and digits at its ends must not go on beyond them: AI is not in `said`."""

    word: str

    def occurs(self, text: Text) -> bool:
        word, folded = self.word, text.folded
        at = folded.find(word)
        while at >= 0:
            end = at + len(word)
            goes_on = (word[0] in _LATIN and folded[at - 1 : at] in _LATIN) or (
                word[-1] in _LATIN and folded[end : end + 1] in _LATIN
            )
            if not goes_on:
                return True
            at = folded.find(word, at + 1)
        return False


@dataclass(frozen=True, slots=True)
class _Expression:
    """A compiled expression of the linear-time engine."""

    compiled: Any

    def occurs(self, text: Text) -> bool:
        return self.compiled.search(text.whole) is not None


@dataclass(frozen=True, slots=True)
class Words:
    """What a rule looks for, ready to search: all of `must`, one of `any_of` if there are any, none of `none_of`."""

    must: tuple[_Plain | _Expression, ...]
    any_of: tuple[_Plain | _Expression, ...]
    none_of: tuple[_Plain | _Expression, ...]

    def found_in(self, record: Record) -> bool:
        """Whether an article has them: in its title or body, its document number or issuer."""
        if not (self.must or self.any_of or self.none_of):
            return True
        policy = record.policy
        text = _text(record.title, record.body, policy and policy.doc_number, policy and policy.issuer)
        return (
            all(word.occurs(text) for word in self.must)
            and (not self.any_of or any(word.occurs(text) for word in self.any_of))
            and not any(word.occurs(text) for word in self.none_of)
        )


def compile_word(word: str) -> _Plain | _Expression:
    """A word of a rule: `/…/` is a regular expression (RE2's syntax, case does not matter), all else is plain.

    Raises:
        ConfigError: it is empty or too long, no valid expression, or the package that reads expressions is missing.

    """
    if len(word) > 2 and word.startswith("/") and word.endswith("/"):
        return _compile_expression(word[1:-1])
    folded = fold(word.strip())
    if not folded or len(word) > LONGEST_WORD:
        raise ConfigError(f"{word[:20]!r} is not a word of 1 to {LONGEST_WORD} characters")
    return _Plain(folded)


def _compile_expression(pattern: str) -> _Expression:
    if len(pattern) > LONGEST_PATTERN:
        raise ConfigError(f"/{pattern[:20]}…/ is longer than {LONGEST_PATTERN} characters")
    try:
        re2 = importlib.import_module("re2")  # without stubs, and only rules with expressions need it
    except ModuleNotFoundError:
        raise ConfigError(f"/{pattern[:20]}/ needs a package: pip install google-re2") from None
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _PATTERN_MEMORY
    try:
        return _Expression(re2.compile(pattern, options=options))
    except re2.error as error:
        said = error.args[0] if error.args else ""
        reason = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise ConfigError(f"/{pattern[:40]}/ is not a regular expression of RE2: {reason}") from None


@lru_cache(maxsize=256)
def _compile_all(must: Sequence[str], any_of: Sequence[str], none_of: Sequence[str]) -> Words:
    return Words(
        tuple(compile_word(word) for word in must),
        tuple(compile_word(word) for word in any_of),
        tuple(compile_word(word) for word in none_of),
    )


def words_of(rule: Rule) -> Words:
    """A rule's words, compiled once.

    Raises:
        ConfigError: one of them cannot be used; the message names the rule and the word.

    """
    if len(rule.must) + len(rule.any) + len(rule.none) > MOST_WORDS:
        raise ConfigError(f"rule {rule.name!r}: more than {MOST_WORDS} words")
    try:
        return _compile_all(rule.must, rule.any, rule.none)
    except ConfigError as error:
        raise ConfigError(f"rule {rule.name!r}: {error}") from None
