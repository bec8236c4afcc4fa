from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.alerts.payload import LIMIT, event_body, trial_body, webhook_id
from crawler.items import Attachment
from crawler.reading.record import encode


@pytest.mark.parametrize("kind", ["published", "withdrawn"])
def test_the_data_of_an_event_is_the_record(make: Any, kind: str) -> None:
    event = make.event(kind)
    body = orjson.loads(event_body(event))
    assert list(body) == ["type", "timestamp", "data"]
    assert body["type"] == f"article.{kind}"
    assert body["timestamp"] == "2026-11-22T04:00:00Z"
    assert body["data"] == orjson.loads(encode(event.record))
    assert "第1号通知".encode() in event_body(event)


def test_a_revision_says_what_changed(make: Any) -> None:
    data = orjson.loads(event_body(make.event("revised")))["data"]
    assert data.pop("changes") == ["title", "body"]
    assert data == orjson.loads(encode(make.event("revised").record))


@settings(max_examples=60)
@given(st.integers(0, 400), st.text(alphabet='a"\\\n\t政𠮷é\x01', min_size=1, max_size=30))
def test_a_long_body_is_cut_at_a_character_to_just_fit(make: Any, padding: int, piece: str) -> None:
    body = "x" * padding + piece * (30_000 // len(piece))
    encoded = event_body(make.event(body=body))
    data = orjson.loads(encoded)["data"]
    assert len(encoded) <= LIMIT
    assert data["body_truncated"] is True
    assert body.startswith(data["body"])
    longer = body[: len(data["body"]) + 1]
    assert len(encoded) - len(orjson.dumps(data["body"])) + len(orjson.dumps(longer)) > LIMIT


def test_a_body_that_fits_is_left_whole(make: Any) -> None:
    room = LIMIT - len(event_body(make.event(body="")))
    whole = event_body(make.event(body="字" * (room // 3) + "x" * (room % 3)))
    assert len(whole) == LIMIT
    assert "body_truncated" not in orjson.loads(whole)["data"]
    cut = event_body(make.event(body="字" * (room // 3) + "x" * (room % 3 + 1)))
    assert orjson.loads(cut)["data"]["body_truncated"] is True


@pytest.mark.parametrize("body", [None, "", "正文" * 20_000])
def test_a_flood_of_attachments_is_cut_too(make: Any, body: str | None) -> None:
    files = tuple(Attachment(url=f"https://www.example.cn/{n}.pdf", name="附件" * 10) for n in range(1000))
    encoded = event_body(make.event(body=body, attachments=files))
    data = orjson.loads(encoded)["data"]
    assert len(encoded) <= LIMIT
    assert data["attachments_truncated"] is True
    assert 50 < len(data["attachments"]) < 1000
    assert ("body_truncated" in data) is bool(body)
    assert body is None or body.startswith(data["body"])
    assert body or data["body"] == body


def test_an_id_is_the_same_each_time_and_another_for_each_event_and_channel(make: Any) -> None:
    event = make.event()
    assert webhook_id(event, "desk") == webhook_id(make.event(), "desk")
    others = [
        webhook_id(event, "phone"),
        webhook_id(make.event(seq=2), "desk"),
        webhook_id(make.event("revised"), "desk"),
        webhook_id(make.event(id="b1"), "desk"),
    ]
    assert len({webhook_id(event, "desk"), *others}) == 5
    for name in (webhook_id(event, "desk"), *others):
        assert name.startswith("evt_")
        assert "." not in name


def test_a_test_event_says_so() -> None:
    body = orjson.loads(trial_body("desk", 1_795_320_000.0))
    assert body["type"] == "test"
    assert body["data"]["channel"] == "desk"
