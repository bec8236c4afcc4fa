from collections.abc import AsyncIterator

import aiohttp
import pytest

from crawler.replica import Replica


@pytest.fixture
async def replica() -> AsyncIterator[Replica]:
    async with Replica(seed=3, articles=120) as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
