"""The portal file of a replica's portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.replica.portal import Portal


def portal_file(portal: Portal) -> str:
    """What `portals/<id>.toml` says about a portal of the replica; strings hold nothing that TOML would escape."""
    lines = [
        f'id = "{portal.id}"',
        f'name = "{portal.province.name}"',
        f'region = "{portal.plan.region}"',
        f'home = "{portal.base}/"',
        f'hosts = ["{portal.host}"]',
        f'cms = "{portal.cms.portal_cms}"',
        'evidence = "crawler.replica"',
        f'seen = "{portal.opened:%Y-%m}"',
        "",
        "[politeness]",
        "delay = 0.0",
        "concurrency = 4",
    ]
    for section in portal.sections.values():
        lines += [
            "",
            "[[section]]",
            f'id = "{section.id}"',
            f'name = "{section.name}"',
            f'kind = "{section.kind}"',
            f'url = "{portal.list_url(section.id)}"',
            'evidence = "crawler.replica"',
            f'seen = "{portal.opened:%Y-%m}"',
            'basis = "live"',
        ]
        if hints := portal.cms.hints(section):
            lines += ["", "[section.list]", *(f"{name} = '{value}'" for name, value in hints.items())]
    return "\n".join(lines) + "\n"
