"""What one revision of an article changed, for a terminal or as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from crawler.dedup.sentences import Change, Piece, changes, pieces
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    from crawler.cli.common import Workplace
    from crawler.items import Record

_MARKS = {"same": ("", ""), "removed": ("[-", "-]"), "inserted": ("{+", "+}")}
_COLOURS = {"same": None, "removed": "red", "inserted": "green"}
_SIGNS = {"changed": "~", "removed": "-", "inserted": "+"}
_FIELDS = ("title", "published_at", "source")


def print_diff(place: Workplace, revisions: list[Record], number: int) -> None:
    """Print what revision `number` changed from the one before.

    Raises:
        UsageError: the article has no such revision, or none before it.

    """
    by_number = {record.revision: record for record in revisions}
    if number not in by_number or number - 1 not in by_number:
        known = ", ".join(str(one) for one in sorted(by_number) if one - 1 in by_number) or "none"
        raise UsageError(f"--diff {number}: no such revision with one before it; there are: {known}")
    before, after = by_number[number - 1], by_number[number]
    fields, body = _fields(before, after), changes(before.body or "", after.body or "")
    if place.json:
        place.print_json(
            {
                "id": after.id,
                "revision": number,
                "fetched_at": after.fetched_at,
                "fields": fields,
                "body": [{"kind": one.kind, "pieces": one.pieces} for one in body],
            }
        )
        return
    click.echo(f"{after.title or '(no title)'}")
    click.echo(
        f"revision {number} ({after.fetched_at}) against {number - 1} ({before.fetched_at}): {_kinds(fields, body)}"
    )
    for name, (old, new) in fields.items():
        click.echo(f"{name}: {_line(_field_pieces(old, new))}")
    for one in body:
        click.echo(f"{_SIGNS[one.kind]} {_line(one.pieces)}")


def _fields(before: Record, after: Record) -> dict[str, tuple[Any, Any]]:
    """The fields beside the body that differ, each with its old and its new value."""
    old: dict[str, Any] = {name: getattr(before, name) for name in _FIELDS}
    new: dict[str, Any] = {name: getattr(after, name) for name in _FIELDS}
    old["authors"], new["authors"] = list(before.authors), list(after.authors)
    old |= {f"policy.{name}": value for name, value in (asdict(before.policy) if before.policy else {}).items()}
    new |= {f"policy.{name}": value for name, value in (asdict(after.policy) if after.policy else {}).items()}
    old["attachments"] = [f"{file.name} {file.url}" for file in before.attachments]
    new["attachments"] = [f"{file.name} {file.url}" for file in after.attachments]
    names = dict.fromkeys((*old, *new))
    return {
        name: (old.get(name), new.get(name)) for name in names if (old.get(name) or None) != (new.get(name) or None)
    }


def _kinds(fields: dict[str, tuple[Any, Any]], body: list[Change]) -> str:
    """What kind of change it is: the fields, and of the body how many sentences and whether numbers changed."""
    parts = list(fields)
    for kind in ("changed", "removed", "inserted"):
        count = sum(one.kind == kind for one in body)
        if count:
            parts.append(f"{count} sentence{'s' * (count != 1)} {kind}")
    touched = [text for one in body if one.kind == "changed" for kind, text in one.pieces if kind != "same"]
    if touched and any(any(map(str.isdecimal, text)) for text in touched):
        parts.append("numbers among them")
    elif touched and not any(any(map(str.isalnum, text)) for text in touched):
        parts.append("marks only")
    return ", ".join(parts) or "nothing that is compared"


def _field_pieces(old: Any, new: Any) -> tuple[Piece, ...]:
    if isinstance(old, str) and isinstance(new, str):
        return pieces(old, new)
    return tuple(piece for piece in (("removed", _text(old)), ("inserted", _text(new))) if piece[1])


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    return "" if value is None else str(value)


def _line(made: tuple[Piece, ...]) -> str:
    parts = []
    for kind, text in made:
        opening, closing = _MARKS[kind]
        colour = _COLOURS[kind]
        shown = f"{opening}{text}{closing}"
        parts.append(shown if colour is None else click.style(shown, fg=colour))
    return "".join(parts)
