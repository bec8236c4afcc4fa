"""`portalwatch portals`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crawler.cli.common import Workplace, common

if TYPE_CHECKING:
    from crawler.portals import Portal, Section

BASIS = {"live": "seen live", "code": "read in public code", "inferred": "inferred"}


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET...]")
@common
def portals(place: Workplace, *, targets: tuple[str, ...]) -> None:
    """The registry: every portal and section, its CMS, and how and when each fact was verified.

    Without a target one line a portal; with targets every section of them, those that are off too.
    """
    registry = place.registry
    if not targets:
        for portal in registry.portals.values():
            if place.json:
                place.print_json(_portal(portal))
                continue
            on = sum(section.enabled for section in portal.sections)
            click.echo(
                f"{portal.id:<14} {portal.region} {portal.cms:<8} {on:>2} of {len(portal.sections):>2} sections on"
                f"  access {portal.status:<8} facts {portal.seen:<10} {portal.name}"
            )
        return
    for portal, sections in _chosen(place, targets):
        if place.json:
            place.print_json({**_portal(portal), "sections": [_section(section) for section in sections]})
            continue
        facts = f"{portal.cms} · access {portal.status} · facts of {portal.seen}"
        click.echo(f"{portal.id} {portal.name} · {portal.home} · {facts}")
        if portal.notes:
            click.echo(f"  {portal.notes}")
        for section in sections:
            state = "on " if section.enabled else "off"
            click.echo(f"  {state} {portal.id}/{section.id} {section.name} [{section.kind}] {section.url}")
            click.echo(f"      {BASIS[section.basis]}, {section.seen}: {section.evidence}")
            if section.reason:
                click.echo(f"      off: {section.reason}")


def _chosen(place: Workplace, targets: tuple[str, ...]) -> list[tuple[Portal, list[Section]]]:
    """The portals of the targets with the sections to show: all of a portal that was named as a whole."""
    registry = place.registry
    found: dict[str, tuple[Portal, dict[str, Section]]] = {}
    for target in targets:
        whole = "/" not in target and ":" not in target and target not in {"all", "全部"}
        portal_named = [registry.portal(target)] if whole else []
        pairs = [(p, s) for p in portal_named for s in p.sections] or list(registry.resolve(target))
        for portal, section in pairs:
            found.setdefault(portal.id, (portal, {}))[1][section.id] = section
    return [(portal, list(sections.values())) for portal, sections in found.values()]


def _portal(portal: Portal) -> dict[str, Any]:
    data = portal.model_dump(mode="json", exclude={"sections"}, exclude_defaults=False)
    data["sections_on"] = sum(section.enabled for section in portal.sections)
    data["sections_off"] = len(portal.sections) - data["sections_on"]
    return data


def _section(section: Section) -> dict[str, Any]:
    data: dict[str, Any] = section.model_dump(mode="json")
    return data
