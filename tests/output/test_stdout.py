# ruff: noqa: ASYNC230 - the device that is always full is opened as any file
import io
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import orjson
import pytest

from crawler.config import Config
from crawler.exceptions import StorageError, UsageError
from crawler.output import JsonlSink, StdoutSink, open_output
from crawler.store import Store


async def test_standard_output_gets_what_comes_after_it_was_opened(store: Store, newsroom: Any) -> None:
    await newsroom.publish(1)
    stream = io.BytesIO()
    sink = StdoutSink(store, stream)
    await sink.open()
    await newsroom.publish(2, text="同一条消息" * 30)
    await newsroom.publish(2, portal="anhui", text="同一条消息" * 30)
    assert await sink.drain() == 1
    assert await sink.drain() == 0
    await newsroom.publish(3)
    assert await sink.drain() == 1
    await sink.close()
    assert [orjson.loads(line)["seq"] for line in stream.getvalue().splitlines()] == [2, 4]


async def test_a_reader_that_goes_away_is_no_error(store: Store, newsroom: Any) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb", buffering=0) as stream:
        sink = StdoutSink(store, stream)
        await sink.open()
        os.close(reading)
        await newsroom.publish(1)
        await sink.drain()
        assert sink.broken
        await newsroom.publish(2)
        assert await sink.drain() == 0


async def test_a_full_device_is_one_line(store: Store, newsroom: Any) -> None:
    with Path("/dev/full").open("wb", buffering=0) as stream:
        sink = StdoutSink(store, stream)
        await sink.open()
        await newsroom.publish(1)
        with pytest.raises(StorageError, match="standard output"):
            await sink.drain()


def test_a_process_whose_reader_left_ends_without_complaint(tmp_path: Path) -> None:
    script = tmp_path / "pipe.py"
    script.write_text(
        textwrap.dedent("""
            import asyncio, sys
            from crawler.config import Config
            from crawler.output import open_output
            from crawler.store import Store
            sys.path.insert(0, sys.argv[2])
            from crawling import write

            async def main():
                store = await Store.open(f"sqlite:///{sys.argv[1]}")
                section = await store.sections.open("shanxi", "news")
                sink = await open_output(store, "-", Config())
                for number in range(50):
                    await store.articles.store(write(section.id, number, "正文" * 1000, 1.8e9))
                    await sink.drain()
                await store.close()
                assert sink.broken

            asyncio.run(main())
        """)
    )
    command = [sys.executable, str(script), str(tmp_path / "portalwatch.db"), str(Path(__file__).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert orjson.loads(process.stdout.readline())["seq"] == 1
        process.stdout.close()
        errors = process.stderr.read().decode()
    assert (process.returncode, errors) == (0, "")


async def test_an_output_is_named_as_a_user_types_it(store: Store, newsroom: Any, tmp_path: Path) -> None:
    assert isinstance(await open_output(store, "-", Config()), StdoutSink)
    sink = await open_output(store, str(tmp_path / "out.jsonl"), Config())
    assert isinstance(sink, JsonlSink)
    await newsroom.publish(1)
    assert await sink.drain() == 1
    await sink.close()
    assert orjson.loads((tmp_path / "out.jsonl").read_bytes())["seq"] == 1
    with pytest.raises(UsageError):
        await open_output(store, str(tmp_path), Config())
