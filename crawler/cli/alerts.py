"""`portalwatch alerts`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from crawler.cli.common import Workplace, common, run_async
from crawler.exceptions import UsageError
from crawler.text.since import parse_day

if TYPE_CHECKING:
    from crawler.alerts.commands import Previewed


@click.group()
def alerts() -> None:
    """Test, list and retry deliveries; preview what the rules would send."""


@alerts.command("test")
@click.argument("channels", nargs=-1, metavar="[CHANNEL...]")
@common
def test_channels(place: Workplace, *, channels: tuple[str, ...]) -> int:
    """Send one signed test event to channels (all of them without a name); nothing is stored."""
    from crawler.alerts.commands import send_test  # noqa: PLC0415 - aiohttp is imported only where something is sent

    tried = run_async(lambda: send_test(place.config, channels))
    for one in tried:
        if place.json:
            place.print_json(asdict(one))
        else:
            click.echo(f"{one.channel}: {'delivered' if one.delivered else 'failed: ' + one.reason}")
    return int(not all(one.delivered for one in tried))


@alerts.command("list")
@common
def list_deliveries(place: Workplace) -> None:
    """Dead and pending deliveries, dead first; channels that are disabled, and what waits for a digest."""
    run_async(lambda: _list(place))


async def _list(place: Workplace) -> None:
    from crawler.alerts.commands import list_held, list_open  # noqa: PLC0415
    from crawler.store import Store  # noqa: PLC0415

    store = await Store.open(place.database_url(), read_only=True)
    try:
        rows, held = await list_open(store), await list_held(store)
    finally:
        await store.close()
    for one in held:
        if place.json:
            place.print_json(one)
        elif one["state"] == "disabled":
            since = f"channel {one['channel']} is disabled since {one['since']}"
            click.echo(f"{since}: {one['reason']} · next: portalwatch alerts retry")
        else:
            click.echo(
                f"channel {one['channel']}: {one['events']} events wait for the digest of {one['next_attempt_at']}"
            )
    if not rows and not held and not place.json:
        click.echo("no delivery is pending or dead")
    for row in rows:
        if place.json:
            place.print_json(row)
            continue
        parts = [
            f"{row['id']} {row['state']} {row['channel']} {row['type']} {row['title'] or row['url'] or ''}".rstrip()
        ]
        parts += [f"{row['attempts']} attempts", row["reason"] or "not tried yet"]
        if row["next_attempt_at"]:
            parts.append(f"next attempt {row['next_attempt_at']}")
        click.echo(" · ".join(parts))


@alerts.command("retry")
@click.argument("ids", nargs=-1, type=int, metavar="[ID...]")
@common
def retry_deliveries(place: Workplace, *, ids: tuple[int, ...]) -> int:
    """Make dead deliveries due again (those with the given ids, or all).

    A running watch sends them within a minute, else the next crawl or watch does. Channels that a 410 disabled are
    enabled again.
    """
    return int(run_async(lambda: _retry(place, ids)))


async def _retry(place: Workplace, ids: tuple[int, ...]) -> int:
    from crawler.alerts.commands import retry  # noqa: PLC0415
    from crawler.store import Store  # noqa: PLC0415

    store = await Store.open(place.database_url())
    try:
        done = await retry(store, ids or None)
    finally:
        await store.close()
    for number in done.unknown:
        click.echo(f"{number}: no such delivery, or delivered", err=True)
    if place.json:
        place.print_json(asdict(done))
        return int(bool(done.unknown))
    click.echo(f"{done.deliveries} deliveries are due again")
    for name in done.enabled:
        click.echo(f"channel {name} is enabled again")
    return int(bool(done.unknown))


@alerts.command("preview")
@click.option("--since", required=True, metavar="D", help="articles published since 2025-06-01, or 7d")
@common
def preview_rules(place: Workplace, *, since: str) -> None:
    """What the rules would have sent over a past span, from the store; nothing is sent."""
    day = parse_day(since, datetime.now(UTC))
    if not place.config.rules:
        raise UsageError(f"{place.config_file or 'portalwatch.toml'}: no [[rule]] is configured")
    run_async(lambda: _preview(place, day))


async def _preview(place: Workplace, day: str) -> None:
    from crawler.alerts.commands import preview  # noqa: PLC0415
    from crawler.store import Store  # noqa: PLC0415

    store = await Store.open(place.database_url(), read_only=True)
    count = 0
    try:
        async for found in preview(store, place.config, day):
            count += 1
            _show(place, found)
    finally:
        await store.close()
    if not place.json:
        click.echo(f"{count} events", err=True)


def _show(place: Workplace, found: Previewed) -> None:
    record = found.event.record
    if place.json:
        place.print_json(
            {
                "seq": found.event.seq,
                "type": f"article.{found.event.type}",
                "id": record.id,
                "title": record.title,
                "url": record.url,
                "rules": found.rules,
                "channels": found.channels,
                "silent": found.silent,
            }
        )
        return
    silent = " (silent: first pass)" if found.silent else ""
    click.echo(f"{found.event.type} {record.published_at} {record.portal} {record.title}")
    click.echo(f"  rules {', '.join(found.rules)} to {', '.join(found.channels)}{silent}")
