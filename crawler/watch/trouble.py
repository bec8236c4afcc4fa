"""A database or a disk that refuses for a while: said once, waited for, and said once more when it takes again."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from crawler.exceptions import StorageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

WAITS = (1.0, 2.0, 5.0, 10.0, 15.0)
"""Seconds until the next try; the last repeats. A server that restarts is back in some seconds, a full disk is not."""
_STEADY = 60.0
"""Seconds of work after which a failure is a new one, and the waits begin anew."""


def wait_before(attempt: int) -> float:
    """Seconds to wait before try number `attempt`, from 0."""
    return WAITS[min(attempt, len(WAITS) - 1)]


class Trouble:
    """What the parts of a process know of a store that refuses; one line when it begins, one when it has ended."""

    def __init__(self) -> None:
        self._who: set[str] = set()
        self._since = 0.0

    @property
    def standing(self) -> bool:
        """Whether something waits for the store."""
        return bool(self._who)

    def refused(self, who: str, error: StorageError) -> None:
        """Note that a part was refused and waits.

        Raises:
            StorageError: the error itself, where waiting does not help.

        """
        if error.lasting:
            raise error
        if not self._who:
            self._since = time.monotonic()
            logger.warning("%s: nothing is lost, all that has to be stored waits and tries again", error)
        else:
            logger.info("still: %s", error)
        self._who.add(who)

    def taken(self, who: str) -> None:
        """Note that what a part gave was taken."""
        if who in self._who:
            self._who.discard(who)
            if not self._who:
                logger.warning("stored again after %.0f s", time.monotonic() - self._since)

    async def keep(self, who: str, probe: Callable[[], Awaitable[object]], work: Callable[[], Awaitable[None]]) -> None:
        """Do the work; where the store refuses, wait until `probe` is taken and do it again.

        Raises:
            StorageError: waiting does not help.

        """
        attempt = 0
        while True:
            begun = time.monotonic()
            try:
                if attempt:
                    await asyncio.sleep(wait_before(attempt - 1))
                    await probe()
                    self.taken(who)
                    begun = time.monotonic()
                await work()
            except StorageError as error:
                self.refused(who, error)
                attempt = 1 if time.monotonic() - begun > _STEADY else attempt + 1
            else:
                return
