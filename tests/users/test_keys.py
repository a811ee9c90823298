"""Keys come from the issuer rarely, never because a stranger asks again and again, and outlive its outages."""

import asyncio
import json
import time

import pytest
from django.core.exceptions import ImproperlyConfigured

from foundation.errors import Unauthenticated, Unavailable
from users.keys import FixedKey, JwksKeys, parse_jwks, public_key_of_pem
from users.tokens import Verifier

from .issuer import ISSUER, ORIGIN, Issuer, JwksServer

pytestmark = pytest.mark.unit


def verifier(keys: JwksKeys | FixedKey) -> Verifier:
    return Verifier(ISSUER, frozenset({ORIGIN}), keys, 5)


async def test_the_first_token_fetches_the_keys_and_the_next_ones_do_not(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    check = verifier(JwksKeys(jwks.url))
    for _ in range(5):
        assert (await check.verify(issuer.token())).user_id == "user_alice"
    assert jwks.fetches == 1


async def test_many_at_once_share_one_fetch(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    jwks.delay = 0.1
    check = verifier(JwksKeys(jwks.url, least_interval=0))
    await asyncio.gather(*(check.verify(issuer.token()) for _ in range(50)))
    assert jwks.fetches == 1


async def test_a_flood_of_unknown_kids_fetches_once_an_interval(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    keys = JwksKeys(jwks.url, least_interval=0.3)
    check = verifier(keys)
    await check.verify(issuer.token())
    started = time.monotonic()
    for number in range(200):
        await refused(check, issuer.token(kid=f"made-up-{number}"))
    await asyncio.gather(*(refused(check, issuer.token(kid=f"at-once-{number}")) for number in range(200)))
    assert jwks.fetches <= 1 + 1 + (time.monotonic() - started) / 0.3


async def test_the_same_unknown_kid_asks_once_even_after_the_interval(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    check = verifier(JwksKeys(jwks.url, least_interval=0))
    await check.verify(issuer.token())
    for _ in range(20):
        await refused(check, issuer.token(kid="made-up"))
    assert jwks.fetches == 2


async def test_bad_signatures_and_algorithms_ask_nobody(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    check = verifier(JwksKeys(jwks.url, least_interval=0))
    await check.verify(issuer.token())
    stranger = Issuer()
    for _ in range(20):
        await refused(check, stranger.token(kid=issuer.kid))
        await refused(check, "eyJhbGciOiJub25lIiwia2lkIjoieCJ9.e30.")
    assert jwks.fetches == 1


async def test_a_new_key_of_the_issuer_is_found(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    check = verifier(JwksKeys(jwks.url, least_interval=0))
    await check.verify(issuer.token())
    second = Issuer(kid="key-2")
    jwks.publish(second)
    assert (await check.verify(second.token())).user_id == "user_alice"
    # The old one was withdrawn with the same fetch.
    await refused(check, issuer.token())


async def test_stale_keys_serve_while_the_issuer_fails(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    check = verifier(JwksKeys(jwks.url, least_interval=0, fresh_for=0))
    await check.verify(issuer.token())
    for status, body in ((500, b""), (200, b"<html>"), (200, b'{"keys": []}'), (200, b"[]")):
        jwks.status, jwks.body = status, body
        before = jwks.fetches
        # One fetch may have been under way with the answer before.
        while jwks.fetches < before + 2:
            assert (await check.verify(issuer.token())).user_id == "user_alice"
    assert (await check.verify(issuer.token())).user_id == "user_alice"


async def test_a_refresh_keeps_nobody_waiting(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    check = verifier(JwksKeys(jwks.url, least_interval=0, fresh_for=0))
    await check.verify(issuer.token())
    jwks.delay = 1
    started = time.monotonic()
    await check.verify(issuer.token())
    assert time.monotonic() - started < 0.5


async def test_without_any_key_it_is_the_server_that_is_not_able(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.status = 503
    check = verifier(JwksKeys(jwks.url, least_interval=60))
    for _ in range(10):
        with pytest.raises(Unavailable):
            await check.verify(issuer.token())
    assert jwks.fetches == 1


async def test_an_issuer_that_hangs_costs_one_caller_the_time_out_and_no_other_the_loop(
    issuer: Issuer, jwks: JwksServer
) -> None:
    jwks.delay = 1
    check = verifier(JwksKeys(jwks.url, timeout=0.2))
    waiting = asyncio.create_task(check.verify(issuer.token()))
    started = time.monotonic()
    await asyncio.sleep(0.01)
    assert time.monotonic() - started < 0.15
    with pytest.raises(Unavailable):
        await waiting


async def test_a_caller_who_goes_away_does_not_take_the_fetch_along(issuer: Issuer, jwks: JwksServer) -> None:
    jwks.publish(issuer)
    jwks.delay = 0.2
    check = verifier(JwksKeys(jwks.url))
    impatient = asyncio.create_task(check.verify(issuer.token()))
    patient = asyncio.create_task(check.verify(issuer.token()))
    await asyncio.sleep(0.05)
    impatient.cancel()
    assert (await patient).user_id == "user_alice"
    assert jwks.fetches == 1


async def test_a_pem_checks_every_token_whatever_its_kid(issuer: Issuer) -> None:
    check = verifier(FixedKey(public_key_of_pem(issuer.pem().decode())))
    assert (await check.verify(issuer.token(kid="anything"))).user_id == "user_alice"
    await refused(check, Issuer().token())


def test_a_pem_may_have_its_line_breaks_escaped(issuer: Issuer) -> None:
    one_line = issuer.pem().decode().replace("\n", "\\n")
    assert public_key_of_pem(one_line).public_key.public_numbers() == issuer.key.public_key().public_numbers()


@pytest.mark.parametrize("pem", ["", "not a key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"])
def test_a_pem_that_is_none_is_told_at_once(pem: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CLERK_JWT_KEY"):
        public_key_of_pem(pem)


def test_only_keys_for_rs256_signatures_are_taken(issuer: Issuer) -> None:
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


async def refused(check: Verifier, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await check.verify(token)
