"""Problems of a portal file as one line: the key, what is wrong, what would be right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from rapidfuzz import fuzz

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pydantic_core import ErrorDetails

# Likeness (0..100) below which a suggestion is noise. On the registry's own words one slip in a word of four letters
# scores 75, two letters of three 67, a part of a Chinese name 80, unrelated ids 60 and less
# (tests/portals/test_registry.py).
_ALIKE = 65.0
_PART = 0.8  # a word that is only part of a known one counts less than a misspelt one
_SHOWN = 60
_ADDRESS = "is not a full address: write it as in https://www.gov.cn/zhengce/"
_WORDS = {
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "dict_type": "is not a table: write key = value lines under its heading",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "greater_than_equal": "is too small: at least {ge}",
    "int_from_float": "is not a whole number",
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "less_than_equal": "is too large: at most {le}",
    "model_type": "is not a table: write key = value lines under its heading",
    "string_too_long": "is too long: at most {max_length} characters",
    "string_too_short": "is empty: write something or leave the key out",
    "string_type": "is not a text: put it in quotation marks",
    "too_long": "holds too many: at most {max_length}",
    "too_short": "holds too few: at least {min_length}",
    "tuple_type": "is not a list: write it in brackets",
    "url_parsing": _ADDRESS,
    "url_scheme": _ADDRESS,
    "url_too_long": "is too long for an address",
    "url_type": _ADDRESS,
}
"""Pydantic's kinds of problem in our words, with the values that each carries."""


def nearest(word: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known words most like a mistyped one, best first; empty where none is alike."""
    scored = [(max(fuzz.ratio(word, other), _PART * fuzz.partial_ratio(word, other)), other) for other in known]
    alike = sorted((pair for pair in scored if pair[0] >= _ALIKE), key=lambda pair: -pair[0])
    return [other for _, other in alike[:limit]]


def did_you_mean(words: Sequence[str]) -> str:
    """`did you mean a, b or c?`, or nothing without words."""
    if not words:
        return ""
    return f"did you mean {', '.join(words[:-1])}{' or ' if len(words) > 1 else ''}{words[-1]}?"


def explain(error: ValidationError, model: type[BaseModel], data: Mapping[str, Any]) -> str:
    """The first problem of a pydantic error as `key: what is wrong: what would be right`, and how many more there are.

    Unknown keys come first: a misspelt key is the cause where another one is then missing.

    Args:
        error: what the model raised.
        model: the model, for the keys it knows.
        data: the values that were refused, for the id of the section that is meant.

    """
    problems = error.errors(include_url=False)
    # A list that lost its only item to another problem is also "too short": that is no problem of its own.
    parents = {problem["loc"][:depth] for problem in problems for depth in range(len(problem["loc"]))}
    problems = [problem for problem in problems if problem["loc"] not in parents or problem["loc"] == ()]
    problems.sort(key=lambda problem: problem["type"] != "extra_forbidden")
    line = _line(problems[0], model, data)
    more = len(problems) - 1
    return f"{line} (and {more} more)" if more else line


def _line(problem: ErrorDetails, model: type[BaseModel], data: Mapping[str, Any]) -> str:
    loc, kind, context = problem["loc"], problem["type"], problem.get("ctx", {})
    # A proxy's address may hold a password.
    shown = "" if "proxy" in loc else f"{_shown(problem['input'])} "
    if kind == "value_error":
        text = str(context["error"])
        if _model_at(model, loc) is None:  # checks of a whole model name their key themselves
            text = f"{shown}{text}"
    elif kind == "extra_forbidden":
        known = _keys(model, loc[:-1])
        hint = did_you_mean(nearest(str(loc[-1]), known, limit=1)) or f"known keys: {', '.join(known)}"
        text = f"unknown key: {hint}"
    elif kind == "missing":
        text = f"is missing: every {'section' if len(loc) > 1 else 'portal file'} has it"
    elif kind == "literal_error":
        text = f"{shown}is none of {context['expected'].replace(chr(39), '').replace(' or ', ', ')}"
    elif kind == "tuple_type" and loc == ("section",):
        text = "is not a list: write each section under a line [[section]], with two brackets"
    elif kind in _WORDS:
        text = shown + _WORDS[kind].format(**context)
    else:
        text = f"{shown}{problem['msg'][:1].lower()}{problem['msg'][1:]}"
    where = _where(loc, data)
    return f"{where}: {text}" if where else text


def _where(loc: tuple[int | str, ...], data: Mapping[str, Any]) -> str:
    """`section.2.url` as `[[section]] news: url`; a section without an id is counted from 1."""
    if len(loc) < 2 or loc[0] != "section":
        return ".".join(str(part) for part in loc)
    position = int(loc[1])
    section = data["section"][position]
    name = section.get("id") if isinstance(section, dict) else None
    head = f"[[section]] {name if isinstance(name, str) and name else f'number {position + 1}'}"
    rest = ".".join(str(part) for part in loc[2:])
    return f"{head}: {rest}" if rest else head


def _model_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The model that a place in the file belongs to, or None if it is a plain value."""
    here: Any = model
    for part in loc:
        if isinstance(part, int):
            continue
        if not (isinstance(here, type) and issubclass(here, BaseModel)):
            return None
        field = next((f for name, f in here.model_fields.items() if part in {name, f.alias}), None)
        if field is None:
            return None
        here = field.annotation
        if get_origin(here) is tuple:
            here = get_args(here)[0]
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    found = _model_at(model, loc)
    return [] if found is None else [field.alias or name for name, field in found.model_fields.items()]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
