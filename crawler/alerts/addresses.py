"""Which addresses a delivery may dial.

The check sits in the connector's socket factory, so it sees the very address that is dialled. A name that resolves to
something else a moment later (DNS rebinding), a decimal spelling, a trailing dot or a hosts file change nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA's special-purpose registries (IPv4 and IPv6), spelled out because `is_global` differs between Python releases.
_REFUSED: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "unspecified"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "carrier-grade NAT"),
    ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "cloud metadata"),  # Azure's host service has a public address
    ("169.254.0.0/16", "link-local"),  # with the metadata services of most clouds
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "documentation"),
    ("192.88.99.0/24", "reserved"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("64:ff9b:1::/48", "translated"),
    ("100::/64", "discard-only"),
    ("2001::/23", "reserved"),  # Teredo, ORCHID, benchmarking
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "translated"),  # 6to4 may lead anywhere in IPv4
    ("3fff::/20", "documentation"),
    ("5f00::/16", "reserved"),
    ("fc00::/7", "private"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "private"),
    ("ff00::/8", "multicast"),
)
_NETWORKS = tuple((ipaddress.ip_network(network), word) for network, word in _REFUSED)

# Prefixes whose last 32 bits are an IPv4 address: mapped, compatible, SIIT, and the NAT64 prefix of RFC 6052.
_EMBEDDING = tuple(
    ipaddress.IPv6Network(network) for network in ("::ffff:0:0/96", "::/96", "::ffff:0:0:0/96", "64:ff9b::/96")
)
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


def named(why: str) -> str:
    """`a loopback address`, `an unspecified address`."""
    return f"{'an' if why[0] in 'aeiou' else 'a'} {why} address"


class AddressRefusedError(OSError):
    """A name or URL led to an address that deliveries must not dial; `address` and `why` say which and what it is."""

    def __init__(self, address: str, why: str) -> None:
        """Keep both for the reason that is stored with the delivery."""
        super().__init__(f"{address} is {named(why)}: refused (the channel does not say allow_private = true)")
        self.address = address
        self.why = why


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    number = int(address)
    if any(address in network for network in _EMBEDDING) or (number >> 32) & 0xFFFFFFFF in _ISATAP:
        return ipaddress.IPv4Address(number & 0xFFFFFFFF)
    return None


def _refusal(address: _Address) -> str | None:
    for network, word in _NETWORKS:
        if address.version == network.version and address in network:
            return word
    if isinstance(address, ipaddress.IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return _refusal(inner)
    return None if address.is_global else "reserved"


def refusal(address: str) -> str | None:
    """What kind of non-public address this is, in one or two words; None for a public one.

    Args:
        address: a numeric IPv4 or IPv6 address, with or without a zone; anything else is refused as `unknown`.

    """
    try:
        return _refusal(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return "unknown"


def guarded_socket(address_info: tuple[Any, ...]) -> socket.socket:
    """A socket for one address about to be dialled: the connector's `socket_factory` for receivers on the internet.

    Raises:
        AddressRefusedError: the address is not public.

    """
    family, kind, protocol, _, target = address_info
    why = refusal(str(target[0])) if family in {socket.AF_INET, socket.AF_INET6} else "unknown"
    if why is not None:
        raise AddressRefusedError(str(target[0]), why)
    return socket.socket(family, kind, protocol)
