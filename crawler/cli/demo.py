"""`portalwatch demo`: the whole way, on a replica of several portals that this process serves on loopback."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from crawler.cli.common import Workplace, common, run_async
from crawler.exceptions import PortalwatchError, StorageError

if TYPE_CHECKING:
    from crawler.crawl.section import SectionReport
    from crawler.replica import Replica
    from crawler.replica.receiver import Delivery, Receiver
    from crawler.watch.process import Process

SECRET = "whsec_cG9ydGFsd2F0Y2ggZGVtbywgbm90IGEgc2VjcmV0IQ=="  # noqa: S105 - the demo's own, shown to everybody
PATIENCE = 30.0
"""Seconds to wait for an alert; they arrive within two."""
POLL_EVERY = 1.0
CONFIG = """\
# The demo's configuration: three portals of a replica, polled every second, and a receiver on this machine.
[watch]
every = "1s"

[revisit]
ages = ["1s", "2s", "3s", "4s", "5s", "6s", "8s", "10s", "15s", "20s"]
per_poll = 50

[[rule]]
name = "everything"
channels = ["desk"]

[[channel]]
name = "desk"
url = "{url}"
secret = "{secret}"
allow_private = true
allow_http = true
"""


@click.command()
@common
def demo(place: Workplace) -> None:
    """Crawl a local replica of several portals, clean what mirrors polluted, watch, and see signed alerts arrive.

    Needs no network. Leaves its folder (demo-data, or --data) to look at.
    """
    folder = _new_folder(place.data or Path("demo-data"))
    run_async(lambda: _demo(folder))
    if place.json:
        place.print_json({"folder": str(folder), "articles": str(folder / "data" / "articles.jsonl")})


def _new_folder(wanted: Path) -> Path:
    """A folder of this run's own: nothing that an earlier run left is touched."""
    for number in range(1, 1000):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise StorageError(f"{folder}: cannot be made: {error.strerror}") from error
        return folder.absolute()
    raise StorageError(f"{wanted}: there are 999 of it already; remove some, or name another --data")


async def _demo(folder: Path) -> None:
    from crawler.config import load_config  # noqa: PLC0415 - the parts of the demo are imported as it begins
    from crawler.portals import load_portals  # noqa: PLC0415
    from crawler.replica import Replica  # noqa: PLC0415
    from crawler.replica.receiver import Receiver  # noqa: PLC0415
    from crawler.store.folder import DataFolder  # noqa: PLC0415
    from crawler.watch.process import open_process  # noqa: PLC0415

    async with AsyncExitStack() as stack:
        try:
            replica = await stack.enter_async_context(Replica(articles=100, seed=7))
            receiver = await stack.enter_async_context(Receiver(jsonl=folder / "received.jsonl"))
        except OSError as error:
            raise PortalwatchError(f"the replica cannot listen on 127.0.0.2 to 127.0.0.4: {error.strerror}") from error
        replica.write_portals(folder / "portals")
        config_file = folder / "portalwatch.toml"
        config_file.write_text(CONFIG.format(url=receiver.url, secret=SECRET), "utf-8")
        data = DataFolder(folder / "data")
        data.create()
        registry = load_portals(folder / "portals")
        holding = stack.enter_context(data.hold("demo"))
        if holding is not None:
            raise StorageError(f"{data.path}: held by another process")
        config = load_config(config_file)
        process = await stack.enter_async_context(open_process(data, config, registry))
        _say("portalwatch demo: three portals of a replica on this machine, 100 articles, no network")
        await _crawl(process)
        await _clean(process)
        await _watch(process, replica, receiver)
    _close(folder)


async def _crawl(process: Process) -> None:
    from crawler.cli.progress import summary  # noqa: PLC0415
    from crawler.crawl.section import PollOptions, report_data  # noqa: PLC0415

    _head("1  One pass over every section: lists, articles, clean records")
    targets = process.registry.resolve_all(("replica-trs", "replica-hanweb", "replica-json"))

    def done(report: SectionReport) -> None:
        _say(f"   {summary(report_data(report))}")

    await process.crawl(targets, PollOptions(max_pages=100), on_done=done)
    await process.flush()
    events = await process.store.events.after(0, 1)
    record = events[0].record
    _say("\n   One of the records in data/articles.jsonl:")
    for name in ("title", "published_at", "source", "authors", "url"):
        value = getattr(record, name)
        _say(f"   {name:13}{'、'.join(value) if isinstance(value, tuple) else value}")
    _say(f"   body         {_short((record.body or '').splitlines()[0], 60)}")


