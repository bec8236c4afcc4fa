from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crawler.store.schema import sink
from crawler.store.statements import IN_LIMIT, Upsert, pieces

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from crawler.store import Store

KEEP = Upsert(sink, ("path",))
REPLACE = Upsert(sink, ("path",), ("offset", "last_seq"))


def _row(path: str, number: int) -> dict[str, Any]:
    return {
        "path": path,
        "name": f"n{number}",
        "device": "",
        "inode": "",
        "offset": number,
        "last_seq": number,
        "at": 1,
    }


async def test_a_row_that_exists_is_kept_or_updated_in_the_named_columns(store: Store) -> None:
    def work(conn: Connection) -> list[tuple[Any, ...]]:
        KEEP.run(conn, _row("a", 1))
        KEEP.run_many(conn, [_row("a", 2), _row("b", 2)])
        REPLACE.run_many(conn, [_row("b", 3), _row("c", 3)])
        query = select(sink.c.path, sink.c.name, sink.c.offset, sink.c.last_seq).order_by(sink.c.path)
        return [tuple(row) for row in conn.execute(query)]

    assert await store._backend.write(work) == [("a", "n1", 1, 1), ("b", "n2", 3, 3), ("c", "n3", 3, 3)]


@settings(max_examples=30)
@given(st.integers(0, 3 * IN_LIMIT + 1))
def test_pieces_are_short_and_lose_nothing(count: int) -> None:
    values = [number.to_bytes(16, "big") for number in range(count)]
    parts = list(pieces(values))
    assert [value for part in parts for value in part] == values
    assert all(0 < len(part) <= IN_LIMIT for part in parts)
