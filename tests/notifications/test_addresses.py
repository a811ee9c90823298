"""Where pushes may go: a device's address leads into no network of this server's own, whatever it looks like."""

from ipaddress import ip_address

import pytest
from django.test import override_settings

from notifications.push.addresses import is_public, problem_of

pytestmark = pytest.mark.unit

HOSTILE = [
    "http://push.example.org/x",
    "ftp://push.example.org/x",
    "https://localhost/x",
    "https://LOCALHOST./x",
    "https://chat.localhost/x",
    "https://intranet/x",
    "https://db.internal/x",
    "https://printer.local/x",
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://2130706433/x",
    "https://0x7f.0.0.1/x",
    "https://0177.0.0.1/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/x",
    "https://192.168.1.1/x",
    "https://100.64.0.1/x",
    "https://0.0.0.0/x",
    "https://224.0.0.1/x",
    "https://[::1]/x",
    "https://[::]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[64:ff9b::7f00:1]/x",
    "https://[2002:7f00:1::]/x",
    "https://[fe80::1]/x",
    "https://[fd00::1]/x",
    "https://user@push.example.org/x",
    "https://user:secret@push.example.org/x",
    "https://push.example.org:22/x",
    "https://push.example.org:6379/x",
    "https://push.example.org/x#y",
    "https://push.example.org/ x",
    "https://push.example.org/x\r\nHost: other",
    "https://pűsh.example.org/x",
    "https:///x",
    "https://[/x",
    "https://push.example.org:99999/x",
    "//push.example.org/x",
    "javascript:alert(1)",
    "",
    f"https://push.example.org/{'x' * 1000}",
]


@pytest.mark.parametrize("endpoint", HOSTILE, ids=range(len(HOSTILE)))
def test_an_address_that_is_refused(endpoint: str) -> None:
    assert problem_of(endpoint) is not None


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
        "https://web.push.apple.com/QGu",
        "https://wns2-par02p.notify.windows.com/w/?token=BQ",
        "https://push.example.org:443/x",
        "https://8.8.8.8/x",
    ],
)
def test_an_address_of_a_push_service(endpoint: str) -> None:
    assert problem_of(endpoint) is None


def test_tests_may_push_to_this_machine() -> None:
    with override_settings(PUSH_PRIVATE_NETWORKS=True):
        assert problem_of("http://127.0.0.1:8080/x") is None
        assert problem_of("file:///etc/passwd") is not None


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *(("8.8.8.8", True), ("2606:4700::1111", True), ("127.0.0.1", False), ("169.254.169.254", False)),
        *(("::ffff:10.0.0.1", False), ("64:ff9b::808:808", True), ("64:ff9b::a00:1", False), ("ff02::1", False)),
        *(("198.18.0.1", False), ("240.0.0.1", False), ("2001:db8::1", False)),
        *(("64:ff9b:1::a00:1", False), ("fec0::1", False), ("::10.0.0.1", False), ("::8.8.8.8", False)),
        *(("::ffff:0:10.0.0.1", False), ("4000::1", False)),
    ],
)
def test_whether_an_address_is_public(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public
