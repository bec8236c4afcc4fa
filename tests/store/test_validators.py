from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.store import Validators

if TYPE_CHECKING:
    from crawler.store import Store
    from tests.store.conftest import Samples


async def test_validators_are_kept_by_key_and_replaced_as_a_whole(store: Store, samples: Samples) -> None:
    key = samples.key("list")
    assert await store.validators.get(key) is None
    first = Validators(key, '"abc"', "Sun, 22 Nov 2026 00:00:00 GMT", b"\x00" * 32)
    await store.validators.put(first, 1.0)
    assert await store.validators.get(key) == first
    second = Validators(key, body_sha256=b"\x01" * 32)
    await store.validators.put(second, 2.0)
    assert await store.validators.get(key) == second
    assert await store.validators.get(samples.key("other")) is None


async def test_hostile_headers_are_stored_harmlessly_or_not_at_all(store: Store, samples: Samples) -> None:
    key = samples.key("list")
    await store.validators.put(Validators(key, '"a\x00\ud800b"', "x" * 3_000), 1.0)
    kept = await store.validators.get(key)
    assert kept is not None
    assert kept.etag == '"a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b"'
    assert kept.last_modified is None
