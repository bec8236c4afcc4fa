"""A process that stores articles and delivers them until it is killed: `delivering.py DATABASE URL SECRET HOURS`.

Its clock is HOURS ahead, so that what failed in an earlier process is due again. It prints a line once it is at work.
"""

import asyncio
import sys
import time

from crawler.alerts import Deliverer
from crawler.config import Channel, Config, Rule
from crawler.items import Record
from crawler.store import ArticleWrite, Store
from crawler.text.urls import url_key


def write(section_id: int, number: int, now: float) -> ArticleWrite:
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
        body="正文段落，" * (number % 3000),
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


def make_config(url: str, secret: str) -> Config:
    channel = Channel.model_validate(
        {"name": "desk", "url": url, "secret": secret, "allow_private": True, "allow_http": True}
    )
    return Config(rules=(Rule(name="all", channels=("desk",)),), channels=(channel,))


async def work(database: str, url: str, secret: str, hours: float) -> None:
    store = await Store.open(f"sqlite:///{database}")
    section = await store.sections.open("shanxi", "news")
    deliverer = Deliverer(store, make_config(url, secret), lambda: time.time() + hours * 3600)
    running = asyncio.create_task(deliverer.run(asyncio.Event()))
    number = await store.events.last_seq() * 1000
    sys.stdout.write("at work\n")
    sys.stdout.flush()
    while not running.done():
        await asyncio.gather(*(store.articles.store(write(section.id, number + i, time.time())) for i in range(10)))
        number += 10
        deliverer.wake()
        await asyncio.sleep(0.05)
    await running


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])))
