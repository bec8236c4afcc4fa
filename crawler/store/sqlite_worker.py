"""Who uses SQLite's connections: threads that take batches of operations, and the loop for what is brief.

One connection writes. The loop runs brief operations on it as they come, in a transaction that stays open until the
loop has been round once; then a thread brings it to disk. Until that thread is back, what comes next waits and shares
the next transaction. Waking a thread for each operation costs more than most operations take, and two threads of Python
that run at once take turns at every statement (an idle poll of a watch, on two processors: 2.7 ms of CPU when threads
ran its operations, 1.2 ms when the loop does).
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from crawler.store.sqlite_session import Call, Session

BATCH = 64
"""Operations that share a commit: enough to spread an fsync thin, little enough to hold the write lock briefly."""

Batch: TypeAlias = "list[Call[Any]]"
BatchQueue: TypeAlias = "queue.SimpleQueue[Batch | None]"


def settle_all(calls: Batch) -> None:
    """Hand every outcome over."""
    for call in calls:
        call.settle()


class Worker(threading.Thread):
    """A thread that serves batches with a session until it takes None; `report` is called in the loop's thread."""

    def __init__(self, name: str, session: Session, batches: BatchQueue, report: Callable[[Batch], None]) -> None:
        super().__init__(name=name, daemon=True)
        self._session = session
        self._batches = batches
        self._report = report

    def run(self) -> None:
        """Serve until told to end."""
        try:
            # Never get(timeout=...): a SimpleQueue that is woken for nothing as its time runs out waits for ever
            # (CPython 3.11: what is left of the time is negative then, which its lock takes for no limit).
            while (batch := self._batches.get()) is not None:
                try:
                    if wanted := [call for call in batch if call.ran or not call.future.cancelled()]:
                        self._session.serve(wanted)
                except BaseException as error:
                    for call in batch:
                        call.error = call.error or error
                    raise
                finally:
                    self._tell(batch)
        finally:
            self._session.close()

    def _tell(self, batch: Batch) -> None:
        try:
            batch[0].loop.call_soon_threadsafe(self._report, batch)
        except RuntimeError:  # the loop was closed: nobody awaits these any more
            return


class Writing:
    """The order in which operations are written; everything but the thread's part happens in the loop's thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._batches: BatchQueue = queue.SimpleQueue()
        self._waiting: deque[Call[Any]] = deque()
        self._ran: Batch = []
        self._away = False
        self._round: asyncio.Handle | None = None
        self.thread = Worker("store-writer", session, self._batches, self._back)

    def submit(self, call: Call[Any]) -> None:
        """Run an operation now, or as soon as its turn comes; it is settled when it has been committed."""
        self._waiting.append(call)
        if not self._away:
            self._advance(call.loop)

    def finish(self) -> None:
        """Hand over what is left, and let the thread end after it."""
        if left := self._take(len(self._ran) + len(self._waiting)):
            self._batches.put(left)
        self._batches.put(None)

    def _advance(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run what is brief; the thread gets the rest at once, and what was run when the loop has been round."""
        waiting, ran = self._waiting, self._ran
        while waiting and waiting[0].brief and len(ran) < BATCH:
            if not waiting[0].future.cancelled():
                if not self._session.try_run(waiting[0]):
                    break
                ran.append(waiting[0])
            waiting.popleft()
        if waiting:
            self._hand_over()
        elif ran and self._round is None:
            self._round = loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        if self._round is not None:
            self._round.cancel()
            self._round = None
        if batch := self._take(BATCH):
            self._away = True
            self._batches.put(batch)

    def _take(self, most: int) -> Batch:
        batch, self._ran = self._ran, []
        while self._waiting and len(batch) < most:
            batch.append(self._waiting.popleft())
        return batch

    def _back(self, batch: Batch) -> None:
        self._away = False
        settle_all(batch)
        if self._waiting:
            self._advance(batch[0].loop)
