"""One channel as the delivery worker sees it: what was read of its queue, and whether another attempt may begin."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from crawler.alerts.channels import Target
    from crawler.store import Delivery, Store

FETCH = 64
"""Deliveries read at once: 20 kB each at most."""


@dataclass(slots=True)
class Lane:
    """`most` attempts at once; `silent` counts those in a row that got no answer at all. Times are the event loop's."""

    target: Target
    most: int
    queue: deque[Delivery] = field(default_factory=deque)
    unread: bool = False
    disabled: bool = False
    silent: int = 0
    busy: int = 0
    free_at: float = 0.0

    def look_again(self, *, disabled: bool) -> None:
        """Forget what was read."""
        self.queue.clear()
        self.unread, self.disabled = True, disabled

    def has_room(self, now: float) -> bool:
        """Whether an attempt may begin."""
        return not self.disabled and self.busy < self.most and now >= self.free_at

    @property
    def idle(self) -> bool:
        """Whether there is nothing more, as far as was read."""
        return not self.queue and not self.unread

    def pause(self, now: float) -> float:
        """Seconds for which the channel's pace holds back what there may be; infinite if it holds back nothing."""
        return self.free_at - now if self.free_at > now and not self.disabled and not self.idle else math.inf

    async def fetch(self, store: Store, cutoff: float, under_way: Container[int]) -> bool:
        """Have something in the queue, read if it is empty and the last look did not show that there is no more.

        Raises:
            StorageError: the database refused.

        """
        if self.unread and not self.queue:
            if self.target.ordered:
                due = await store.deliveries.due_in_order(cutoff, FETCH, self.target.name)
            else:
                due = await store.deliveries.due(cutoff, FETCH, (self.target.name,))
            self.unread = len(due) == FETCH
            self.queue.extend(delivery for delivery in due if delivery.id not in under_way)
        return bool(self.queue)

    def begin(self, now: float) -> Delivery:
        """Take the next one."""
        self.busy += 1
        self.free_at = now + self.target.pace
        return self.queue.popleft()

    def failed(self) -> None:
        """An attempt is to be made again: where order is kept, what follows waits behind it."""
        if self.target.ordered:
            self.queue.clear()
            self.unread = False
