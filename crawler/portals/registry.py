"""The portals by id, and what a TARGET of the command line means."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from crawler.exceptions import UsageError
from crawler.portals.explain import did_you_mean, nearest
from crawler.portals.models import Kind, Portal, Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KIND_NAMES: dict[str, Kind] = {
    "要闻": "news",
    "新闻": "news",
    "政策": "policy",
    "文件": "policy",
    "公告": "notice",
    "通知": "notice",
    "公示": "notice",
    "解读": "interpretation",
    "发布会": "conference",
    "其他": "other",
}
"""Chinese words for the kinds of sections, as a target may use them."""

_ALL = frozenset({"all", "全部"})
_KIND_PREFIXES = ("kind:", "类别:")
_MAX_TARGET = 200

Targets = tuple[tuple[Portal, Section], ...]


@dataclass(frozen=True, slots=True)
class Registry:
    """All known portals, by id in alphabetical order."""

    portals: Mapping[str, Portal]

    def resolve(self, target: str) -> Targets:
        """The sections that a target names, in the order of the portal files.

        `portal`, `kind:KIND` and `all` mean sections that are on. `portal/section` means that section even if it is
        off: naming it is asking for it; `section.enabled` and `section.reason` let the caller say so. Chinese names do
        as well as ids, full-width characters as well as half-width ones.

        Raises:
            UsageError: the target is unknown (the nearest known ones are named), names several things, or only sections
                that are off.

        """
        wanted = _fold(target[:_MAX_TARGET])
        if wanted in _ALL:
            return self._enabled(self.portals.values(), "all")
        for prefix in _KIND_PREFIXES:
            if wanted.startswith(prefix):
                return self._of_kind(wanted.removeprefix(prefix).strip())
        portal_word, slash, section_word = wanted.partition("/")
        portal = self.portal(portal_word.strip())
        if not slash:
            return self._enabled([portal], portal.id)
        return ((portal, _section(portal, section_word.strip())),)

    def resolve_all(self, targets: Iterable[str]) -> Targets:
        """The sections of several targets, each once, in the order first named.

        Raises:
            UsageError: as `resolve`.

        """
        found = {(p.id, s.id): (p, s) for target in targets for p, s in self.resolve(target)}
        return tuple(found.values())

    def _of_kind(self, word: str) -> Targets:
        kinds = get_args(Kind)
        kind = word if word in kinds else KIND_NAMES.get(word)
        if kind is None:
            hint = did_you_mean([f"kind:{near}" for near in nearest(word, kinds, limit=1)])
            raise UsageError(f"unknown kind {word!r}: {hint or 'kinds: ' + ', '.join(kinds)}")
        found = tuple((p, s) for p in self.portals.values() for s in p.sections if s.enabled and s.kind == kind)
        if not found:
            raise UsageError(f"kind:{kind}: no section of this kind is on: name one that is off as portal/section")
        return found

    def portal(self, word: str) -> Portal:
        """The portal of an id, a Chinese name or an alias.

        Raises:
            UsageError: it is unknown (the nearest known ones are named), or names several.

        """
        word = _fold(word[:_MAX_TARGET])
        if word in self.portals:
            return self.portals[word]
        # A name before an alias: 新疆 may be one portal's name and part of another's aliases.
        for names in (_names, _aliases):
            named = [portal for portal in self.portals.values() if word and word in names(portal)]
            if len(named) == 1:
                return named[0]
            if named:
                raise UsageError(f"{word!r} names several portals: write one of {', '.join(p.id for p in named)}")
        raise UsageError(f"unknown portal {word!r}: {self._suggest(word)}")

    def _suggest(self, word: str) -> str:
        owner = {name: portal.id for portal in self.portals.values() for name in _aliases(portal) | _names(portal)}
        owner |= {key: key for key in self.portals}
        ids = list(dict.fromkeys(owner[near] for near in nearest(word, owner, limit=6)))[:3]
        return did_you_mean(ids) or "portalwatch portals lists the known ones"

    @staticmethod
    def _enabled(portals: Iterable[Portal], word: str) -> Targets:
        found = tuple((portal, section) for portal in portals for section in portal.sections if section.enabled)
        if not found:
            raise UsageError(f"{word}: no section is on: name one as portal/section (portalwatch portals {word})")
        return found


def _section(portal: Portal, word: str) -> Section:
    for section in portal.sections:
        if section.id == word:
            return section
    named = [section for section in portal.sections if word and _fold(section.name) == word]
    if len(named) == 1:
        return named[0]
    if named:
        choice = ", ".join(f"{portal.id}/{section.id}" for section in named)
        raise UsageError(f"{word!r} names several sections of {portal.id}: write one of {choice}")
    owner = {_fold(section.name): section.id for section in portal.sections} | {s.id: s.id for s in portal.sections}
    ids = list(dict.fromkeys(owner[near] for near in nearest(word, owner)))
    hint = did_you_mean([f"{portal.id}/{near}" for near in ids])
    hint = hint or f"portalwatch portals {portal.id} lists them"
    raise UsageError(f"unknown section {word!r} of {portal.id}: {hint}")


def _names(portal: Portal) -> set[str]:
    return {_fold(portal.name)}


def _aliases(portal: Portal) -> set[str]:
    return {_fold(alias) for alias in portal.aliases}


def _fold(text: str) -> str:
    """A target as compared: full-width forms and case folded, surrounding space dropped."""
    return unicodedata.normalize("NFKC", text).strip().casefold()
