from hypothesis import given
from hypothesis import strategies as st

from crawler.crawl.horizon import Horizon
from crawler.store import Listed


def row(number: int, day: str | None) -> Listed:
    url = f"http://www.example.gov.cn/{number}"
    return Listed(key=number.to_bytes(16, "big"), url=url, canonical_url=url, published_at=day)


def keys(*rows: Listed) -> set[bytes]:
    return {entry.key for entry in rows}


def test_new_posts_on_top_are_not_beyond() -> None:
    new, known = row(9, "2026-11-20"), row(1, "2026-11-10")
    assert Horizon().beyond([new, known], keys(known)) == set()


def test_what_slides_up_below_the_known_is_beyond() -> None:
    known, slid = row(1, "2026-11-10"), row(2, "2026-11-09")
    assert Horizon().beyond([known, slid], keys(known)) == keys(slid)


def test_what_follows_on_page_two_is_beyond_on_the_same_day_too() -> None:
    horizon = Horizon()
    known, pushed, old = row(1, "2026-11-10"), row(2, "2026-11-10"), row(3, "2026-11-10")
    assert horizon.beyond([row(9, "2026-11-20"), known], keys(known, pushed)) == set()
    assert horizon.beyond([pushed, old], keys(known, pushed)) == keys(old)


def test_a_post_of_the_same_day_at_the_bottom_of_page_one_is_new() -> None:
    known, late = row(1, "2026-11-10"), row(2, "2026-11-10")
    assert Horizon().beyond([known, late], keys(known)) == set()


def test_pinned_entries_hide_nothing() -> None:
    pinned, new = row(1, "2020-01-01"), row(9, "2026-11-20")
    assert Horizon().beyond([pinned, new], keys(pinned)) == set()


def test_an_entry_put_between_known_ones_is_new() -> None:
    first, backdated, last = row(1, "2026-11-10"), row(9, "2026-11-05"), row(2, "2026-11-01")
    assert Horizon().beyond([first, backdated, last], keys(first, last)) == set()


def test_without_dates_only_the_place_decides() -> None:
    known, below = row(1, None), row(2, None)
    assert Horizon().beyond([row(9, None), known, below], keys(known)) == keys(below)


@given(st.lists(st.integers(0, 60), unique=True, max_size=30), st.integers(0, 30), st.integers(1, 7))
def test_posts_newer_than_everything_known_are_never_beyond(numbers: list[int], new: int, page_size: int) -> None:
    """A list in order of date, read in pages: what is newer than the first pass is found, what is older is not."""
    days = sorted(numbers, reverse=True)
    rows = [row(day, f"2026-{day // 28 + 1:02}-{day % 28 + 1:02}") for day in days]
    fresh, first_pass = rows[:new], rows[new : new + page_size]
    horizon = Horizon()
    beyond: set[bytes] = set()
    for start in range(0, len(rows), page_size):
        beyond |= horizon.beyond(rows[start : start + page_size], keys(*first_pass))
    assert not beyond & keys(*fresh)
    if first_pass:
        assert beyond == keys(*rows[new + page_size :])
