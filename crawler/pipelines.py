"""The Scrapy half's way out: deduplicate within a run, and write with the same encoder as everything else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import DropItem
from scrapy.exporters import BaseItemExporter

from crawler.items import Record
from crawler.reading.record import encode

if TYPE_CHECKING:
    from io import BytesIO


class DuplicatesPipeline:
    """Drops an article that this run already met under another address or in another section, and numbers the rest."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._contents: set[tuple[str, str]] = set()
        self._seq = 0

    def process_item(self, item: Any) -> Record:
        """Number a new record.

        Raises:
            DropItem: the run already has it.

        """
        if not isinstance(item, Record):
            raise DropItem("not an article record")
        content = (item.portal, item.content_sha256)
        if item.id in self._ids or (item.body is not None and content in self._contents):
            raise DropItem(f"{item.url}: already in this run")
        self._ids.add(item.id)
        self._contents.add(content)
        self._seq += 1
        return replace(item, seq=self._seq)


class RecordExporter(BaseItemExporter):
    """One record a line, by `crawler.reading.record.encode`."""

    def __init__(self, file: BytesIO, **kwargs: Any) -> None:
        super().__init__(dont_fail=True, **kwargs)
        self._file = file

    def export_item(self, item: Any) -> None:
        """Write one line."""
        self._file.write(encode(item))
