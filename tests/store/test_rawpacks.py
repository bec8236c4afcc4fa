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
from crawler.store.rawframes import digest
from crawler.store.rawpacks import SPAN, Packs, Place

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
    places = [packs.append(b"Server: x", PAGE + bytes([number])) for number in range(5)]
    packs.sync()
    assert [packs.read(place) for place in places] == [(b"Server: x", PAGE + bytes([number])) for number in range(5)]
    assert len(files(packs)) == 1


@settings(max_examples=60)
@given(body=st.binary(max_size=3000), head=st.binary(max_size=300))
def test_any_bytes_go_in_and_come_out(tmp_path_factory: pytest.TempPathFactory, body: bytes, head: bytes) -> None:
    packs = Packs(tmp_path_factory.getbasetemp() / "any")
    place = packs.append(head, body)
    assert packs.read(place) == (head, body)
    packs.close()


def site(number: int) -> bytes:
    """A page of a site: a template of 20 kB that is the same, and a text of its own."""
    rule = b".panel-%d{width:%dpx;margin:0 auto;background:#%06x}\n"
    styles = b"".join(rule % (i, i * 37 % 1200, i * 7919 % 0xFFFFFF) for i in range(400))
    return b"<style>" + styles + b"</style>" + f"第{number}篇的正文。".encode() * 20 + os.urandom(50).hex().encode()


def test_pages_of_a_site_share_their_template(packs: Packs) -> None:
    pages = [site(number) for number in range(30)]
    places = [packs.append(b"", page, "a.example") for page in pages]
    alone, shared = places[1].offset - places[0].offset, places[20].offset - places[19].offset
    assert shared < alone / 4
    packs.close()
    later = Packs(packs.folder)
    assert [later.read(place)[1] for place in places] == pages
    again = later.append(b"", pages[3], "a.example")
    assert again.pack == places[0].pack
    assert later.read(again)[1] == pages[3], "another process has no base at first"
    later.close()


def test_sites_by_the_hundred_keep_few_tables(packs: Packs) -> None:
    pages = [site(number) for number in range(4)]
    places = [(page, packs.append(b"", page, f"{host}.example")) for page in pages for host in range(60)]
    assert all(packs.read(place)[1] == page for page, place in places)


def test_a_page_whose_base_is_damaged_is_not_read_wrong(packs: Packs) -> None:
    places = [packs.append(b"", site(number), "a.example") for number in range(4)]
    packs.close()
    path = files(packs)[0]
    data = bytearray(path.read_bytes())
    data[places[1].offset + 100] ^= 1
    path.write_bytes(data)
    later = Packs(packs.folder)
    assert later.read(places[0])[1] != b""
    for place in places[1:]:
        with pytest.raises(StorageError, match="damaged"):
            later.read(place)


def test_only_the_same_body_is_held(packs: Packs) -> None:
    place = packs.append(b"", PAGE)
    assert packs.holds(place, PAGE)
    assert not packs.holds(place, PAGE[:-1] + b"!")
    assert not packs.holds(Place(place.pack + 1, 0), PAGE)


def test_the_digest_is_the_same_for_the_same_bytes_only() -> None:
    assert digest(PAGE) == digest(PAGE)
    assert digest(PAGE) != digest(PAGE + b" ")


def test_the_next_process_goes_on_in_the_same_pack(packs: Packs) -> None:
    first = packs.append(b"", PAGE)
    packs.close()
    second = Packs(packs.folder).append(b"", b"more")
    assert second.pack == first.pack
    assert second.offset > first.offset


def test_two_writers_never_share_a_pack(packs: Packs) -> None:
    other = Packs(packs.folder)
    mine, theirs = packs.append(b"", PAGE), other.append(b"", PAGE)
    assert mine.pack != theirs.pack
    assert packs.read(theirs) == other.read(mine) == (b"", PAGE)
    other.close()


