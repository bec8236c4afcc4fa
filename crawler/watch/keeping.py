"""What a watch does beside polling: daily sums, a look at the clock, a heartbeat, an end when its loop hangs."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import aiohttp

from crawler.watch.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from crawler.config import Watch

logger = logging.getLogger(__name__)

LOOK_EVERY = 10.0
"""Seconds between two looks."""
JUMP = 60.0
"""Seconds that the clock may gain or lose between two looks, or two processes, before it counts as set."""
_READINGS = 5
_HEARTBEAT_TIMEOUT = 15.0
_REFUSED = 400


class Keeping:
    """Runs beside the polls until cancelled. `tick` comes every few seconds, `jumped` with how far the clock was set.

    Seconds are the clock's; `speed` of them are one of the machine's.

    `settings` gives the newest ones; `well` says whether the heartbeat may be sent.
    """

    def __init__(
        self,
        settings: Callable[[], Watch],
        clock: Callable[[], float],
        tick: Callable[[], Awaitable[None]],
        jumped: Callable[[float], Awaitable[None]],
        *,
        well: Callable[[], bool] = lambda: True,
        guard: bool,
        look_every: float = LOOK_EVERY,
        speed: float = 1.0,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._tick = tick
        self._jumped = jumped
        self._well = well
        self._guard = guard
        self._look_every = look_every
        self._speed = speed

    async def run(self) -> None:
        """Keep at it."""
        beat = asyncio.create_task(self._heartbeat())
        watchdog = Watchdog() if self._guard else None
        try:
            wall, steady = self._moment()
            while True:
                if watchdog is not None:
                    watchdog.feed(max(self._settings().hang_timeout, 2 * self._look_every))
                await asyncio.sleep(self._look_every / self._speed)
                now, then = self._moment()
                drift = (now - wall) - (then - steady) * self._speed
                wall, steady = now, then
                if abs(drift) > JUMP:
                    logger.warning("the clock was set by %+.0f s: every section is planned anew", drift)
                    await self._jumped(drift)
                await self._tick()
        finally:
            if watchdog is not None:
                watchdog.end()
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)

    def _moment(self) -> tuple[float, float]:
        """The clock and the machine's steady time, of one moment as far as a busy machine lets that be."""
        for _ in range(_READINGS):
            before = time.monotonic()
            now = self._clock()
            if (time.monotonic() - before) * self._speed < 1:
                break
        return now, before

    async def _heartbeat(self) -> None:
        """Ask the heartbeat address while all is well; that it does not answer is its own affair, said once."""
        silent = False
        timeout = aiohttp.ClientTimeout(total=_HEARTBEAT_TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                settings = self._settings()
                if settings.heartbeat_url is not None and self._well():
                    try:
                        async with session.get(str(settings.heartbeat_url), allow_redirects=False) as answer:
                            taken = answer.status < _REFUSED
                            said = f"answered {answer.status}"
                    except (aiohttp.ClientError, TimeoutError) as error:
                        taken, said = False, type(error).__name__
                    if not taken and not silent:
                        logger.warning("the heartbeat address does not take it: %s", said)
                    silent = not taken
                await asyncio.sleep(settings.heartbeat_every)
