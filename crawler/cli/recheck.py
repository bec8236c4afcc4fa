"""`portalwatch recheck`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crawler.cli.common import Workplace, common, run_async
from crawler.exceptions import PortalwatchError, StorageError, UsageError

if TYPE_CHECKING:
    from crawler.store.folder import Holder


@click.command()
@click.argument("article", metavar="ID|URL")
@common
def recheck(place: Workplace, *, article: str) -> int:
    """Visit one article now, and say what has changed.

    A revision or a withdrawal is stored and alerted as one that a poll finds. Gone is what one visit does not find;
    withdrawn what a second one does not find either, ten minutes later or more. Exit status: 0 it was visited, 1 no
    usable answer came.
    """
    status: int = run_async(lambda: _recheck(place, article))
    return status


async def _recheck(place: Workplace, article: str) -> int:
    from crawler.cli.show import find  # noqa: PLC0415
    from crawler.store import Store  # noqa: PLC0415 - SQLAlchemy is imported only where there is a store

    async with await Store.open(place.database_url(), read_only=True) as store:
        record = await find(store, article, place)
    answer = None
    while answer is None:
        with place.folder.hold("recheck") as holder:
            if holder is None:
                answer = await _here(place, record.id)
        if holder is not None:
            answer = await _there(place, record.id, holder)
    if place.json:
        place.print_json(answer)
    else:
        click.echo(_line(answer))
        if answer["outcome"] == "revised":
            click.echo(f"  `portalwatch show {answer['id']} --diff {answer['revision']}` shows it", err=True)
    return int(answer["outcome"] == "failed")


async def _here(place: Workplace, article_id: str) -> dict[str, Any]:
    from crawler.crawl.rechecking import recheck as visit  # noqa: PLC0415 - Scrapy only where something is fetched
    from crawler.watch.process import open_process  # noqa: PLC0415

    async with open_process(place.folder, place.config, place.registry) as process:
        fetcher = process.sections.fetcher
        answer = await visit(fetcher, process.store, process.config, process.registry, article_id)
        await process.settle()
    return answer


async def _there(place: Workplace, article_id: str, holder: Holder) -> dict[str, Any] | None:
    """Hand the visit to the process that holds the folder; null if that one went away first."""
    from crawler.store import Store  # noqa: PLC0415
    from crawler.watch.handover import follow  # noqa: PLC0415

    if place.verbosity >= 0:
        click.echo(
            f"portalwatch: {holder.command} (process {holder.pid}) holds {place.folder.path}; it takes this visit over",
            err=True,
        )
    async with await Store.open(place.database_url()) as store:
        result = await follow(
            store,
            {"article": article_id},
            on_progress=lambda _: None,
            holder_is_gone=lambda: not place.folder.held(),
            command="recheck",
        )
    if result is not None and result.get("error"):
        kinds: dict[int, type[PortalwatchError]] = {2: UsageError, 3: StorageError}
        raise kinds.get(int(result.get("exit_status", 1)), PortalwatchError)(str(result["error"]))
    return result


def _line(answer: dict[str, Any]) -> str:
    outcome = answer["outcome"]
    since = "" if answer.get("new") else f" since {answer.get('since')}"
    said = {
        "unchanged": "unchanged",
        "gone": f"gone: {answer.get('reason')}",
        "failed": f"failed: {answer.get('reason')}",
        "withdrawn": f"withdrawn{since}: {answer.get('reason')}",
        "revised": f"revised: revision {answer.get('revision')}, {', '.join(answer.get('changes') or ['back again'])}",
    }
    return f"{answer['id']} {said[outcome]}"
