"""One story told twice: what an article is looked up by, and whether two texts are one story. See docs/reprints.md."""

from crawler.dedup.choice import choose
from crawler.dedup.sketch import sketch
from crawler.dedup.verdict import Text, Verdict, compare

__all__ = ["Text", "Verdict", "choose", "compare", "sketch"]
