"""`portalwatch add`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.common import Workplace, common, run_async
from crawler.exceptions import StorageError, UsageError

if TYPE_CHECKING:
    from crawler.crawl.add_draft import FoundSection, Sample, Survey
    from crawler.portals.writer import SectionDraft

SHOWN = 3
"""Entries shown a section; `--json` has ten."""
_SHOWN_JSON = 10
_PASSED = 10
"""Columns shown that were not looked at."""
_BODY = 200
"""Characters of the article's body that are shown."""


@click.command()
@click.argument("url", metavar="URL")
@click.option("--id", "portal_id", metavar="ID", help="the portal's id [from the host]")
@click.option("--fixture", is_flag=True, help="also save the pages, with a draft of what should be read from them")
@common
def add(place: Workplace, *, url: str, portal_id: str | None, fixture: bool) -> int:
    """Look at a portal never seen before, and write portals/ID.toml beside the configuration.

    URL is its front page, one of its lists, or an article. A few pages are fetched at the usual pace; the sections
    found are shown as they would be read, with one article. What is unsure is said, and marked in the file.
    """
    from crawler.portals.guess import portal_id as id_of  # noqa: PLC0415 - pydantic's models only where needed
    from crawler.portals.passing import passing_portal  # noqa: PLC0415

    passing = passing_portal(url)
    name = portal_id or id_of(passing.hosts[0])
    file, saved = _free(place, name, given=portal_id is not None)
    if fixture and saved.exists():
        raise UsageError(f"{saved}: exists already and is never replaced: move it away, or give another --id")
    status: int = run_async(lambda: _add(place, url, name, file, saved if fixture else None))
    return status


def _free(place: Workplace, name: str, *, given: bool) -> tuple[Path, Path]:
    """The file to be written and the folder for fixtures, neither of which is there yet.

    Raises:
        UsageError: the id is none, or taken.

    """
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415

    from crawler.portals.models import Identifier  # noqa: PLC0415

    try:
        TypeAdapter(Identifier).validate_python(name)
    except ValidationError as error:
        what = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise UsageError(f"--id {name}: {what}") from error
    beside = place.config_file.parent if place.config_file is not None else Path.cwd()
    file, saved = beside / "portals" / f"{name}.toml", beside / "fixtures" / name
    hint = "give another" if given else "give another with --id"
    if file.exists():
        raise UsageError(f"{file}: exists already and is never replaced: edit it, or {hint}")
    if name in {"all", "kind"}:
        raise UsageError(f"--id {name}: means something else on the command line: {hint}")
    taken = place.registry.portals.get(name)
    if taken is not None:
        raise UsageError(f"id {name!r} is taken by {taken.name} ({taken.home}): {hint}")
    return file, saved


