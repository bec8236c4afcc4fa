"""What one revision of an article changed, for a terminal or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crawler.exceptions import UsageError
from crawler.output.difference import changed_body, changed_fields, field_pieces, kinds, marked, sign

if TYPE_CHECKING:
    from crawler.cli.common import Workplace
    from crawler.dedup.sentences import Piece
    from crawler.items import Record

_COLOURS = {"same": None, "removed": "red", "inserted": "green"}


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
    fields, body = changed_fields(before, after), changed_body(before, after)
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
        f"revision {number} ({after.fetched_at}) against {number - 1} ({before.fetched_at}): {kinds(fields, body)}"
    )
    for name, values in fields.items():
        click.echo(f"{name}: {_line(field_pieces(*values))}")
    for one in body:
        click.echo(f"{sign(one)} {_line(one.pieces)}")


def _line(made: tuple[Piece, ...]) -> str:
    parts = []
    for kind, text in made:
        colour = _COLOURS[kind]
        shown = marked(kind, text)
        parts.append(shown if colour is None else click.style(shown, fg=colour))
    return "".join(parts)
