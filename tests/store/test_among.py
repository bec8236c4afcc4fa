from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crawler.store.among import AddAll, Among
from crawler.store.schema import sketch

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from crawler.store import Store

ADD = AddAll(sketch)
ROWS = Among(select(sketch.c.hash, sketch.c.article_id), sketch.c.hash, (2, 5))


def add(conn: Connection, rows: list[tuple[int, int]]) -> None:
    ADD.run(conn, rows)


def among(conn: Connection, values: list[int]) -> list[tuple[int, int]]:
    return sorted((row[0], row[1]) for row in ROWS.rows(conn, values))


@pytest.mark.parametrize("wanted", [[], [1], [1, 2], [2, 9, 3], [1, 2, 3, 4, 5]])
async def test_rows_are_those_of_the_values_each_once(store: Store, wanted: list[int]) -> None:
    rows = [(h, 10 * h + n) for h in range(1, 6) for n in range(2)]
    await store._backend.write(add, rows)
    found = await store._backend.read(among, wanted)
    assert found == [row for row in rows if row[0] in wanted]


async def test_a_row_that_is_there_stays(store: Store) -> None:
    for rows in ([(1, 2**40)], [(1, 2**40), (2**47, 3)], []):
        await store._backend.write(add, rows)
    assert await store._backend.read(among, [1, 2**47]) == [(1, 2**40), (2**47, 3)]
