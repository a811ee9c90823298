"""What a provider, or somebody in its place, may answer: nobody is signed in by it, and it costs little."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.test import AsyncClient
from pytest_django import Settings

from accounts.oidc import fetching
from accounts.oidc import provider as discovering
from accounts.services import oidc
from accounts.services.oidc import Arrival
from foundation.errors import Forbidden, Unauthenticated, Unavailable
from tests.accounts.cast import HERE, PASSWORD, Member

from .hostile_provider import KID, HostileProvider, hostile_provider
from .real_provider import CLIENT_ID, CLIENT_SECRET

DOCUMENT = "/.well-known/openid-configuration"
Change = Callable[[HostileProvider], None]


@pytest.fixture
def provider(settings: Settings) -> Iterator[HostileProvider]:
    with hostile_provider() as hostile:
        settings.OIDC_ISSUER = hostile.issuer
        yield hostile


async def arrive(provider: HostileProvider, change: Change | None = None, **claims: Any) -> Arrival:
    """Sign in, with what the provider says changed."""
    departure = await oidc.begin_sign_in()
    asked = dict(parse_qsl(urlsplit(departure.address).query))
    provider.expects(asked["nonce"], **claims)
    if change:
        change(provider)
    return await oidc.arrive(sealed=departure.sealed, state=asked["state"], code="code", issuer=None, client=HERE)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unsigned(provider: HostileProvider) -> None:
    provider.token = jwt.encode(provider.claims, None, algorithm="none")  # type: ignore[arg-type]


def signed_with_the_public_key(provider: HostileProvider) -> None:
    """The classic confusion: the public key, which anybody has, taken for the secret of an HMAC."""
    header = base64url(json.dumps({"alg": "HS256", "typ": "JWT", "kid": KID}).encode())
    body = f"{header}.{base64url(json.dumps(provider.claims).encode())}"
    signature = hmac.new(provider.public_pem(), body.encode(), hashlib.sha256).digest()
    provider.token = f"{body}.{base64url(signature)}"


def signed_with_the_client_secret(provider: HostileProvider) -> None:
    provider.token = jwt.encode(provider.claims, CLIENT_SECRET, "HS256", headers={"kid": KID})


def signed_by_another_key(provider: HostileProvider) -> None:
    provider.token = jwt.encode(provider.claims, generate_private_key(65537, 2048), "RS256", headers={"kid": KID})


def with_a_key_of_its_own(provider: HostileProvider) -> None:
    key = generate_private_key(65537, 2048)
    numbers = key.public_key().public_numbers()
    own = {"kty": "RSA", "n": base64url(numbers.n.to_bytes(256, "big")), "e": "AQAB"}
    provider.token = jwt.encode(provider.claims, key, "RS256", headers={"kid": KID, "jwk": own})


def spoiled(provider: HostileProvider) -> None:
    head, body, signature = provider.id_token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    provider.token = f"{head}.{base64url(json.dumps({**claims, 'sub': 'the owner'}).encode())}.{signature}"


TOKENS: list[Change] = [
    unsigned,
    signed_with_the_public_key,
    signed_with_the_client_secret,
    signed_by_another_key,
    with_a_key_of_its_own,
    spoiled,
    lambda provider: setattr(provider, "token", "nonsense"),
    lambda provider: setattr(provider, "token", "a.b.c"),
    lambda provider: setattr(provider, "token", "x" * 100_000),
    lambda provider: provider.headers.update(crit=["b64"], b64=False),
    lambda provider: provider.headers.update(typ="at+jwt"),
    lambda provider: setattr(provider, "userinfo", {"sub": "another"}),
    lambda provider: setattr(provider, "userinfo", {}),
]
HOUR = 3600
CLAIMS: list[dict[str, Any]] = [
    {"nonce": "another"},
    {"nonce": None},
    {"nonce": 5},
    {"aud": "another"},
    {"aud": None},
    {"aud": []},
    {"aud": [CLIENT_ID, "another"]},
    {"aud": [CLIENT_ID, "another"], "azp": "another"},
    {"azp": "another"},
    {"iss": "https://evil.example"},
    {"iss": None},
    {"exp": int(time.time()) - HOUR},
    {"exp": None},
    {"exp": "never"},
    {"iat": int(time.time()) + HOUR},
    {"nbf": int(time.time()) + HOUR},
    {"sub": None},
    {"sub": ""},
    {"sub": 5},
    {"sub": "x" * 256},
    {"sub": ["somebody"]},
    {"at_hash": "of another token"},
]


async def test_what_is_right_signs_in(provider: HostileProvider) -> None:
    arrival = await arrive(provider)
    assert arrival.session
    assert arrival.session.user.name == "Somebody"
    [form] = [parse_qs(form) for form in provider.forms]
    assert (form["grant_type"], len(form["code_verifier"][0]) >= 43) == (["authorization_code"], True)
    # A clock that is a few seconds behind is taken; several audiences, if this is the party.
    now = int(time.time())
    assert (await arrive(provider, exp=now - 2, iat=now + 2)).session
    assert (await arrive(provider, aud=[CLIENT_ID, "another"], azp=CLIENT_ID)).session


@pytest.mark.parametrize(
    "claims", CLAIMS, ids=[f"{next(iter(claims))} {number}" for number, claims in enumerate(CLAIMS)]
)
async def test_wrong_claims_sign_nobody_in(provider: HostileProvider, claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        await arrive(provider, **claims)


@pytest.mark.parametrize("change", TOKENS)
async def test_a_token_that_proves_nothing_signs_nobody_in(provider: HostileProvider, change: Change) -> None:
    with pytest.raises(Unauthenticated):
        await arrive(provider, change)


async def test_an_address_that_is_not_verified_is_none(
    provider: HostileProvider, settings: Settings, member: Member
) -> None:
    settings.OIDC_DOMAINS = ["example.org"]
    for verified in (False, "true", 1, None):
        with pytest.raises(Forbidden):
            await arrive(provider, email="somebody@example.org", email_verified=verified)
    assert (await arrive(provider, email="somebody@example.org", email_verified=True)).session


async def test_hostile_names_become_names(provider: HostileProvider) -> None:
    for number, name in enumerate(("\u202eevil", "x" * 250, "", 5, {"a": 1}, "<script>")):
        arrival = await arrive(provider, sub=f"named-{number}", name=name, preferred_username="#\u200b/..")
        assert arrival.session
        assert arrival.session.user.name


# --- the keys --------------------------------------------------------------------------------------------------------
async def test_unknown_keys_are_asked_for_seldom(provider: HostileProvider) -> None:
    await arrive(provider)
    provider.asked.clear()
    for number in range(5):
        with pytest.raises(Unauthenticated):
            await arrive(provider, lambda hostile, kid=f"unknown-{number}": hostile.headers.update(kid=kid))  # type: ignore[misc]
    assert provider.asked.count("/jwks") == 0
    assert provider.asked.count(DOCUMENT) == 0


# --- the document ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "http://evil.example/token"},
        {"token_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "file:///etc/passwd"},
        {"userinfo_endpoint": 5},
    ],
    ids=str,
)
async def test_a_document_of_somebody_else_is_not_used(provider: HostileProvider, document: dict[str, Any]) -> None:
    provider.document = document
    for _ in range(3):
        with pytest.raises(Unavailable):
            await oidc.begin_sign_in()
    # Whoever clicks again and again makes no requests.
    assert provider.asked == [DOCUMENT]


def too_large() -> tuple[int, bytes]:
    return 200, b'{"a": "' + b"x" * fetching.MAX_BYTES + b'"}'


BODIES: list[Callable[[], tuple[int, bytes]]] = [
    too_large,
    lambda: (200, b"["),
    lambda: (200, b"[" * 50_000),
    lambda: (200, b"[]"),
    lambda: (500, b"<html>"),
    lambda: (302, b"http://127.0.0.1:1/"),
]


@pytest.mark.parametrize("path", [DOCUMENT, "/token", "/me"])
@pytest.mark.parametrize("body", BODIES)
async def test_answers_that_are_none_are_as_good_as_none(
    provider: HostileProvider, path: str, body: Callable[[], tuple[int, bytes]]
) -> None:
    provider.instead[path] = body
    with pytest.raises((Unavailable, Unauthenticated)):
        await arrive(provider)


async def test_an_answer_that_never_ends_is_not_waited_for(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "TIMEOUT", 0.3)
    done = threading.Event()

    def never() -> tuple[int, bytes]:
        done.wait(60)
        return 200, b"{}"

    provider.instead["/token"] = never
    try:
        with pytest.raises(Unavailable):
            await arrive(provider)
    finally:
        done.set()


# --- while it is away ------------------------------------------------------------------------------------------------
async def test_while_it_is_away_others_sign_in_and_a_page_says_so(
    provider: HostileProvider, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.instead[DOCUMENT] = lambda: (503, b"")
    client = AsyncClient()
    response = await client.get("/sign-in/oidc")
    assert response.status_code == 503
    assert "does not answer" in response.content.decode()
    assert (await client.post("/sign-in", {"login": member.login, "password": PASSWORD})).status_code == 302
    # It is asked again after a while, and what was known once serves while it is away.
    monkeypatch.setattr(discovering, "MIN_INTERVAL", 0.0)
    discovering.discovery.pop()
    del provider.instead[DOCUMENT]
    monkeypatch.setattr(discovering, "MAX_AGE", 0.0)
    assert (await client.get("/sign-in/oidc")).status_code == 302
    provider.instead[DOCUMENT] = lambda: (503, b"")
    assert (await client.get("/sign-in/oidc")).status_code == 302