async def _add(place: Workplace, url: str, name: str, file: Path, saved: Path | None) -> int:
    from crawler.crawl.add import look  # noqa: PLC0415 - Scrapy only where something is fetched
    from crawler.crawl.add_fixture import save_fixture  # noqa: PLC0415
    from crawler.crawl.resident import resident_crawler  # noqa: PLC0415
    from crawler.portals.writer import write_portal  # noqa: PLC0415

    def tell(address: str) -> None:
        if place.verbosity >= 0 and not place.json:
            click.echo(f"looking at {address}", err=True)

    day = (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()
    async with resident_crawler(place.config) as fetcher:
        survey = await look(fetcher, url, name, place.registry.portals.values(), day, tell)
    _write(file, write_portal(survey.draft))
    pages = save_fixture(survey, saved) if saved is not None else []
    for key, why in survey.unsure:
        click.echo(f"unsure: {key}: {why}", err=True)
    for problem in survey.problems:
        click.echo(f"portalwatch: {problem}", err=True)
    if place.json:
        place.print_json(_as_json(survey, file, pages))
    else:
        _print(survey, file, pages)
    return int(survey.asked_for_failed)


def _write(file: Path, text: str) -> None:
    """Write a new file, and never over one that came in the meantime."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{file.parent}: cannot be made: {error.strerror}") from error
    try:
        with file.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except FileExistsError as error:
        raise UsageError(f"{file}: exists already and is never replaced") from error
    except OSError as error:
        raise StorageError(f"{file}: cannot be written: {error.strerror}") from error


def _as_json(survey: Survey, file: Path, pages: list[Path]) -> dict[str, Any]:
    draft = survey.draft
    return {
        "portal": draft.id,
        "file": str(file),
        "name": draft.name,
        "region": draft.region,
        "home": draft.home,
        "hosts": list(draft.hosts),
        "cms": draft.cms,
        "sections": [_section(f, d) for f, d in zip(survey.sections, draft.sections, strict=True)],
        "article": _article(survey.sample) if survey.sample is not None else None,
        "unsure": [{"key": key, "why": why} for key, why in survey.unsure],
        "problems": list(survey.problems),
        "passed_over": [{"name": name, "url": url} for name, url in survey.passed_over],
        "requests": survey.requests,
        "fixture": [str(path) for path in pages],
        "next": f"portalwatch crawl {draft.id}",
    }


def _section(found: FoundSection, draft: SectionDraft) -> dict[str, Any]:
    listed = found.listed
    shown = ("url", "title", "published_at", "form")
    return {
        "id": draft.id,
        "name": draft.name,
        "kind": draft.kind,
        "url": draft.url,
        "enabled": draft.reason is None,
        "reason": draft.reason,
        "evidence": draft.evidence,
        "confidence": listed.confidence,
        "listed": len(listed.entries),
        "total": listed.total,
        "next_url": listed.next_url,
        "entries": [{key: getattr(entry, key) for key in shown} for entry in listed.entries[:_SHOWN_JSON]],
    }


def _article(sample: Sample) -> dict[str, Any]:
    article = sample.article
    shown = ("title", "published_at", "source", "authors", "breadcrumbs", "body", "policy", "attachments", "language")
    whole = asdict(article)
    return {"url": sample.fetched.url, **{key: whole[key] for key in shown}}


def _print(survey: Survey, file: Path, pages: list[Path]) -> None:
    draft = survey.draft
    on = sum(section.reason is None for section in draft.sections)
    off = len(draft.sections) - on
    click.echo(f"{file}: {draft.name} · region {draft.region} · cms {draft.cms} · {on} sections on, {off} off")
    for found, section in zip(survey.sections, draft.sections, strict=True):
        listed = found.listed
        count = f"{len(listed.entries)} entries" + (f" of {listed.total}" if listed.total is not None else "")
        state = f"off: {section.reason}" if section.reason is not None else f"confidence {listed.confidence}"
        click.echo(f"{draft.id}/{section.id} {section.name} [{section.kind}] {section.url} · {count} · {state}")
        for entry in listed.entries[:SHOWN]:
            form = "" if entry.form == "article" else f" [{entry.form}]"
            click.echo(f"  {entry.published_at or 'no date':<10} {entry.title or '(no title)'}{form}")
    if survey.sample is not None:
        _print_article(survey.sample)
    for name, url in survey.passed_over[:_PASSED]:
        click.echo(f"not looked at: {name} {url}")
    if len(survey.passed_over) > _PASSED:
        click.echo(f"not looked at: {len(survey.passed_over) - _PASSED} more; --json has all")
    if pages:
        click.echo(f"{len(pages)} files below {pages[0].parent.parent}: see CONTRIBUTING.md")
    click.echo(f"next: portalwatch crawl {draft.id}")


def _print_article(sample: Sample) -> None:
    article = sample.article
    click.echo(f"article {sample.fetched.url}")
    click.echo(f"  {article.title or '(no title)'}")
    facts = [article.published_at or "no date", article.source or "no source", *article.authors]
    if article.policy is not None and article.policy.doc_number:
        facts.append(article.policy.doc_number)
    click.echo(f"  {' · '.join(facts)}")
    body = article.body or ""
    cut = f"… ({len(body)} characters)" if len(body) > _BODY else ""
    click.echo(f"  {' '.join(body[:_BODY].split())}{cut}")
