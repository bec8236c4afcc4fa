"""`watch`: APScheduler polls each section when its pace says, on the process's loop, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from apscheduler.events import EVENT_JOB_ERROR
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from crawler.crawl.section import PollOptions, SectionReport
from crawler.exceptions import StorageError, UsageError
from crawler.store import Run
from crawler.watch.keeping import JUMP, Keeping
from crawler.watch.lookaround import new_address
from crawler.watch.memory import Memory, recall, recall_posts
from crawler.watch.outages import Outages
from crawler.watch.pacing import FLOOR, Adaptive, Due
from crawler.watch.plain import LEAST, Fixed, hours_of, pace_of
from crawler.watch.trouble import wait_before
from crawler.watch.workdays import date_of, day_of, is_arranged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from apscheduler.events import JobExecutionEvent

    from crawler.config import Config, Watch
    from crawler.portals import Portal, Registry, Section
    from crawler.watch.pacing import Pace
    from crawler.watch.plain import Hours
    from crawler.watch.process import Process

logger = logging.getLogger(__name__)

CONFIRM_AFTER = 300.0
"""Seconds after which a section is asked again to confirm that it fails, or that it is well again."""
PAUSE_LOOK = 60.0
"""Seconds between looks at whether a paused section was resumed by another process."""


@dataclass(frozen=True, slots=True)
class Reread:
    """The configuration as it is now: what a watch goes on with after SIGHUP."""

    config: Config
    registry: Registry
    targets: Sequence[tuple[Portal, Section]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a configuration says: the sections by name, and when to poll them."""

    targets: Mapping[str, tuple[Portal, Section]]
    settings: Watch
    pace: Pace
    hours: Hours


def _plan_of(targets: Sequence[tuple[Portal, Section]], settings: Watch) -> _Plan:
    named = {f"{portal.id}/{section.id}": (portal, section) for portal, section in targets}
    return _Plan(named, settings, pace_of(settings), hours_of(settings))


