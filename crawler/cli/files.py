"""`portalwatch clean`, `extract` and `listing`: saved files in, one line of JSON a file out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from crawler.cli.common import Workplace, common, read_file, write_line
from crawler.exceptions import PortalwatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from crawler.items import Article

PAGE_SUFFIXES = {".html", ".htm", ".shtml", ".xhtml", ".xml", ".json", ".jhtml", ".asp", ".aspx", ".jsp", ".php"}


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE...|-]")
@click.option("--text", "as_text", is_flag=True, help="the whole restored text alone, nothing dropped")
@common
def clean(place: Workplace, *, files: tuple[str, ...], as_text: bool) -> int:
    """Restore a text copied from a mirror, and read title, date, source, authors and body from it.

    One JSON record a file; - or nothing reads standard input.
    """
    del place

    def work(name: str) -> None:
        text = _text(name)
        if as_text:
            from crawler.restore import restore  # noqa: PLC0415 - loads its tables

            write_line(restore(text).text.encode())
            return
        from crawler.reading import read_text  # noqa: PLC0415

        write_line(_line(name, read_text(text)))

    return _each(files or ("-",), work)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--url", help="the address the page was saved from")
@common
def extract(place: Workplace, *, paths: tuple[str, ...], url: str | None) -> int:
    """Saved HTML pages (files or folders) to records, one line of JSON a page."""
    from crawler.reading import read  # noqa: PLC0415

    del place

    def work(name: str) -> None:
        write_line(_line(name, read(read_file(name), url)))

    return _each(_pages(paths), work)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--url", help="the address the page was saved from; its relative links need it")
@click.option("--cms", metavar="FAMILY", help="the CMS family, where it is known")
@common
def listing(place: Workplace, *, paths: tuple[str, ...], url: str | None, cms: str | None) -> int:
    """Saved list pages, or answers of list interfaces (XML, JSON), to their entries: one line of JSON a page."""
    from crawler.listing import read_list  # noqa: PLC0415

    del place
    empty = False

    def work(name: str) -> None:
        nonlocal empty
        page = read_list(read_file(name), url or "", cms=cms)
        found = asdict(page)
        entries = [{key: entry[key] for key in ("url", "title", "published_at", "form")} for entry in found["entries"]]
        line = {"input": name, "entries": entries}
        line.update({key: found[key] for key in ("next_url", "confidence", "reason", "interface", "total")})
        write_line(orjson.dumps(line))
        if not entries:
            empty = True
            click.echo(f"portalwatch: {name}: no entries: {page.reason or 'no list was found'}", err=True)

    status = _each(_pages(paths), work)
    return max(status, int(empty))


def _each(names: Iterable[str], work: Callable[[str], None]) -> int:
    """Do the work for every file; one that fails is named on stderr, and the rest goes on."""
    status = 0
    for name in names:
        try:
            work(name)
        except PortalwatchError as error:
            message = str(error)
            click.echo(f"portalwatch: {message if name in message else f'{name}: {message}'}", err=True)
            status = 1
    return status


def _line(name: str, article: Article) -> bytes:
    record: dict[str, Any] = {"input": name, **asdict(article)}
    return orjson.dumps(record)


def _pages(paths: tuple[str, ...]) -> Iterator[str]:
    for given in paths:
        path = Path(given)
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in PAGE_SUFFIXES and p.is_file())
            if not found:
                click.echo(
                    f"portalwatch: {given}: the folder holds no saved page (.html, .shtml, .xml, .json)", err=True
                )
            yield from map(str, found)
        else:
            yield given


def _text(name: str) -> str:
    from crawler.text.decode import decode  # noqa: PLC0415

    return decode(read_file(name))[0]
