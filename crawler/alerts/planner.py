"""Events into deliveries: which rule wants an event, over which channels, and with which words."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from crawler.alerts.payload import event_body, notice_body, webhook_id
from crawler.alerts.rules import check_rules, matches, silent_until, takes_notice
from crawler.store import Notice, Planned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.config import Rule
    from crawler.store import Event

_REMEMBERED = 10_000
"""Stories whose reprint was sent that are remembered, a few hundred bytes each."""


class OriginalNeeded(Exception):  # noqa: N818 - not an error: the planner asks for something and is run again
    """A reprint cannot be judged before the events of its original are known; `article_id` is the original's."""

    def __init__(self, article_id: str) -> None:
        """Keep the id."""
        super().__init__(article_id)
        self.article_id = article_id


class Planner:
    """Turns an event into what is to be delivered for it: at most one delivery a channel, however many rules want it.

    A rule skips a reprint only if it sent the story already, by the original or by another reprint. What it sent of an
    original follows from the original's events, which the caller brings (`learn`) when `OriginalNeeded` asks for them;
    what it sent of other reprints is remembered while the process lives. One event given twice yields the same twice.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Plan by these rules.

        Raises:
            ConfigError: a word of a rule cannot be used; the message names both.

        """
        self._rules = tuple(rules)
        check_rules(self._rules)
        self._originals: dict[str, tuple[Event, ...]] = {}
        self._carriers: OrderedDict[tuple[str, str], tuple[int, str]] = OrderedDict()

    def learn(self, article_id: str, events: Sequence[Event]) -> None:
        """Take the events of an original; `forget` drops them again."""
        self._originals[article_id] = tuple(events)

    def forget(self) -> None:
        """Drop the originals, whose events may have grown."""
        self._originals.clear()

    def takers(self, event: Event | Notice) -> list[Rule]:
        """The rules that want an event.

        Raises:
            OriginalNeeded: the event is of a reprint whose original is not known.

        """
        if isinstance(event, Notice):
            return [rule for rule in self._rules if takes_notice(rule, event)]
        takers = [rule for rule in self._rules if matches(rule, event) and not self._told(rule, event)]
        self._remember(takers, event)
        return takers

    def __call__(self, event: Event | Notice) -> list[Planned]:
        """The deliveries of an event.

        Raises:
            OriginalNeeded: the event is of a reprint whose original is not known.

        """
        times: dict[str, list[float]] = {}
        for rule in self.takers(event):
            for channel in rule.channels:
                times.setdefault(channel, []).append(silent_until(rule, event.at) or 0.0)
        if not times:
            return []
        body = notice_body(event) if isinstance(event, Notice) else event_body(event)
        # Of several rules for one channel the first that may speak does.
        return [Planned(channel, webhook_id(event, channel), body, min(when)) for channel, when in times.items()]

    def _told(self, rule: Rule, event: Event) -> bool:
        """Whether a rule that wants no reprints has sent this reprint's story by another article."""
        story = event.record.duplicate_of
        if rule.reprints or story is None:
            return False
        carrier = self._carriers.get((rule.name, story))
        if carrier is not None and carrier[1] != event.record.id and carrier[0] < event.seq:
            return True
        if story not in self._originals:
            raise OriginalNeeded(story)
        return any(
            earlier.seq < event.seq and earlier.alert and matches(rule, earlier) for earlier in self._originals[story]
        )

    def _remember(self, takers: Sequence[Rule], event: Event) -> None:
        """Note which article brought a story that is not told by its original. The first one stays."""
        story = event.record.duplicate_of
        if story is None:
            return
        for rule in takers:
            if (rule.name, story) not in self._carriers:
                self._carriers[rule.name, story] = (event.seq, event.record.id)
                while len(self._carriers) > _REMEMBERED:
                    self._carriers.popitem(last=False)
