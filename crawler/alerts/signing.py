"""Signatures by Standard Webhooks 1.0.0 (https://github.com/standard-webhooks/standard-webhooks, spec of 2023)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

from crawler.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

PREFIX = "whsec_"
_MINIMUM, _MAXIMUM = 24, 64  # bytes of a key, as the specification asks


def decode_secret(secret: str) -> bytes:
    """The key of a `whsec_` secret (base64, padding optional).

    Raises:
        ConfigError: it is not one; the message never holds the secret or a part of it.

    """
    if not secret.startswith(PREFIX):
        raise ConfigError(f"secret: must be {PREFIX} followed by base64 of 24 to 64 random bytes")
    encoded = secret.removeprefix(PREFIX).strip().rstrip("=")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        # the cause would quote nothing, but a chained traceback is no place for secrets either
        raise ConfigError(f"secret: what follows {PREFIX} is not base64") from None
    if not _MINIMUM <= len(key) <= _MAXIMUM:
        raise ConfigError(f"secret: the key has {len(key)} bytes; {_MINIMUM} to {_MAXIMUM} are needed")
    return key


class Signer:
    """Signs attempts with every key of a channel: several while a key is being rotated, the first one first."""

    __slots__ = ("_keys",)

    def __init__(self, secrets: Sequence[str]) -> None:
        """Decode the secrets.

        Raises:
            ConfigError: there is none, or one is not a `whsec_` secret.

        """
        if not secrets:
            raise ConfigError("secret: at least one is needed")
        self._keys = tuple(decode_secret(secret) for secret in secrets)

    def __repr__(self) -> str:
        return f"Signer({len(self._keys)} keys)"

    def headers(self, webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
        """The three headers of one attempt; `timestamp` is whole seconds of UTC epoch time.

        Raises:
            ValueError: the id holds a dot, which would make the signed text ambiguous.

        """
        if "." in webhook_id:
            raise ValueError("a webhook id must not hold a dot")
        signed = b"%s.%d.%s" % (webhook_id.encode("ascii"), timestamp, body)
        signatures = (base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode("ascii") for key in self._keys)
        return {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
        }
