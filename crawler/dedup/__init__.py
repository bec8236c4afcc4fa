"""One story told twice: what an article is looked up by, and whether two texts are one story. See docs/reprints.md."""

from crawler.dedup.fingerprint import Fingerprint
from crawler.dedup.text import Text
from crawler.dedup.verdict import Verdict, compare, examine

__all__ = ["Fingerprint", "Text", "Verdict", "compare", "examine"]
