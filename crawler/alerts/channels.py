"""Channels of the configuration, made ready: the secret read, the address looked at."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import HttpUrl, TypeAdapter, ValidationError

from crawler.alerts.addresses import named, refusal
from crawler.alerts.notify import apprise_url, describe, pace_of, style_of
from crawler.alerts.signing import Signer
from crawler.config import read_secret
from crawler.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.alerts.message import Style
    from crawler.config import Channel

_HTTP: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver; the URLs stay out of logs, since they may hold a token.

    Webhooks have a signer; services that get messages have a style instead.
    """

    name: str
    url: str = field(repr=False)
    allow_private: bool
    ordered: bool = False
    proxy: str | None = field(default=None, repr=False)
    signer: Signer | None = None
    style: Style | None = None
    pace: float = 0.0
    """Seconds at least between the beginnings of two attempts."""


def open_channels(channels: Iterable[Channel]) -> dict[str, Target]:
    """Every channel by its name: its secrets read, its URL looked at.

    Raises:
        ConfigError: a secret cannot be read or is none; a URL has a user name or password, is http without
            `allow_http`, is a private address without `allow_private`, or is of no service; the extra that a service
            needs is missing. The message names the channel and never holds a secret.

    """
    made: dict[str, Target] = {}
    services: dict[str, tuple[Channel, str]] = {}
    for channel in channels:
        try:
            if channel.type == "webhook":
                made[channel.name] = _open_webhook(channel)
            else:
                services[channel.name] = channel, _service_url(channel)
        except ConfigError as error:
            raise ConfigError(f"channel {channel.name!r}: {error}") from None
    if services:
        made |= _open_services(services)
    return made


def _open_webhook(channel: Channel) -> Target:
    try:
        url = _HTTP.validate_python(read_secret(channel.url))
    except ValidationError as error:
        raise ConfigError(f"url: {error.errors(include_url=False)[0]['msg']}") from None
    if url.username is not None or url.password is not None:
        raise ConfigError("url: must not hold a user name or password")
    if url.scheme != "https" and not channel.allow_http:
        raise ConfigError("url: must begin with https://, or set allow_http = true")
    check_host(channel, (url.host or "").strip("[]"))
    signer = Signer([read_secret(secret) for secret in channel.secrets])
    return Target(channel.name, str(url), channel.allow_private, channel.ordered, _proxy(channel), signer=signer)


def _service_url(channel: Channel) -> str:
    secrets = [read_secret(secret) for secret in channel.secrets]
    if len(secrets) > 1:
        raise ConfigError("secret: a service has one")
    return apprise_url(read_secret(channel.url).strip(), secrets[0] if secrets else None)


def _open_services(services: dict[str, tuple[Channel, str]]) -> dict[str, Target]:
    try:
        found = describe([url for _, url in services.values()])
    except ConfigError as error:
        raise ConfigError(f"channel {next(iter(services))!r} {error}") from None
    made: dict[str, Target] = {}
    for (name, (channel, url)), one in zip(services.items(), found, strict=True):
        try:
            made[name] = _open_service(channel, url, one)
        except ConfigError as error:
            raise ConfigError(f"channel {name!r}: {error}") from None
    return made


def _open_service(channel: Channel, url: str, found: dict[str, Any]) -> Target:
    style = style_of(found, allow_http=channel.allow_http)
    check_host(channel, found["host"])
    pace = pace_of(found)
    return Target(channel.name, url, channel.allow_private, channel.ordered, _proxy(channel), style=style, pace=pace)


def _proxy(channel: Channel) -> str | None:
    return None if channel.proxy is None else read_secret(channel.proxy)


def check_host(channel: Channel, host: str) -> None:
    """Say at once what would be refused when dialled: a private address in so many words.

    Raises:
        ConfigError: it is one, and the channel does not say `allow_private`.

    """
    if channel.allow_private or not _is_address(host):
        return
    why = refusal(host)
    if why is not None:
        raise ConfigError(f"url: {host} is {named(why)}; set allow_private = true")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
