"""Hands messages to apprise, in a process of its own: `python -m crawler.alerts.courier [--describe]`.

One JSON order a line on stdin, one JSON answer a line on stdout, in whatever order they end; EOF ends it. A process of
its own since a service that hangs can then be ended, nothing of apprise (23 MB) is in the crawler, and what apprise
logs, which may hold tokens, goes nowhere. Every address is judged where it is dialled, by an audit hook that no plugin
can go round; redirects are not followed, answers are read to a bound, nothing is executed.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import socket
import sys
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.alerts.addresses import AddressRefusedError, refusal

ANSWER_LIMIT = 2048
"""Bytes of an answer that are kept as the reason of a failure."""
_READ = 1 << 20  # bytes of an answer that a plugin gets to see
_EXECUTING = frozenset(
    {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.fork", "pty.spawn"}
)
# What these answer with 200 may still say that nothing was sent: the name of the field that is 0 when all is well.
_CODES = {
    "qyapi.weixin.qq.com": ("errcode",),
    "oapi.dingtalk.com": ("errcode",),
    "open.feishu.cn": ("code", "StatusCode"),
    "open.larksuite.com": ("code", "StatusCode"),
}


@dataclass(slots=True)
class Record:
    """What happened while one order was carried out."""

    answers: list[tuple[str, int, str, str | None]] = field(default_factory=list)
    """Host, status, text and `Retry-After` of each answer."""
    said: list[str] = field(default_factory=list)
    """What apprise said, and which address was refused."""


class _Here(threading.local):
    record: Record | None = None


_here = _Here()


class Guard:
    """The audit hook: refuses to dial what is not public, unless told otherwise, and to execute anything."""

    def __init__(self, *, allow_private: bool, proxy: str | None) -> None:
        """Remember what is allowed; `proxy` is dialled wherever it is."""
        self._allow_private = allow_private
        parts = urlsplit(proxy or "")
        self._proxy = (parts.hostname, parts.port or 8080) if parts.hostname else None

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Judge one event. Raises AddressRefusedError or PermissionError."""
        if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            if not self._allow_private and (len(arguments) > 1 and arguments[1] is not None):
                self._judge(arguments[1])
        elif event in _EXECUTING:
            raise PermissionError("a channel must not run programs")

    def _judge(self, address: Any) -> None:
        if isinstance(address, tuple):
            host = str(address[0])
            why = refusal(host)
            if why is None or (self._proxy is not None and (host, address[1]) in self._proxy_addresses()):
                return
        else:
            host, why = "a local socket", "private"
        error = AddressRefusedError(host, why)
        if _here.record is not None:
            _here.record.said.append(str(error))
        raise error

    def _proxy_addresses(self) -> set[tuple[str, int]]:
        if self._proxy is None:
            return set()
        found = socket.getaddrinfo(*self._proxy, type=socket.SOCK_STREAM)
        return {(str(target[0]), int(target[1])) for *_, target in found}


def _bound_answers() -> None:
    """Have `requests` follow no redirect, read no endless answer, and leave a note of each."""
    sessions = importlib.import_module("requests.sessions")
    send = sessions.Session.send

    def send_bounded(session: Any, request: Any, **options: Any) -> Any:
        response = send(session, request, **{**options, "allow_redirects": False, "stream": True})
        body = bytearray()
        with contextlib.closing(response):
            for part in response.iter_content(16_384):
                body += part
                if len(body) >= _READ:
                    break
        response._content = bytes(body)  # noqa: SLF001 - what `requests` itself fills when it reads the whole answer
        response._content_consumed = True  # noqa: SLF001
        if _here.record is not None:
            text = bytes(body[:ANSWER_LIMIT]).decode("utf-8", "replace")
            host = urlsplit(request.url).hostname or ""
            _here.record.answers.append((host, response.status_code, text, response.headers.get("retry-after")))
        return response

    sessions.Session.send = send_bounded


class _Notes(logging.Handler):
    """Keeps warnings, and errors of connections, which apprise logs as debugging, for the reason of a failure."""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if _here.record is not None and (record.levelno >= logging.WARNING or "xception: " in message):
            _here.record.said.append(message.partition("xception: ")[2] or message)


def _listen() -> None:
    logger = logging.getLogger("apprise")
    logger.handlers[:] = [_Notes()]
    logger.setLevel(logging.DEBUG)
    logger.propagate = False


def _open(url: str) -> Any:
    """The plugin of an apprise URL, or None."""
    apprise = importlib.import_module("apprise")
    asset = apprise.AppriseAsset(
        app_id="portalwatch",
        app_desc="portalwatch",
        app_url="",
        http_redirects=False,
        interpret_emojis=False,
        interpret_escapes=False,
        storage_mode="memory",
    )
    plugin = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if plugin is not None and "dingtalk" in _names(plugin.secure_protocol):
        _sign_once_quoted(plugin)
    return plugin


def _sign_once_quoted(plugin: Any) -> None:
    """Have the signature quoted once: apprise 2.2 quotes it and `requests` again, which DingTalk takes for another."""
    sign = plugin.get_signature

    def unquoted() -> tuple[str, str]:
        timestamp, signature = sign()
        return timestamp, unquote(signature)

    plugin.get_signature = unquoted


