"""`portalwatch schema`."""

from __future__ import annotations

import click
import orjson

from crawler.cli.common import Workplace, common, write_line


@click.command()
@common
def schema(place: Workplace) -> None:
    """The JSON Schema of the article record and of the webhook events, as one JSON object."""
    from crawler.reading.record import event_schema, record_schema  # noqa: PLC0415 - builds pydantic models

    value = {"record": record_schema(), "event": event_schema()}
    write_line(orjson.dumps(value) if place.json else orjson.dumps(value, option=orjson.OPT_INDENT_2))
