"""The cookie with Clerk's suffix beside a stale or foreign `__session`: the later token of this issuer counts."""

import base64
import hashlib

import pytest
from pytest_django import Settings

from tests.users.issuer import ISSUER, Issuer
from users.session_cookies import read_session_cookie

pytestmark = pytest.mark.unit
KEY = "pk_test_Y2xlcmsuZXhhbXBsZSQ"
NAME = "__session_" + base64.b64encode(hashlib.sha1(KEY.encode()).digest()).decode()[:8].translate(  # noqa: S324
    str.maketrans("+/", "-_")
)


@pytest.fixture(autouse=True)
def _clerk(settings: Settings) -> None:
    settings.LOCAL_ISSUER, settings.CLERK_ISSUER, settings.CLERK_PUBLISHABLE_KEY = False, ISSUER, KEY


def token(issuer: Issuer, at: int, iss: str = ISSUER) -> str:
    return issuer.token(iat=at, iss=iss)


def test_each_alone_is_taken() -> None:
    assert read_session_cookie({NAME: "a"}) == read_session_cookie({"__session": "a"}) == "a"
    assert read_session_cookie({"__session_other": "a"}) is None
    assert read_session_cookie({}) is None


def test_the_later_of_both_is_taken(issuer: Issuer) -> None:
    old, new = token(issuer, 1000), token(issuer, 2000)
    assert read_session_cookie({NAME: new, "__session": old}) == new
    assert read_session_cookie({NAME: old, "__session": new}) == new


def test_at_a_tie_the_suffixed_is_taken(issuer: Issuer) -> None:
    suffixed, plain = issuer.token(iat=1000, sid="sess_a"), issuer.token(iat=1000, sid="sess_b")
    assert read_session_cookie({NAME: suffixed, "__session": plain}) == suffixed


@pytest.mark.parametrize("foreign", ["nonsense", "a.b.c", "", "..", "ä.ä.ä", "x." + "W" * 5000 + ".y"])
def test_one_that_is_none_hides_no_other(issuer: Issuer, foreign: str) -> None:
    own = token(issuer, 1000)
    assert read_session_cookie({NAME: own, "__session": foreign}) == own
    assert read_session_cookie({NAME: foreign, "__session": own}) == own


def test_a_later_one_of_another_issuer_hides_no_other(issuer: Issuer) -> None:
    own, other = token(issuer, 1000), token(issuer, 2000, iss="https://other.example")
    assert read_session_cookie({NAME: own, "__session": other}) == own


def test_in_a_trial_there_is_one_cookie(settings: Settings) -> None:
    settings.LOCAL_ISSUER = True
    assert read_session_cookie({NAME: "a"}) is None
