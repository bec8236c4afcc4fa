"""Packs: what was synced is there whatever a kill leaves behind, and nothing of anybody else's is touched."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.exceptions import StorageError
from crawler.store.rawpacks import SPAN, Packs, Place, compress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = "<html><body><p>一个页面的正文。</p></body></html>".encode() * 40


@pytest.fixture
def packs(tmp_path: Path) -> Iterator[Packs]:
    made = Packs(tmp_path / "raw")
    yield made
    made.close()


def files(packs: Packs) -> list[Path]:
    return sorted(packs.folder.glob("*.pack"))


def test_nothing_is_made_before_something_is_written(packs: Packs) -> None:
    packs.sync()
    assert not packs.folder.exists()


def test_what_goes_in_comes_out(packs: Packs) -> None:
    places = [packs.append(b"Server: x", compress(PAGE + bytes([number]))) for number in range(5)]
    packs.sync()
    assert [packs.read(place) for place in places] == [(b"Server: x", PAGE + bytes([number])) for number in range(5)]
    assert len(files(packs)) == 1


@settings(max_examples=60)
@given(body=st.binary(max_size=3000), head=st.binary(max_size=300))
def test_any_bytes_go_in_and_come_out(tmp_path_factory: pytest.TempPathFactory, body: bytes, head: bytes) -> None:
    packs = Packs(tmp_path_factory.getbasetemp() / "any")
    place = packs.append(head, compress(body))
    assert packs.read(place) == (head, body)
    packs.close()


def test_the_digest_is_the_same_for_the_same_bytes_only() -> None:
    assert compress(PAGE).digest == compress(PAGE).digest
    assert compress(PAGE).digest != compress(PAGE + b" ").digest


def test_the_next_process_goes_on_in_the_same_pack(packs: Packs) -> None:
    first = packs.append(b"", compress(PAGE))
    packs.close()
    second = Packs(packs.folder).append(b"", compress(b"more"))
    assert second.pack == first.pack
    assert second.offset > first.offset


def test_two_writers_never_share_a_pack(packs: Packs) -> None:
    other = Packs(packs.folder)
    mine, theirs = packs.append(b"", compress(PAGE)), other.append(b"", compress(PAGE))
    assert mine.pack != theirs.pack
    assert packs.read(theirs) == other.read(mine) == (b"", PAGE)
    other.close()


@pytest.mark.parametrize("kept", [1, 3, 4, 10, 16, 17, 100])
def test_a_torn_tail_is_cut_and_the_rest_stays(packs: Packs, kept: int) -> None:
    first = packs.append(b"head", compress(PAGE))
    second = packs.append(b"head", compress(os.urandom(500)))
    packs.close()
    os.truncate(files(packs)[0], second.offset + kept)
    after = Packs(packs.folder)
    third = after.append(b"", compress(b"next"))
    assert after.cut == 1
    assert third == second, "it stands where the torn one did"
    assert (after.read(first), after.read(third)) == ((b"head", PAGE), (b"", b"next"))
    after.close()


def test_a_pack_that_somebody_appended_to_is_left_alone(packs: Packs) -> None:
    first = packs.append(b"", compress(PAGE))
    packs.close()
    path = files(packs)[0]
    with path.open("ab") as file:
        file.write(b"a line of somebody else's\n")
    before = path.read_bytes()
    after = Packs(packs.folder)
    assert after.append(b"", compress(b"next")).pack != first.pack
    assert path.read_bytes() == before
    assert after.read(first) == (b"", PAGE)
    after.close()


def test_a_pack_whose_last_record_is_damaged_is_not_written_to(packs: Packs) -> None:
    first = packs.append(b"", compress(PAGE))
    packs.close()
    path = files(packs)[0]
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    after = Packs(packs.folder)
    assert after.append(b"", compress(b"next")).pack != first.pack
    with pytest.raises(StorageError, match=r"damaged at byte 0: put the file back"):
        after.read(first)
    after.close()


def test_a_full_pack_is_followed_by_another(tmp_path: Path) -> None:
    packs = Packs(tmp_path, full=1000)
    places = [packs.append(b"", compress(os.urandom(600))) for _ in range(5)]
    assert len({place.pack for place in places}) == 3
    packs.close()
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".lock"] + [".pack"] * 3, "full packs need no lock"


def test_a_missing_pack_says_why(packs: Packs) -> None:
    with pytest.raises(StorageError, match="removed by the retention, or kept in another folder"):
        packs.read(Place(1, 0))


def test_a_full_disk_leaves_the_pack_as_it_was(packs: Packs, monkeypatch: pytest.MonkeyPatch) -> None:
    packs.append(b"", compress(PAGE))
    size = files(packs)[0].stat().st_size
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        real(descriptor, data[:7])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StorageError, match="raw responses cannot be kept: No space left"):
            packs.append(b"", compress(PAGE))
    assert files(packs)[0].stat().st_size == size
    place = packs.append(b"", compress(b"again"))
    assert packs.read(place) == (b"", b"again")


def test_a_retention_removes_old_packs_and_shares_with_the_present_one_only(tmp_path: Path) -> None:
    for_ever = Packs(tmp_path)
    first = for_ever.append(b"", compress(PAGE))
    assert for_ever.may_share(first.pack)
    assert for_ever.expire(now=9e12) == 0
    for_ever.close()
    packs = Packs(tmp_path, retention=86_400.0, full=1)
    assert not packs.may_share(first.pack)
    second = packs.append(b"", compress(PAGE))
    assert packs.may_share(second.pack)
    old = tmp_path / f"{first.pack:015x}.pack"
    age = old.stat().st_mtime
    assert packs.expire(age + 86_000) == 0
    assert packs.expire(age + SPAN) == 1
    assert not old.exists()
    assert packs.read(second) == (b"", PAGE), "the pack that is being written stays"
    os.utime(tmp_path / f"{second.pack:015x}.pack", (0, 0))
    third = packs.append(b"", compress(PAGE))
    assert [path.name for path in files(packs)] == [f"{third.pack:015x}.pack"], "removed when the next one was begun"
    packs.close()


WRITER = """
import sys
from pathlib import Path
from crawler.store.rawpacks import Packs, compress

packs = Packs(Path(sys.argv[1]))
number = 0
while True:
    place = packs.append(b"head", compress(str(number).encode() * 300))
    packs.sync()
    print(number, place.pack, place.offset, flush=True)
    number += 1
"""


def test_kill_9_loses_nothing_that_was_synced(tmp_path: Path) -> None:
    known: list[tuple[int, Place]] = []
    for turn in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "raw")], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            told = [child.stdout.readline() for _ in range(40 + 17 * turn)]
            child.kill()
            told += [line for line in child.stdout if line.endswith("\n")]
        for line in told:
            number, pack, offset = map(int, line.split())
            known.append((number, Place(pack, offset)))
        packs = Packs(tmp_path / "raw")
        packs.append(b"", compress(b"after"))
        assert all(packs.read(place) == (b"head", str(number).encode() * 300) for number, place in known)
        assert len(files(packs)) == 1, "the kernel let go of the lock"
        packs.close()
