"""Which rule takes which event. Pure: a rule and an event in, yes or no out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crawler.alerts.quiet import next_digest, quiet_until
from crawler.alerts.words import words_of
from crawler.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.config import Rule
    from crawler.items import Record
    from crawler.store import Event, Notice

ALERTING = frozenset({"published", "revised", "withdrawn"})
"""Events of an article that are news; `relinked` and `reprocessed` are about our own reading."""


def matches_target(target: str, record: Record) -> bool:
    """Whether `all`, `kind:KIND`, `portal` or `portal/section` (ids; the portal's name too) takes in an article."""
    if target == "all":
        return True
    if target.startswith("kind:"):
        return record.kind == target.removeprefix("kind:")
    portal, _, section = target.partition("/")
    return portal in {record.portal, record.portal_name} and (not section or section in record.sections)


def check_rules(rules: Iterable[Rule]) -> None:
    """Make sure that every word of every rule can be looked for, and that quiet hours are hours.

    Raises:
        ConfigError: one cannot; the message names the rule and the word.

    """
    for rule in rules:
        words_of(rule)
        try:
            ZoneInfo(rule.timezone)
        except (KeyError, ValueError, OSError):
            raise ConfigError(
                f"rule {rule.name!r}: timezone {rule.timezone!r}: write for example Asia/Shanghai"
            ) from None
        try:
            silent_until(rule, 0.0)
        except ValueError:
            raise ConfigError(f"rule {rule.name!r}: quiet {rule.quiet!r}: write for example 22:00-07:00") from None


def silent_until(rule: Rule, at: float) -> float | None:
    """Until when a rule keeps quiet about what happens at a time (both epoch seconds); None if it does not."""
    return None if rule.quiet is None else quiet_until(at, rule.quiet, ZoneInfo(rule.timezone))


def due_together(rule: Rule, at: float) -> float | None:
    """When the digest goes out that an event of a time belongs to (both epoch seconds); None if the rule has none."""
    return None if rule.digest is None else next_digest(at, rule.digest, rule.digest_at, ZoneInfo(rule.timezone))


def takes_notice(rule: Rule, notice: Notice) -> bool:
    """Whether a rule takes an event of a section, a portal or the watch: only where its `events` name `fault`.

    Targets, kinds and regions narrow it; that the watch itself is offline concerns every such rule. Words are looked
    for in articles alone.
    """
    data = notice.data
    if "fault" not in rule.events:
        return False
    if data.get("scope") == "watch":
        return True
    return (
        (not rule.targets or any(_concerns(target, data) for target in rule.targets))
        and (not rule.kinds or bool({*rule.kinds} & {*data.get("kinds", ())}))
        and (not rule.regions or data.get("region") in rule.regions)
    )


def _concerns(target: str, data: dict[str, Any]) -> bool:
    """The same as `matches_target`, of a fault's data: of a portal all its sections that it touches count."""
    if target == "all":
        return True
    if target.startswith("kind:"):
        return target.removeprefix("kind:") in data.get("kinds", ())
    portal, _, section = target.partition("/")
    return portal in {data.get("portal"), data.get("portal_name")} and (not section or section in data["sections"])


def matches(rule: Rule, event: Event) -> bool:
    """Whether a rule takes an event; an empty list in a rule takes everything.

    Whether an event alerts at all (a backfill does not) and whether a reprint's story was sent before: not asked here.

    Raises:
        ConfigError: a word of the rule cannot be used; `check_rules` finds that out before.

    """
    record = event.record
    return (
        event.type in ALERTING
        and event.type in rule.events
        and (not rule.targets or any(matches_target(target, record) for target in rule.targets))
        and (not rule.kinds or record.kind in rule.kinds)
        and (not rule.regions or record.region in rule.regions)
        and words_of(rule).found_in(record)
    )
