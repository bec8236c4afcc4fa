# ruff: noqa: ASYNC240 - a test may look at a small file between two awaits
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from crawler.exceptions import StorageError, UsageError
from crawler.output import JsonlSink
from crawler.store import Store

Clock = Callable[[], float]


def read(path: Path) -> list[dict[str, Any]]:
    data = path.read_bytes()
    assert data == b"" or data.endswith(b"\n")
    return [orjson.loads(line) for line in data.splitlines()]


def seqs(path: Path) -> list[int]:
    return [record["seq"] for record in read(path)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "articles.jsonl"


async def fill(store: Store, newsroom: Any, path: Path, clock: Clock, count: int = 3) -> None:
    """Write `count` articles and leave, as a process that ended well."""
    for number in range(count):
        await newsroom.publish(number)
    sink = JsonlSink(store, path, clock=clock)
    assert await sink.drain() == count
    await sink.close()


async def test_every_event_is_one_line_in_the_order_of_seq(
    store: Store, newsroom: Any, path: Path, clock: Clock
) -> None:
    for number in range(450):  # more than two batches
        await newsroom.publish(number, text="短")
    await newsroom.publish(3, text="短", revised="改")
    sink = JsonlSink(store, path, clock=clock)
    assert await sink.drain() == 451
    assert await sink.drain() == 0
    await newsroom.publish(1000)
    assert await sink.drain() == 1
    await sink.close()
    lines = read(path)
    assert [line["seq"] for line in lines] == list(range(1, 453))
    assert lines[450]["event"] == "revised"
    assert lines[450]["revision"] == 2
    assert "第3号通知".encode() in path.read_bytes()


async def test_a_sink_opened_again_goes_on_behind_what_it_wrote(
    store: Store, newsroom: Any, path: Path, clock: Clock
) -> None:
    await fill(store, newsroom, path, clock)
    await newsroom.publish(9)
    sink = JsonlSink(store, path, clock=clock)
    assert await sink.drain() == 1
    await sink.close()
    assert seqs(path) == [1, 2, 3, 4]
    assert sink.notices == []


async def test_reprints_are_left_out_unless_wanted_and_the_cursor_moves_all_the_same(
    store: Store, newsroom: Any, path: Path, clock: Clock
) -> None:
    await newsroom.publish(1, text="同一条消息" * 30)
    await newsroom.publish(1, portal="anhui", text="同一条消息" * 30)
    sink = JsonlSink(store, path, clock=clock)
    assert await sink.drain() == 1
    await sink.close()
    assert [(line["portal"], line["duplicate_of"]) for line in read(path)] == [("shanxi", None)]
    assert await store.sinks.latest_seq("articles") == 2
    everything = JsonlSink(store, path.with_name("all.jsonl"), name="all", reprints=True, clock=clock)
    assert await everything.drain() == 2
    await everything.close()
    assert [line["duplicate_of"] for line in read(path.with_name("all.jsonl"))] == [None, "shanxi1"]


async def test_an_original_that_turns_out_to_be_a_reprint_is_told_to_those_who_read_it(
    store: Store, newsroom: Any, path: Path, clock: Clock
) -> None:
    await newsroom.publish(1, text="同一条消息" * 30, day="2026-11-20")
    await newsroom.publish(1, portal="govcn", text="同一条消息" * 30, day="2026-11-19")
    sink = JsonlSink(store, path, clock=clock)
    await sink.drain()
    await sink.close()
    assert [(line["event"], line["id"], line["duplicate_of"]) for line in read(path)] == [
        ("published", "shanxi1", None),
        ("relinked", "shanxi1", "govcn1"),
        ("published", "govcn1", None),
    ]


async def test_the_file_is_made_even_when_there_is_nothing_to_write(store: Store, path: Path, clock: Clock) -> None:
    sink = JsonlSink(store, path, clock=clock)
    assert await sink.drain() == 0
    await sink.close()
    assert path.read_bytes() == b""


@pytest.mark.parametrize("kept", [0, 1, 700, 2, -1])
async def test_what_a_kill_left_is_taken_in_and_a_torn_line_is_cut(
    store: Store, newsroom: Any, path: Path, clock: Clock, kept: int
) -> None:
    """The bytes that come next, up to any point, stand in the file but the cursor does not know."""
    await fill(store, newsroom, path, clock)
    before = path.read_bytes()
    for number in range(10, 14):
        await newsroom.publish(number)
    other = JsonlSink(store, path.with_name("other.jsonl"), name="other", clock=clock)
    await other.drain()
    await other.close()
    upcoming = path.with_name("other.jsonl").read_bytes()[len(before) :]
    lines = upcoming.splitlines(keepends=True)
    length = {0: 0, 1: len(lines[0]), 2: len(lines[0]) + len(lines[1]) // 2, -1: len(upcoming)}.get(kept, kept)
    with path.open("ab") as file:
        file.write(upcoming[:length])
    whole = upcoming[:length].count(b"\n")
    torn = not upcoming[:length].endswith(b"\n") and length > 0
    sink = JsonlSink(store, path, clock=clock)
    assert await sink.drain() == 4
    await sink.close()
    assert path.read_bytes() == before + upcoming
    assert sink.unacknowledged == whole
    assert sink.torn_tails == int(torn)
    assert sink.notices == []


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b'{"mine": true}\n')


def append_half_of_ours(path: Path) -> None:
    """The beginning of what comes next, and then something else."""
    with path.open("ab") as file:
        file.write(b'{"schema":"portalwatch.article/1" something else')


def shorten(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 10)


def edit_in_place(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-30, os.SEEK_END)
        file.write(b"EDITED")


def replace(path: Path) -> None:
    data = path.read_bytes()
    new = path.with_name("new")
    new.write_bytes(data)
    new.replace(path)


def turn_into_a_link(path: Path) -> None:
    path.rename(path.with_name("real.jsonl"))
    path.symlink_to("real.jsonl")


@pytest.mark.parametrize("touch", [append, append_half_of_ours, shorten, edit_in_place, replace])
@pytest.mark.parametrize("while_open", [False, True])
async def test_a_file_that_somebody_touched_is_left_alone_and_output_goes_on_beside_it(
    store: Store, newsroom: Any, path: Path, clock: Clock, touch: Callable[[Path], None], *, while_open: bool
) -> None:
    await fill(store, newsroom, path, clock)
    sink = JsonlSink(store, path, clock=clock)
    if while_open:
        await sink.drain()
    touch(path)
    touched = path.read_bytes()
    await newsroom.publish(7)
    assert await sink.drain() == 1
    await newsroom.publish(8)
    assert await sink.drain() == 1
    await sink.close()
    assert path.read_bytes() == touched
    assert seqs(path.with_name("articles-2.jsonl")) == [4, 5]
    assert len(sink.notices) == 1
    assert "left alone" in sink.notices[0]
    assert "\n" not in sink.notices[0]
    again = JsonlSink(store, path, clock=clock)
    await newsroom.publish(9)
    assert await again.drain() == 1
    await again.close()
    assert seqs(path.with_name("articles-2.jsonl")) == [4, 5, 6]
    assert path.read_bytes() == touched


@pytest.mark.parametrize("while_open", [False, True])
async def test_a_file_that_was_moved_away_keeps_its_lines_and_a_new_one_begins(
    store: Store, newsroom: Any, path: Path, clock: Clock, *, while_open: bool
) -> None:
    await fill(store, newsroom, path, clock)
    sink = JsonlSink(store, path, clock=clock)
    if while_open:
        await sink.drain()
    path.rename(path.with_name("kept.jsonl"))
    await newsroom.publish(7)
    assert await sink.drain() == 1
    await sink.close()
    assert seqs(path.with_name("kept.jsonl")) == [1, 2, 3]
    assert seqs(path) == [4]
    assert len(sink.notices) == 1


async def test_a_folder_that_was_moved_with_its_file_is_gone_on_with(
    tmp_path: Path, newsroom: Any, clock: Clock
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    store = newsroom.store
    await fill(store, newsroom, old / "articles.jsonl", clock)
    old.rename(new)
    await newsroom.publish(7)
    sink = JsonlSink(store, new / "articles.jsonl", clock=clock)
    assert await sink.drain() == 1
    await sink.close()
    assert seqs(new / "articles.jsonl") == [1, 2, 3, 4]
    assert sink.notices == []


async def test_a_file_that_is_not_ours_is_never_written_to(
    store: Store, newsroom: Any, path: Path, clock: Clock
) -> None:
    path.write_bytes(b"somebody's notes\n")
    path.with_name("articles-2.jsonl").mkdir()
    await newsroom.publish(1)
    sink = JsonlSink(store, path, clock=clock)
    assert await sink.drain() == 1
    await sink.close()
    assert path.read_bytes() == b"somebody's notes\n"
    assert seqs(path.with_name("articles-3.jsonl")) == [1]


@pytest.mark.parametrize("kind", ["folder", "link", "dangling", "device", "pipe", "nowhere"])
async def test_a_path_that_is_no_plain_file_is_refused_in_one_line(store: Store, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "out.jsonl"
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        (tmp_path / "real").write_bytes(b"")
        path.symlink_to(tmp_path / "real")
    elif kind == "dangling":
        path.symlink_to(tmp_path / "nowhere")
    elif kind == "device":
        path = Path("/dev/null")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path = tmp_path / "no" / "such" / "out.jsonl"
    with pytest.raises(UsageError) as caught:
        await JsonlSink.for_file(store, path).open()
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


async def test_a_link_put_in_the_place_of_the_file_is_not_followed(
    store: Store, newsroom: Any, path: Path, clock: Clock
) -> None:
    await fill(store, newsroom, path, clock)
    sink = JsonlSink(store, path, clock=clock)
    await sink.open()
    turn_into_a_link(path)
    real = path.with_name("real.jsonl").read_bytes()
    await newsroom.publish(7)
    assert await sink.drain() == 1
    await sink.close()
    assert path.with_name("real.jsonl").read_bytes() == real
    assert seqs(path.with_name("articles-2.jsonl")) == [4]


async def test_a_file_of_a_command_starts_now_and_is_known_the_next_time(
    store: Store, newsroom: Any, tmp_path: Path, clock: Clock
) -> None:
    for number in range(3):
        await newsroom.publish(number)
    sink = JsonlSink.for_file(store, tmp_path / "out.jsonl", clock=clock)
    await sink.open()
    await newsroom.publish(3)
    assert await sink.drain() == 1
    await sink.close()
    await newsroom.publish(4)  # by a run without -o
    sink = JsonlSink.for_file(store, tmp_path / "out.jsonl", clock=clock)
    await sink.open()
    assert await sink.drain() == 1
    await sink.close()
    assert seqs(tmp_path / "out.jsonl") == [4, 5]
    assert await store.sinks.latest_seq("articles") == 0


async def test_two_sinks_never_share_a_file(store: Store, newsroom: Any, path: Path, clock: Clock) -> None:
    main = JsonlSink(store, path, clock=clock)
    await main.open()
    other = JsonlSink.for_file(store, path, clock=clock)
    await other.open()
    await newsroom.publish(1)
    assert await main.drain() == 1
    assert await other.drain() == 1
    assert main.path == path
    assert other.path == path.with_name("articles-2.jsonl")
    await main.close()
    await other.close()


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """The kernel refuses to let any file of this process grow beyond: what a full disk does, without filling one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_is_one_line_acknowledges_nothing_and_can_be_repeated(
    store: Store, newsroom: Any, path: Path, clock: Clock
) -> None:
    await fill(store, newsroom, path, clock)
    before = path.read_bytes()
    for number in range(10, 20):
        await newsroom.publish(number)
    sink = JsonlSink(store, path, clock=clock)
    await sink.open()
    for _ in range(2):
        with files_no_larger_than(len(before) + 5000), pytest.raises(StorageError) as caught:
            await sink.drain()
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)
        assert path.read_bytes() == before
        assert await store.sinks.latest_seq("articles") == 3
    assert await sink.drain() == 10
    await sink.close()
    assert seqs(path) == list(range(1, 14))
    assert sink.notices == []


@pytest.mark.parametrize(
    ("rotate", "names"),
    [
        ("day", ["articles-2026-11-22.jsonl", "articles-2026-11-23.jsonl", "articles-2026-12-01.jsonl"]),
        ("month", ["articles-2026-11.jsonl", "articles-2026-12.jsonl"]),
    ],
)
async def test_rotation_puts_events_into_the_file_of_their_day_in_shanghai(
    store: Store, newsroom: Any, path: Path, clock: Clock, rotate: Any, names: list[str]
) -> None:
    for day, count in ((0, 2), (0.75, 2), (8.75, 1)):  # noon, then 06:00 of the next day, then 1 December
        newsroom.now = 1_795_320_000.0 + day * 86_400
        for number in range(count):
            await newsroom.publish(int(day * 100) + number)
    sink = JsonlSink(store, path, rotate=rotate, clock=clock)
    assert await sink.drain() == 5
    assert not path.exists()
    assert sorted(found.name for found in path.parent.glob("*.jsonl")) == names
    assert [seq for name in names for seq in seqs(path.with_name(name))] == [1, 2, 3, 4, 5]
    newsroom.now = 1_795_320_000.0  # the clock was set back
    await newsroom.publish(5000)
    assert await sink.drain() == 1
    await sink.close()
    again = JsonlSink(store, path, rotate=rotate, clock=clock)
    await newsroom.publish(5001)
    append(path.with_name(names[-1]))
    assert await again.drain() == 1
    await again.close()
    assert seqs(path.with_name(names[-1].replace(".jsonl", "_2.jsonl"))) == [7]
    assert again.notices
