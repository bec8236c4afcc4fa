from dataclasses import replace
from io import BytesIO

import orjson
import pytest
from scrapy.exceptions import DropItem

from crawler.items import Record
from crawler.pipelines import DuplicatesPipeline, RecordExporter


def record(identity: str, content: str = "c", body: str | None = "正文") -> Record:
    return Record(
        made_by="test", id=identity, url=f"http://x/{identity}", canonical_url=f"http://x/{identity}", portal="p",
        portal_name="省", region="990000", sections=("news",), kind="news", body=body, first_seen_at="t",
        fetched_at="t",
        content_sha256=content,
    )  # fmt: skip


def test_an_article_passes_once_under_any_address() -> None:
    pipeline = DuplicatesPipeline()
    assert pipeline.process_item(record("a")).seq == 1
    for again in (record("a", "changed"), record("b")):
        with pytest.raises(DropItem):
            pipeline.process_item(again)
    assert pipeline.process_item(record("c", "other")).seq == 2
    assert pipeline.process_item(replace(record("d", "other"), portal="q")).seq == 3


def test_files_are_never_told_apart_by_their_title() -> None:
    pipeline = DuplicatesPipeline()
    assert pipeline.process_item(record("a", body=None)).seq == 1
    assert pipeline.process_item(record("b", body=None)).seq == 2


def test_what_is_no_record_is_dropped() -> None:
    with pytest.raises(DropItem):
        DuplicatesPipeline().process_item({"title": "x"})


def test_the_exporter_writes_a_line_a_record() -> None:
    file = BytesIO()
    exporter = RecordExporter(file)
    exporter.export_item(record("a"))
    exporter.export_item(record("b"))
    assert [orjson.loads(line)["id"] for line in file.getvalue().splitlines()] == ["a", "b"]
    assert "正文".encode() in file.getvalue()
