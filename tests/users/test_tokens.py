"""A session token is valid only if its header, signature and claims all are."""

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
from users.keys import StaticKeySet
from users.tokens import MAX_BYTES, Verifier

from .issuer import ISSUER, ORIGIN, Issuer, encode_bytes, encode_json, sign, sign_hs256

pytestmark = pytest.mark.unit

LEEWAY = 5
STRANGER = Issuer()


def new_verifier(issuer: Issuer) -> Verifier:
    return Verifier(ISSUER, frozenset({ORIGIN}), StaticKeySet(issuer.public_key(), kid=issuer.kid), LEEWAY)


async def test_a_valid_tokens_claims_are_returned(issuer: Issuer) -> None:
    exp = int(time.time()) + 30
    token = issuer.token(exp=exp, sid="sess_1", full_name="Alice A", email="a@example.com")
    claims = await new_verifier(issuer).verify(token)
    assert (claims.user_id, claims.session_id, claims.expires_at) == ("user_alice", "sess_1", exp)
    assert (claims.name, claims.email) == ("Alice A", "a@example.com")


async def test_a_cached_token_is_rejected_once_it_has_expired(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    verifier, token = new_verifier(issuer), issuer.token(exp=now(30))
    await verifier.verify(token)
    later = SimpleNamespace(time=lambda: now(30 + LEEWAY) + 1)
    monkeypatch.setattr(tokens, "time", later)
    with pytest.raises(TokenExpired):
        await verifier.verify(token)


async def test_a_cached_token_is_rejected_once_its_key_has_changed(issuer: Issuer) -> None:
    verifier = new_verifier(issuer)
    token = issuer.token()
    await verifier.verify(token)
    changed = replace(verifier, keys=StaticKeySet(STRANGER.public_key(), kid=issuer.kid))
    assert changed.verified
    with pytest.raises(Unauthenticated):
        await changed.verify(token)


def now(seconds: int) -> int:
    return int(time.time()) + seconds


VALID: dict[str, dict[str, Any]] = {
    "expired within the leeway": {"exp": -2},
    "valid in a moment, within the leeway": {"nbf": 2, "iat": 2},
    "no azp": {"azp": None},
    "no sts": {"sts": None},
    "no nbf": {"nbf": None},
}


@pytest.mark.parametrize("changes", VALID.values(), ids=VALID.keys())
async def test_valid(issuer: Issuer, changes: dict[str, Any]) -> None:
    assert (await new_verifier(issuer).verify(issuer.token(**relative_to_now(changes)))).user_id == "user_alice"


async def test_a_token_with_custom_header_parameters_is_valid(issuer: Issuer) -> None:
    # As in Clerk's tokens.
    headers = {"kid": issuer.kid, "cat": "cl_B7d4PD111AAA"}
    token = jwt.encode(issuer.claims(), issuer.key, algorithm="RS256", headers=headers)
    assert (await new_verifier(issuer).verify(token)).user_id == "user_alice"


INVALID: dict[str, dict[str, Any]] = {
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
    "a subject that is too long": {"sub": "u" * 200},
    "a session that is a number": {"sid": 7},
    "no session": {"sid": None},
    "an empty session": {"sid": ""},
    "a session id of any length": {"sid": "s" * 129},
    "a machine's token": {"sub": "mch_2xhFjEI5X2qWRvtV13BzSj8H6Dk", "sid": None, "azp": None, "scopes": "chat"},
    "no expiry": {"exp": None},
    "an expiry that is a word": {"exp": "tomorrow"},
}


@pytest.mark.parametrize("changes", INVALID.values(), ids=INVALID.keys())
async def test_invalid(issuer: Issuer, changes: dict[str, Any]) -> None:
    # Signed by hand: PyJWT refuses some of these claims.
    token = sign(issuer, issuer.claims(**relative_to_now(changes)))
    with pytest.raises(Unauthenticated) as raised:
        await new_verifier(issuer).verify(token)
    assert raised.value.code == "unauthenticated"


async def test_a_token_signed_by_hand_is_valid_so_the_tests_above_prove_something(issuer: Issuer) -> None:
    assert (await new_verifier(issuer).verify(sign(issuer, issuer.claims()))).user_id == "user_alice"


@pytest.mark.parametrize("kind", ["at+jwt", "AT+JWT", "application/at+jwt", "logout+jwt", "M2M"])
async def test_a_token_of_another_kind_is_no_session_whatever_it_claims(issuer: Issuer, kind: str) -> None:
    headers = {"kid": issuer.kid, "typ": kind}
    token = jwt.encode(issuer.claims(), issuer.key, algorithm="RS256", headers=headers)
    with pytest.raises(Unauthenticated):
        await new_verifier(issuer).verify(token)


@pytest.mark.parametrize("exp", ["Infinity", "1e400", "-Infinity", "NaN"])
async def test_an_expiry_that_is_not_a_finite_number_is_rejected(issuer: Issuer, exp: str) -> None:
    token = sign(issuer, json.dumps(issuer.claims(exp=0)).replace('"exp": 0', f'"exp": {exp}'))
    with pytest.raises(Unauthenticated):
        await new_verifier(issuer).verify(token)


async def test_a_token_expired_beyond_the_leeway_has_its_own_code(issuer: Issuer) -> None:
    with pytest.raises(TokenExpired) as raised:
        await new_verifier(issuer).verify(issuer.token(exp=now(-LEEWAY - 1)))
    assert raised.value.code == "token_expired"


async def test_an_expired_token_with_a_bad_signature_is_not_called_expired(issuer: Issuer) -> None:
    with pytest.raises(Unauthenticated) as raised:
        await new_verifier(issuer).verify(STRANGER.token(exp=now(-60)))
    assert raised.value.code == "unauthenticated"


def forge(issuer: Issuer) -> dict[str, str]:
    good, claims = issuer.token(), issuer.claims()
    header, payload, signature = good.split(".")
    curve = ec.generate_private_key(ec.SECP256R1())
    return {
        "no signature, by alg none": f"{encode_json({'alg': 'none', 'kid': issuer.kid})}.{payload}.",
        "alg none with the old signature": f"{encode_json({'alg': 'none', 'kid': issuer.kid})}.{payload}.{signature}",
        "HS256 with the public key as the secret": sign_hs256(issuer.pem(), claims, issuer.kid),
        "RS512 with the right key": jwt.encode(claims, issuer.key, algorithm="RS512", headers={"kid": issuer.kid}),
        "PS256 with the right key": jwt.encode(claims, issuer.key, algorithm="PS256", headers={"kid": issuer.kid}),
        "ES256": jwt.encode(claims, curve, algorithm="ES256", headers={"kid": issuer.kid}),
        "a stranger's key under the right kid": STRANGER.token(kid=issuer.kid),
        "a stranger's key in the header": jwt.encode(
            claims, STRANGER.key, algorithm="RS256", headers={"kid": issuer.kid, "jwk": STRANGER.jwk()}
        ),
        "an unknown kid": issuer.token(kid="key-2"),
        "no kid": jwt.encode(claims, issuer.key, algorithm="RS256"),
        "a kid that is a list": f"{encode_json({'alg': 'RS256', 'kid': ['key-1']})}.{payload}.{signature}",
        "alg that is a list": f"{encode_json({'alg': ['RS256'], 'kid': issuer.kid})}.{payload}.{signature}",
        "another payload": f"{header}.{encode_json(issuer.claims(sub='user_bob'))}.{signature}",
        "no signature": f"{header}.{payload}.",
        "a detached payload": f"{encode_json({'alg': 'RS256', 'kid': issuer.kid, 'b64': False})}..{signature}",
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
        "a header that is a list": f"{encode_json([])}.{payload}.{signature}",
        "a deeply nested header": f"{encode_bytes(b'[' * 5_000)}.{payload}.{signature}",
        "huge": issuer.token(padding="x" * MAX_BYTES),
    }


@pytest.mark.parametrize("case", forge(STRANGER).keys())
async def test_forged_token(issuer: Issuer, case: str) -> None:
    with pytest.raises(Unauthenticated) as raised:
        await new_verifier(issuer).verify(forge(issuer)[case])
    assert raised.value.code == "unauthenticated"


async def test_a_token_that_is_not_a_string_is_rejected(issuer: Issuer) -> None:
    values: list[Any] = [None, 7, b"a.b.c", ["a"], {}]
    for token in values:
        with pytest.raises(Unauthenticated):
            await new_verifier(issuer).verify(token)


@settings(deadline=None)  # a busy machine is slow
@given(text=st.text(max_size=200))
async def test_any_text_is_rejected_without_another_error(issuer: Issuer, text: str) -> None:
    with pytest.raises(Unauthenticated):
        await new_verifier(issuer).verify(text)


json_values = st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists)
headers = st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jku"]), json_values)


