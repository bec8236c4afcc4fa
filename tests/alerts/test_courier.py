import json
import socket
import subprocess
import sys
from typing import Any

import pytest

from crawler.alerts.addresses import AddressRefusedError
from crawler.alerts.courier import Guard, Record, judge, redact


@pytest.mark.parametrize("event", ["socket.connect", "socket.sendto", "socket.sendmsg"])
@pytest.mark.parametrize(
    "address", [("127.0.0.1", 80), ("10.0.0.1", 80), ("::1", 80, 0, 0), ("localhost", 80), "/run/docker.sock", b"\0x"]
)
def test_what_is_not_public_is_not_dialled(event: str, address: Any) -> None:
    guard = Guard(allow_private=False, proxy=None)
    with pytest.raises(AddressRefusedError):
        guard(event, (None, address))
    Guard(allow_private=True, proxy=None)(event, (None, address))


def test_what_is_public_is_dialled_and_a_connected_socket_may_send() -> None:
    guard = Guard(allow_private=False, proxy=None)
    guard("socket.connect", (None, ("1.1.1.1", 443)))
    guard("socket.sendmsg", (None, None))
    guard("open", ("/etc/hosts", "r", 0))


def test_a_proxy_is_dialled_at_its_own_port_alone() -> None:
    guard = Guard(allow_private=False, proxy="http://user:password@127.0.0.1:3128")
    guard("socket.connect", (None, ("127.0.0.1", 3128)))
    with pytest.raises(AddressRefusedError):
        guard("socket.connect", (None, ("127.0.0.1", 6379)))


@pytest.mark.parametrize("event", ["subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"])
def test_no_plugin_runs_programs(event: str) -> None:
    with pytest.raises(PermissionError):
        Guard(allow_private=True, proxy=None)(event, ())


def test_the_guard_holds_for_every_thread_and_way_of_a_process() -> None:
    code = """
import socket, subprocess, sys, threading, urllib.request
from crawler.alerts.courier import Guard
sys.addaudithook(Guard(allow_private=False, proxy=None))
refused = []
def attempt(way):
    try:
        way()
    except Exception as error:
        refused.append(type(error).__name__)
ways = [
    lambda: socket.create_connection(("127.0.0.1", 9)),
    lambda: socket.socket().connect_ex(("127.0.0.1", 9)),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)),
    lambda: urllib.request.urlopen("http://2130706433:9/"),
    lambda: subprocess.run(["true"]),
]
for way in ways:
    thread = threading.Thread(target=attempt, args=(way,))
    thread.start()
    thread.join()
print(refused)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "['AddressRefusedError', 'AddressRefusedError', 'AddressRefusedError', 'URLError', 'PermissionError']\n"
    )


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("wecombot://693a91f6-key", "no bot 693a91f6-key here"),
        ("dingtalk://SECabcdef@token123/", "SECabcdef and token123"),
        (
            "mailtos://user:pass%20word@smtp.example.org?from=me@example.org",
            "user, pass%20word, pass word, me@example.org",
        ),
        ("json://host/path-of-token?key=value-of-token", "path-of-token value-of-token"),
    ],
)
def test_no_part_of_a_url_that_may_be_secret_is_told(url: str, text: str) -> None:
    told = redact(text, url)
    for part in ("693a91f6", "SECabcdef", "token123", "pass", "of-token", "me@example.org"):
        assert part not in told


@pytest.mark.parametrize(
    ("sent", "answers", "wanted"),
    [
        (True, [], (True, 250, "")),
        (False, [], (False, None, "the service refused")),
        (True, [("h", 204, "", None)], (True, 204, "")),
        (True, [("h", 200, "fine", None), ("h", 200, "", None)], (True, 200, "")),
        (True, [("h", 200, "", None), ("h", 500, "no", None)], (False, 500, "HTTP 500: no")),
        (True, [("h", 301, "", None)], (False, 301, "HTTP 301")),
        (False, [("h", 200, "odd", None)], (False, None, "the service refused")),
        (True, [("qyapi.weixin.qq.com", 200, '{"errcode":0}', None)], (True, 200, "")),
        (True, [("qyapi.weixin.qq.com", 200, '{"errcode":1,"errmsg":"no"}', None)], (False, 200, "code 1: no")),
        (
            True,
            [("oapi.dingtalk.com", 200, '{"errcode":310000,"errmsg":"sign"}', None)],
            (False, 200, "code 310000: sign"),
        ),
        (
            True,
            [("open.feishu.cn", 200, '{"code":19024,"msg":"Key Words"}', None)],
            (False, 200, "code 19024: Key Words"),
        ),
        (True, [("open.feishu.cn", 200, '{"StatusCode":0}', None)], (True, 200, "")),
        (True, [("open.feishu.cn", 200, "[1]", None)], (True, 200, "")),
        (True, [("open.feishu.cn", 200, "not JSON", None)], (True, 200, "")),
        (True, [("elsewhere", 200, '{"errcode":1}', None)], (True, 200, "")),
    ],
)
def test_what_became_of_a_message(sent: bool, answers: Any, wanted: tuple[bool, int | None, str]) -> None:  # noqa: FBT001
    found = judge(sent, Record(answers=answers), "json://h/")
    assert (found["ok"], found["status"], found["reason"]) == wanted


def test_the_courier_imports_nothing_that_the_crawler_needs() -> None:
    code = """
import sys, crawler.alerts.courier
print([name for name in ("aiohttp", "sqlalchemy", "scrapy", "pydantic") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_description_says_what_a_service_takes() -> None:
    pytest.importorskip("apprise", reason="apprise is not installed: the extra notify")
    orders = "".join(json.dumps({"url": url}) + "\n" for url in ("wecombot://abc", "jsons://e.org/x", "nonsense://abc"))
    done = subprocess.run(
        [sys.executable, "-m", "crawler.alerts.courier", "--describe"],
        input=orders,
        capture_output=True,
        text=True,
        check=True,
    )
    robot, free, unknown = (json.loads(line) for line in done.stdout.splitlines())
    assert (robot["schema"], robot["forms"], robot["plain"], robot["title_limit"]) == ("wecombot", ["text"], False, 0)
    assert (free["host"], free["plain"]) == ("e.org", False)
    assert "error" in unknown


def test_a_name_resolves_only_where_it_is_dialled() -> None:
    """Numeric addresses are what connect gets from the standard library; a name reaching it is refused unasked."""
    guard = Guard(allow_private=False, proxy=None)
    with pytest.raises(AddressRefusedError, match="unknown"):
        guard("socket.connect", (socket.AF_INET, ("hooks.example.com", 443)))
