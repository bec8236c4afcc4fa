"""From a polluted copy back to the original, character by character. See docs/restoration.md."""

from crawler.restore.model import Removal, Restoration, Tear
from crawler.restore.restoring import restore

__all__ = ["Removal", "Restoration", "Tear", "restore"]
