"""The replica and the receiver as processes of their own, so that killing a crawler leaves them standing."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

if TYPE_CHECKING:
    from collections.abc import Sequence

_PATIENCE: Final = 60.0


class Process:
    """A module of the replica run as `python -m`; its control interface is used by blocking calls."""

    module: str = "crawler.replica"

    def __init__(self, *arguments: str) -> None:
        self._arguments: Sequence[str] = arguments
        self._child: subprocess.Popen[str] | None = None
        self._opener = build_opener(ProxyHandler({}))
        self.ready: dict[str, Any] = {}

    @property
    def control(self) -> str:
        """The address of the control interface."""
        return str(self.ready["control"])

    def start(self) -> None:
        """Start it and wait for its line. Raises RuntimeError when it ends before."""
        command = [sys.executable, "-m", self.module, *self._arguments]
        self._child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
        line = self._child.stdout.readline() if self._child.stdout else ""
        if not line:
            status = self._child.wait(_PATIENCE)
            self.stop()
            raise RuntimeError(f"{self.module} ended with status {status} before it was ready")
        self.ready = json.loads(line)

    def stop(self) -> None:
        """End it with SIGTERM and wait."""
        if self._child is not None:
            self._child.terminate()
            self._child.wait(_PATIENCE)
            if self._child.stdout:
                self._child.stdout.close()
            self._child = None

    def get(self, path: str, **query: str | int) -> Any:
        """GET from the control interface."""
        return self._call(f"{path}?{urlencode(query)}" if query else path, None)

    def post(self, path: str, **body: Any) -> Any:
        """POST to the control interface. Raises ValueError with the reason it gives for a refusal."""
        return self._call(path, body)

    def _call(self, path: str, body: dict[str, Any] | None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.control + path, data=data, headers={"Content-Type": "application/json"})  # noqa: S310 - loopback
        try:
            with self._opener.open(request, timeout=_PATIENCE) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise ValueError(error.read().decode("utf-8", "replace")) from error

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()


class ReplicaProcess(Process):
    """`ReplicaProcess("--articles", "200")`."""

    def ledger(self, **scope: str) -> dict[str, Any]:
        """`{articles, events}`."""
        book: dict[str, Any] = self.get("/ledger", **scope)
        return book


class ReceiverProcess(Process):
    """`ReceiverProcess("--jsonl", "deliveries.jsonl", "--mix", "ok=9,503=1")`."""

    module = "crawler.replica.receiver"

    def deliveries(self) -> list[dict[str, Any]]:
        """Every delivery so far."""
        made: list[dict[str, Any]] = self.get("/deliveries")
        return made
