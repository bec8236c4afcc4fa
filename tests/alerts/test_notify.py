"""Messages as the services get them: over TLS, through a proxy on loopback that stands for them, and by SMTP.

PORTALWATCH_WRITE_GOLDEN=1 writes the golden files anew; they are then to be read before they are kept.
"""

import asyncio
import base64
import email
import email.policy
import hashlib
import hmac
import logging
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import orjson
import pytest
import pytest_asyncio

from crawler.alerts import Deliverer, Outcome, list_open, send_test
from crawler.alerts.channels import check_host, open_channels
from crawler.alerts.digest import Composer
from crawler.alerts.message import Style, render
from crawler.alerts.notify import Couriers, apprise_url, describe, style_of
from crawler.alerts.payload import event_body, notice_body, trial_body
from crawler.config import Channel
from crawler.exceptions import ConfigError
from crawler.items import Policy
from crawler.store import Event, Notice, Store
from tests.alerts.wire import MailServer, Seen, Wire, authority, mail_server, tls_proxy

pytest.importorskip("apprise", reason="apprise is not installed: the extra notify")

GOLDEN = Path(__file__).with_name("golden")
SECRET = "SEC0123456789abcdef0123456789abcdef"
BODY = (
    "为进一步规范全省水利工程建设管理，提高投资效益，现将有关事项通知如下。\n"
    "一、各市要在今年年底前完成在建工程的全面检查；检查结果报省水利厅备案。\n"
    "二、对检查中发现的问题，要列出清单，明确责任人和完成时限，逐项整改到位。\n"
    "三、本通知自印发之日起施行，有效期五年。"
)
HOSTILE = (
    '<at user_id="all">所有人</at> @everyone <!channel> [点我](http://evil.example) `x` **b** '
    "</b><script>1</script>\u202e\x00#"
)


def of_channel(url: str, name: str = "desk", **fields: Any) -> Channel:
    return Channel.model_validate({"name": name, "type": "apprise", "url": url, **fields})


def samples(make: Any, style: Style) -> dict[str, bytes]:
    """One body of each kind of event, of our own writing."""
    fields: dict[str, Any] = {
        "title": "关于加强水利工程建设管理的通知",
        "body": BODY,
        "published_at": "2026-11-20T09:30:00+08:00",
        "policy": Policy(doc_number="晋水规〔2026〕12号", issuer="山西省水利厅"),
    }
    fault = {
        "scope": "section", "name": "shanxi/news", "portal": "shanxi", "portal_name": "山西省人民政府",
        "verdict": "blocked", "reason": "HTTP 412 for 3 polls in a row", "since": "2026-11-22T03:00:00Z",
        "sections": ["news"], "next": "portalwatch pause shanxi/news --for 1d",
    }  # fmt: skip
    events: list[Event | Notice] = [
        make.event(seq=number, **{**fields, "title": f"第{number}期：{fields['title']}"}) for number in range(1, 4)
    ]
    digest = Composer({"desk": style})("desk", [*events, Notice(4, "section.fault", make.noon, True, fault)], make.noon)  # noqa: FBT003
    return {
        "published": event_body(make.event(**fields)),
        "revised": event_body(make.event("revised", **fields)),
        "withdrawn": event_body(make.event("withdrawn", **fields)),
        "long": event_body(
            make.event(title="长" * 900, body="没有句号的长文" * 900, url=f"https://www.example.cn/{'a' * 1400}")
        ),
        "bare": event_body(make.event(title=None, body=None, url="https://www.example.cn/a_b(1).pdf")),
        "hostile": event_body(
            make.event(title=HOSTILE, body=HOSTILE + "。", portal_name=HOSTILE, url="https://e.cn/)[x](y)<z>")
        ),
        "fault": notice_body(Notice(1, "section.fault", make.noon, True, fault)),  # noqa: FBT003
        "recovered": notice_body(Notice(1, "section.fault.recovered", make.noon, True, fault)),  # noqa: FBT003
        "digest": digest[0].body,
        "test": trial_body("desk", make.noon),
    }


