from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.core.downloader import Slot

from crawler.config import Config
from crawler.crawl.resident import resident_crawler
from crawler.middlewares import JITTER, retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"120", 120.0),
        (b" 5 ", 5.0),
        (b"Sun, 22 Nov 2026 06:01:40 GMT", 100.0),
        (b"Sun, 22 Nov 2020 06:00:00 GMT", 0.0),
        (b"soon", None),
        (b"-5", None),
        (b"", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: bytes | None, seconds: float | None) -> None:
    assert retry_after(value, 1_795_327_200.0) == seconds


@given(st.binary(max_size=60))
def test_no_retry_after_raises(value: bytes) -> None:
    seconds = retry_after(value, 0.0)
    assert seconds is None or seconds >= 0


async def test_the_delay_between_requests_is_never_undercut() -> None:
    """What Scrapy draws from the slot's centre and jitter lies between the delay and JITTER above it."""
    async with resident_crawler(Config()) as fetcher:
        engine = fetcher._engine
        middleware: Any = next(
            one for one in engine.downloader.middleware.middlewares if type(one).__name__ == "PolitenessMiddleware"
        )
        request = Request("http://www.example.gov.cn/", meta={"politeness": (2.0, 3)})
        await middleware.process_request(request)
        values = engine.downloader.per_slot_settings["www.example.gov.cn"]
        slot = Slot(values["concurrency"], values["delay"], values["jitter"])
        draws = [slot.download_delay() for _ in range(2000)]
        assert slot.concurrency == 3
        assert min(draws) >= 2.0 - 1e-9
        assert max(draws) <= 2.0 * (1 + 2 * JITTER) + 1e-9
        middleware.set_crawl_delay("www.example.gov.cn", 10.0)
        await middleware.process_request(request)
        assert engine.downloader.per_slot_settings["www.example.gov.cn"]["delay"] == pytest.approx(10.0 * (1 + JITTER))