class Watcher:
    """Polls sections until stopped.

    A store that refuses is waited for: no portal is asked meanwhile, and everything is read from it again afterwards.

    Jobs coalesce and never overlap themselves; a start that was missed is caught up however late (APScheduler's own
    grace of one second would drop it). The schedule lives in memory: what decides it lives in the store, and a restart
    goes on from there, what is overdue spread out.
    """

    def __init__(
        self,
        process: Process,
        targets: Sequence[tuple[Portal, Section]],
        settings: Watch,
        *,
        on_report: Callable[[SectionReport], None],
        on_start: Callable[[], None] = lambda: None,
        reload: Callable[[], Reread] | None = None,
        clock: Callable[[], float] = time.time,
        speed: float = 1.0,
        guard: bool = False,
    ) -> None:
        """Make ready.

        Args:
            process: what crawls and keeps.
            targets: the sections.
            settings: when to poll them.
            on_report: called after each poll.
            on_start: called when signals are heard and polling begins.
            reload: reads the configuration again, on SIGHUP.
            clock: UTC epoch seconds; of the polls too.
            speed: seconds of that clock in one of the machine's, for a time-lapse.
            guard: whether a loop that hangs ends the process (`settings.hang_timeout`).

        Raises:
            ConfigError: the schedule cannot be.

        """
        self._process = process
        self._on_report = on_report
        self._on_start = on_start
        self._reload = reload
        self._clock = process.sections.clock = clock
        self._speed = speed
        self._guard = guard
        self._stop = asyncio.Event()
        self._failure: StorageError | None = None
        self._mending: asyncio.Task[None] | None = None
        self._memories: dict[str, Memory] = {}
        self._last: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._running: set[str] = set()
        self._paused: set[str] = set()
        self._unlearned = False
        self._learned_at = 0.0
        self._reloading: asyncio.Task[None] | None = None
        self._asked_again = False
        self._targets: dict[str, tuple[Portal, Section]] = {}
        self._wanted = _plan_of(targets, settings)
        self._pace, self._hours, self._settings = self._wanted.pace, self._wanted.hours, settings
        self._outages = self._outages_of(self._memories)

    def _outages_of(self, memories: dict[str, Memory]) -> Outages:
        find = partial(new_address, self._process.sections.fetcher)
        return Outages(self._process.store, self._wanted.targets, memories, find)

    def stop(self) -> None:
        """Ask for a graceful end: nothing new is started, what runs is cancelled and saved as it is."""
        self._stop.set()

    async def run(self) -> None:
        """Poll until `stop` is called, or SIGINT or SIGTERM comes.

        Raises:
            StorageError: the store refused.

        """
        loop = asyncio.get_running_loop()
        handlers = {signal.SIGINT: self.stop, signal.SIGTERM: self.stop, signal.SIGHUP: self._hang_up}
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        self._scheduler = AsyncIOScheduler(timezone=UTC, event_loop=loop)
        self._scheduler.add_listener(self._broke, EVENT_JOB_ERROR)
        logging.getLogger("apscheduler.executors").setLevel(logging.CRITICAL)  # `_broke` tells it, once
        self._scheduler.start()
        keeping = Keeping(
            lambda: self._settings,
            self._clock,
            self._tick,
            self._jumped,
            well=lambda: not self._process.trouble.standing,
            guard=self._guard,
            speed=self._speed,
        )
        background = asyncio.create_task(keeping.run())
        self._on_start()
        try:
            try:
                await self._begin()
            except StorageError as error:
                self._refused(error)
            await self._stop.wait()
        finally:
            others = [task for task in (background, self._mending, self._reloading) if task is not None]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            self._scheduler.shutdown(wait=False)
            for number in handlers:
                loop.remove_signal_handler(number)
        if self._failure is not None:
            raise self._failure

    # What is known at the start, and when the configuration is read again.

    async def _begin(self) -> None:
        now = self._clock()
        year = date_of(day_of(now)).year
        if not is_arranged(year):
            logger.warning(
                "the working calendar of %d is not known yet: weekends and fixed holidays alone are; a newer"
                " chinesecalendar (pip install -U chinesecalendar) knows it",
                year,
            )
        wanted = self._wanted
        memories: dict[str, Memory] = {}
        for name, (portal, section) in wanted.targets.items():
            sections = self._process.store.sections
            state = await sections.get(portal.id, section.id) or await sections.open(portal.id, section.id)
            memories[name] = await recall(self._process.store, state, now)
        outages = self._outages_of(memories)
        await outages.load(now)
        if wanted is not self._wanted:
            return  # the configuration was read again meanwhile
        # All at once: polls that go on meanwhile see the old ones or the new ones.
        self._memories, self._outages, self._targets = memories, outages, dict(wanted.targets)
        self._pace, self._hours, self._settings = wanted.pace, wanted.hours, wanted.settings
        self._process.store.runs.kept = wanted.settings.runs
        for name in self._due.keys() - self._targets.keys():
            del self._due[name]
            if self._scheduler.get_job(name) is not None:
                self._scheduler.remove_job(name)
        for name, memory in memories.items():
            if memory.runs:
                self._last[name] = max(self._last.get(name, 0.0), memory.runs[0].started_at)
            self._learn(name, now)
        if isinstance(self._pace, Adaptive):
            self._pace.adjust(now, force=True)
        await self._spread(now)

    async def _spread(self, now: float) -> None:
        """Plan every section; what is due at once is spread over the time that polls keep apart."""
        span = min(self._pace.every, CONFIRM_AFTER * 12) if isinstance(self._pace, Fixed) else FLOOR
        planned = {name: self._next(name, now) for name in self._targets}
        overdue = [name for name, due in planned.items() if due.at <= now]
        for place, name in enumerate(overdue):
            at = self._hours.next(now + span * place / max(len(overdue), 1))
            why = planned[name].why if name not in self._last or self._last[name] > now else "was due"
            planned[name] = Due(at, why)
        before = dict(self._last)
        await self._process.store.sections.plan(
            [(self._memories[name].state.id, due.at, due.why) for name, due in planned.items()]
        )
        for name, due in planned.items():
            if name in self._targets and self._last.get(name) == before.get(name):  # else it has planned itself
                self._enter(name, due.at)

    def _learn(self, name: str, now: float) -> None:
        if not isinstance(self._pace, Adaptive):
            return
        memory = self._memories[name]
        rhythm = self._pace.add(name, memory.days, now, complete_since=memory.state.first_walk_at)
        for start, end in memory.spans:
            rhythm.seen_between(start, end)
        self._unlearned = True

    def _hang_up(self) -> None:
        self._asked_again = self._reloading is not None
        if self._reload is not None and self._reloading is None:
            self._reloading = asyncio.create_task(self._read_again())

    async def _read_again(self) -> None:
        try:
            if self._reload is not None:
                fresh = self._reload()
                deliverer = self._process.prepare(fresh.config, fresh.registry)
                self._wanted = _plan_of(fresh.targets, fresh.config.watch)
                await self._process.take_over(fresh.config, fresh.registry, deliverer)
                await self._begin()
                logger.warning("configuration read again: %d sections", len(self._targets))
        except UsageError as error:
            logger.error("the configuration was not taken over: %s", error)  # noqa: TRY400 - one line, no traceback
        except StorageError as error:
            self._refused(error)
        finally:
            self._reloading = None
            if self._asked_again and not self._stop.is_set():
                self._hang_up()

    # When.

    def _next(self, name: str, now: float) -> Due:
        """When a section's turn is, from what is known of it now."""
        last = self._last.get(name)
        if last is None:
            return Due(self._hours.next(now), "never polled before")
        if last > now + JUMP:
            return Due(self._hours.next(now), "the clock was set back: when it was polled last is not known")
        due = self._pace.next(name, min(last, now))
        assessed = self._outages.of(name)
        if (assessed.fails and not assessed.confirmed) or (assessed.verdict == "healthy" and self._heals(name)):
            soon = last + CONFIRM_AFTER
            if soon < due.at:
                due = Due(soon, f"asked again to be sure: {assessed.verdict}")
        at = self._hours.next(due.at)
        return due if at == due.at else Due(at, f"{due.why}; not before by its hours")

    def _heals(self, name: str) -> bool:
        """Whether a section failed a run or two ago."""
        runs = self._memories[name].runs
        return len(runs) > 1 and runs[0].error is None and runs[1].error is not None

    async def _plan(self, name: str, due: Due) -> None:
        """Put a section's next poll into the schedule, and into the store for `status`."""
        await self._process.store.sections.plan([(self._memories[name].state.id, due.at, due.why)])
        self._enter(name, due.at)

    def _enter(self, name: str, at: float) -> None:
        self._due[name] = at
        if self._stop.is_set():
            return
        wait = max(at - self._clock(), 0.0) / self._speed
        self._scheduler.add_job(
            self._poll,
            # the scheduler's own clock is the system's; ours may be another
            DateTrigger(datetime.fromtimestamp(time.time() + wait, UTC), timezone=UTC),
            args=(name,),
            id=name,
            replace_existing=True,
            coalesce=True,
            max_instances=2,  # the job that plans its own next run is still an instance then; `_running` is the guard
            misfire_grace_time=None,
        )

    # What.

    async def _poll(self, name: str) -> None:
        if name in self._running or name not in self._targets or self._mending is not None:
            return  # whoever mends plans every section anew
        self._running.add(name)
        try:
            await self._poll_once(name)
        except StorageError as error:
            self._refused(error)
        finally:
            self._running.discard(name)

    def _broke(self, event: JobExecutionEvent) -> None:
        """A poll ended in a way that nobody expected: a mistake of ours, and no reason to leave its section alone."""
        if self._stop.is_set() or isinstance(event.exception, asyncio.CancelledError):
            return
        logger.error("%s: the pass broke off: %r", event.job_id, event.exception)
        logger.debug("%s", "".join(traceback.format_exception(event.exception)))
        if event.job_id in self._targets:
            self._last[event.job_id] = now = self._clock()
            self._enter(event.job_id, now + CONFIRM_AFTER)

    def _refused(self, error: StorageError) -> None:
        """Stop polling until the store takes again what it is given; end where it never will."""
        try:
            self._process.trouble.refused("polls", error)
        except StorageError as lasting:
            self._failure = lasting
            self._stop.set()
            return
        if self._mending is None:
            self._mending = asyncio.create_task(self._mend())

    async def _mend(self) -> None:
        """Try until the store takes the plan of every section anew; what it holds is read again, since it counts."""
        attempt = 0
        while not self._stop.is_set():
            await asyncio.sleep(wait_before(attempt) / self._speed)
            attempt += 1
            try:
                await self._begin()
            except StorageError as error:
                self._refused(error)
            else:
                self._process.trouble.taken("polls")
                self._mending = None
                return

    async def _poll_once(self, name: str) -> None:
        portal, section = self._targets[name]
        started = self._clock()
        if await self._is_paused(name, started):
            return
        before = self._last.get(name)
        so_far: list[SectionReport] = []

        def progressed(report: SectionReport) -> None:
            so_far[:] = [report]
            self._process.woken.set()

        limit = self._settings.job_timeout
        report: SectionReport | None = None
        try:
            report = await self._process.sections.poll(
                portal, section, PollOptions(patient=True), progressed, limit=limit or None
            )
        except TimeoutError:
            logger.warning(
                "%s: the pass took longer than %.0f s and was cancelled; the next one goes on where it stopped",
                name,
                limit,
            )
            await self._note_cancelled(name, so_far, started)
        if name not in self._targets:
            return
        if report is not None and report.run is not None:
            started = report.run.started_at  # not before it was its turn among the portal's sections
        self._last[name] = started
        await self._note(name, report, before, started)
        if report is not None:
            self._on_report(report)
        if name not in self._targets:
            return
        due = self._next(name, self._clock())
        await self._plan(name, Due(max(due.at, self._clock() + LEAST / 2), due.why))

    async def _note_cancelled(self, name: str, so_far: list[SectionReport], started: float) -> None:
        """Keep the run of a pass that took too long: a failure, unless its list was read and the articles took it."""
        report = so_far[0] if so_far else None
        read = report is not None and report.entries > 0
        await self._process.store.runs.add(
            Run(
                section_id=self._memories[name].state.id,
                started_at=started,
                finished_at=self._clock(),
                kind="poll",
                requests=report.traffic.requests if report is not None else 0,
                new=report.new if report is not None else 0,
                revised=report.revised if report is not None else 0,
                failed=report.failed if report is not None else 0,
                bytes=report.traffic.bytes if report is not None else 0,
                error=None if read else f"no answer for {self._settings.job_timeout:.0f} s",
                verdict=None if read else "timeout",
            )
        )

    async def _is_paused(self, name: str, now: float) -> bool:
        portal, section = self._targets[name]
        state = await self._process.store.sections.get(portal.id, section.id)
        until = state.paused_until if state is not None else None
        if until is None or until <= now:
            self._paused.discard(name)
            return False
        self._paused.add(name)
        await self._plan(name, Due(min(until, now + PAUSE_LOOK), "paused"))
        return True

    async def _note(self, name: str, report: SectionReport | None, before: float | None, started: float) -> None:
        """Take in what a pass found: its run, the rhythm, the verdicts. A cancelled one has a run alone."""
        memory = self._memories[name]
        now = self._clock()
        run = report.run if report is not None else await self._process.store.runs.last(memory.state.id)
        if run is None:
            return
        new = 0 if report is None or report.first_pass else report.listed_new
        memory.ran(run, new)
        if report is not None and report.first_pass and report.error is None:
            memory.state = await self._process.store.sections.open(report.portal, report.section)
            await recall_posts(self._process.store, memory, now)
        if self._memories.get(name) is not memory:
            return  # read again meanwhile
        if report is not None and report.first_pass and report.error is None:
            self._learn(name, now)
        if isinstance(self._pace, Adaptive):
            self._pace.polled(name, before, started, new)
            if self._unlearned and now - self._learned_at >= PAUSE_LOOK:
                self._pace.adjust(now, force=True)
                self._unlearned, self._learned_at = False, now
        asked = await self._outages.polled(name, now, self._paused)
        for place, other in enumerate(sorted((asked & self._targets.keys()) - self._running - {name})):
            if self._due.get(other, now) > now + place:
                self._enter(other, now + place)
        self._process.woken.set()

    # From time to time.

    async def _tick(self) -> None:
        if isinstance(self._pace, Adaptive):
            self._pace.adjust(self._clock())

    async def _jumped(self, by: float) -> None:
        """The clock was set by so many seconds: what was planned by the old one is planned again.

        As long after the last polls as it would have been: neither all at once nor later than the cap.
        """
        now = self._clock()
        self._last = {name: min(last + by, now) for name, last in self._last.items()}
        if isinstance(self._pace, Adaptive):
            self._pace.adjust(now, force=True)
        try:
            await self._spread(now)
        except StorageError as error:
            self._refused(error)
