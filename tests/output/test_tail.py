import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.output.files import AppendFile, Mark
from crawler.output.tail import Line, Tail, compare

LINES = st.lists(st.one_of(st.just(b""), st.binary(max_size=40).map(lambda data: data.replace(b"\n", b"") + b"\n")))


def check(before: bytes, after: bytes, upcoming: list[bytes], period: str = "") -> Tail:
    """Compare a file of `before` and `after`, acknowledged up to `before`, with what would come next."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "articles.jsonl"
        path.write_bytes(before + after)
        found = path.stat()
        file = AppendFile.open_known(path, Mark(found.st_dev, found.st_ino, len(before), None))
        assert isinstance(file, AppendFile)
        try:
            return compare(file, len(before), 0, "", [Line(n, data, period) for n, data in enumerate(upcoming, 1)])
        finally:
            file.close()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=50), LINES, st.integers(0, 400))
def test_any_beginning_of_what_comes_next_is_ours(before: bytes, upcoming: list[bytes], length: int) -> None:
    after = b"".join(upcoming)[:length]
    tail = check(before, after, upcoming)
    whole = after.count(b"\n")
    torn = len(after) - (after.rfind(b"\n") + 1)
    assert tail.lines == whole
    assert tail.offset == len(before) + len(after) - torn
    assert tail.end == ("torn" if torn else "whole")
    assert b"".join(upcoming[: tail.seq]) == after[: len(after) - torn]


@settings(max_examples=200, deadline=None)
@given(LINES, st.binary(min_size=1, max_size=20), st.integers(0, 10))
def test_nothing_else_is_ours(upcoming: list[bytes], foreign: bytes, kept: int) -> None:
    ours, rest = b"".join(upcoming[:kept]), b"".join(upcoming[kept:])
    tail = check(b"", ours + foreign, upcoming)
    if rest.startswith(foreign):
        assert tail.end in {"torn", "whole"}
    elif not foreign.startswith(rest):
        assert tail.end == "foreign"
    else:
        assert tail.end == "more"
    assert (ours + foreign)[: tail.offset] == b"".join(upcoming)[: tail.offset]


def test_a_line_of_another_period_does_not_belong_into_the_file() -> None:
    assert check(b"", b"a\n", [b"a\n"]).end == "whole"
    assert check(b"", b"a\n", [b"a\n"], period="2026-11").end == "foreign"