@pytest.mark.parametrize("kept", [1, 3, 4, 10, 16, 17, 100])
def test_a_torn_tail_is_cut_and_the_rest_stays(packs: Packs, kept: int) -> None:
    first = packs.append(b"head", PAGE)
    second = packs.append(b"head", os.urandom(500))
    packs.close()
    os.truncate(files(packs)[0], second.offset + kept)
    after = Packs(packs.folder)
    third = after.append(b"", b"next")
    assert after.cut == 1
    assert third == second, "it stands where the torn one did"
    assert (after.read(first), after.read(third)) == ((b"head", PAGE), (b"", b"next"))
    after.close()


def test_a_pack_that_somebody_appended_to_is_left_alone(packs: Packs) -> None:
    first = packs.append(b"", PAGE)
    packs.close()
    path = files(packs)[0]
    with path.open("ab") as file:
        file.write(b"a line of somebody else's\n")
    before = path.read_bytes()
    after = Packs(packs.folder)
    assert after.append(b"", b"next").pack != first.pack
    assert path.read_bytes() == before
    assert after.read(first) == (b"", PAGE)
    after.close()


def test_a_pack_whose_last_record_is_damaged_is_not_written_to(packs: Packs) -> None:
    first = packs.append(b"", PAGE)
    packs.close()
    path = files(packs)[0]
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    after = Packs(packs.folder)
    assert after.append(b"", b"next").pack != first.pack
    with pytest.raises(StorageError, match=r"damaged at byte 0: put the file back"):
        after.read(first)
    after.close()


def test_a_full_pack_is_followed_by_another(tmp_path: Path) -> None:
    packs = Packs(tmp_path, full=1000)
    places = [packs.append(b"", os.urandom(600)) for _ in range(5)]
    assert len({place.pack for place in places}) == 3
    packs.close()
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".lock"] + [".pack"] * 3, "full packs need no lock"


def test_a_missing_pack_says_why(packs: Packs) -> None:
    with pytest.raises(StorageError, match="removed by the retention, or kept in another folder"):
        packs.read(Place(1, 0))


def test_a_full_disk_leaves_the_pack_as_it_was(packs: Packs, monkeypatch: pytest.MonkeyPatch) -> None:
    packs.append(b"", PAGE)
    size = files(packs)[0].stat().st_size
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        real(descriptor, data[:7])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StorageError, match="raw responses cannot be kept: No space left"):
            packs.append(b"", PAGE)
    assert files(packs)[0].stat().st_size == size
    place = packs.append(b"", b"again")
    assert packs.read(place) == (b"", b"again")


def test_a_retention_removes_old_packs_and_shares_with_the_present_one_only(tmp_path: Path) -> None:
    for_ever = Packs(tmp_path)
    first = for_ever.append(b"", PAGE)
    assert for_ever.holds(first, PAGE)
    assert for_ever.expire(now=9e12) == 0
    for_ever.close()
    packs = Packs(tmp_path, retention=86_400.0, full=1)
    assert not packs.holds(first, PAGE)
    second = packs.append(b"", PAGE)
    assert packs.holds(second, PAGE)
    old = tmp_path / f"{first.pack:015x}.pack"
    age = old.stat().st_mtime
    assert packs.expire(age + 86_000) == 0
    assert packs.expire(age + SPAN) == 1
    assert not old.exists()
    assert packs.read(second) == (b"", PAGE), "the pack that is being written stays"
    os.utime(tmp_path / f"{second.pack:015x}.pack", (0, 0))
    third = packs.append(b"", PAGE)
    assert [path.name for path in files(packs)] == [f"{third.pack:015x}.pack"], "removed when the next one was begun"
    packs.close()


WRITER = """
import sys
from pathlib import Path
from crawler.store.rawpacks import Packs

packs = Packs(Path(sys.argv[1]))
number = 0
while True:
    place = packs.append(b"head", str(number).encode() * 300)
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
        packs.append(b"", b"after")
        assert all(packs.read(place) == (b"head", str(number).encode() * 300) for number, place in known)
        assert len(files(packs)) == 1, "the kernel let go of the lock"
        packs.close()