def describe(url: str) -> dict[str, Any]:
    """What a service takes: its scheme, forms, limits, and the host if there is one; `error` if it is none."""
    _here.record = record = Record()
    plugin = _open(url)
    if plugin is None:
        return {"error": redact(record.said[-1] if record.said else "no service of apprise", url)}
    forms = plugin.notify_format if isinstance(plugin.notify_format, tuple) else (plugin.notify_format,)
    schema = urlsplit(url).scheme.lower()
    plain, secure = _names(plugin.protocol), _names(plugin.secure_protocol)
    return {
        "service": str(plugin.service_name),
        "schema": schema if schema in {*plain, *secure} else (*secure, *plain)[0],  # some take the service's own URL
        "forms": [getattr(form, "value", str(form)) for form in forms],
        "limit": plugin.body_maxlen,
        "title_limit": max(plugin.title_maxlen, 0),
        "host": plugin.host if isinstance(getattr(plugin, "host", None), str) else "",
        "plain": schema in plain and not getattr(plugin, "secure", False),
    }


def _names(protocol: Any) -> tuple[str, ...]:
    return tuple(protocol) if isinstance(protocol, tuple | list) else (protocol,) if protocol else ()


def deliver(order: dict[str, Any]) -> dict[str, Any]:
    """Carry out one order `{url, title, text, form}`: `{ok, status, reason, retry_after}`."""
    url: str = order["url"]
    _here.record = record = Record()
    plugin = _open(url)
    if plugin is None:
        return _failed(None, redact(record.said[-1] if record.said else "no service of apprise", url))
    plugin.request_rate_per_sec = 0  # when to send is decided where the orders come from
    plugin.retry = 0
    try:
        sent = plugin.notify(body=order["text"], title=order["title"], body_format=order["form"])
    except (AttributeError, ImportError, LookupError, OSError, RuntimeError, TypeError, ValueError) as error:
        return _failed(None, redact(f"{type(error).__name__}: {error}", url))
    return judge(bool(sent), record, url)


def judge(sent: bool, record: Record, url: str) -> dict[str, Any]:  # noqa: FBT001
    """What became of an order, by what the service answered and what apprise makes of it."""
    for host, status, text, retry_after in record.answers:
        if not 200 <= status < 300:
            return _failed(status, redact(f"HTTP {status}: {text}" if text else f"HTTP {status}", url), retry_after)
        said = _refused(host, text)
        if said is not None:
            return _failed(status, redact(said, url), retry_after)
    if sent:
        return {
            "ok": True,
            "status": record.answers[-1][1] if record.answers else 250,
            "reason": "",
            "retry_after": None,
        }
    return _failed(None, redact(_cause(record.said), url))


def _cause(said: list[str]) -> str:
    """The last thing said, without what `requests` wraps it in."""
    refused = [one for one in said if "refused (the channel" in one]
    told = [one for one in said if "): " in one or "Errno" in one] or said
    if refused or not told:
        return refused[0] if refused else "the service refused"
    cause = told[-1].rpartition("): ")[2].rstrip("')\"")
    return cause + ")" * max(cause.count("(") - cause.count(")"), 0)


def _refused(host: str, text: str) -> str | None:
    """What a service that answers 200 to everything says of a message that it did not take."""
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    if not isinstance(answer, dict):
        return None
    codes = [answer[name] for name in _CODES.get(host, ()) if answer.get(name) is not None]
    if not codes or 0 in codes:
        return None
    return f"code {codes[0]}: {answer.get('errmsg') or answer.get('msg') or text}"


def _failed(status: int | None, reason: str, retry_after: str | None = None) -> dict[str, Any]:
    return {"ok": False, "status": status, "reason": reason, "retry_after": retry_after}


def redact(text: str, url: str) -> str:
    """A printable line without any part of a URL that may be a secret: user, host, path and values of the query."""
    parts = urlsplit(url)
    secrets = [parts.netloc.rpartition("@")[0], parts.netloc.rpartition("@")[2].partition(":")[0]]
    secrets += [*secrets[0].split(":"), *parts.path.split("/")]
    secrets += [value for _, value in parse_qsl(parts.query)]
    secrets += [unquote(secret) for secret in secrets]
    for secret in sorted({*secrets}, key=len, reverse=True):
        if len(secret) >= 4:
            text = text.replace(secret, "…")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:ANSWER_LIMIT]


def _answer(value: dict[str, Any], lock: threading.Lock) -> None:
    with lock:
        sys.stdout.write(json.dumps(value) + "\n")
        sys.stdout.flush()


def _work(order: dict[str, Any], lock: threading.Lock) -> None:
    _answer({"id": order["id"], **deliver(order)}, lock)


def main() -> int:
    """Answer orders until EOF."""
    _listen()
    if "--describe" in sys.argv[1:]:
        for line in sys.stdin:
            sys.stdout.write(json.dumps(describe(json.loads(line)["url"])) + "\n")
        return 0
    proxy = os.environ.get("HTTPS_PROXY")
    lock = threading.Lock()
    _open("jsons://localhost/")  # loads every service, before the first order has to wait for it
    _bound_answers()
    sys.addaudithook(Guard(allow_private="--allow-private" in sys.argv[1:], proxy=proxy))
    _answer({"ready": True}, lock)
    for line in sys.stdin:
        threading.Thread(target=_work, args=(json.loads(line), lock), daemon=True).start()
    return 0


if __name__ == "__main__":
    sys.exit(main())
