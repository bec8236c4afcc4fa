import asyncio
import base64
import json
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from crawler.replica.receiver import Receiver


async def post(client: aiohttp.ClientSession, url: str, body: bytes = b"{}") -> int:
    async with client.post(url, data=body, headers={"webhook-id": "msg_1"}, allow_redirects=False) as answer:
        await answer.read()
        return answer.status


async def test_deliveries_are_kept_and_on_disk_before_the_answer(client: aiohttp.ClientSession, tmp_path: Path) -> None:
    file = tmp_path / "made" / "deliveries.jsonl"
    async with Receiver(jsonl=file) as receiver:
        for number in range(3):
            assert await post(client, receiver.url, f'{{"n": "{number}岚"}}'.encode()) == 204
            assert len(file.read_bytes().splitlines()) == number + 1
        await asyncio.gather(*(post(client, receiver.url) for _ in range(40)))
        assert await post(client, receiver.url, b"\xff\x00") == 204
        made = await receiver.wait_for(44)
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    assert [line["n"] for line in lines] == list(range(1, 45))
    assert [one.raw for one in made[:2]] == ['{"n": "0岚"}'.encode(), '{"n": "1岚"}'.encode()]
    assert base64.b64decode(lines[-1]["body_base64"]) == made[-1].raw == b"\xff\x00"
    assert {line["headers"]["webhook-id"] for line in lines} == {"msg_1"}


async def test_answers_in_a_given_order(client: aiohttp.ClientSession) -> None:
    async with Receiver(retry_after=7, location="http://127.0.0.9/x") as receiver:
        receiver.answer_next(503, 429, 301, 410)
        assert [await post(client, receiver.url) for _ in range(5)] == [503, 429, 301, 410, 204]
        receiver.answer_next(429, 301)
        async with client.post(receiver.url) as answer:
            assert answer.headers["Retry-After"] == "7"
        async with client.post(receiver.url, allow_redirects=False) as answer:
            assert answer.headers["Location"] == "http://127.0.0.9/x"


@pytest.mark.parametrize("answer", ["reset", "half-close"])
async def test_broken_answers_are_recorded_all_the_same(client: aiohttp.ClientSession, answer: str) -> None:
    async with Receiver() as receiver:
        receiver.answer_next(answer)
        with pytest.raises(aiohttp.ClientError):
            await post(client, receiver.url)
        assert [one.answered for one in receiver.deliveries] == [answer]


async def test_a_hanging_answer_is_let_go_at_the_end(client: aiohttp.ClientSession) -> None:
    receiver = Receiver()
    await receiver.start()
    receiver.answer_next("hang")
    hanging = asyncio.create_task(post(client, receiver.url))
    await receiver.wait_for(1)
    assert await post(client, receiver.url) == 204
    assert not hanging.done()
    await receiver.stop()
    with pytest.raises(aiohttp.ClientError):
        await hanging


async def test_a_mix_is_drawn_the_same_way_for_a_seed(client: aiohttp.ClientSession) -> None:
    drawn = []
    for _ in range(2):
        async with Receiver(mix={"ok": 7, "503": 2, "410": 1}, seed=4) as receiver:
            drawn.append([await post(client, receiver.url) for _ in range(50)])
    assert drawn[0] == drawn[1]
    assert Counter(drawn[0]).keys() == {204, 503, 410}


async def test_the_control_interface(client: aiohttp.ClientSession) -> None:
    async with Receiver(control_port=0) as receiver:
        wanted = {"mix": {"410": 1}, "next": [503], "retry_after": 3}
        async with client.post(f"{receiver.control_url}/behave", json=wanted) as answer:
            assert answer.status == 200
        assert [await post(client, receiver.url) for _ in range(2)] == [503, 410]
        async with client.get(f"{receiver.control_url}/deliveries") as answer:
            assert [one["answered"] for one in await answer.json()] == ["503", "410"]
        async with client.post(f"{receiver.control_url}/behave", json={"mix": {"maybe": 1}}) as answer:
            assert answer.status == 400
            assert "maybe" in (await answer.json())["error"]


def test_an_unknown_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="no answer 'often'"):
        Receiver(mix={"often": 1})
