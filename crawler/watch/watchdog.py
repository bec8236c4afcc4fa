"""Ends a process whose loop hangs, saying where, so that systemd or compose starts it again."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
import traceback

STATUS = 3
"""Exit status of a process that was ended: not done, safe to repeat."""
_LOOKS = 8
"""Looks in the time after which a loop counts as hung."""
_LAST_WORDS = 10
"""Seconds in which they have to be written: a full pipe may be the very thing that hangs."""


class Watchdog:
    """Watches the thread that made it, from `feed` to `feed`; made and fed by a loop that is well.

    A thread looks and says what it finds. It cannot where Python's own lock is held, as by a regular expression that
    never ends: then, later by half, a timer in C ends the process.
    """

    def __init__(self) -> None:
        self._limit = 0.0
        self._fed = time.monotonic()
        self._watched = threading.get_ident()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def feed(self, limit: float) -> None:
        """Show that the loop runs; it is ended if this does not come again within `limit` seconds. 0 is never."""
        self._limit, self._fed = limit, time.monotonic()
        if limit <= 0:
            faulthandler.cancel_dump_traceback_later()
            return
        if sys.__stderr__ is not None:
            faulthandler.dump_traceback_later(1.5 * limit, exit=True, file=sys.__stderr__)
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, name="watchdog", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Watch no longer."""
        self._ended.set()
        faulthandler.cancel_dump_traceback_later()

    def _look(self) -> None:
        while not self._ended.wait(max(self._limit, 0.1) / _LOOKS):
            if 0 < self._limit < time.monotonic() - self._fed:
                self._kill()

    def _kill(self) -> None:
        if hasattr(signal, "alarm"):
            signal.alarm(_LAST_WORDS)
        frame = sys._current_frames().get(self._watched)  # noqa: SLF001 - documented, for debuggers such as this
        where = "".join(traceback.format_stack(frame)) if frame is not None else ""
        line = f"portalwatch: the loop has hung for {self._limit:.0f} s; ended, to be started again. It hung here:"
        os.write(2, f"{line}\n{where}".encode("utf-8", "replace"))
        os._exit(STATUS)
