"""What a family of list interfaces is made of: an address that counts pages, rows, and the answer around them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from html import escape
from string import Template
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import parse_qsl, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

JSON: Final = "application/json"
XML: Final = "text/xml"
HTML: Final = "text/html"
SCRIPT: Final = "application/javascript"

Times = Literal["day", "dotted", "epoch", "epoch-ms", "epoch-text", "midnight", "second", "utc", "zoned"]
PastEnd = Literal["404", "empty", "last"]

_HOLE: Final = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_QUOTED_HOLE: Final = re.compile(r'"?(\$\w+)"?')
_FORMS: Final[dict[str, str]] = {
    "page": r"\d{1,7}",
    "size": r"\d{1,5}",
    "start": r"\d{1,9}",
    "stop": r"\d{1,9}",
    "offset": r"\d{1,9}",
}
_FURTHER: Final = r"(?:_(?P<further>\d{1,6}))?"


def iso_utc(moment: datetime) -> str:
    """As search engines print it: UTC with milliseconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


_PRINTED: Final[dict[Times, Callable[[datetime], Any]]] = {
    "day": lambda at: f"{at:%Y-%m-%d}",
    "dotted": lambda at: f"{at:%Y.%m.%d %H:%M:%S}",
    "epoch": lambda at: int(at.timestamp()),
    "epoch-ms": lambda at: int(at.timestamp()) * 1000,
    "epoch-text": lambda at: f"{int(at.timestamp())}000",
    "midnight": lambda at: f"{at:%Y-%m-%d} 00:00:00",
    "second": lambda at: f"{at:%Y-%m-%d %H:%M:%S}",
    "utc": iso_utc,
    "zoned": lambda at: f"{at:%Y-%m-%dT%H:%M:%S}.000+0800",
}
"""Ways in which interfaces write a moment; those without a zone mean Beijing time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry of a list, in all the words that any family answers.

    `title` holds `<em>` where search answers mark what they found; `when` is the published moment in Beijing time,
    `written` the day of writing, which is another one.
    """

    number: int
    place: int
    code: str
    path: str
    url: str
    plain: str
    title: str
    shown: str
    when: datetime
    written: date
    times: Times | None = None
    doc_number: str = ""
    index_number: str = ""
    issuer: str = ""
    external: bool = False
    text: str = ""

    def at(self, times: Times) -> Any:
        """The published moment as the family writes it, or as a switch says."""
        return _PRINTED[self.times or times](self.when)

    @property
    def day(self) -> str:
        """The published day."""
        return f"{self.when:%Y-%m-%d}"

    @property
    def later(self) -> datetime:
        """When the search engine took it in: the trap among several dates."""
        return self.when + timedelta(days=2, hours=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one list page answers; `total` and `pages` are what the site claims, true or not."""

    rows: tuple[Row, ...]
    page: int
    size: int
    total: int
    pages: int
    code: str
    base: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request asks of a section's list: rows `start` up to and with `stop`, from 1; `page` from 1."""

    code: str
    page: int
    size: int
    start: int
    stop: int


@dataclass(frozen=True, kw_only=True)
class Family:
    """One kind of list interface, as a table of facts.

    In `url` and `post`, `$code` stands for the section, `$page` for the page number, `$size` for rows a page,
    `$start` and `$stop` for a window counted from 1, `$offset` for rows before the page, `$further` for the suffix of
    static pages after the first (none, `_1`, `_2` …). Everything else must be asked for as it stands.

    Attributes:
        id: the family's name; its portal is `replica-<id>`.
        cms: what the portal file calls it.
        url: path and query of the list.
        answer: the body of an answer.
        article: path of an article: `$code $number $y $m $d $month $day $hex $uuid` and `$kind` (html or pdf).
        post: body of a POST, JSON if it opens with a brace, else a form.
        sections: keyword arguments of `Section`; `code` is the section's own name in addresses.
        hints: `[section.list]` of the portal file.
        media_type: of the answer.
        first: the number of the first page.
        most: more rows than this one answer never has.
        more: rows beyond the window that was asked for, as some interfaces answer.
        past_end: what comes after the last page unless a switch says otherwise.
        error: what is answered to a request that lacks a parameter; empty for 404.
        body: opening tag around an article's text.
        marks: whether titles are marked with `<em>`.
        framed: whether the answer stands in a whole page of the site.
        forms: forms of entries that a row can lead to.
        through: where the links of rows lead first, `$url` standing for the address they redirect to.
    """

    id: str
    cms: str
    url: str
    answer: Callable[[Answer], str]
    article: str
    facts: str
    post: str | None = None
    sections: tuple[Mapping[str, Any], ...] = ()
    hints: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON
    first: int = 1
    most: int = 1000
    more: int = 0
    past_end: PastEnd = "empty"
    error: str = ""
    body: str = '<div class="view TRS_UEDITOR trs_editor_view">'
    marks: bool = False
    framed: bool = False
    forms: tuple[str, ...] = ("article", "file", "external")
    through: str | None = None

    @cached_property
    def path(self) -> re.Pattern[str]:
        """The path of lists, whichever the section."""
        return _pattern(self.url.partition("?")[0], None)

    def _patterns(self, code: str) -> tuple[re.Pattern[str], tuple[tuple[str, re.Pattern[str]], ...]]:
        """The path of a section's list, and the parameters of query and body that a request must have."""
        known = self._compiled.get(code)
        if known is None:
            found = parse_qsl(self.url.partition("?")[2], keep_blank_values=True)
            if self.post is not None:
                found += flat_body(_QUOTED_HOLE.sub(r'"\1"', self.post) if self.is_json else self.post).items()
            params = tuple((name, _pattern(value, code)) for name, value in found)
            known = self._compiled[code] = (_pattern(self.url.partition("?")[0], code), params)
        return known

    @cached_property
    def _compiled(self) -> dict[str, tuple[re.Pattern[str], tuple[tuple[str, re.Pattern[str]], ...]]]:
        return {}

    @property
    def is_json(self) -> bool:
        """Whether the POST is JSON."""
        return (self.post or "").startswith("{")

    def asked(self, path: str, query: Mapping[str, str], code: str, size: int, first_further: int) -> Asked | None:
        """What a request asks of the list of section `code`; None where it asks another, or lacks a parameter."""
        where, params = self._patterns(code)
        match = where.fullmatch(path)
        if match is None:
            return None
        found = {name: value for name, value in match.groupdict().items() if value is not None}
        for name, pattern in params:
            held = pattern.fullmatch(query.get(name, "" if pattern.pattern else "\0"))
            if held is None:
                return None
            found |= held.groupdict()
        size = min(int(found.get("size", size)), self.most)
        page = int(found["page"]) - self.first + 1 if "page" in found else 1
        if "further" in found:
            page = int(found["further"]) + 2 - first_further
            if page < 2:
                return None
        start = (page - 1) * size + 1
        if "offset" in found:
            start = int(found["offset"]) + 1
        start = int(found.get("start", start))
        stop = min(int(found.get("stop", start + size - 1)), start + self.most - 1)
        if "start" in found or "offset" in found:
            page = (start - 1) // size + 1
        return Asked(code=code, page=page, size=size, start=start, stop=stop)

    def list_path(self, code: str, size: int, first_further: int = 1, page: int = 1) -> str:
        """Path and query of a list page."""
        return Template(self.url).substitute(self._holes(code, size, first_further, page))

    def body_of(self, code: str, size: int) -> str | None:
        """The POST as a portal file writes it: `{page}` stands for the number."""
        if self.post is None:
            return None
        return Template(self.post).substitute(self._holes(code, size, 1, 1) | {"page": "{page}"})

    def _holes(self, code: str, size: int, first_further: int, page: int) -> dict[str, str]:
        start = (page - 1) * size
        return {
            "code": code,
            "page": str(page + self.first - 1),
            "size": str(size),
            "start": str(start + 1),
            "stop": str(start + size),
            "offset": str(start),
            "further": "" if page == 1 else f"_{page - 2 + first_further}",
        }

    def listed(self, base: str, url: str) -> str:
        """The address that a list shows for an entry."""
        return url if self.through is None else base + Template(self.through).substitute(url=percent(url))

    def article_path(self, code: str, number: int, when: datetime, *, is_file: bool) -> str:
        """The address of an article or a file."""
        digest = blake2b(f"{self.id}{number}".encode(), digest_size=16).hexdigest()
        holes = {
            "code": code,
            "number": str(number),
            "y": f"{when:%Y}",
            "m": f"{when:%m}",
            "d": f"{when:%d}",
            "month": str(when.month),
            "day": str(when.day),
            "hex": digest,
            "uuid": "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:])),
        }
        path = Template(self.article).substitute(holes)
        if not is_file:
            return path
        folder = path.partition("?")[0].rpartition("/")[0]
        return f"{folder}/P0{when:%Y%m%d}{number}.pdf"


def _pattern(template: str, code: str | None) -> re.Pattern[str]:
    """A template as a pattern; its holes become groups, `code` itself or any."""
    parts, at = [], 0
    for hole in _HOLE.finditer(template):
        name = hole[1] or hole[2]
        if name == "code":
            form = r"[\w-]+" if code is None else re.escape(code)
        else:
            form = _FURTHER if name == "further" else f"(?P<{name}>{_FORMS[name]})"
        parts += [re.escape(template[at : hole.start()]), form]
        at = hole.end()
    return re.compile("".join([*parts, re.escape(template[at:])]))


def flat_body(text: str) -> dict[str, str]:
    """The parameters of a POST, JSON or a form, as text; of a list the first, of what is nested nothing."""
    if not text.lstrip().startswith("{"):
        return dict(parse_qsl(text, keep_blank_values=True))
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    found = {}
    for name, inner in value.items():
        first = inner[0] if isinstance(inner, list) and inner else inner
        if isinstance(first, str | int) and not isinstance(first, bool):
            found[name] = str(first)
    return found


# What several families are made of.


def dump(value: Any) -> str:
    """JSON as these interfaces write it."""
    return json.dumps(value, ensure_ascii=False)


def joined(rows: Iterable[Row], row: Callable[[Row], str]) -> str:
    """Rows of markup, one a line."""
    return "\n".join(row(one) for one in rows)


def link(row: Row, *, target: str = ' target="_blank"', title: bool = True) -> str:
    """A row's link; its visible title may be cut short."""
    full = f' title="{escape(row.plain)}"' if title else ""
    return f'<a href="{escape(row.path)}"{full}{target}>{escape(row.shown)}</a>'


def fragment(rows: str) -> str:
    """A piece of a page, as block interfaces answer it."""
    return f'<div class="list-box">\n<ul class="list">\n{rows}\n</ul>\n</div>\n'


def percent(text: str) -> str:
    """Text as it stands in a query."""
    return quote(text, safe="")
