"""List pages and answers of list interfaces to their entries: no request, no clock, no store."""

from crawler.listing.reader import ADAPTERS, read_list

__all__ = ["ADAPTERS", "read_list"]
