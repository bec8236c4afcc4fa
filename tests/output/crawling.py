"""A process that stores articles and writes them out until it is killed: `crawling.py DATABASE JSONL SEED`.

It prints a line once it is at work. Batches are large, so that a kill can fall into the middle of a write.
"""

import asyncio
import random
import sys
from pathlib import Path

from crawler.items import Record
from crawler.output import JsonlSink
from crawler.store import ArticleWrite, Store
from crawler.text.urls import url_key


def write(section_id: int, number: int, text: str, now: float) -> ArticleWrite:
    url = f"https://shanxi.example.cn/news/t{number}.html"
    record = Record(
        made_by="portalwatch test",
        id=f"a{number}",
        url=url,
        canonical_url=url,
        portal="shanxi",
        portal_name="Shanxi",
        region="140000",
        sections=("news",),
        kind="news",
        title=f"第{number}号通知",
        first_seen_at="2026-11-22T04:00:00Z",
        fetched_at="2026-11-22T04:00:00Z",
        body=text,
        content_sha256=f"{number:064x}",
    )
    return ArticleWrite(
        section_id=section_id,
        entry_key=None,
        article_id=record.id,
        keys=(url_key(url),),
        record=record,
        alert=True,
        now=now,
    )


async def crawl(database: Path, path: Path, seed: int) -> None:
    chance = random.Random(seed)
    store = await Store.open(f"sqlite:///{database}")
    section = await store.sections.open("shanxi", "news")
    sink = JsonlSink(store, path)
    number = await store.events.last_seq() * 1000
    sys.stdout.write("at work\n")
    sys.stdout.flush()
    while True:
        batch = chance.randrange(1, 60)
        text = "正文段落，" * chance.randrange(10, 20_000)
        await asyncio.gather(
            *(store.articles.store(write(section.id, number + i, text, 1.8e9 + number + i)) for i in range(batch))
        )
        number += batch
        await sink.drain()


if __name__ == "__main__":
    asyncio.run(crawl(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