@pytest_asyncio.fixture
async def wire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    ca, context = authority(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca))
    async with tls_proxy(context) as opened:
        yield opened


@pytest_asyncio.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with mail_server() as listening:
        yield listening


@pytest_asyncio.fixture
async def couriers() -> AsyncIterator[Couriers]:
    made = Couriers()
    yield made
    await made.close()


def http_text(seen: Seen) -> str:
    """A request as text: what changes from run to run left out, the message's lines readable."""
    target = re.sub(r"(timestamp|sign)=[^&]+", r"\1=…", seen.target)
    value = orjson.loads(seen.body)
    return f"POST https://{seen.host}{target}\n{orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()}\n".replace(
        "\\n", "\n    "
    )


def mail_text(data: bytes) -> str:
    message = email.message_from_bytes(data, policy=email.policy.default)
    head = "".join(f"{name}: {message[name]}\n" for name in ("From", "To", "Subject"))
    parts = [part for part in message.walk() if not part.is_multipart()]
    body = "".join(f"--- {part.get_content_type()}\n{part.get_content()}\n" for part in parts)
    return head + body.replace("\r\n", "\n")


def compare(name: str, text: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("PORTALWATCH_WRITE_GOLDEN"):
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


SERVICES = {
    "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4",
    "feishu": "https://open.feishu.cn/open-apis/bot/v2/hook/abcdef-0123",
    "lark": "https://open.larksuite.com/open-apis/bot/v2/hook/abcdef-0123",
    "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef",
    "telegram": "tgram://123456789:abcdefg_hijklmnop/12315544/",
    "json": "jsons://hooks.example.com/path/",
}


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_gets_its_messages(service: str, make: Any, wire: Wire) -> None:
    fields = {"secret": SECRET} if service == "dingtalk" else {}
    target = open_channels([of_channel(SERVICES[service], proxy=wire.url, **fields)])["desk"]
    assert target.style is not None
    wire.answer = b'{"errcode":0,"code":0,"ok":true}'
    couriers = Couriers()
    texts: list[str] = []
    for name, body in samples(make, target.style).items():
        message = render(orjson.loads(body), target.style)
        attempt = await couriers.send(target.url, message, target.style.form, allow_private=False, proxy=wire.url)
        assert (attempt.delivered, attempt.reason) == (True, "")
        assert len(wire.seen) == len(texts) + 1, "one message is one request"
        texts.append(f"===== {name}\n{http_text(wire.seen[-1])}")
        assert len(wire.seen[-1].body) <= 20_000
        shown = wire.seen[-1].body.decode()
        if name == "hostile" and service != "telegram":
            assert not re.search(r"<at|@everyone|<!|\]\(http:|`|\*\*b|<script|\\u202e|\\u0000", shown)
        if service == "wecom":
            assert len(orjson.loads(shown)["text"]["content"].encode()) <= 2048
    await couriers.close()
    compare(service, "\n".join(texts))


async def test_mail_is_html_with_a_text_beside_it(make: Any, mail: MailServer) -> None:
    url = f"mailto://user:pass-w0rd@127.0.0.1:{mail.port}?from=watch@example.org&to=desk@example.org"
    target = open_channels([of_channel(url, allow_private=True, allow_http=True)])["desk"]
    assert target.style is not None
    couriers = Couriers()
    texts: list[str] = []
    for name, body in samples(make, target.style).items():
        message = render(orjson.loads(body), target.style)
        attempt = await couriers.send(target.url, message, target.style.form, allow_private=True)
        assert attempt.delivered
        (sent,) = mail.mails
        mail.mails.clear()
        texts.append(f"===== {name}\n{mail_text(sent.data)}")
        if name == "hostile":
            assert "<script" not in texts[-1].partition("--- text/html")[2]
    await couriers.close()
    assert set(mail.logins) == {"\0user\0pass-w0rd"}
    compare("email", "\n".join(texts))


async def test_a_signature_is_as_dingtalk_computes_it(make: Any, wire: Wire) -> None:
    """HmacSHA256 of "timestamp\\nsecret" keyed with the secret, base64, quoted for the URL: once."""
    couriers = Couriers()
    message = render(orjson.loads(trial_body("desk", make.noon)), Style("markdown", 19_000, "escaped", 120))
    for _ in range(5):
        url = apprise_url(SERVICES["dingtalk"], SECRET)
        assert (await couriers.send(url, message, "markdown", allow_private=False, proxy=wire.url)).delivered
    await couriers.close()
    assert len(wire.seen) == 5
    for seen in wire.seen:
        query = urlsplit(seen.target).query
        timestamp = parse_qs(query)["timestamp"][0]
        digest = hmac.new(SECRET.encode(), f"{timestamp}\n{SECRET}".encode(), hashlib.sha256).digest()
        assert f"sign={quote(base64.b64encode(digest), safe='')}" in query.split("&")
        assert len(timestamp) == 13  # milliseconds


REFUSALS = [
    (b"200 OK", b'{"errcode":93000,"errmsg":"invalid webhook url"}', "code 93000: invalid webhook url"),
    (b"200 OK", b'{"errcode":45009,"errmsg":"api freq out of limit"}', "code 45009: api freq out of limit"),
    (b"429 Slow", b"slow down", "HTTP 429: slow down"),
    (b"500 No", b"\x1b[31m\x00bad 693a91f6-7xxx-4bc4\n" * 2000, "HTTP 500: [31m bad … [31m bad …"),
    (b"302 Found", b"", "HTTP 302"),
]


async def test_what_a_service_did_not_take_is_a_failure_with_its_reason(
    wire: Wire, couriers: Couriers, make: Any
) -> None:
    wire.headers = b"Retry-After: 7\r\nLocation: http://127.0.0.1/\r\n"
    message = render(orjson.loads(trial_body("desk", make.noon)), Style("text", 2048, "bytes"))
    url = apprise_url(SERVICES["wecom"], None)
    for number, (status, answer, wanted) in enumerate(REFUSALS, 1):
        wire.status, wire.answer = status, answer
        attempt = await couriers.send(url, message, "text", allow_private=False, proxy=wire.url)
        assert not attempt.delivered
        assert attempt.reason.startswith(wanted)
        assert len(attempt.reason) <= 2048
        assert attempt.reason.isprintable()
        assert attempt.retry_after == "7"
        assert len(wire.seen) == number, "a redirect is not followed, and nothing is tried again"


async def test_messages_go_by_the_same_table_retries_and_dead_letters(
    store: Store, newsroom: Any, wire: Wire, make: Any, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    config = make.config(of_channel(SERVICES["wecom"], proxy=wire.url))
    await newsroom.publish(1, text=BODY)
    wire.answers = [b'{"errcode":45009,"errmsg":"busy"}']
    async with Deliverer(store, config, clock) as deliverer:
        await deliverer.plan()
        assert await deliverer.deliver_due() == Outcome(failed=1)
        (waiting,) = await list_open(store)
        assert (waiting["reason"], waiting["attempts"]) == ("code 45009: busy", 1)
        clock.now += 6
        assert await deliverer.deliver_due() == Outcome(delivered=1)
        shown = caplog.text + repr(deliverer) + repr(vars(deliverer)) + repr(await store.deliveries.list(None, 10))
    assert len({seen.body for seen in wire.seen}) == 1
    assert len(wire.seen) == 2
    assert "693a91f6" not in shown
    assert "第1号通知" in orjson.loads(wire.seen[0].body)["text"]["content"]


async def test_a_test_message_is_sent_and_reported(wire: Wire, make: Any) -> None:
    config = make.config(of_channel(SERVICES["feishu"], "chat", proxy=wire.url), rules=())
    (tried,) = await send_test(config)
    assert (tried.channel, tried.delivered, tried.status) == ("chat", True, 200)
    assert "portalwatch" in orjson.loads(wire.seen[0].body)["content"]["text"]


FREE = [
    "json://127.0.0.1:{port}/",
    "json://localhost:{port}/",
    "json://2130706433:{port}/",
    "json://0x7f.1:{port}/",
    "xml://127.1:{port}/",
    "form://0.0.0.0:{port}/",
    "gotify://localhost:{port}/token",
    "mailto://u:p@127.0.0.1:{port}?from=a@example.org",
    "rsyslog://127.0.0.1:{port}",
]


async def test_a_free_host_does_not_lead_into_private_networks(couriers: Couriers, make: Any) -> None:
    message = render(orjson.loads(trial_body("desk", make.noon)), Style())
    reached: list[bytes] = []

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append(await reader.read(1))
        writer.close()

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    async with server:
        for url in FREE:
            given = url.format(port=server.sockets[0].getsockname()[1])
            attempt = await couriers.send(given, message, "text", allow_private=False)
            assert not attempt.delivered, url
            unknown = attempt.reason.startswith("Unparseable")  # apprise knows no short forms
            assert unknown or "refused (the channel does not say allow_private = true)" in attempt.reason, url
    assert not reached


async def test_a_service_that_hangs_is_given_up_and_others_go_on(mail: MailServer, make: Any) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    message = render(orjson.loads(trial_body("desk", make.noon)), Style())
    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    couriers = Couriers(timeout=2.0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        hanging = couriers.send(f"json://127.0.0.1:{port}/?rto=60", message, "text", allow_private=True)
        good = f"mailto://u:p@127.0.0.1:{mail.port}?from=a@example.org&to=b@example.org"
        slow, quick = await asyncio.gather(hanging, couriers.send(good, message, "text", allow_private=True))
        assert (slow.delivered, slow.reason) == (False, "no answer within 2 s")
        assert quick.delivered
        assert (await couriers.send(good, message, "text", allow_private=True)).delivered
        await couriers.close()
    assert len(mail.mails) == 2


USELESS = [
    ({"url": "nonsense://t0ken-t0ken"}, "apprise does not know"),
    ({"url": "dingtalk://not!a!token"}, "apprise does not know"),
    ({"url": "json://hooks.example.com/t0ken"}, "in the clear"),
    ({"url": "mailto://u:t0ken@example.org"}, "in the clear"),
    ({"url": "jsons://10.0.0.1/t0ken"}, "private"),
    ({"url": "syslog://"}, "on this machine"),
]


def look_at(channel: Channel, found: dict[str, Any]) -> None:
    style_of(found, allow_http=False)
    check_host(channel, found["host"])


def test_a_service_that_cannot_work_is_refused_at_once() -> None:
    found = describe([fields["url"] for fields, _ in USELESS])
    for (fields, wanted), one in zip(USELESS, found, strict=True):
        channel = of_channel(**fields)
        with pytest.raises(ConfigError, match=wanted) as caught:
            look_at(channel, one)
        assert "t0ken" not in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"url": "nonsense://t0ken-t0ken"}, "apprise does not know"),
        ({"url": "env:PORTALWATCH_TEST_UNSET"}, "PORTALWATCH_TEST_UNSET"),
        ({"url": "tgram://123456789:t0kenxx/1/", "secret": "s"}, "DingTalk"),
        ({"url": SERVICES["wecom"], "secret": ["a", "b"]}, "one"),
    ],
)
async def test_a_channel_that_cannot_work_is_named(
    store: Store, make: Any, fields: dict[str, Any], wanted: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        Deliverer(store, make.config(of_channel(**fields)))
    assert "'desk'" in str(caught.value)
    assert wanted in str(caught.value)
    assert "t0ken" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_without_apprise_a_channel_is_a_line_with_its_command(
    store: Store, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError, match=r"^channel 'desk' needs an extra: pip install 'portalwatch\[notify\]'$"):
        Deliverer(store, make.config(of_channel(SERVICES["wecom"])))


async def test_proxies_of_the_environment_are_ignored_here_too(
    couriers: Couriers, raw_server: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    message = render(orjson.loads(trial_body("desk", make.noon)), Style())
    async with raw_server(b"HTTP/1.1 200 Fine\r\nContent-Length: 0\r\n\r\n") as url:
        attempt = await couriers.send(url.replace("http://", "json://"), message, "text", allow_private=True)
    assert (attempt.delivered, attempt.reason) == (True, "")
