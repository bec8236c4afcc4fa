"""A process that stores articles and delivers them until it is killed.

`delivering.py DATABASE EVENTS URL URL URL SECRET`: the URLs are those of three channels. `desk` gets every event,
`sunset` those of one portal, `paper` the same in digests. Retry gaps are shortened to a ten-thousandth and an attempt
ends after half a second; all else is as in earnest. It prints a line once it is at work, and stores no more once there
are EVENTS.
"""

import asyncio
import sys
import time

from crawler.alerts import Deliverer
from crawler.alerts.client import WebhookClient
from crawler.alerts.schedule import GAPS
from crawler.config import Channel, Config, Rule
from crawler.items import Record
from crawler.store import ArticleWrite, Store
from crawler.text.urls import url_key

LAPSE = 1e-4
TIMEOUT = 0.5
AGO = 7200.0  # seconds: the hour of the digests that events belong to is over when they are planned


def write(section_id: int, portal: str, number: int, now: float) -> ArticleWrite:
    url = f"https://{portal}.example.cn/news/t{number}.html"
    record = Record(
        made_by="portalwatch test",
        id=f"a{number}",
        url=url,
        canonical_url=url,
        portal=portal,
        portal_name=portal,
        region="140000",
        sections=("news",),
        kind="news",
        title=f"第{number}号通知",
        first_seen_at="2026-11-22T04:00:00Z",
        fetched_at="2026-11-22T04:00:00Z",
        body="正文段落，" * (3000 if number % 50 == 0 else number % 200),
        content_sha256=f"{number:064x}",
    )
    return ArticleWrite(
        section_id=section_id,
        entry_key=None,
        article_id=record.id,
        keys=(url_key(url),),
        record=record,
        alert=True,
        now=now - AGO,
    )


def make_config(desk: str, sunset: str, paper: str, secret: str) -> Config:
    def channel(name: str, url: str) -> Channel:
        return Channel.model_validate(
            {"name": name, "url": url, "secret": secret, "allow_private": True, "allow_http": True}
        )

    rules = (
        Rule(name="all", channels=("desk",)),
        Rule(name="one", channels=("sunset",), targets=("anhui",)),
        Rule(name="together", channels=("paper",), targets=("anhui",), digest="hourly"),
    )
    return Config(rules=rules, channels=(channel("desk", desk), channel("sunset", sunset), channel("paper", paper)))


def make_deliverer(store: Store, config: Config) -> Deliverer:
    return Deliverer(store, config, client=WebhookClient(timeout=TIMEOUT), gaps=[gap * LAPSE for gap in GAPS])


async def work(database: str, events: int, config: Config) -> None:
    store = await Store.open(f"sqlite:///{database}")
    sections = {portal: await store.sections.open(portal, "news") for portal in ("shanxi", "anhui")}
    deliverer = make_deliverer(store, config)
    running = asyncio.create_task(deliverer.run(asyncio.Event()))
    seq = await store.events.last_seq()
    number = seq * 1000
    sys.stdout.write("at work\n")
    sys.stdout.flush()
    while not running.done():
        batch = min(10, events - seq)
        numbers = range(number, number + batch)
        portals = ["anhui" if each % 5 == 0 else "shanxi" for each in numbers]
        await asyncio.gather(
            *(
                store.articles.store(write(sections[portal].id, portal, each, time.time()))
                for portal, each in zip(portals, numbers, strict=True)
            )
        )
        seq, number = seq + batch, number + batch
        deliverer.wake()
        await asyncio.sleep(0.05)
    await running


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], int(sys.argv[2]), make_config(*sys.argv[3:7])))
