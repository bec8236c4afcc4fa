"""One attempt over one channel, whichever kind it is: a signed post, or a message through a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import orjson

from crawler.alerts.client import Attempt, WebhookClient
from crawler.alerts.message import render
from crawler.alerts.notify import Couriers

if TYPE_CHECKING:
    from crawler.alerts.channels import Target


class Sendable(Protocol):
    """What is sent: the id and the bytes are the same at each attempt."""

    @property
    def webhook_id(self) -> str:
        """The id that the receiver knows it by."""

    @property
    def body(self) -> bytes:
        """An event as JSON: `{type, timestamp, data}`."""


class Sender:
    """Everything that sends."""

    def __init__(self, client: WebhookClient | None = None, couriers: Couriers | None = None) -> None:
        """Use these, or ones of its own."""
        self._client = client if client is not None else WebhookClient()
        self._couriers = couriers if couriers is not None else Couriers()

    async def send(self, target: Target, what: Sendable, now: int) -> Attempt:
        """Make one attempt at `now` (whole seconds of epoch time); never raises for what a receiver does."""
        if target.signer is not None:
            headers = target.signer.headers(what.webhook_id, now, what.body)
            return await self._client.post(
                target.url, headers, what.body, allow_private=target.allow_private, proxy=target.proxy
            )
        if target.style is None:
            return Attempt(None, "the channel has neither a secret nor a style")
        message = render(orjson.loads(what.body), target.style)
        return await self._couriers.send(
            target.url, message, target.style.form, allow_private=target.allow_private, proxy=target.proxy
        )

    async def close(self) -> None:
        """Close every connection and process; it may be used again."""
        await self._client.close()
        await self._couriers.close()
