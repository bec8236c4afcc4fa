"""What of a list page is new, and what is only old: entries beyond the part of the list that was ever read.

A section's first pass reads page 1. Later, when new posts push known ones to page 2, what follows them there was
never listed, but it is not new; nor is an old entry that slides up onto page 1 because another was deleted. Such
entries stand below a known one and are not newer than it. Pinned entries do not mislead: they are old, and what stands
below them is newer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.store import Listed


class Horizon:
    """Follows one walk over a list from its top."""

    def __init__(self, newest_known: str | None = None, pages: int = 0, *, met_known: bool = False) -> None:
        self._newest_known = newest_known
        self._met_known = met_known
        self._pages = pages

    @property
    def state(self) -> dict[str, Any]:
        """What a walk that goes on later gives back to the constructor, as JSON values."""
        return {"newest_known": self._newest_known, "pages": self._pages, "met_known": self._met_known}

    def beyond(self, listed: Sequence[Listed], known: set[bytes]) -> set[bytes]:
        """Keys of the entries of the next page, in its order, that lie beyond the part of the list known before."""
        self._pages += 1
        last_known = max((place for place, entry in enumerate(listed) if entry.key in known), default=-1)
        for entry in listed[: last_known + 1]:
            if entry.key in known:
                self._met_known = True
                self._newest_known = max(self._newest_known or "", (entry.published_at or "")[:10]) or None
        if not self._met_known:
            return set()
        return {entry.key for entry in listed[last_known + 1 :] if self._is_older(entry)}

    def _is_older(self, entry: Listed) -> bool:
        """On page 1 a post of the same day counts as new: portals order the posts of one day as they like."""
        if entry.published_at is None or self._newest_known is None:
            return True
        day = entry.published_at[:10]
        return day < self._newest_known or (day == self._newest_known and self._pages > 1)
