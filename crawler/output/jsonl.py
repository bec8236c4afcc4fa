"""The JSONL sink: every event of an article is one line, once, whatever kills the process."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from crawler.output.files import AppendFile, Mark, check_plain, refusals
from crawler.output.names import Rotation, candidates, period, period_of
from crawler.output.tail import Line, Tail, compare
from crawler.reading.record import encode
from crawler.store import SinkState

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.store import Event, Store

logger = logging.getLogger(__name__)
T = TypeVar("T")
P = ParamSpec("P")

BATCH = 200
"""Events read, written, forced to disk and acknowledged at once."""


class JsonlSink:
    """Writes the events after its cursor to a file that it alone appends to.

    A batch is appended and forced to disk before the cursor moves. So after a kill the file may hold more than was
    acknowledged: lines that are exactly what would come next are taken as written, and a torn line is cut. A file that
    is not as it was left (moved, edited, appended to by somebody else) is left alone; output goes on in a new one, and
    `notices` says so. The caller holds the data folder's lock, so that there is one writer.
    """

    def __init__(
        self,
        store: Store,
        path: Path,
        *,
        name: str = "articles",
        reprints: bool = False,
        rotate: Rotation = "none",
        from_now: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Describe the sink; nothing is opened yet.

        Args:
            store: where events and the cursor are.
            path: the file, or with rotation what the files' names are made from.
            name: the cursor's name; one cursor may go through several files over time.
            reprints: emit reprints (events with `duplicate_of`) as well.
            rotate: a file a day or a month, by the time of the event in Asia/Shanghai.
            from_now: a sink never used before starts after the newest event instead of at the first.
            clock: UTC epoch seconds.

        """
        self._store = store
        self._base = Path(path).absolute()
        self._name = name
        self._reprints = reprints
        self._rotate: Rotation = rotate
        self._from_now = from_now
        self._clock = clock
        self._lock = asyncio.Lock()
        # One thread does every disk operation in turn: what a cancelled drain had begun is over before the next begins.
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="jsonl")
        self._file: AppendFile | None = None
        self._mark = Mark(0, 0, 0, None)
        self._seq = 0
        self._opened = False
        self.torn_tails = 0
        """Lines that a kill had left half-written, and that were cut."""
        self.unacknowledged = 0
        """Whole lines that stood in the file but were not acknowledged yet, and were kept."""
        self.notices: list[str] = []
        """What the user should be told: why output went on in another file."""

    @classmethod
    def for_file(
        cls, store: Store, path: Path, *, reprints: bool = False, clock: Callable[[], float] = time.time
    ) -> JsonlSink:
        """The sink of a command's `-o FILE`: a cursor of its own, known by the file's absolute path."""
        absolute = Path(path).absolute()
        return cls(store, absolute, name=str(absolute), reprints=reprints, from_now=True, clock=clock)

    def reopened(self, *, reprints: bool, rotate: Rotation) -> JsonlSink:
        """The same sink by other rules; it goes on where this one, which must be closed, has come to."""
        return JsonlSink(self._store, self._base, name=self._name, reprints=reprints, rotate=rotate, clock=self._clock)

    @property
    def path(self) -> Path:
        """The file that is being written, or would be first."""
        return self._file.path if self._file is not None else self._base

    async def open(self) -> None:
        """Fix where the sink starts, look at what was left behind and, without rotation, make the file.

        Raises:
            UsageError: the path is a folder, a link, a device, or in no folder.
            StorageError: the disk or the database refused.

        """
        async with self._lock:
            await self._open()
            await self._settle()

    async def drain(self) -> int:
        """Write every event after the cursor.

        Returns:
            The number of lines that this call put into the file or found there, and acknowledged.

        Raises:
            UsageError: the path is a folder, a link, a device, or in no folder.
            StorageError: the disk or the database refused; nothing half-written counts, and draining again is safe.

        """
        async with self._lock:
            await self._open()
            upcoming = await self._upcoming(self._seq)
            done = await self._settle() if upcoming else 0
            if done:
                upcoming = await self._upcoming(self._seq)
            while upcoming:
                done += await self._write(upcoming)
                more = len(upcoming) == BATCH or self._seq < upcoming[-1].seq
                upcoming = await self._upcoming(self._seq) if more else []
            return done

    async def close(self) -> None:
        """Close the file; the sink may not be used afterwards."""
        async with self._lock:
            await self._leave_file()
            self._disk.shutdown()

    async def _open(self) -> None:
        """Load the cursor and open the file it stands in, or make the first."""
        if self._opened:
            return
        check_plain(self._base)
        state = await self._store.sinks.latest(self._name)
        if state is None:
            self._seq = await self._store.events.last_seq() if self._from_now else 0
            if self._rotate == "none":
                await self._start_file("", None)
        else:
            self._seq = state.last_seq
            await self._reopen(state)
        self._opened = True

    async def _reopen(self, state: SinkState) -> None:
        """Go on in the file that was written last, if it is still as it was left and rotation names it so."""
        path = self._base.with_name(Path(state.path).name)  # the whole folder may have been moved
        when = period_of(path, self._base, self._rotate)
        if when is None:
            if self._rotate == "none":
                await self._start_file("", None)
            return
        mark = Mark(state.device, state.inode, state.offset, state.tail_sha256)
        found = await self._run(path, AppendFile.open_known, path, mark)
        if isinstance(found, AppendFile):
            self._file, self._mark = found, mark
        else:
            await self._start_file(when, f"{path} {found}")

    async def _settle(self) -> int:
        """Make sure that the file is as it was left, and take in what a kill left behind the acknowledged offset.

        Returns:
            The number of whole lines that were found there.

        """
        file = self._file
        if file is None:
            return 0
        trouble, size = await self._run(file.path, file.look, self._mark)
        if trouble is not None:
            await self._start_file(self._period(), f"{file.path} {trouble}")
            return 0
        if size == self._mark.offset:
            return 0
        tail = Tail(self._mark.offset, self._seq, 0, "more")
        kept = 0
        while tail.end == "more":
            upcoming = await self._upcoming(tail.seq) if await self._run(file.path, file.size) > tail.offset else []
            if not upcoming:
                break
            tail = await self._run(file.path, compare, file, tail.offset, tail.seq, self._period(), upcoming)
            kept += tail.lines
        if tail.end == "torn":
            await self._run(file.path, file.cut, tail.offset)
            self.torn_tails += 1
            logger.warning("%s: the last line was torn by a kill; it is cut and written again", file.path)
        if kept:
            await self._acknowledge(file, await self._run(file.path, file.confirm, tail.offset), tail.seq)
            self.unacknowledged += kept
        if await self._run(file.path, file.size) != tail.offset:
            await self._start_file(self._period(), f"{file.path} was appended to by somebody else")
        return kept

    async def _upcoming(self, seq: int) -> list[Line]:
        """What the next events put into the file."""
        return [self._line(event) for event in await self._store.events.after(seq, BATCH)]

    def _line(self, event: Event) -> Line:
        # An original that turns out to be a reprint was written, so that its readers must be told.
        emitted = self._reprints or event.record.duplicate_of is None or event.type == "relinked"
        # A clock that is set back does not reopen the file of an earlier day.
        when = max(period(event.at, self._rotate), self._period())
        return Line(event.seq, encode(event.record) if emitted else b"", when)

    def _period(self) -> str:
        """The period of the file that is being written."""
        return (period_of(self._file.path, self._base, self._rotate) or "") if self._file is not None else ""

    async def _write(self, upcoming: list[Line]) -> int:
        """Append the first lines, those that go to one file, and acknowledge them."""
        emitted = [line for line in upcoming if line.data]
        if not emitted:
            await self._acknowledge(self._file, self._mark, upcoming[-1].seq)
            return 0
        when = emitted[0].period
        later = next((line.seq for line in emitted if line.period != when), upcoming[-1].seq + 1)
        parts = [line.data for line in emitted if line.seq < later]
        last = max(line.seq for line in upcoming if line.seq < later)
        data = b"".join(parts)
        file = self._file
        if file is None or when != self._period():
            file = await self._start_file(when, None)
        while (mark := await self._run(file.path, file.append, data, self._mark.offset)) is None:
            file = await self._start_file(when, f"{file.path} was appended to by somebody else")
        await self._acknowledge(file, mark, last)
        return len(parts)

    async def _start_file(self, when: str, why: str | None) -> AppendFile:
        """Go on in a file of that period that nobody has written in, and remember it before its first line."""
        await self._leave_file()
        file = await self._free_file(when)
        try:
            await self._acknowledge(file, file.mark(0), self._seq)
        except BaseException:
            file.close()
            raise
        self._file = file
        if why is not None:
            self.notices.append(f"{why}: it is left alone, output goes on in {file.path}")
            logger.warning("%s", self.notices[-1])
        return file

    async def _free_file(self, when: str) -> AppendFile:
        """The first name of the period that is free and that no other sink has written in."""
        names = candidates(self._base, when)
        while True:
            path = next(names)
            known = await self._store.sinks.get(str(path))
            if known is not None and known.name != self._name:
                continue
            file = await self._run(path, AppendFile.create, path)
            if file is not None:
                return file

    async def _acknowledge(self, file: AppendFile | None, mark: Mark, seq: int) -> None:
        """Move the cursor: what stands in the file up to the mark is on disk and holds every event up to `seq`."""
        if file is not None:
            state = SinkState(
                str(file.path), mark.device, mark.inode, mark.offset, seq, mark.tail_sha256, name=self._name
            )
            await self._store.sinks.put(state, self._clock())
            self._mark = mark
        self._seq = seq

    async def _leave_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            await self._run(file.path, file.close)

    async def _run(self, path: Path, operation: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a disk operation in the sink's thread.

        Raises:
            StorageError: the disk refused.

        """
        with refusals(path):
            return await asyncio.get_running_loop().run_in_executor(self._disk, partial(operation, *args, **kwargs))
