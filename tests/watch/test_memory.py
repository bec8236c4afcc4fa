from collections import Counter

from crawler.store import Run, SectionState
from crawler.watch.memory import Memory
from crawler.watch.workdays import day_kind, day_number, day_of, start_of

MONDAY = day_number("2023-05-08") or 0


def run(day: int, *, error: str | None = None, entries: int = 0) -> Run:
    at = start_of(day) + 10 * 3600
    return Run(section_id=1, started_at=at, finished_at=at + 1, kind="poll", entries=entries, pages=1, error=error)


def memory() -> Memory:
    """A section that posted on each of the working days of two months, up to a Friday."""
    made = Memory(SectionState(1, "p", "s", 1, None, None, None, None))
    made.days = Counter(day for day in range(MONDAY - 60, MONDAY) if day_kind(day) == "work")
    return made


def test_silence_counts_whole_working_days_since_the_last_post() -> None:
    made = memory()
    made.ran(run(MONDAY), 0)
    first = made.silence(start_of(MONDAY) + 11 * 3600)
    assert first is not None
    assert first.gap == 0.0
    made.ran(run(MONDAY + 4), 0)
    later = made.silence(start_of(MONDAY + 4) + 11 * 3600)
    assert later is not None
    assert (later.gap, later.since) == (4.0, start_of(max(made.days)))
    assert later.allowed is not None
    assert not first.silent


def test_nothing_was_silent_while_nobody_looked() -> None:
    made = memory()
    assert made.silence(start_of(MONDAY + 40)) is None, "never polled"
    made.ran(run(MONDAY), 0)
    made.ran(run(MONDAY + 40, error="no answer"), 0)
    found = made.silence(start_of(MONDAY + 40))
    assert found is not None
    assert found.gap == 0.0


def test_a_new_post_ends_it_and_is_part_of_the_rhythm() -> None:
    made = memory()
    made.ran(run(MONDAY + 30, entries=20), 0)
    before = made.silence(start_of(MONDAY + 30) + 40_000)
    assert before is not None
    assert before.silent
    made.ran(run(MONDAY + 31, entries=20), 2)
    assert made.days[MONDAY + 31] == 2
    after = made.silence(start_of(MONDAY + 31) + 40_000)
    assert after is not None
    assert not after.silent
    assert after.allowed is not None
    assert before.allowed is not None
    assert after.allowed > before.allowed, "a gap of a month belongs to its rhythm now"
    assert [len(made.runs), len(made.reads)] == [2, 2]
    assert day_of(made.runs[0].started_at) == MONDAY + 31
