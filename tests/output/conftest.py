from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from crawler.items import Record
from crawler.reading.record import content_sha256
from crawler.store import ArticleWrite, Store, Stored
from crawler.text.urls import url_key

NOON = 1_795_320_000.0  # 2026-11-22 12:00 in Shanghai


class Newsroom:
    """Puts articles of our own writing into a store, as a crawl would."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOON

    async def publish(
        self,
        number: int,
        *,
        portal: str = "shanxi",
        text: str | None = None,
        revised: str = "",
        alert: bool = True,
        day: str | None = None,
    ) -> Stored:
        self.now += 1
        section = await self.store.sections.open(portal, "news")
        url = f"https://{portal}.example.cn/news/t{number}.html"
        title = f"第{number}号通知"
        body = (text if text is not None else f"正文第{number}段，\n含“引号”与\t表格。" * 20) + revised
        record = Record(
            made_by="portalwatch test",
            id=f"{portal}{number}",
            url=url,
            canonical_url=url,
            portal=portal,
            portal_name=portal.title(),
            region="140000",
            sections=("news",),
            kind="news",
            title=title,
            published_at=day,
            first_seen_at="2026-11-22T04:00:00Z",
            fetched_at="2026-11-22T04:00:00Z",
            body=body,
            content_sha256=content_sha256(title, body),
        )
        write = ArticleWrite(
            section_id=section.id,
            entry_key=None,
            article_id=record.id,
            keys=(url_key(url),),
            record=record,
            alert=alert,
            now=self.now,
        )
        return await self.store.articles.store(write)


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path / 'portalwatch.db'}")
    yield opened
    await opened.close()


@pytest.fixture
def newsroom(store: Store) -> Newsroom:
    return Newsroom(store)


@pytest.fixture
def clock() -> Callable[[], float]:
    """A clock that never stands still."""
    ticks = iter(range(1, 1_000_000))
    return lambda: NOON + next(ticks)
