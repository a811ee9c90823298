"""What a push carries: only its browser can read it; and how the server says who it is."""

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from bench.notifications.browser import Browser, unb64, verify_vapid
from notifications.push import encryption
from notifications.push.client import answer_of
from notifications.push.vapid import Vapid

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text", [b"x", b"ahoy" * 10, bytes(range(256)) * 11, b"\2" * 40, b"x" * encryption.MAX_PAYLOAD]
)
def test_its_browser_reads_it(text: bytes) -> None:
    browser = Browser()
    keys = browser.keys
    body = encryption.encrypt(text, public_key=keys["p256dh"], secret=keys["auth"])
    assert browser.decrypt(body) == text
    assert len(body) <= 4096
    # Each has a key pair and a salt of its own.
    assert encryption.encrypt(text, public_key=keys["p256dh"], secret=keys["auth"])[:86] != body[:86]


def test_no_other_browser_does() -> None:
    browser = Browser()
    body = encryption.encrypt(b"ahoy", public_key=browser.keys["p256dh"], secret=browser.keys["auth"])
    with pytest.raises(InvalidTag):
        Browser().decrypt(body)
    with pytest.raises(InvalidTag):
        Browser(browser.key, b"another secret! ").decrypt(body)


def test_the_example_of_the_rfc_is_read() -> None:
    """RFC 8291, 5: that the browser of these tests is one."""
    private = int.from_bytes(unb64("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), "big")
    browser = Browser(ec.derive_private_key(private, ec.SECP256R1()), unb64("BTBZMqHH6r4Tts7J_aSIgg"))
    body = unb64(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    assert browser.decrypt(body) == b"When I grow up, I want to be a watermelon"


BAD_KEYS = [
    {"public_key": "", "secret": "BTBZMqHH6r4Tts7J_aSIgg"},
    {"public_key": "AAAA", "secret": "BTBZMqHH6r4Tts7J_aSIgg"},
    # On no curve, and compressed.
    {"public_key": "BA" + "A" * 85, "secret": "BTBZMqHH6r4Tts7J_aSIgg"},
    {"public_key": "Ag" + "A" * 42, "secret": "BTBZMqHH6r4Tts7J_aSIgg"},
    {"public_key": "ÄÖÜ", "secret": "BTBZMqHH6r4Tts7J_aSIgg"},
]


@pytest.mark.parametrize("keys", BAD_KEYS, ids=range(len(BAD_KEYS)))
def test_keys_that_are_none(keys: dict[str, str]) -> None:
    assert "p256dh" in encryption.problem_of_keys(**keys)


@pytest.mark.parametrize("secret", ["", "AAAA", "BTBZMqHH6r4Tts7J_aSIgggg", "!" * 22])
def test_secrets_that_are_none(secret: str) -> None:
    assert list(encryption.problem_of_keys(Browser().keys["p256dh"], secret)) == ["auth"]


def test_the_server_signs_for_one_push_service() -> None:
    vapid = Vapid(ECKey.generate_key("P-256"))
    claims, key = verify_vapid(vapid.authorization("https://push.example.org"))
    assert (claims["aud"], key) == ("https://push.example.org", vapid.public_key)
    assert claims["sub"].startswith(("mailto:", "http"))
    other, _ = verify_vapid(vapid.authorization("https://other.example.org"))
    assert other["aud"] == "https://other.example.org"


@pytest.mark.parametrize(
    ("status", "retry_after", "outcome", "after"),
    [
        (201, "", "sent", 0),
        (200, "", "sent", 0),
        (404, "", "gone", 0),
        (410, "", "gone", 0),
        (301, "", "refused", 0),
        (307, "", "refused", 0),
        (400, "", "refused", 0),
        (403, "", "refused", 0),
        (413, "", "refused", 0),
        (429, "30", "later", 30),
        (503, "7200", "later", 3600),
        (500, "soon", "later", 0),
        (503, "-1", "later", 0),
        (503, "9" * 400, "later", 0),
        (503, "Sat, 14 Mar 2020 15:09:26 GMT", "later", 0),
    ],
)
def test_answers_of_push_services(status: int, retry_after: str, outcome: str, after: float) -> None:
    answer = answer_of(status, retry_after)
    assert (answer.outcome, answer.after) == (outcome, after)
