import ipaddress
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.alerts.addresses import AddressRefusedError, guarded_socket, refusal


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("0.0.0.0", "unspecified"),
        ("10.1.2.3", "private"),
        ("100.64.0.1", "carrier-grade NAT"),
        ("100.100.100.200", "carrier-grade NAT"),  # a cloud's metadata
        ("100.127.255.255", "carrier-grade NAT"),
        ("127.0.0.1", "loopback"),
        ("127.8.8.8", "loopback"),
        ("168.63.129.16", "cloud metadata"),
        ("169.254.169.254", "link-local"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.0.0.192", "reserved"),
        ("192.168.1.1", "private"),
        ("198.18.0.1", "benchmarking"),
        ("203.0.113.7", "documentation"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:7f00:1", "loopback"),
        ("::ffff:169.254.169.254", "link-local"),
        ("::127.0.0.1", "loopback"),
        ("::ffff:0:10.0.0.1", "private"),
        ("64:ff9b::10.0.0.1", "private"),
        ("64:ff9b:1::1", "translated"),
        ("2002:7f00:1::", "translated"),
        ("2001:0:4136:e378::1", "reserved"),
        ("2001:db8::1", "documentation"),
        ("fc00::1", "private"),
        ("fd00:ec2::254", "private"),  # a cloud's metadata
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("fec0::1", "private"),
        ("ff02::1", "multicast"),
        ("2606:4700::5efe:10.0.0.1", "private"),
        ("2606:4700::200:5efe:127.0.0.1", "loopback"),
        ("not an address", "unknown"),
        ("", "unknown"),
        ("2130706433", "unknown"),
    ],
)
def test_what_is_not_public_is_refused_by_its_kind(address: str, why: str) -> None:
    assert refusal(address) == why


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.32.0.1", "2606:4700::1111", "64:ff9b::8.8.8.8"],
)
def test_what_is_public_is_dialled(address: str) -> None:
    assert refusal(address) is None


@settings(max_examples=300)
@given(st.ip_addresses())
def test_nothing_that_python_calls_private_gets_through(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if not address.is_global or address.is_multicast:
        assert refusal(str(address)) is not None


@settings(max_examples=200)
@given(st.ip_addresses(v=4))
def test_an_embedded_address_is_judged_as_itself(address: ipaddress.IPv4Address) -> None:
    alone = refusal(str(address))
    assert refusal(f"::ffff:{address}") == alone
    assert refusal(f"64:ff9b::{address}") == alone


@pytest.mark.parametrize(
    ("family", "target"), [(socket.AF_INET, ("127.0.0.1", 80)), (socket.AF_INET6, ("::ffff:10.0.0.1", 80, 0, 0))]
)
def test_no_socket_is_made_for_a_refused_address(family: socket.AddressFamily, target: tuple[object, ...]) -> None:
    with pytest.raises(AddressRefusedError) as caught:
        guarded_socket((family, socket.SOCK_STREAM, 6, "", target))
    assert str(target[0]) in str(caught.value)


def test_no_socket_is_made_for_another_family() -> None:
    with pytest.raises(AddressRefusedError):
        guarded_socket((socket.AF_UNIX, socket.SOCK_STREAM, 0, "", "/run/docker.sock"))


def test_a_public_address_gets_its_socket() -> None:
    with guarded_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 443))) as made:
        assert made.family == socket.AF_INET
