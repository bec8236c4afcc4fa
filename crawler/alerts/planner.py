"""Events into deliveries: which rule wants an event, over which channels, and with which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.alerts.payload import event_body, notice_body, webhook_id
from crawler.alerts.rules import check_rules, due_together, matches, silent_until, takes_notice
from crawler.store import Notice, Planned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.config import Rule
    from crawler.store import Event, Told


class Planner:
    """Turns an event into what is to be delivered for it: at most one delivery a channel, however many rules want it.

    A rule skips a reprint only if it told the story already, by another article of it; the publication of an original
    that is found after its reprint is skipped for the same reason. The article that brought a story to a rule goes on
    being told. One event given twice in one transaction yields the same twice.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Plan by these rules.

        Raises:
            ConfigError: a word of a rule cannot be used; the message names both.

        """
        self._rules = tuple(rules)
        check_rules(self._rules)

    def wanting(self, event: Event | Notice) -> list[Rule]:
        """The rules that want an event, whatever of its story they have told."""
        if isinstance(event, Notice):
            return [rule for rule in self._rules if takes_notice(rule, event)]
        return [rule for rule in self._rules if matches(rule, event)]

    def takers(self, event: Event | Notice, told: Told) -> list[Rule]:
        """The rules that send an event."""
        wanting = self.wanting(event)
        if isinstance(event, Notice):
            return wanting
        takers = [rule for rule in wanting if not _has_told(rule, event, told)]
        for rule in takers:
            told.tell(rule.name, event.record.id, event.seq)
        return takers

    def __call__(self, event: Event | Notice, told: Told) -> list[Planned]:
        """The deliveries of an event."""
        times: dict[str, list[tuple[float, bool]]] = {}
        for rule in self.takers(event, told):
            together = due_together(rule, event.at)
            at = event.at if together is None else together
            when = silent_until(rule, at) or (0.0 if together is None else together), together is not None
            for channel in rule.channels:
                times.setdefault(channel, []).append(when)
        if not times:
            return []
        body = notice_body(event) if isinstance(event, Notice) else event_body(event)
        # Of several rules for one channel the first that may speak does.
        return [Planned(channel, webhook_id(event, channel), body, *min(when)) for channel, when in times.items()]


def _has_told(rule: Rule, event: Event, told: Told) -> bool:
    """Whether a rule that wants no reprints has sent this story by another article.

    Of an original that is only its publication: its edits and its withdrawal are news whoever told the story.
    """
    if rule.reprints or (event.record.duplicate_of is None and event.type != "published"):
        return False
    return told.before(rule.name, event.record.id, event.seq)
