"""A text as it is looked up and compared: its clauses, and what follows from them; and those that were seen of late."""

from __future__ import annotations

import re
from collections import OrderedDict
from functools import cached_property
from threading import Lock

from crawler.dedup.align import masked
from crawler.dedup.clauses import MAX_CLAUSES, split, without_furniture

RECENT = 600_000
"""Characters of the texts that are kept split: some thousand articles in 8 MB (measured). What a section's articles
have in common leads to the same few hundred of them again and again."""
OVERHEAD = 100
"""Characters that a text without any would count for."""

_NUMBER = re.compile(r"\d+")


class Text:
    """A title and a body without the lines that sites add, split once, to be compared with several."""

    def __init__(self, title: str | None, body: str | None) -> None:
        self._title = title or ""
        self.clauses = split(without_furniture(body))[:MAX_CLAUSES] if body else []
        """The clauses in order."""

    @cached_property
    def distinct(self) -> frozenset[str]:
        """The clauses, each once."""
        return frozenset(self.clauses)

    @cached_property
    def title(self) -> str:
        """The title without marks."""
        return "".join(split(self._title))

    @cached_property
    def length(self) -> int:
        """Characters of the clauses."""
        return sum(map(len, self.clauses))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers, each once."""
        return frozenset(_NUMBER.findall("\n".join(self.clauses)))

    @cached_property
    def masked(self) -> list[str]:
        """The clauses with equal digits."""
        return list(map(masked, self.clauses))


class Recent:
    """The texts that were used last, by the hash of their content; safe to use from several threads."""

    def __init__(self, characters: int = RECENT) -> None:
        self._left = characters
        self._texts: OrderedDict[bytes, Text] = OrderedDict()
        self._lock = Lock()

    def get(self, content: bytes) -> Text | None:
        """The text of this content, if it is kept."""
        found = self._texts.get(content)
        if found is not None:
            try:  # noqa: SIM105 - suppress() takes longer than all else here
                self._texts.move_to_end(content)
            except KeyError:  # another thread needed the room
                pass
        return found

    def put(self, content: bytes, text: Text) -> None:
        """Keep a text; those that were not used for longest give way."""
        with self._lock:
            if content in self._texts:
                return
            self._texts[content] = text
            self._left -= text.length + OVERHEAD
            while self._left < 0:
                _, gone = self._texts.popitem(last=False)
                self._left += gone.length + OVERHEAD
