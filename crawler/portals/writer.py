"""Portal files written by a program: TOML that says beside a value where it may be wrong."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.portals.loader import parse_portal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.portals.models import Basis, Cms, Kind, Portal

_CONTROL = re.compile("[\x00-\x1f\x7f\u0085\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionDraft:
    """A section to be written; `unsure` says by key why its value may be wrong. With a `reason` it is off."""

    id: str
    name: str
    kind: Kind
    url: str
    evidence: str
    seen: str
    basis: Basis = "live"
    reason: str | None = None
    unsure: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalDraft:
    """A portal to be written, with the sections in their order."""

    id: str
    name: str
    region: str
    home: str
    hosts: tuple[str, ...]
    cms: Cms
    status_evidence: str
    """Of the status, which is open: what answered."""
    evidence: str
    seen: str
    sections: tuple[SectionDraft, ...]
    unsure: Mapping[str, str] = field(default_factory=dict)


def write_portal(draft: PortalDraft) -> str:
    """The file of a portal; what it is unsure of stands in a comment behind the value.

    Raises:
        ConfigError: the file would not be read again (an id that is none, a host that is missing).

    """
    lines = [
        _line("id", draft.id, draft.unsure),
        _line("name", draft.name, draft.unsure),
        _line("region", draft.region, draft.unsure),
        _line("home", draft.home, draft.unsure),
        _line("hosts", draft.hosts, draft.unsure),
        _line("cms", draft.cms, draft.unsure),
        _line("status", "open", draft.unsure),
        _line("status_evidence", draft.status_evidence, {}),
        _line("status_seen", draft.seen, {}),
        _line("evidence", draft.evidence, {}),
        _line("seen", draft.seen, {}),
    ]
    for section in draft.sections:
        lines += ["", "[[section]]", *_section(section)]
    text = "\n".join(lines) + "\n"
    read_back(draft.id, text)
    return text


def read_back(portal_id: str, text: str) -> Portal:
    """The portal that a written file describes.

    Raises:
        ConfigError: it describes none.

    """
    return parse_portal(text.encode(), f"{portal_id}.toml", portal_id)


def _section(section: SectionDraft) -> list[str]:
    lines = [
        _line("id", section.id, section.unsure),
        _line("name", section.name, section.unsure),
        _line("kind", section.kind, section.unsure),
        _line("url", section.url, section.unsure),
    ]
    if section.reason is not None:
        lines += ["enabled = false", _line("reason", section.reason, {})]
    return [
        *lines,
        _line("evidence", section.evidence, {}),
        _line("seen", section.seen, {}),
        _line("basis", section.basis, {}),
    ]


def _line(key: str, value: str | tuple[str, ...], unsure: Mapping[str, str]) -> str:
    written = _quoted(value) if isinstance(value, str) else f"[{', '.join(map(_quoted, value))}]"
    doubt = f"  # unsure: {_CONTROL.sub(' ', unsure[key])}" if key in unsure else ""
    return f"{key} = {written}{doubt}"


def _quoted(text: str) -> str:
    """A basic string of TOML: JSON's escapes are a part of its own."""
    return json.dumps(_CONTROL.sub(" ", text), ensure_ascii=False)
