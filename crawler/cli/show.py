"""`portalwatch show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crawler.cli.common import Workplace, common, run_async, write_line
from crawler.exceptions import PortalwatchError

if TYPE_CHECKING:
    from crawler.items import Record


@click.command()
@click.argument("article", metavar="ID|URL")
@common
def show(place: Workplace, *, article: str) -> None:
    """One article as it is known now, and its revisions."""
    run_async(lambda: _show(place, article))


async def _show(place: Workplace, article: str) -> None:
    from crawler.reading.record import encode  # noqa: PLC0415
    from crawler.store import Store  # noqa: PLC0415 - SQLAlchemy is imported only where there is a store
    from crawler.text.urls import canonical_url, url_key  # noqa: PLC0415

    store = await Store.open(place.database_url(), read_only=True)
    try:
        if "://" in article:
            record = await store.articles.by_url(url_key(canonical_url(article)))
        else:
            record = await store.articles.get(article)
        if record is None:
            raise PortalwatchError(
                f"{article}: no such article in {place.folder.path}; `portalwatch status` lists what is there"
            )
        revisions = await store.articles.revisions(record.id)
    finally:
        await store.close()
    if place.json:
        for revision in revisions:
            write_line(encode(revision))
        return
    _print(record, revisions)


def _print(record: Record, revisions: list[Record]) -> None:
    click.echo(record.title or "(no title)")
    sections = ", ".join(f"{record.portal}/{section}" for section in record.sections)
    click.echo(f"{record.portal_name} · {sections} · {record.kind} · {record.form}")
    facts = {
        "published": record.published_at,
        "source": record.source,
        "authors": "、".join(record.authors) or None,
        "document number": record.policy.doc_number if record.policy else None,
        "issuer": record.policy.issuer if record.policy else None,
        "first seen": record.first_seen_at,
        "fetched": record.fetched_at,
        "withdrawn": record.withdrawn_at,
        "reprint of": record.duplicate_of,
        "url": record.url,
        "id": record.id,
    }
    for name, value in facts.items():
        if value:
            click.echo(f"{name}: {value}")
    for attachment in record.attachments:
        click.echo(f"attachment: {attachment.name} {attachment.url}")
    click.echo(f"revisions: {len(revisions)}")
    for revision in revisions:
        click.echo(f"  {revision.revision}  {revision.fetched_at}  {revision.content_sha256[:12]}")
    if record.body:
        click.echo(f"\n{record.body}")
