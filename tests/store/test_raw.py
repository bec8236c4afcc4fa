"""Raw responses: every version that was read, each once, and no row that names what is not there."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from crawler.exceptions import StorageError
from crawler.store import RawPage, Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.store.conftest import Samples

URL = "https://portal.example/a.html"


def answer(body: str, url: str = URL, head: bytes = b"Server: x") -> RawPage:
    return RawPage(url, 200, head, body.encode())


@pytest.fixture
async def kept(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(database_url, raw=tmp_path / "raw") as store:
        yield store


async def put(store: Store, samples: Samples, *pages: RawPage, name: str = "a", **changes: Any) -> str:
    section = await store.sections.open("shanxi", "news")
    stored = await store.articles.store(samples.write(section.id, name, pages=tuple(pages), **changes))
    return stored.article_id


async def bodies(store: Store, article_id: str) -> list[tuple[int, int, int, str]]:
    pages = await store.raw.pages(article_id)
    return [(one.reading, one.part, one.revision, store.raw.read(one).body.decode()) for one in pages]


def packed(tmp_path: Path) -> int:
    return sum(path.stat().st_size for path in (tmp_path / "raw").glob("*.pack"))


async def test_an_article_keeps_what_it_was_read_from(kept: Store, samples: Samples) -> None:
    article = await put(kept, samples, answer("one"), answer("two", URL + "?2"))
    assert await bodies(kept, article) == [(1, 1, 1, "one"), (1, 2, 1, "two")]
    (first, second) = await kept.raw.pages(article)
    assert (first.url, second.url, first.at, first.status) == (URL, URL + "?2", 100.0, 200)
    assert kept.raw.read(first).head == b"Server: x"


async def test_the_same_bytes_again_add_nothing(kept: Store, samples: Samples, tmp_path: Path) -> None:
    article = await put(kept, samples, answer("one"))
    size = packed(tmp_path)
    await put(kept, samples, answer("one", head=b"Date: later"), now=200.0)
    assert await bodies(kept, article) == [(1, 1, 1, "one")]
    assert packed(tmp_path) == size


async def test_furniture_is_a_reading_and_an_edit_one_of_the_next_revision(kept: Store, samples: Samples) -> None:
    article = await put(kept, samples, answer("one"))
    await put(kept, samples, answer("one with another view count"), now=200.0)
    await put(kept, samples, answer("edited"), now=300.0, body="另一段正文。")
    assert [row[:3] for row in await bodies(kept, article)] == [(1, 1, 1), (2, 1, 1), (3, 1, 2)]


async def test_a_page_that_comes_back_is_a_reading_whose_bytes_are_stored_once(
    kept: Store, samples: Samples, tmp_path: Path
) -> None:
    article = await put(kept, samples, answer("one"))
    await put(kept, samples, answer("two"), now=200.0)
    size = packed(tmp_path)
    await put(kept, samples, answer("one", head=b"Date: third"), now=300.0)
    assert [row[3] for row in await bodies(kept, article)] == ["one", "two", "one"]
    assert packed(tmp_path) == size
    assert [kept.raw.read(page).head for page in await kept.raw.pages(article)][-1] == b"Date: third"


async def test_two_articles_with_the_same_bytes_share_them(kept: Store, samples: Samples, tmp_path: Path) -> None:
    await put(kept, samples, answer("one"))
    size = packed(tmp_path)
    other = await put(kept, samples, answer("one"), name="b", title="另一个标题")
    assert packed(tmp_path) == size
    assert [row[3] for row in await bodies(kept, other)] == ["one"]


async def test_a_copy_under_another_address_is_kept_apart(kept: Store, samples: Samples) -> None:
    article = await put(kept, samples, answer("one"))
    body = samples.record("a")
    copied = await put(
        kept, samples, answer("copy", "https://portal.example/b.html"), name="b", title=body.title, body=body.body
    )
    assert copied == article
    assert await bodies(kept, article) == [(1, 1, 1, "one"), (2, 1, 0, "copy")]


async def test_a_transaction_that_fails_leaves_no_row(kept: Store, samples: Samples) -> None:
    section = await kept.sections.open("shanxi", "news")
    write = samples.write(section.id, "a", pages=(answer("one"),))
    with pytest.raises(StorageError):
        await kept.articles.store(replace(write, section_id=10_000_000, now=float("nan")))
    assert await kept.raw.count() == 0
    article = await put(kept, samples, answer("one"))
    assert await bodies(kept, article) == [(1, 1, 1, "one")]


async def test_a_disk_that_refuses_the_bytes_refuses_the_article(
    kept: Store, samples: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("crawler.store.rawpacks._sync", refuse)
        with pytest.raises(StorageError, match="raw responses cannot be kept: Input/output error"):
            await put(kept, samples, answer("one"))
    assert await kept.raw.count() == 0
    article = await put(kept, samples, answer("one"))
    assert await bodies(kept, article) == [(1, 1, 1, "one")]
    assert len(list((tmp_path / "raw").glob("*.pack"))) == 2, "a file whose sync failed is not trusted"


async def test_a_row_whose_pack_is_gone_is_not_shared(kept: Store, samples: Samples, tmp_path: Path) -> None:
    article = await put(kept, samples, answer("one"))
    await kept.close()
    for path in (tmp_path / "raw").glob("*.pack"):
        path.unlink()
    url = f"sqlite:///{tmp_path / 'portalwatch.db'}"
    if not (tmp_path / "portalwatch.db").exists():
        return
    async with await Store.open(url, raw=tmp_path / "raw") as store:
        other = await put(store, samples, answer("one"), name="b", title="另一个标题")
        assert [row[3] for row in await bodies(store, other)] == ["one"]
        with pytest.raises(StorageError, match="is not here"):
            await bodies(store, article)


async def test_without_a_folder_nothing_is_kept(store: Store, samples: Samples) -> None:
    article = await put(store, samples, answer("one"))
    assert await store.raw.pages(article) == []


async def test_long_heads_and_odd_addresses_are_kept_cut(kept: Store, samples: Samples) -> None:
    article = await put(kept, samples, answer("one", URL + "\x00", os.urandom(70_000)))
    (page,) = await kept.raw.pages(article)
    assert len(kept.raw.read(page).head) == 16_384
    assert "\x00" not in page.url
