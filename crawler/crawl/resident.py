"""The resident crawler: one Scrapy engine on the caller's loop for as long as the process lives.

A poll of one list and two articles costs 21-25 ms of CPU in a resident engine, 44-50 ms with a new crawler for each
poll, and
delays between requests are only true when one engine sends them all.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings

from crawler import settings as project_settings
from crawler.crawl.fetch import Fetcher, user_agent
from crawler.exceptions import PortalwatchError
from crawler.spiders.portal import PortalSpider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.core.engine import ExecutionEngine

    from crawler.config import Config


def scrapy_settings(config: Config) -> Settings:
    """The project's Scrapy settings as the resident crawler uses them."""
    settings = Settings()
    settings.setmodule(project_settings, priority="project")
    settings.setdict(project_settings.RESIDENT, priority="cmdline")
    settings.set("USER_AGENT", user_agent(config.politeness.contact), priority="cmdline")
    settings.set("DOWNLOAD_TIMEOUT", config.politeness.timeout, priority="cmdline")
    return settings


@asynccontextmanager
async def resident_crawler(config: Config) -> AsyncIterator[Fetcher]:
    """Keep an engine open and hand out the fetcher that uses it.

    Raises:
        PortalwatchError: Scrapy did not start.

    """
    runner = AsyncCrawlerRunner(scrapy_settings(config))
    opened: asyncio.Future[ExecutionEngine] = asyncio.get_running_loop().create_future()
    closing = asyncio.Event()

    async def stay(spider: PortalSpider) -> None:
        opened.set_result(spider.crawler.engine)
        await closing.wait()

    arguments: dict[str, Any] = {"resident": stay}
    crawl = runner.crawl(PortalSpider, **arguments)
    started: list[asyncio.Future[Any]] = [crawl, opened]
    await asyncio.wait(started, return_when=asyncio.FIRST_COMPLETED)
    if not opened.done():
        await crawl
        raise PortalwatchError("the crawler did not start: Scrapy closed before its first request")
    try:
        yield Fetcher(opened.result(), config)
    finally:
        closing.set()
        await crawl
