import re
from typing import Any

import pytest

from crawler.cli.backfill_progress import brief, say, show_progress


def section(name: str = "a/news", **changes: Any) -> dict[str, Any]:
    given = {"section": name, "portal": name.partition("/")[0], "phase": "fetching", "pages": 0, "pages_expected": None}
    counts = {"listed": 0, "todo": 200, "done": 20, "failed": 0, "note": None, "left": 7_200.0}
    return {**given, **counts, **changes}


@pytest.mark.parametrize(
    ("changes", "says", "beside_a_bar"),
    [
        ({}, "20 of 200 fetched · about 2 h left", "of the articles · about 2 h left"),
        ({"failed": 3, "left": None}, "20 of 200 fetched · 3 failed · time left unknown", "of the articles"),
        (
            {"phase": "listing", "pages": 3, "pages_expected": 50, "listed": 60},
            "list page 3 of 50 · 60 entries · about 2 h left",
            "of the list · about 2 h left",
        ),
        (
            {"phase": "listing", "pages": 3, "listed": 60, "left": None},
            "list page 3 · 60 entries · time left unknown: the list does not say how long it is",
            "of the list",
        ),
        ({"phase": "pausing", "note": "waiting 60 s: http-503"}, "waiting 60 s: http-503", "waiting 60 s: http-503"),
    ],
)
def test_a_section_says_what_it_is_at(changes: dict[str, Any], says: str, beside_a_bar: str) -> None:
    assert say(section(**changes)) == says
    assert brief(section(**changes)) == beside_a_bar


def test_bars_are_drawn_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")  # else rich draws nothing where stderr is no terminal
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setattr("crawler.cli.backfill_progress.is_terminal", lambda: True)
    with show_progress(2, quiet=False) as show:
        show.update([section(), section("b/news", phase="waiting", left=None)])
        show.done({"section": "a/news"})
    said = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err)
    assert "1 of 2 sections done" in said
    assert "waits for another section of its portal" in said


def test_nothing_is_said_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress(1, quiet=True) as show:
        show.update([section()])
        show.done({"section": "a/news"})
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")
