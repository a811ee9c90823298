"""Keys are fetched rarely, never in a loop because of bad tokens, and stay in use while the issuer is down."""

import asyncio
import json
import time

import pytest
from django.core.exceptions import ImproperlyConfigured

from foundation.errors import Unauthenticated, Unavailable
from users.keys import JwksKeySet, StaticKeySet, parse_jwks, parse_public_key
from users.tokens import Verifier

from .issuer import ISSUER, ORIGIN, Issuer, JwksServer

pytestmark = pytest.mark.unit


def new_verifier(keys: JwksKeySet | StaticKeySet) -> Verifier:
    return Verifier(ISSUER, frozenset({ORIGIN}), keys, 5)


async def test_only_the_first_token_fetches_the_keys(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    verifier = new_verifier(JwksKeySet(jwks.url))
    for _ in range(5):
        assert (await verifier.verify(issuer.token())).user_id == "user_alice"
    assert jwks.fetches == 1


async def test_concurrent_verifications_share_one_fetch(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    jwks.hang()
    verifier = new_verifier(JwksKeySet(jwks.url, min_fetch_interval=0))
    verifications = [asyncio.create_task(verifier.verify(issuer.token())) for _ in range(50)]
    await jwks.wait_for_request()
    jwks.gate.set()
    await asyncio.gather(*verifications)
    assert jwks.fetches == 1


async def test_a_flood_of_unknown_kids_fetches_once_per_interval(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    keys = JwksKeySet(jwks.url, min_fetch_interval=0.3)
    verifier = new_verifier(keys)
    await verifier.verify(issuer.token())
    started = time.monotonic()
    for number in range(200):
        await assert_rejected(verifier, issuer.token(kid=f"made-up-{number}"))
    await asyncio.gather(*(assert_rejected(verifier, issuer.token(kid=f"at-once-{number}")) for number in range(200)))
    assert jwks.fetches <= 1 + 1 + (time.monotonic() - started) / 0.3


async def test_the_same_unknown_kid_fetches_once_even_after_the_interval(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    verifier = new_verifier(JwksKeySet(jwks.url, min_fetch_interval=0))
    await verifier.verify(issuer.token())
    for _ in range(20):
        await assert_rejected(verifier, issuer.token(kid="made-up"))
    assert jwks.fetches == 2


async def test_bad_signatures_and_algorithms_fetch_nothing(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    verifier = new_verifier(JwksKeySet(jwks.url, min_fetch_interval=0))
    await verifier.verify(issuer.token())
    stranger = Issuer()
    for _ in range(20):
        await assert_rejected(verifier, stranger.token(kid=issuer.kid))
        await assert_rejected(verifier, "eyJhbGciOiJub25lIiwia2lkIjoieCJ9.e30.")
    assert jwks.fetches == 1


async def test_a_new_key_of_the_issuer_is_fetched(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    verifier = new_verifier(JwksKeySet(jwks.url, min_fetch_interval=0))
    await verifier.verify(issuer.token())
    second = Issuer(kid="key-2")
    jwks.publish(second)
    assert (await verifier.verify(second.token())).user_id == "user_alice"
    # The same fetch removed the old key.
    await assert_rejected(verifier, issuer.token())


async def test_old_keys_stay_in_use_while_the_issuer_fails(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    verifier = new_verifier(JwksKeySet(jwks.url, min_fetch_interval=0, max_age=0))
    await verifier.verify(issuer.token())
    for status, body in ((500, b""), (200, b"<html>"), (200, b'{"keys": []}'), (200, b"[]")):
        jwks.status, jwks.body = status, body
        before = jwks.fetches
        # One fetch may have been in progress with the previous response.
        while jwks.fetches < before + 2:
            assert (await verifier.verify(issuer.token())).user_id == "user_alice"
    assert (await verifier.verify(issuer.token())).user_id == "user_alice"


async def test_a_refresh_runs_in_the_background(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    verifier = new_verifier(JwksKeySet(jwks.url, min_fetch_interval=0, max_age=0))
    await verifier.verify(issuer.token())
    jwks.hang()
    await verifier.verify(issuer.token())
    await jwks.wait_for_request()
    assert not jwks.gate.is_set()


async def test_without_any_key_the_server_is_unavailable(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.status = 503
    verifier = new_verifier(JwksKeySet(jwks.url, min_fetch_interval=60))
    for _ in range(10):
        with pytest.raises(Unavailable):
            await verifier.verify(issuer.token())
    assert jwks.fetches == 1


async def test_an_issuer_that_hangs_is_a_timeout_and_does_not_block_the_loop(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.hang()
    verifier = new_verifier(JwksKeySet(jwks.url, timeout=1))
    verification = asyncio.create_task(verifier.verify(issuer.token()))
    await jwks.wait_for_request()
    # A fetch on the loop would have ended by now.
    assert not verification.done()
    with pytest.raises(Unavailable):
        await verification


async def test_a_cancelled_caller_does_not_cancel_the_shared_fetch(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    jwks.hang()
    verifier = new_verifier(JwksKeySet(jwks.url))
    cancelled = asyncio.create_task(verifier.verify(issuer.token()))
    other = asyncio.create_task(verifier.verify(issuer.token()))
    await jwks.wait_for_request()
    cancelled.cancel()
    jwks.gate.set()
    assert (await other).user_id == "user_alice"
    assert jwks.fetches == 1


async def test_a_pem_verifies_tokens_of_any_kid(issuer: Issuer) -> None:
    verifier = new_verifier(StaticKeySet(parse_public_key(issuer.pem().decode())))
    assert (await verifier.verify(issuer.token(kid="anything"))).user_id == "user_alice"
    await assert_rejected(verifier, Issuer().token())


def test_line_breaks_of_a_pem_may_be_escaped(issuer: Issuer) -> None:
    one_line = issuer.pem().decode().replace("\n", "\\n")
    assert parse_public_key(one_line).public_key.public_numbers() == issuer.key.public_key().public_numbers()


@pytest.mark.parametrize("pem", ["", "not a key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"])
def test_an_invalid_pem_is_an_error(pem: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CLERK_JWT_KEY"):
        parse_public_key(pem)


def test_only_rs256_signature_keys_of_a_jwks_are_used(issuer: Issuer) -> None:
    good = issuer.jwk()
    others = [
        None,
        {},
        {**good, "kid": None},
        {**good, "kid": "encryption", "use": "enc"},
        {**good, "kid": "rs512", "alg": "RS512"},
        {**good, "kid": "shared", "kty": "oct", "k": "c2VjcmV0"},
        {**good, "kid": "broken", "n": "!"},
        {**good, "kid": "for other work", "key_ops": ["encrypt"]},
        {**good, "kid": "short", "n": "AQAB"},
    ]
    assert set(parse_jwks(json.dumps({"keys": [*others, good]}).encode())) == {issuer.kid}


async def assert_rejected(verifier: Verifier, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)
