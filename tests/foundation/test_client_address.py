"""The address that a client is counted by: nobody chooses it, and one customer's network is one client."""

from typing import Any

import pytest
from pytest_django import Settings

from foundation.limits.address import UNKNOWN, client_address

pytestmark = pytest.mark.unit


def address(peer: Any, *forwarded: str) -> str:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    return client_address({"client": peer, "headers": headers})


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        (("203.0.113.7", 50_000), "203.0.113.7"),
        (["203.0.113.7", 50_000], "203.0.113.7"),
        (("2001:db8:1:2:aaaa::1", 1), "2001:db8:1:2::/64"),
        (("2001:db8:1:2:bbbb::9", 1), "2001:db8:1:2::/64"),
        (("2001:db8:1:3::1", 1), "2001:db8:1:3::/64"),
        (("::ffff:203.0.113.7", 1), "203.0.113.7"),
        (("fe80::1%eth0", 1), "fe80::/64"),
        (("fe80::1%eth1", 1), "fe80::/64"),
        (None, UNKNOWN),
        (("", 0), UNKNOWN),
        (("/run/chat.sock", 0), UNKNOWN),
    ],
)
def test_a_client_counts_by_its_address_or_its_network(peer: Any, expected: str, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 0
    assert address(peer) == expected
    assert address(peer, "198.51.100.1") == expected


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (1, ["198.51.100.1"], "198.51.100.1"),
        # What the client sent itself stands further left.
        (1, ["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
        (1, ["192.0.2.66", "198.51.100.1"], "198.51.100.1"),
        (2, ["192.0.2.66, 198.51.100.1, 10.0.0.1"], "198.51.100.1"),
        (2, ["192.0.2.66, 192.0.2.67", "198.51.100.1", "10.0.0.1"], "198.51.100.1"),
        # Fewer hops than proxies: a caller from inside.
        (3, ["198.51.100.1, 10.0.0.1"], "198.51.100.1"),
        (1, ["198.51.100.1:4711"], "198.51.100.1"),
        (1, ["[2001:db8:1:2::9]:4711"], "2001:db8:1:2::/64"),
        (1, ["2001:db8:1:2::9"], "2001:db8:1:2::/64"),
        # No address: the proxy itself.
        (1, [], "10.0.0.9"),
        (1, [""], "10.0.0.9"),
        (1, ["unknown"], "10.0.0.9"),
        (1, ["999.1.1.1"], "10.0.0.9"),
        (1, ["1.2.3.4, " + "9" * 100_000], "10.0.0.9"),
        (1, ["\xff\x00, ,"], "10.0.0.9"),
    ],
)
def test_a_trusted_proxy_says_who_called_it(
    proxies: int, forwarded: list[str], expected: str, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert address(("10.0.0.9", 1), *forwarded) == expected


def test_a_proxy_on_a_unix_socket_says_who_called_it(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    assert address(None, "198.51.100.1") == "198.51.100.1"
