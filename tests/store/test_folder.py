import subprocess
import sys
from pathlib import Path

import pytest

from crawler.exceptions import StorageError
from crawler.store.folder import DataFolder

HOLD = """
import sys, pathlib
from crawler.store.folder import DataFolder
with DataFolder(pathlib.Path(sys.argv[1])).hold("watch") as holder:
    print("held" if holder is None else holder.command, flush=True)
    sys.stdin.read()
"""


def test_one_process_holds_and_the_next_is_told_who(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert folder.held()
        with folder.hold("crawl") as holder:
            assert holder is not None
            assert (holder.pid, holder.command) == (other.pid, "watch")
        other.kill()
    assert not folder.held(), "the lock ends with its process"
    with folder.hold("crawl") as holder:
        assert holder is None
    assert not (tmp_path / "portalwatch.pid").exists()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be made"):
        DataFolder(tmp_path / "file" / "data").create()
