"""Reads portal files: the built-in ones, and over them those of the user's folders."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from crawler.exceptions import ConfigError
from crawler.portals.explain import explain
from crawler.portals.models import Portal
from crawler.portals.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable
    from pathlib import Path

MAX_FILE_BYTES = 256 * 1024
"""The largest built-in file has a tenth of this."""
MAX_FILES = 1000
"""Portal files a folder; China has some 3,000 county portals, a folder for all of them can be split."""

_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def load_portals(*folders: Path) -> Registry:
    """The built-in portals, then those of the folders; a file replaces an earlier one of the same id.

    Every `*.toml` directly in a folder is read, hidden files apart.

    Raises:
        ConfigError: a folder or file cannot be read, or a file does not say what it must; one line names file and key.

    """
    own = {}
    for folder in folders:
        for path in _toml_files(folder):
            portal = parse_portal(_read(path), str(path), path.stem)
            _check_expressions(portal, str(path))
            own[portal.id] = portal
    return Registry(_Portals(own))


class _Portals(Mapping[str, Portal]):
    """A user's portals and the built-in ones, by id in alphabetical order.

    A built-in file, which is named like its portal, is parsed when its portal is asked for: all of them take 40 ms.
    """

    def __init__(self, own: Mapping[str, Portal]) -> None:
        self._own = own
        self._ids = dict.fromkeys(sorted({*own, *_built_in_files()}))

    def __getitem__(self, portal_id: str) -> Portal:
        """The portal of an id."""
        return self._own[portal_id] if portal_id in self._own else _built_in(portal_id)

    def __contains__(self, portal_id: object) -> bool:
        """Whether there is a portal of this id; parses nothing."""
        return portal_id in self._ids

    def __iter__(self) -> Iterator[str]:
        """The ids."""
        return iter(self._ids)

    def __len__(self) -> int:
        """How many portals there are."""
        return len(self._ids)


def parse_portal(raw: bytes, name: str, stem: str) -> Portal:
    """One portal file from its bytes.

    Args:
        raw: the file's bytes, UTF-8, with or without a byte order mark.
        name: the file as errors name it.
        stem: the file name without `.toml`, which the id must equal.

    Raises:
        ConfigError: one line: the file, the line or key, what is wrong and what would be right.

    """
    data = _parse_toml(raw, name)
    try:
        portal = Portal.model_validate(data)
    except ValidationError as error:
        raise ConfigError(f"{name}: {explain(error, Portal, data)}") from error
    if portal.id != stem:
        raise ConfigError(
            f"{name}: id: is {portal.id!r} but the file is called {stem}.toml: "
            f'rename the file to {portal.id}.toml or write id = "{stem}"'
        )
    return portal


def _parse_toml(raw: bytes, name: str) -> dict[str, Any]:
    if len(raw) > MAX_FILE_BYTES:
        raise ConfigError(f"{name}: is larger than {MAX_FILE_BYTES // 1024} KiB: a portal file is a few KiB of TOML")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{name}: line {line}: is not UTF-8 text: save the file as UTF-8") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        what = _PLACE.sub("", str(error))
        raise ConfigError(f'{name}: line {line}: is not TOML: {what}; a line is written key = "value"') from error
    except RecursionError as error:
        raise ConfigError(f"{name}: is nested too deeply: a portal file holds tables, texts and short lists") from error


@cache
def _built_in_files() -> Mapping[str, Traversable]:
    folder = files("crawler.portals") / "data"
    return {entry.name.removesuffix(".toml"): entry for entry in folder.iterdir() if entry.name.endswith(".toml")}


@cache
def _built_in(portal_id: str) -> Portal:
    entry = _built_in_files()[portal_id]
    return parse_portal(entry.read_bytes(), entry.name, portal_id)


def _toml_files(folder: Path) -> Iterator[Path]:
    try:
        found = sorted(p for p in folder.iterdir() if p.suffix == ".toml" and not p.name.startswith("."))
    except OSError as error:
        raise ConfigError(
            f"{folder}: cannot be read as a folder of portal files: {error.strerror}: name an existing folder"
        ) from error
    if len(found) > MAX_FILES:
        raise ConfigError(f"{folder}: holds {len(found)} portal files, more than {MAX_FILES}: split the folder")
    yield from found


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}: check that it is a readable file") from error


def _check_expressions(portal: Portal, name: str) -> None:
    """Refuse selectors that do not parse.

    Done for users' files only: the tests hold the built-in ones to it, and the parsers are slow to import.

    Raises:
        ConfigError: a CSS selector or JMESPath expression does not parse.

    """
    for section in portal.sections:
        rows, body = section.list, section.article
        is_json = rows.entries is not None
        expressions = [
            ("list.item", rows.item, is_json),
            ("list.title", rows.title, is_json),
            ("list.date", rows.date, is_json),
            ("list.entries", rows.entries, True),
            ("list.total", rows.total, True),
            ("article.body", body.body, False),
            ("article.title", body.title, False),
        ]
        for key, expression, as_jmespath in expressions:
            if expression is not None and (problem := expression_problem(expression, as_jmespath=as_jmespath)):
                raise ConfigError(f"{name}: [[section]] {section.id}: {key}: {expression!r} is not {problem}")


def expression_problem(expression: str, *, as_jmespath: bool) -> str | None:
    """What a selector fails to be (`a CSS selector`, `a JMESPath expression: …`), or None where it parses."""
    if as_jmespath:
        import jmespath  # noqa: PLC0415 - slow to import, and for users' files with selectors only

        try:
            jmespath.compile(expression)
        except ValueError as error:  # jmespath's own errors are ValueErrors
            return f"a JMESPath expression: {str(error).partition(chr(10))[0].rstrip(':')}"
        return None
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # noqa: PLC0415 - the same

    try:
        LexborHTMLParser("<p>").css(expression)
    except (SelectolaxError, ValueError):
        return "a CSS selector: write it as in ul.list > li"
    return None
