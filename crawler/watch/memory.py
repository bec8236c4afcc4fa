"""What the store remembers of a section that decides when it is polled and whether it is well."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.health import History, Silence
from crawler.watch.silence import Line, line_of
from crawler.watch.workdays import date_of, day_number, day_of, start_of

if TYPE_CHECKING:
    from crawler.store import Run, SectionState, Store

REACH = 730
"""Days of posts that count for the rhythm of a section."""
RUNS = 30
READS = 20
_ARRIVALS = 300
_ASSUMED = 1800.0
"""Seconds before a post was first seen in which it may have come: its poll's time is known, the one before is not."""


@dataclass(slots=True)
class Memory:
    """One section: its row, the days and times of its posts, its newest runs."""

    state: SectionState
    days: Counter[int] = field(default_factory=Counter)
    arrivals: list[float] = field(default_factory=list)
    runs: deque[Run] = field(default_factory=lambda: deque(maxlen=RUNS))
    reads: deque[Run] = field(default_factory=lambda: deque(maxlen=READS))
    _line: Line | None = None

    def ran(self, run: Run, new: int) -> None:
        """Take a run that has just ended, and how many entries it found that were never listed before."""
        self.runs.appendleft(run)
        if run.error is None and run.entries:
            self.reads.appendleft(run)
        if new:
            self.days[day_of(run.finished_at)] += new
            self._line = None

    def silence(self, now: float) -> Silence | None:
        """How long nothing new came, against what the section's rhythm allows.

        Only as far as somebody looked: while no watch ran, nothing was seen and nothing was silent.
        """
        looked = next((run.finished_at for run in self.runs if run.error is None), None)
        if not self.days or looked is None:
            return None
        last = max(self.days)
        line = self._line
        if line is None or line.last != last:
            line = self._line = line_of(sorted(self.days))
        # The day of the last post and today do not count: neither is a whole day without one.
        gap = line.gap(day_of(min(now, looked)) - 1)
        return Silence(gap, line.allowed, start_of(last), line.weekend)

    def history(self, now: float) -> History:
        """What the rules of health look at."""
        return History(tuple(self.runs), tuple(self.reads), self.silence(now))

    @property
    def spans(self) -> list[tuple[float, float]]:
        """For each post that was seen to arrive, between which moments it came."""
        return [(at - _ASSUMED, at) for at in self.arrivals]


async def recall(store: Store, state: SectionState, now: float) -> Memory:
    """Everything the store knows of a section.

    Raises:
        StorageError: the store refused.

    """
    memory = Memory(state)
    memory.runs.extend(await store.runs.recent(state.id, RUNS))
    memory.reads.extend(await store.runs.full_reads(state.id, READS))
    await recall_posts(store, memory, now)
    return memory


async def recall_posts(store: Store, memory: Memory, now: float) -> None:
    """The posts of a section; dates that lie ahead are mistakes of the page.

    Raises:
        StorageError: the store refused.

    """
    today = day_of(now)
    state = memory.state
    dated = await store.sections.posting_days(state.id, date_of(today - REACH).isoformat())
    memory.days = Counter(
        {day: count for text, count in dated.items() if (day := day_number(text)) is not None and day <= today}
    )
    for at in await store.sections.undated(state.id, start_of(today - REACH)):
        memory.days[day_of(at)] += 1
    memory.arrivals = await store.sections.arrivals(state.id, start_of(today - REACH), _ARRIVALS)