@settings(deadline=None)  # a busy machine is slow
@given(header=headers | json_values, payload=json_values, signature=st.binary(max_size=300))
async def test_any_json_is_rejected_without_another_error(
    issuer: Issuer, header: Any, payload: Any, signature: bytes
) -> None:
    if isinstance(header, dict):
        header = {"alg": "RS256", "kid": issuer.kid} | header
    with pytest.raises(Unauthenticated):
        await new_verifier(issuer).verify(f"{encode_json(header)}.{encode_json(payload)}.{encode_bytes(signature)}")


@settings(deadline=None)  # a busy machine is slow
@given(claim=st.sampled_from(["sub", "sid", "exp", "nbf", "iat", "azp", "sts", "name", "email"]), value=json_values)
async def test_any_claim_is_accepted_or_rejected(issuer: Issuer, claim: str, value: Any) -> None:
    """With a valid signature: an installation can configure any claim."""
    token = sign(issuer, issuer.claims() | {claim: value})
    try:
        claims = await new_verifier(issuer).verify(token)
    except Unauthenticated:
        return
    assert claims.name is None or 0 < len(claims.name) <= 64


def relative_to_now(changes: dict[str, Any]) -> dict[str, Any]:
    times = {"exp", "nbf", "iat"}
    return {
        claim: now(value) if claim in times and isinstance(value, int) else value for claim, value in changes.items()
    }
