"""Channels of the configuration, made ready: the secret read, the address looked at."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.alerts.addresses import refusal
from crawler.alerts.signing import Signer
from crawler.config import read_secret
from crawler.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.alerts.message import Style
    from crawler.config import Channel


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver; the URL stays out of logs, since it may hold a token."""

    name: str
    url: str = field(repr=False)
    signer: Signer
    allow_private: bool
    ordered: bool = False
    style: Style | None = None


def open_channel(channel: Channel) -> Target:
    """Read a channel's secrets and look at its URL.

    Raises:
        ConfigError: a secret cannot be read or is none; the URL has a user name or password, is http without
            `allow_http`, or is a private address without `allow_private`. The message never holds a secret.

    """
    url = channel.url
    if url.username is not None or url.password is not None:
        raise ConfigError(f"channel {channel.name!r}: url: must not hold a user name or password")
    if url.scheme != "https" and not channel.allow_http:
        raise ConfigError(f"channel {channel.name!r}: url: must begin with https://, or set allow_http = true")
    host = (url.host or "").strip("[]")
    if not channel.allow_private and _is_address(host):
        why = refusal(host)
        if why is not None:
            raise ConfigError(f"channel {channel.name!r}: url: {host} is a {why} address; set allow_private = true")
    try:
        signer = Signer([read_secret(secret) for secret in channel.secrets])
    except ConfigError as error:
        raise ConfigError(f"channel {channel.name!r}: {error}") from None
    return Target(channel.name, str(url), signer, channel.allow_private, channel.ordered)


def open_channels(channels: Iterable[Channel]) -> dict[str, Target]:
    """Every channel by its name.

    Raises:
        ConfigError: as `open_channel`.

    """
    return {channel.name: open_channel(channel) for channel in channels}


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
