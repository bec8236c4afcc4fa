"""What a portal can be told to do wrong, as a whole, in a section, or below a path; changeable while it runs."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal, get_args

from crawler.replica.families.family import PastEnd, Times

Validators = Literal["both", "etag", "last-modified", "none"]
Charset = Literal["utf-8", "gbk", "utf-16"]
Block = Literal["405", "412", "521", "page", "refresh", "session"]
Endless = Literal["fresh", "same"]
Certificate = Literal["valid", "expired", "other"]
Pollution = Literal["none", "random", "spaced", "toned", "torn"]

_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "validators": get_args(Validators),
    "charset": get_args(Charset),
    "block": get_args(Block),
    "endless": get_args(Endless),
    "pollution": get_args(Pollution),
    "certificate": get_args(Certificate),
    "past_end": get_args(PastEnd),
    "times": get_args(Times),
}
_SHARES: Final = frozenset({"fail_share", "reset_share", "truncate_share", "truncate"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """The state of every switch; the defaults are a healthy portal.

    `robots.txt` obeys only `robots`, `robots_status` and `down`, so that failing pages do not also forbid the crawl.

    Attributes:
        validators: which of ETag and Last-Modified are sent, and answered with 304.
        charset: how pages are encoded; `utf-16` has a byte order mark.
        declared: the charset that the page's META claims; None is the truth.
        header_charset: the charset in the Content-Type header; None leaves it out.
        delay: seconds before each answer.
        status: answer everything with this status.
        fail_share: the share of answers that are `fail_status` instead.
        fail_status: see `fail_share`.
        retry_after: the Retry-After header of failing answers, seconds, or an HTTP date.
        reset_share: the share of connections that are reset instead of answered.
        truncate: the fraction of the body that is sent under the full Content-Length before the connection is closed.
        truncate_share: the share of answers that `truncate` applies to.
        block: a challenge with status 405, 412 or 521, or one answered with 200: a block `page`, a meta `refresh`,
            a `session` script.
        redirect: send everybody to this URL; `{path}` in it is the path asked for.
        redirect_status: see `redirect`.
        endless: pages past the last one exist, with the `same` rows or with `fresh` ones.
        twins: answer `_slb` and `_gzk` addresses of an article with the same article.
        pollution: show texts as a mirror does: traditional, with readings inserted in one of four styles (or `none`).
        soft_404: answer unknown addresses with 200.
        newest_only: lists show only so many of the newest entries.
        newest_days: lists show only what is not older than the newest entry by more than so many days.
        claims: lists claim so many times the entries that they have.
        past_end: what comes after the last list page: an `empty` one, `404`, or the `last` one again; None is the CMS's
            own way.
        first_page: the number of an interface's first page, 0 or 1; None is the family's.
        marked: whether titles of interfaces hold `<em>`; None is the family's way.
        times: how interfaces write times; None is the family's way.
        second_page_missing: every list page but the first is 404.
        shell: lists have no rows, only a script that would fetch them.
        layout: rows of lists are marked up in another way than they used to be.
        down: reset every connection, robots.txt too.
        certificate: what a portal on HTTPS shows: a `valid` one, an `expired` one, that of an `other` host.
        robots: the text of robots.txt; None means there is none.
        robots_status: the status of robots.txt when it is not 200 or 404.
    """

    validators: Validators = "both"
    charset: Charset = "utf-8"
    declared: str | None = None
    header_charset: str | None = None
    delay: float = 0.0
    status: int | None = None
    fail_share: float = 0.0
    fail_status: int = 503
    retry_after: int | str | None = None
    reset_share: float = 0.0
    truncate: float | None = None
    truncate_share: float = 1.0
    block: Block | None = None
    redirect: str | None = None
    redirect_status: int = 302
    endless: Endless | None = None
    twins: bool = True
    pollution: Pollution | None = None
    soft_404: bool = False
    newest_only: int | None = None
    newest_days: int | None = None
    claims: float = 1.0
    past_end: PastEnd | None = None
    first_page: int | None = None
    marked: bool | None = None
    times: Times | None = None
    second_page_missing: bool = False
    shell: bool = False
    layout: bool = False
    down: bool = False
    certificate: Certificate = "valid"
    robots: str | None = None
    robots_status: int | None = None

    @property
    def look(self) -> tuple[object, ...]:
        """The state of those switches that change how a page looks; the others never change a validator."""
        return (
            self.charset,
            self.declared,
            self.pollution,
            self.endless,
            self.newest_only,
            self.newest_days,
            self.claims,
            self.past_end,
            self.first_page,
            self.marked,
            self.times,
            self.shell,
            self.layout,
        )


NAMES: Final = frozenset(field.name for field in fields(Switches))


class Panel:
    """The switches of one portal. A path overrides a section, which overrides the portal; the longest path wins."""

    def __init__(self) -> None:
        self._all: dict[str, Any] = {}
        self._sections: dict[str, dict[str, Any]] = {}
        self._paths: dict[str, dict[str, Any]] = {}
        self._resolved: dict[tuple[str | None, tuple[str, ...]], Switches] = {}

    def set(self, changes: dict[str, Any], *, section: str | None = None, path: str | None = None) -> None:
        """Turn switches of a scope. Raises ValueError for a switch or a value that does not exist."""
        for name, value in changes.items():
            _check(name, value)
        if path is not None:
            scope = self._paths.setdefault(path, {})
        elif section is not None:
            scope = self._sections.setdefault(section, {})
        else:
            scope = self._all
        scope.update(changes)
        self._resolved.clear()

    def clear(self) -> None:
        """Be a healthy portal again, everywhere."""
        self._all.clear()
        self._sections.clear()
        self._paths.clear()
        self._resolved.clear()

    def at(self, path: str, section: str | None) -> Switches:
        """The switches in force for a request."""
        prefixes = tuple(sorted((p for p in self._paths if path.startswith(p)), key=len)) if self._paths else ()
        key = (section, prefixes)
        if (known := self._resolved.get(key)) is not None:
            return known
        changes = dict(self._all)
        changes.update(self._sections.get(section or "", {}))
        for prefix in prefixes:
            changes.update(self._paths[prefix])
        return self._resolved.setdefault(key, replace(Switches(), **changes))


def _check(name: str, value: object) -> None:
    if name not in NAMES:
        raise ValueError(f"no switch {name!r}; there are {', '.join(sorted(NAMES))}")
    if (choices := _CHOICES.get(name)) is not None and value is not None and value not in choices:
        raise ValueError(f"switch {name} cannot be {value!r}; it can be {', '.join(choices)}")
    if name in _SHARES and value is not None and not (isinstance(value, int | float) and 0 <= value <= 1):
        raise ValueError(f"switch {name} is a share between 0 and 1, not {value!r}")
