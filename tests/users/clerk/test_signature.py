"""A webhook is taken only if Svix has signed exactly this body, under this id, just now."""

import base64
import time
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from foundation.errors import Unauthenticated
from users.clerk import signature

from .fake_clerk import SIGNING_SECRET, Delivery, deliver, signed

pytestmark = pytest.mark.unit
OTHER_SECRET = "whsec_" + base64.b64encode(b"the secret of somebody else").decode()
BODY = '{"type": "user.deleted", "data": {"id": "user_ä"}}'


@pytest.fixture(autouse=True)
def _secret(settings: Settings) -> Iterator[None]:
    settings.CLERK_WEBHOOK_SIGNING_SECRET = SIGNING_SECRET
    signature._verifier.cache_clear()
    yield
    signature._verifier.cache_clear()


def test_what_svix_has_signed_is_taken() -> None:
    assert signature.verify(BODY.encode(), signed(BODY, delivery_id="msg_1")) == "msg_1"


@pytest.mark.parametrize("age", [-signature.TOLERANCE + 10, signature.TOLERANCE - 10])
def test_clocks_may_differ_by_five_minutes(age: int) -> None:
    assert signature.verify(BODY.encode(), signed(BODY, at=time.time() - age))


def test_while_the_secret_is_changed_one_of_two_signatures_will_do() -> None:
    headers, old = signed(BODY, delivery_id="msg_1"), signed(BODY, delivery_id="msg_1", secret=OTHER_SECRET)
    both = f"{old['svix-signature']} v1a,xyz {headers['svix-signature']}"
    assert signature.verify(BODY.encode(), headers | {"svix-signature": both}) == "msg_1"


def forge() -> dict[str, Delivery]:
    body, headers = BODY.encode(), signed(BODY, delivery_id="msg_1")
    unbranded = {name.replace("svix", "webhook"): value for name, value in headers.items()}
    return {
        "of another secret": (body, signed(BODY, secret=OTHER_SECRET)),
        "of another body": (body + b" ", headers),
        "of another id": (body, headers | {"svix-id": "msg_2"}),
        "of another time": (body, headers | {"svix-timestamp": str(int(time.time()) + 5)}),
        "too old": (body, signed(BODY, at=time.time() - signature.TOLERANCE - 10)),
        "from the future": (body, signed(BODY, at=time.time() + signature.TOLERANCE + 10)),
        "a time that is none": (body, headers | {"svix-timestamp": "nan"}),
        "a time without end": (body, headers | {"svix-timestamp": "inf"}),
        "without headers": (body, {}),
        "without an id": (body, {name: value for name, value in headers.items() if name != "svix-id"}),
        "without a signature": (body, headers | {"svix-signature": ""}),
        "under the unbranded names": (body, unbranded),
        "partly under the unbranded names": (body, headers | {"svix-id": "", "webhook-id": "msg_1"}),
        "of another version": (body, headers | {"svix-signature": headers["svix-signature"].replace("v1,", "v2,")}),
        "no base64": (body, headers | {"svix-signature": "v1,ä"}),
        "no comma": (body, headers | {"svix-signature": "v1"}),
        "an empty one": (body, headers | {"svix-signature": "v1,"}),
        "no UTF-8": (b"\xff", headers),
        "nothing": (b"", {}),
    }


@pytest.mark.parametrize("case", forge())
def test_a_forgery_is_refused(case: str) -> None:
    body, headers = forge()[case]
    with pytest.raises(Unauthenticated) as raised:
        signature.verify(body, headers)
    assert raised.value.code == "unauthenticated"


def test_the_fakes_deliveries_are_valid_so_the_tests_with_them_prove_something() -> None:
    assert signature.verify(*deliver("user.updated", {}))
