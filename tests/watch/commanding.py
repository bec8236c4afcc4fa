"""`portalwatch watch` as a process of its own, as systemd would run it; its lines are waited for, never time."""

import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Self

PATIENCE = 60.0
"""Seconds without the line that is waited for after which a test fails."""

CHANNEL = """
[[rule]]
name = "all"
channels = ["desk"]
events = ["published", "revised", "withdrawn", "fault"]
[[channel]]
name = "desk"
url = "{url}"
secret = "whsec_c2VjcmV0IG9mIHRoZSBraWxsIHRlc3QuLi4u"
allow_private = true
allow_http = true
"""


class Lines:
    """The lines of a pipe as they come, read by a thread so that no pipe fills up."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.seen: list[str] = []
        self._new: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._new.put(line.decode())
        self._new.put(None)

    def until(self, *words: str) -> str:
        """The next line that holds one of the words."""
        while True:
            line = self._new.get(timeout=PATIENCE)
            assert line is not None, f"ended before {words}: {''.join(self.seen)}"
            self.seen.append(line)
            if any(word in line for word in words):
                return line

    def each_of(self, *words: str) -> None:
        """Wait until each of the words was in a line that comes from now on."""
        self.skip()
        missing = set(words)
        while missing:
            line = self.until(*missing)
            missing = {word for word in missing if word not in line}

    def skip(self) -> None:
        """Leave out what has come already."""
        while not self._new.empty():
            line = self._new.get()
            assert line is not None, f"ended: {''.join(self.seen)}"
            self.seen.append(line)

    def rest(self) -> list[str]:
        """Everything, after the process has ended."""
        self._thread.join(PATIENCE)
        while not self._new.empty():
            line = self._new.get()
            self.seen += [] if line is None else [line]
        return self.seen


class Command:
    """A watch in a folder."""

    def __init__(self, folder: Path, *arguments: str, **variables: str) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "crawler.cli.main", "watch", *arguments],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **variables},
        )
        assert self._popen.stdout is not None
        assert self._popen.stderr is not None
        self.out, self.err = Lines(self._popen.stdout), Lines(self._popen.stderr)
        self.pid = self._popen.pid

    def hang_up(self) -> None:
        """Ask it to read its configuration again."""
        self._popen.send_signal(signal.SIGHUP)

    def end(self) -> int:
        """SIGTERM; its exit status."""
        self._popen.terminate()
        return self._popen.wait(PATIENCE)

    def wait(self) -> int:
        """Its exit status, when it ends by itself."""
        return self._popen.wait(PATIENCE)

    def kill(self) -> None:
        """kill -9."""
        self._popen.kill()
        self._popen.wait(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._popen.poll() is None:
            self.kill()
        for lines, stream in ((self.out, self._popen.stdout), (self.err, self._popen.stderr)):
            lines.rest()
            assert stream is not None
            stream.close()
