"""From a parsed page, or a plain text, to the raw fields of its article."""

from crawler.extract.article import extract
from crawler.extract.blocked import block_reason
from crawler.extract.plain import extract_text
from crawler.extract.scan import Scan, replaced, scan

__all__ = ["Scan", "block_reason", "extract", "extract_text", "replaced", "scan"]
