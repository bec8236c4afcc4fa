"""Where records go besides the database: JSONL files and standard output."""

from __future__ import annotations

from crawler.output.jsonl import JsonlSink
from crawler.output.stdout import Sink, StdoutSink, open_output

__all__ = ["JsonlSink", "Sink", "StdoutSink", "open_output"]
