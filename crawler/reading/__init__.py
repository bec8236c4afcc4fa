"""A page's bytes, or a plain text, to an article: decode, extract, restore."""

from crawler.reading.reader import read, read_page, read_text

__all__ = ["read", "read_page", "read_text"]
