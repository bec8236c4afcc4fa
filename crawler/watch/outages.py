"""Verdicts into faults: what the rules of health say after each poll, kept and told once at its start and its end."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from crawler.health import Trouble, advice, assess, judge
from crawler.text.dates import rfc3339

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from crawler.health import Assessment, Judgement
    from crawler.portals import Portal, Section
    from crawler.store import Fault, FaultScope, Store
    from crawler.watch.memory import Memory

logger = logging.getLogger(__name__)


class Outages:
    """The faults of what is watched. `find` looks for the new address of a section that moved."""

    def __init__(
        self,
        store: Store,
        targets: Mapping[str, tuple[Portal, Section]],
        memories: Mapping[str, Memory],
        find: Callable[[Portal, Section], Awaitable[str | None]],
    ) -> None:
        self._store = store
        self._targets = targets
        self._memories = memories
        self._find = find
        self._open: dict[tuple[FaultScope, str], Fault] = {}
        self._offline_until = 0.0
        self._assessed: dict[str, Assessment] = {}

    async def load(self, now: float) -> None:
        """Take up the faults that an earlier process left open.

        Raises:
            StorageError: the store refused.

        """
        self._open = {(fault.scope, fault.name): fault for fault in await self._store.faults.open_ones()}
        self._offline_until = await self._store.faults.last_end("watch") or 0.0
        self._assessed = {name: self._assess(name, now) for name in self._memories}

    def of(self, name: str) -> Assessment:
        """A section's own assessment after its last run."""
        return self._assessed[name]

    def _assess(self, name: str, now: float) -> Assessment:
        return assess(self._memories[name].history(now), offline_until=self._offline_until)

    async def polled(self, name: str, now: float, paused: Iterable[str] = ()) -> frozenset[str]:
        """Judge after a poll of a section; the sections whose next run would help to tell.

        Raises:
            StorageError: the store refused.

        """
        self._assessed[name] = assessed = self._assess(name, now)
        if not self._open and not assessed.bad and not any(each.bad for each in self._assessed.values()):
            return frozenset()
        resting = set(paused)
        judgement = self._judge(resting, now)
        offline = self._open.get(("watch", ""))
        if offline is not None and ("watch", "") not in judgement.troubles:
            # What failed meanwhile failed for our own reasons: forgotten before anything else is judged.
            await self._end(("watch", ""), offline, now)
            self._offline_until = now
            self._assessed = {each: self._assess(each, now) for each in self._memories}
            judgement = self._judge(resting, now)
        sections = self._assessed.keys() - resting
        for key, trouble in judgement.troubles.items():
            await self._tell(key, trouble, now)
        portals = {each.partition("/")[0] for each in sections}
        for key, fault in list(self._open.items()):
            scope, of = key
            judged = {"section": of in sections, "portal": of in portals, "watch": True}[scope]
            if judged and key not in judgement.troubles:
                await self._end(key, fault, now)
        return judgement.ask & sections

    def _judge(self, resting: set[str], now: float) -> Judgement:
        known = {key: _trouble(fault) for key, fault in self._open.items()}
        return judge({name: each for name, each in self._assessed.items() if name not in resting}, known, now)

    async def _tell(self, key: tuple[FaultScope, str], trouble: Trouble, now: float) -> None:
        fault = self._open.get(key)
        if fault is not None and (fault.verdict, fault.reason) == (trouble.verdict, trouble.reason):
            return
        if fault is not None:
            data = {**fault.data, **self._data(trouble), "since": fault.data["since"]}
            await self._store.faults.change(fault.id, verdict=trouble.verdict, reason=trouble.reason, data=data)
            self._open = {(each.scope, each.name): each for each in await self._store.faults.open_ones()}
            return
        data = self._data(trouble)
        if trouble.verdict == "moved" and trouble.scope == "section":
            data["new_url"] = await self._find(*self._targets[trouble.name])
        found, opened = await self._store.faults.open(
            trouble.scope,
            trouble.name,
            verdict=trouble.verdict,
            reason=trouble.reason,
            since=trouble.since,
            now=now,
            data=data,
        )
        self._open[key] = found
        if opened:
            of = trouble.name or "all portals"
            logger.warning("%s: %s since %s: %s", of, trouble.verdict, rfc3339(trouble.since), trouble.reason)

    async def _end(self, key: tuple[FaultScope, str], fault: Fault, now: float) -> None:
        await self._store.faults.end(fault.id, now, {"ended_at": rfc3339(now)})
        del self._open[key]
        logger.warning("%s: no longer %s", fault.name or "all portals", fault.verdict)

    def _data(self, trouble: Trouble) -> dict[str, Any]:
        members = [self._targets[name] for name in trouble.sections if name in self._targets]
        portal = members[0][0] if members else None
        return {
            "scope": trouble.scope,
            "name": trouble.name,
            "verdict": trouble.verdict,
            "reason": trouble.reason,
            "since": rfc3339(trouble.since),
            "portal": portal.id if portal is not None else None,
            "portal_name": portal.name if portal is not None else None,
            "region": portal.region if portal is not None else None,
            "sections": [section.id for _, section in members],
            "kinds": sorted({section.kind for _, section in members}),
            "urls": [str(section.url) for _, section in members],
            "next": advice(trouble.verdict, trouble.name),
        }


def _trouble(fault: Fault) -> Trouble:
    portal = fault.data.get("portal")
    sections = tuple(f"{portal}/{section}" for section in fault.data.get("sections", ()))
    verdict: Any = fault.verdict
    return Trouble(fault.scope, fault.name, verdict, fault.reason, fault.since, sections)
