"""Standard output as a sink: at most once, for a pipe has no offset to go back to."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from crawler.exceptions import StorageError
from crawler.output.jsonl import BATCH, JsonlSink
from crawler.reading.record import encode

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.store import Store


class Sink(Protocol):
    """What takes the events that follow its cursor."""

    async def open(self) -> None:
        """Fix where the sink starts."""
        ...

    async def drain(self) -> int:
        """Write every event after the cursor; gives the number of lines."""
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...


class StdoutSink:
    """Writes the events that follow its opening, each at most once, to standard output or another binary stream.

    When the reader goes away (`… | head`) the rest is dropped quietly; it is in the database and the JSONL file.
    """

    def __init__(self, store: Store, stream: BinaryIO | None = None, *, reprints: bool = False) -> None:
        """Describe the sink; the stream stays the caller's."""
        self._store = store
        self._stream = stream if stream is not None else sys.stdout.buffer
        self._reprints = reprints
        self._seq: int | None = None
        self._lock = asyncio.Lock()
        self.broken = False
        """Whether the reader went away."""

    async def open(self) -> None:
        """Start after the newest event.

        Raises:
            StorageError: the database refused.

        """
        if self._seq is None:
            self._seq = await self._store.events.last_seq()

    async def drain(self) -> int:
        """Write every event after the cursor, which moves first.

        Raises:
            StorageError: the stream or the database refused.

        """
        written = 0
        async with self._lock:
            await self.open()
            while self._seq is not None and (events := await self._store.events.after(self._seq, BATCH)):
                self._seq = events[-1].seq
                lines = [
                    encode(e.record)
                    for e in events
                    if self._reprints or e.record.duplicate_of is None or e.type == "relinked"
                ]
                if lines and not self.broken:
                    await asyncio.to_thread(self._write, b"".join(lines))
                    written += len(lines)
        return written

    def _write(self, data: bytes) -> None:
        try:
            self._stream.write(data)
            self._stream.flush()
        except BrokenPipeError:
            self.broken = True
            if self._stream is sys.stdout.buffer:  # or the interpreter complains when it flushes at exit
                with Path(os.devnull).open("wb") as nothing:
                    os.dup2(nothing.fileno(), sys.stdout.fileno())
        except OSError as error:
            raise StorageError(f"standard output: {error.strerror or error}") from error

    async def close(self) -> None:
        """Nothing is held."""


async def open_output(store: Store, output: str, config: Config) -> Sink:
    """The sink of a command's `-o`: `-` is standard output, anything else a file with a cursor of its own.

    Raises:
        UsageError: the path is a folder, a link, a device, or in no folder.
        StorageError: the disk or the database refused.

    """
    sink: Sink
    if output == "-":
        sink = StdoutSink(store, reprints=config.output.reprints)
    else:
        sink = JsonlSink.for_file(store, Path(output), reprints=config.output.reprints)
    await sink.open()
    return sink
