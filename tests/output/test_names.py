from datetime import datetime
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.output.names import Rotation, candidates, period, period_of
from crawler.text.dates import SHANGHAI

BASE = Path("/data/articles.jsonl")
ROTATIONS: tuple[Rotation, ...] = ("none", "day", "month")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("", ["articles.jsonl", "articles-2.jsonl", "articles-3.jsonl"]),
        ("2026-11", ["articles-2026-11.jsonl", "articles-2026-11_2.jsonl", "articles-2026-11_3.jsonl"]),
    ],
)
def test_names_are_tried_in_order(name: str, wanted: list[str]) -> None:
    assert [path.name for path in islice(candidates(BASE, name), 3)] == wanted


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    midnight = datetime(2026, 12, 1, tzinfo=SHANGHAI).timestamp()
    assert period(midnight, "day") == "2026-12-01"
    assert period(midnight - 1, "day") == "2026-11-30"
    assert period(midnight - 1, "month") == "2026-11"
    assert period(midnight, "none") == ""


@given(st.floats(0, 4e9), st.sampled_from(ROTATIONS), st.integers(0, 120))
def test_each_name_tells_its_period_to_its_own_rotation_only(at: float, rotation: Rotation, number: int) -> None:
    name = period(at, rotation)
    path = next(islice(candidates(BASE, name), number, None))
    assert period_of(path, BASE, rotation) == name
    for other in ROTATIONS:
        if other != rotation:
            assert period_of(path, BASE, other) is None


@pytest.mark.parametrize(
    "name", ["other.jsonl", "articles.json", "articles-.jsonl", "articles-x.jsonl", "xarticles.jsonl"]
)
@pytest.mark.parametrize("rotation", ROTATIONS)
def test_other_names_are_not_ours(name: str, rotation: Rotation) -> None:
    assert period_of(BASE.with_name(name), BASE, rotation) is None
