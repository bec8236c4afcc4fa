import os
from pathlib import Path

import pytest

from crawler.exceptions import StorageError
from crawler.output.files import AppendFile, Mark, refusals


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "articles.jsonl"


def created(path: Path) -> AppendFile:
    file = AppendFile.create(path)
    assert file is not None
    return file


def test_a_file_is_made_once_and_never_taken_from_somebody(path: Path) -> None:
    file = created(path)
    created(path).close()  # still empty
    assert file.append(b"one\n", 0)
    file.close()
    assert AppendFile.create(path) is None
    path.with_name("folder").mkdir()
    assert AppendFile.create(path.with_name("folder")) is None
    path.with_name("link").symlink_to(path.with_name("nowhere"))
    assert AppendFile.create(path.with_name("link")) is None
    assert path.read_bytes() == b"one\n"


def test_an_append_that_somebody_was_quicker_than_says_so_and_keeps_both(path: Path) -> None:
    file = created(path)
    path.write_bytes(b"theirs\n")
    assert file.append(b"ours\n", 0) is None
    file.close()
    assert path.read_bytes() == b"theirs\nours\n"


def test_a_mark_finds_its_file_again(path: Path) -> None:
    file = created(path)
    assert file.append(b"x" * 100_000, 0)
    mark = file.mark(100_000)
    assert file.difference(mark) is None
    file.close()
    again = AppendFile.open_known(path, mark)
    assert isinstance(again, AppendFile)
    assert again.size() == 100_000
    again.close()
    elsewhere = Mark(mark.device + 1, mark.inode, mark.offset, mark.tail_sha256)  # the disk got another number
    found = AppendFile.open_known(path, elsewhere)
    assert isinstance(found, AppendFile)
    found.close()


def test_what_is_not_the_marked_file_is_told_in_words(path: Path) -> None:
    file = created(path)
    assert file.append(b"line\n" * 10, 0)
    mark = file.mark(50)
    file.close()
    assert "not there" in str(AppendFile.open_known(path.with_name("nowhere"), mark))
    path.with_name("folder").mkdir()
    assert "cannot be appended" in str(AppendFile.open_known(path.with_name("folder"), mark))
    os.mkfifo(path.with_name("pipe"))
    assert "another file" in str(AppendFile.open_known(path.with_name("pipe"), mark))
    path.with_name("copy").write_bytes(path.read_bytes())
    assert "another file" in str(AppendFile.open_known(path.with_name("copy"), mark))
    path.write_bytes(b"LINE\n" * 10)
    assert "edited" in str(AppendFile.open_known(path, mark))
    path.write_bytes(b"")
    assert "shorter" in str(AppendFile.open_known(path, mark))


def test_what_the_disk_refuses_is_one_line(path: Path) -> None:
    with pytest.raises(StorageError, match="No such file") as caught, refusals(path):
        path.read_bytes()
    assert "\n" not in str(caught.value)
    assert caught.value.exit_status == 3
