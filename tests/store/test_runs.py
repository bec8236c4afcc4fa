from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.store import Run, runs

if TYPE_CHECKING:
    import pytest

    from crawler.store import Store


def _run(section_id: int, at: float) -> Run:
    return Run(
        section_id=section_id,
        started_at=at,
        finished_at=at + 1.5,
        kind="poll",
        requests=3,
        not_modified=1,
        entries=20,
        new=2,
        revised=1,
        failed=1,
        bytes=2**40,
        pages=1,
        error="http-503",
        verdict="healthy",
        fill={"title": 1.0, "source": 0.5},
    )


async def test_runs_come_back_newest_first(store: Store) -> None:
    section = await store.sections.open("shanxi", "news")
    other = await store.sections.open("shanxi", "policy")
    assert await store.runs.last(section.id) is None
    given = [_run(section.id, float(number)) for number in range(3)]
    for run in given:
        await store.runs.add(run)
    await store.runs.add(Run(section_id=other.id, started_at=9.0, finished_at=9.0, kind="backfill"))
    assert await store.runs.last(section.id) == given[2]
    assert await store.runs.recent(section.id, 2) == [given[2], given[1]]
    last = await store.runs.last(other.id)
    assert last is not None
    assert (last.kind, last.error, last.fill) == ("backfill", None, {})


async def test_an_endless_error_is_cut(store: Store) -> None:
    section = await store.sections.open("shanxi", "news")
    await store.runs.add(replace(_run(section.id, 1.0), error="e" * 10_000 + "\x00"))
    last = await store.runs.last(section.id)
    assert last is not None
    assert last.error == "e" * 500


async def test_only_the_newest_runs_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "KEPT", 3)
    section = await store.sections.open("shanxi", "news")
    for number in range(6):
        await store.runs.add(_run(section.id, float(number)))
    assert [run.started_at for run in await store.runs.recent(section.id, 10)] == [5.0, 4.0, 3.0]
    store.runs.kept = 2
    await store.runs.add(_run(section.id, 6.0))
    assert [run.started_at for run in await store.runs.recent(section.id, 10)] == [6.0, 5.0]
