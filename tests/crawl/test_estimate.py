from typing import Any

import pytest

from crawler.crawl.cursor import Cursor
from crawler.crawl.estimate import SAMPLES, Pace, spoken, total_left
from crawler.items import ListEntry, ListPage


def test_the_pace_is_that_of_the_last_two_minutes() -> None:
    pace = Pace()
    assert pace.seconds_each(0.0, 0) is None
    for second in range(1000):
        pace.note(float(second), second if second < 500 else 500 + (second - 500) // 4)
    assert pace.seconds_each(999.0, 624) == pytest.approx(4.0, rel=0.05)
    assert len(pace._points) <= SAMPLES


def test_nothing_is_said_before_there_is_enough_to_tell() -> None:
    pace = Pace()
    pace.note(0.0, 0)
    assert pace.seconds_each(5.0, 3) is None
    assert pace.seconds_each(60.0, 0) is None, "a host that does not answer has no pace"


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (None, "unknown"),
        (3, "under a minute"),
        (600, "about 10 min"),
        (36_000, "about 10 h"),
        (864_000, "about 10 days"),
    ],
)
def test_durations_are_said_as_people_do(seconds: float | None, says: str) -> None:
    assert spoken(seconds) == says


def test_portals_run_side_by_side_and_their_sections_one_after_the_other() -> None:
    sections: list[dict[str, Any]] = [
        {"portal": "a", "phase": "fetching", "left": 100.0},
        {"portal": "a", "phase": "listing", "left": 50.0},
        {"portal": "b", "phase": "fetching", "left": 120.0},
        {"portal": "b", "phase": "waiting", "left": None},
        {"portal": "c", "phase": "listing", "left": None},
        {"portal": "c", "phase": "done", "left": None},
    ]
    assert total_left(sections) == (150.0, 2)
    assert total_left([]) == (None, 0)


def entries(count: int, day: str = "2026-01-02") -> tuple[ListEntry, ...]:
    return tuple(ListEntry(url=f"https://a.gov.cn/{n}", published_at=day) for n in range(count))


def test_what_a_list_claims_bounds_what_it_holds() -> None:
    cursor = Cursor(rows_of_first_page=20)
    assert (cursor.site_count, cursor.expected_pages) == (None, None)
    cursor.claims(ListPage(entries=entries(20), pages=5))
    assert (cursor.site_count, cursor.expected_pages) == ((81, 100), 5)
    cursor.claims(ListPage(entries=entries(20, "2019-12-31"), total=97))
    assert (cursor.site_count, cursor.earliest, cursor.dropped) == ((97, 97), "2019-12-31", False)
    cursor.claims(ListPage(entries=entries(1), total=96))
    assert cursor.dropped
    assert Cursor.load({**cursor.state, "of a newer version": 1}) == cursor
