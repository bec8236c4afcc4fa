from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from crawler.items import Attachment

if TYPE_CHECKING:
    from crawler.store import Store
    from tests.store.conftest import Samples

PDF = Attachment(url="https://portal.example/a.pdf", name="附件一.pdf", media_type="application/pdf")
DOC = Attachment(url="https://portal.example/b.doc", name="附件二.doc")
DIGEST = hashlib.sha256(b"pdf").digest()


async def test_a_file_came_or_failed(store: Store, samples: Samples) -> None:
    one, two = samples.key("one"), samples.key("two")
    await store.attachments.failed(one, PDF.url, "http-503", 1.0)
    await store.attachments.failed(one, PDF.url, "http-404", 2.0)
    await store.attachments.failed(two, DOC.url, "too-large", 2.0)
    known = await store.attachments.get([one, two, samples.key("three")])
    assert (known[one].attempts, known[one].reason, known[one].sha256) == (2, "http-404", None)
    await store.attachments.came(one, PDF.url, "application/pdf", 3, DIGEST, 3.0)
    assert await store.attachments.retry() == 1
    known = await store.attachments.get([one, two])
    assert (known[one].size, known[one].sha256, known[one].reason) == (3, DIGEST, None)
    assert known[two].attempts == 0
    await store.attachments.failed(one, PDF.url, "http-503", 4.0)
    assert (await store.attachments.get([one]))[one].sha256 == DIGEST, "a file that came stays"
    assert await store.attachments.total_bytes() == 3


async def test_a_record_is_completed_once_without_a_revision(store: Store, samples: Samples) -> None:
    section = await store.sections.open("shanxi", "news")
    text = '正文提到 "sha256":null 而没有附件。'
    await store.articles.store(samples.write(section.id, "plain", body=text))
    await store.articles.store(samples.write(section.id, "full", attachments=(PDF, DOC)))
    ((number, record),) = await store.attachments.lacking(section.id, 0, 10)
    assert record.attachments == (PDF, DOC)
    key = samples.key("one")
    await store.attachments.came(key, PDF.url, "application/pdf", 3, DIGEST, 3.0)
    files = {file.url: file for file in (await store.attachments.get([key])).values()}
    seq = await store.attachments.fill(number, files, 5.0)
    assert seq == 3
    assert await store.attachments.fill(number, files, 6.0) is None
    (event,) = await store.events.after(2, 10)
    assert (event.type, event.alert, event.changes, event.record.revision) == (
        "reprocessed",
        False,
        ("attachments",),
        1,
    )
    first, second = event.record.attachments
    assert (first.size, first.sha256, first.name) == (3, DIGEST.hex(), "附件一.pdf")
    assert second == DOC
    assert await store.attachments.lacking(section.id, number, 10) == []
    again = await store.articles.store(samples.write(section.id, "full", attachments=(PDF, DOC)))
    assert again.outcome == "unchanged", "sizes and hashes are no edit of the page"
