"""What one revision of an article changed: fields with their old and new values, and the body by sentence."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from crawler.dedup.sentences import Change, Piece, changes, pieces

if TYPE_CHECKING:
    from crawler.items import Record

_MARKS = {"same": ("", ""), "removed": ("[-", "-]"), "inserted": ("{+", "+}")}
_SIGNS = {"changed": "~", "removed": "-", "inserted": "+"}
_FIELDS = ("title", "published_at", "source")


def changed_fields(before: Record, after: Record) -> dict[str, tuple[Any, Any]]:
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


def changed_body(before: Record, after: Record) -> list[Change]:
    """The sentences of the body that differ."""
    return changes(before.body or "", after.body or "")


def kinds(fields: dict[str, tuple[Any, Any]], body: list[Change]) -> str:
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


def field_pieces(old: Any, new: Any) -> tuple[Piece, ...]:
    """The old and the new value of a field, as one line of pieces."""
    if isinstance(old, str) and isinstance(new, str):
        return pieces(old, new)
    return tuple(piece for piece in (("removed", _text(old)), ("inserted", _text(new))) if piece[1])


def marked(kind: str, text: str) -> str:
    """A piece with its marks: `[-removed-]`, `{+inserted+}`."""
    opening, closing = _MARKS[kind]
    return f"{opening}{text}{closing}"


def sign(change: Change) -> str:
    """`~` for a sentence that was changed, `-` for one taken out, `+` for one put in."""
    return _SIGNS[change.kind]


def as_text(before: Record, after: Record) -> str:
    """The difference between two revisions as plain lines."""
    fields, body = changed_fields(before, after), changed_body(before, after)
    against = f"revision {after.revision} ({after.fetched_at}) against {before.revision} ({before.fetched_at})"
    lines = [after.title or "(no title)", f"{against}: {kinds(fields, body)}"]
    lines += [f"{name}: {_line(field_pieces(*values))}" for name, values in fields.items()]
    lines += [f"{sign(one)} {_line(one.pieces)}" for one in body]
    return "\n".join(lines) + "\n"


def _line(made: tuple[Piece, ...]) -> str:
    return "".join(marked(kind, text) for kind, text in made)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    return "" if value is None else str(value)
