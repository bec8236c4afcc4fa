from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from crawler.config import Config
from crawler.crawl.attachments import AttachmentKeeper
from crawler.crawl.fetch import Traffic
from crawler.exceptions import StorageError
from crawler.items import Attachment
from crawler.text.urls import url_key

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.replica import Article
    from tests.crawl.conftest import Bench

NAMES = ("../../../etc/passwd.pdf", "附件1：\x00名单.pdf", "a/b\\c.pdf")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "attachments"


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def keeper(bench: Bench, folder: Path, **limits: Any) -> AttachmentKeeper:
    ((portal, _),) = bench.registry.resolve("replica-trs/policy")
    config = Config(attachments=limits)
    return AttachmentKeeper(bench.fetcher, bench.store, config, portal, folder, Traffic(), lambda: 1.0)


def published(bench: Bench) -> tuple[Article, tuple[Attachment, ...]]:
    from crawler.replica import Attachment as Given

    trs = bench.replica.portal("trs")
    post = trs.publish("policy", attachments=[Given(name=name, lines=(f"第{n}份",)) for n, name in enumerate(NAMES)])
    urls = [trs.base + trs.file_path(post, place) for place in range(len(NAMES))]
    return post, tuple(Attachment(url=url, name=name) for url, name in zip(urls, NAMES, strict=True))


async def test_names_never_become_paths(bench: Bench, folder: Path) -> None:
    _, listed = published(bench)
    keep = keeper(bench, folder)
    await keep.fetch(listed)
    kept = files(folder)
    assert len(kept) == keep.fetched == 3
    for name, body in kept.items():
        digest = hashlib.sha256(body).hexdigest()
        assert name == f"{digest[:2]}/{digest}"
    assert keep.bytes == sum(map(len, kept.values()))


async def test_a_file_is_asked_for_once_whoever_links_to_it(bench: Bench, folder: Path) -> None:
    _, listed = published(bench)
    keep = keeper(bench, folder)
    for _ in range(3):
        await keep.fetch(listed)
    assert bench.requests(".pdf") == 3


@pytest.mark.parametrize(
    ("limits", "fetched", "failed"),
    [
        ({"max_megabytes": 0.0001}, 0, 3),
        ({"max_per_article": 2}, 2, 0),
        ({"max_total_gigabytes": 1e-9}, 1, 0),
    ],
)
async def test_every_bound_holds(bench: Bench, folder: Path, limits: dict[str, Any], fetched: int, failed: int) -> None:
    _, listed = published(bench)
    keep = keeper(bench, folder, **limits)
    await keep.fetch(listed)
    assert (keep.fetched, keep.failed, len(files(folder))) == (fetched, failed, fetched)
    assert keep.full == ("max_total_gigabytes" in limits)


async def test_a_page_instead_of_a_file_and_a_file_elsewhere_are_refused_for_good(bench: Bench, folder: Path) -> None:
    post, listed = published(bench)
    page = replace(listed[0], url=post.url)
    elsewhere = replace(listed[0], url="http://127.0.0.99/a.pdf")
    keep = keeper(bench, folder)
    for _ in range(2):
        await keep.fetch((page, elsewhere))
    known = await bench.store.attachments.get([url_key(page.url), url_key(elsewhere.url)])
    assert sorted(file.reason or "" for file in known.values()) == ["no-file", "other-host"]
    assert (keep.failed, files(folder)) == (2, {})


async def test_a_file_that_failed_is_tried_three_times_and_again_when_asked(bench: Bench, folder: Path) -> None:
    _, listed = published(bench)
    trs = bench.replica.portal("trs")
    trs.switch(path=listed[0].url.removeprefix(trs.base), status=500)
    keep = keeper(bench, folder)
    for _ in range(5):
        await keep.fetch(listed[:1])
    assert keep.failed == 3
    trs.heal()
    await keep.fetch(listed[:1])
    assert keep.fetched == 0
    await bench.store.attachments.retry()
    await keep.fetch(listed[:1])
    assert keep.fetched == 1


async def test_a_folder_that_cannot_be_written_is_a_storage_error(bench: Bench, tmp_path: Path) -> None:
    _, listed = published(bench)
    (tmp_path / "attachments").write_text("a file", "utf-8")
    with pytest.raises(StorageError, match="cannot be written"):
        await keeper(bench, tmp_path / "attachments").fetch(listed)
