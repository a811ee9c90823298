"""A session token is good only if everything about it is."""

import json
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.errors import TokenExpired, Unauthenticated
from users import tokens
from users.keys import FixedKey
from users.tokens import MAX_BYTES, Verifier

from .issuer import ISSUER, ORIGIN, Issuer, encoded, encoded_bytes, hs256, signed

pytestmark = pytest.mark.unit

LEEWAY = 5
STRANGER = Issuer()


def verifier(issuer: Issuer) -> Verifier:
    return Verifier(ISSUER, frozenset({ORIGIN}), FixedKey(issuer.public(), kid=issuer.kid), LEEWAY)


async def test_a_good_token_names_the_user_the_session_and_the_end(issuer: Issuer) -> None:
    exp = int(time.time()) + 30
    claims = await verifier(issuer).verify(issuer.token(exp=exp, full_name="Alice A", email="a@example.com"))
    assert (claims.user_id, claims.session_id, claims.expires_at) == ("user_alice", "sess_1", exp)
    assert (claims.name, claims.email) == ("Alice A", "a@example.com")


async def test_a_token_that_was_good_before_is_refused_once_it_has_run_out(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    once, token = verifier(issuer), issuer.token(exp=now(30))
    await once.verify(token)
    later = SimpleNamespace(time=lambda: now(30 + LEEWAY) + 1)
    monkeypatch.setattr(tokens, "time", later)
    with pytest.raises(TokenExpired):
        await once.verify(token)


async def test_a_token_that_was_good_before_is_refused_once_its_key_is_another(issuer: Issuer) -> None:
    once = verifier(issuer)
    token = issuer.token()
    await once.verify(token)
    changed = replace(once, keys=FixedKey(STRANGER.public(), kid=issuer.kid))
    assert changed.good
    with pytest.raises(Unauthenticated):
        await changed.verify(token)


def now(seconds: int) -> int:
    return int(time.time()) + seconds


GOOD: dict[str, dict[str, Any]] = {
    "expired within the leeway": {"exp": -2},
    "valid in a moment, within the leeway": {"nbf": 2, "iat": 2},
    "no azp": {"azp": None},
    "no sts": {"sts": None},
    "no sid": {"sid": None},
    "no nbf": {"nbf": None},
}


@pytest.mark.parametrize("changes", GOOD.values(), ids=GOOD.keys())
async def test_taken(issuer: Issuer, changes: dict[str, Any]) -> None:
    assert (await verifier(issuer).verify(issuer.token(**at_now(changes)))).user_id == "user_alice"


async def test_a_token_with_header_parameters_of_its_issuers_own_is_taken(issuer: Issuer) -> None:
    # Clerk's have one.
    headers = {"kid": issuer.kid, "cat": "cl_B7d4PD111AAA"}
    token = jwt.encode(issuer.claims(), issuer.key, algorithm="RS256", headers=headers)
    assert (await verifier(issuer).verify(token)).user_id == "user_alice"


REFUSED: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://clerk.evil"},
    "an issuer that starts the same": {"iss": ISSUER + ".evil"},
    "no issuer": {"iss": None},
    "another origin": {"azp": "https://evil.example"},
    "an empty origin": {"azp": ""},
    "a list of origins": {"azp": [ORIGIN]},
    "not valid yet": {"nbf": 60},
    "issued later than now": {"iat": 60},
    "a pending session": {"sts": "pending"},
    "for another audience": {"aud": "https://other.example"},
    "no subject": {"sub": None},
    "a subject that is a number": {"sub": 7},
    "a subject that is a list": {"sub": ["user_alice"]},
    "an empty subject": {"sub": ""},
    "a subject that breaks keys": {"sub": "user#alice"},
    "a subject without end": {"sub": "u" * 200},
    "a session that is a number": {"sid": 7},
    "no end": {"exp": None},
    "an end that is a word": {"exp": "tomorrow"},
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED.keys())
async def test_refused(issuer: Issuer, changes: dict[str, Any]) -> None:
    # PyJWT does not sign every claim of the table, so the token is signed by hand.
    token = signed(issuer, issuer.claims(**at_now(changes)))
    with pytest.raises(Unauthenticated) as refusal:
        await verifier(issuer).verify(token)
    assert refusal.value.code == "unauthenticated"


async def test_a_token_signed_by_hand_is_taken_so_the_table_above_means_something(issuer: Issuer) -> None:
    assert (await verifier(issuer).verify(signed(issuer, issuer.claims()))).user_id == "user_alice"


@pytest.mark.parametrize("end", ["Infinity", "1e400", "-Infinity", "NaN"])
async def test_an_end_beyond_numbers_is_refused(issuer: Issuer, end: str) -> None:
    token = signed(issuer, json.dumps(issuer.claims(exp=0)).replace('"exp": 0', f'"exp": {end}'))
    with pytest.raises(Unauthenticated):
        await verifier(issuer).verify(token)


async def test_expired_beyond_the_leeway_has_its_own_code(issuer: Issuer) -> None:
    with pytest.raises(TokenExpired) as refusal:
        await verifier(issuer).verify(issuer.token(exp=now(-LEEWAY - 1)))
    assert refusal.value.code == "token_expired"