async def _clean(process: Process) -> None:
    """A mirror's copy as its page shows it, and as it was stored."""
    _head("2  What a mirror made of an article, and what portalwatch made of that")
    events = await process.store.events.after(0, 1000)
    found = [e.record for e in events if e.record.restoration.annotations_removed]
    for record in found[:2]:
        before = await _first_paragraph(record.url)
        restored = (record.body or "").splitlines()[0]
        _say(f"   before  {_short(before, 76)}")
        _say(f"   after   {_short(restored, 60)}")
        summary = record.restoration
        _say(f"           {summary.annotations_removed} readings removed, {summary.tears_repaired} tears repaired\n")


async def _first_paragraph(url: str) -> str:
    """The longest paragraph's line of the page as served, from the demo's own replica."""
    import aiohttp  # noqa: PLC0415

    from crawler.text.page import parse_page  # noqa: PLC0415

    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        page = parse_page(await answer.read(), url)
    texts = [node.text(strip=True) for node in page.tree.css("p")]
    return next((text for text in texts if len(text) > 40), "")


async def _watch(process: Process, replica: Replica, receiver: Receiver) -> None:
    from crawler.config import Watch as WatchSettings  # noqa: PLC0415
    from crawler.watch.schedule import Watcher  # noqa: PLC0415

    _head("3  Watching: polled every second; the replica publishes a post, then edits one")
    portal = replica.portal("trs")
    targets = process.registry.resolve_all(("replica-trs/news", "replica-trs/policy"))
    settings = WatchSettings(every=POLL_EVERY, job_timeout=60.0)
    watcher = Watcher(process, targets, settings, on_report=lambda _: None)
    watching = asyncio.create_task(watcher.run())
    try:
        loop = asyncio.get_running_loop()
        start = loop.time()
        post = portal.publish("news")
        _say(f"   published  {post.post.headline}")
        await _expect(receiver, watching, "article.published", post.url)
        _say(f"   alerted after {loop.time() - start:.2f} s\n")
        edited = portal.section("policy").entries[0].article
        start = loop.time()
        edited.edit(title=f"{edited.post.headline}（修订）")
        _say(f"   edited     {edited.post.headline}")
        await _expect(receiver, watching, "article.revised", edited.url)
        _say(f"   alerted after {loop.time() - start:.2f} s")
    finally:
        watcher.stop()
        await watching


async def _expect(receiver: Receiver, watching: asyncio.Task[None], kind: str, url: str) -> None:
    """Wait for an alert, check its signature, and show it."""
    count = 0
    while True:
        waiting = asyncio.create_task(receiver.wait_for(count + 1))
        done, _ = await asyncio.wait({waiting, watching}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if waiting not in done:
            waiting.cancel()
            raise PortalwatchError(f"no {kind} of {url} arrived within {PATIENCE:.0f} s")
        deliveries = waiting.result()
        for delivery in deliveries[count:]:
            event = orjson.loads(delivery.raw)
            if event["type"] == kind and event["data"]["url"] == url:
                _show(delivery, event)
                return
        count = len(deliveries)


def _show(delivery: Delivery, event: dict[str, Any]) -> None:
    from crawler.alerts.signing import Signer  # noqa: PLC0415

    headers = {name.lower(): value for name, value in delivery.headers.items()}
    identity, signed_at = headers["webhook-id"], int(headers["webhook-timestamp"])
    signature = Signer((SECRET,)).headers(identity, signed_at, delivery.raw)["webhook-signature"]
    if signature not in headers["webhook-signature"].split():
        raise PortalwatchError(f"{identity}: its signature does not match its body")
    data = event["data"]
    _say(f"   received   {event['type']} · {data['title']} · {data['published_at']}")
    if data.get("changes"):
        _say(f"              changed: {', '.join(data['changes'])}")
    _say(f"              webhook-id {identity}, signature {signature[:20]}… verified")


def _close(folder: Path) -> None:
    shown = os.path.relpath(folder)
    _head("4  What is left, and where to go from here")
    _say(f"   {shown}/data/articles.jsonl   every record, one a line")
    _say(f"   {shown}/received.jsonl        what the receiver got")
    _say(f"   {shown}/portalwatch.toml      the configuration, and portals/ beside it\n")
    _say(f"   portalwatch status --config {shown}/portalwatch.toml")
    _say("   portalwatch portals shanxi")
    _say("   portalwatch init && portalwatch crawl shanxi/documents")


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length] + "…"


def _head(text: str) -> None:
    _say(f"\n{click.style(text, bold=True)}\n")


def _say(text: str) -> None:
    """On stdout, or on stderr where stdout is for a program."""
    click.echo(text, err=bool(click.get_current_context().params.get("as_json")))