async def test_an_expired_token_of_a_stranger_is_not_called_expired(issuer: Issuer) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await verifier(issuer).verify(STRANGER.token(exp=now(-60)))
    assert refusal.value.code == "unauthenticated"


def forged(issuer: Issuer) -> dict[str, str]:
    good, claims = issuer.token(), issuer.claims()
    header, payload, signature = good.split(".")
    curve = ec.generate_private_key(ec.SECP256R1())
    return {
        "no signature, by alg none": f"{encoded({'alg': 'none', 'kid': issuer.kid})}.{payload}.",
        "alg none with the old signature": f"{encoded({'alg': 'none', 'kid': issuer.kid})}.{payload}.{signature}",
        "HS256 with the public key as the secret": hs256(issuer.pem(), claims, issuer.kid),
        "RS512 with the right key": jwt.encode(claims, issuer.key, algorithm="RS512", headers={"kid": issuer.kid}),
        "PS256 with the right key": jwt.encode(claims, issuer.key, algorithm="PS256", headers={"kid": issuer.kid}),
        "ES256": jwt.encode(claims, curve, algorithm="ES256", headers={"kid": issuer.kid}),
        "a stranger's key under the right kid": STRANGER.token(kid=issuer.kid),
        "a stranger's key in the header": jwt.encode(
            claims, STRANGER.key, algorithm="RS256", headers={"kid": issuer.kid, "jwk": STRANGER.jwk()}
        ),
        "an unknown kid": issuer.token(kid="key-2"),
        "no kid": jwt.encode(claims, issuer.key, algorithm="RS256"),
        "a kid that is a list": f"{encoded({'alg': 'RS256', 'kid': ['key-1']})}.{payload}.{signature}",
        "alg that is a list": f"{encoded({'alg': ['RS256'], 'kid': issuer.kid})}.{payload}.{signature}",
        "another payload": f"{header}.{encoded(issuer.claims(sub='user_bob'))}.{signature}",
        "no signature": f"{header}.{payload}.",
        "a detached payload": f"{encoded({'alg': 'RS256', 'kid': issuer.kid, 'b64': False})}..{signature}",
        "critical parameters": jwt.encode(
            claims, issuer.key, algorithm="RS256", headers={"kid": issuer.kid, "crit": ["kid"]}
        ),
        "two parts": f"{header}.{payload}",
        "five parts": f"{good}.x.y",
        "nothing": "",
        "dots": "..",
        "words": "let me in",
        "not ASCII": "токен.токен.токен",
        "half a surrogate pair": "\ud800.a.b",
        "a header that is a list": f"{encoded([])}.{payload}.{signature}",
        "a header without bottom": f"{encoded_bytes(b'[' * 5_000)}.{payload}.{signature}",
        "huge": issuer.token(padding="x" * MAX_BYTES),
    }


@pytest.mark.parametrize("case", forged(STRANGER).keys())
async def test_forged(issuer: Issuer, case: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await verifier(issuer).verify(forged(issuer)[case])
    assert refusal.value.code == "unauthenticated"


async def test_a_token_that_is_no_text_is_refused(issuer: Issuer) -> None:
    others: list[Any] = [None, 7, b"a.b.c", ["a"], {}]
    for token in others:
        with pytest.raises(Unauthenticated):
            await verifier(issuer).verify(token)


@settings(deadline=None)  # a busy machine is no failure
@given(text=st.text(max_size=200))
async def test_any_text_is_refused_and_nothing_else_happens(issuer: Issuer, text: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier(issuer).verify(text)


json_values = st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists)
headers = st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jku"]), json_values)


@settings(deadline=None)  # a busy machine is no failure
@given(header=headers | json_values, payload=json_values, signature=st.binary(max_size=300))
async def test_any_json_is_refused_and_nothing_else_happens(
    issuer: Issuer, header: Any, payload: Any, signature: bytes
) -> None:
    if isinstance(header, dict):
        header = {"alg": "RS256", "kid": issuer.kid} | header
    with pytest.raises(Unauthenticated):
        await verifier(issuer).verify(f"{encoded(header)}.{encoded(payload)}.{encoded_bytes(signature)}")


@settings(deadline=None)  # a busy machine is no failure
@given(claim=st.sampled_from(["sub", "sid", "exp", "nbf", "iat", "azp", "sts", "name", "email"]), value=json_values)
async def test_any_claim_is_read_or_refused(issuer: Issuer, claim: str, value: Any) -> None:
    """Even with a good signature: an installation can put anything into its tokens."""
    token = signed(issuer, issuer.claims() | {claim: value})
    try:
        claims = await verifier(issuer).verify(token)
    except Unauthenticated:
        return
    assert claims.name is None or 0 < len(claims.name) <= 64


def at_now(changes: dict[str, Any]) -> dict[str, Any]:
    times = {"exp", "nbf", "iat"}
    return {
        claim: now(value) if claim in times and isinstance(value, int) else value for claim, value in changes.items()
    }
