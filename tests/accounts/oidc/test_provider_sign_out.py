"""Who signs out at the provider is signed out here: by its token alone, which must be right, and once."""
# Long: what a token may not do, and what may happen while it is taken, by one set of helpers

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.test import AsyncClient
from pytest_django import Settings

from accounts import identity_models, models, provided_role
from accounts.oidc.identity import Identity
from accounts.rows import LOGOUTS, AccountRow
from accounts.services import oidc, provider_sign_out, sessions
from accounts.services.sessions import SignedIn
from accounts.services.signing_in import answer_challenge
from foundation.errors import Invalid, TokenExpired, Unauthenticated, Unavailable
from tests.accounts.cast import HERE, Authenticator, Member
from tests.workspace.audit.reading import acts
from users import services as users

from .hostile_provider import KID, HostileProvider, hostile_provider
from .real_provider import CLIENT_ID, Listener, RealProvider, browser_there, sign_in_there, sign_out_there
from .test_hostile_answers import signed_with_the_client_secret, unsigned

PATH = "/api/accounts/oidc/sign-out"
EVENTS: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}


async def told(token: str, **headers: str) -> Any:
    """Say it as a provider does, without a cookie."""
    body = f"logout_token={token}"
    client = AsyncClient()
    return await client.post(PATH, body, content_type="application/x-www-form-urlencoded", headers=headers)


async def has_ended(token: str) -> bool:
    try:
        await users.sign_in(token=token)
    except TokenExpired:
        return True
    return False


# --- a real provider -------------------------------------------------------------------------------------------------
async def test_signing_out_at_a_real_provider_ends_the_session_here(
    browser: Any, real: RealProvider, listener: Listener
) -> None:
    ada, elsewhere = browser("ada"), browser("ada")
    async with browser_there() as there:
        out = await ada.get("/sign-in/oidc")
        back = await sign_in_there(out["Location"], ada.login, there)
        await ada.get("/sign-in/oidc/callback", back)
        await elsewhere.signs_in()
        token, other = [each.client.cookies["__session"].value for each in (ada, elsewhere)]
        await sign_out_there(there, real.issuer)
    async with asyncio.timeout(20):
        logout_token = await listener.tokens.get()
    assert not await has_ended(token)
    response = await told(logout_token)
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    # That session, and no other of theirs.
    assert (await has_ended(token), await has_ended(other)) == (True, False)
    assert (await told(logout_token)).status_code == 400


# --- a provider that says anything -----------------------------------------------------------------------------------
@pytest.fixture
def provider(settings: Settings) -> Iterator[HostileProvider]:
    with hostile_provider() as hostile:
        settings.OIDC_ISSUER = hostile.issuer
        yield hostile


async def signed_in(provider: HostileProvider, **claims: Any) -> SignedIn:
    departure = await oidc.begin_sign_in()
    asked = dict(parse_qsl(urlsplit(departure.address).query))
    provider.expects(asked["nonce"], **claims)
    arrival = await oidc.arrive(sealed=departure.sealed, state=asked["state"], code="c", issuer=None, client=HERE)
    assert arrival.session
    return arrival.session


def says(provider: HostileProvider, headers: dict[str, Any] | None = None, **claims: Any) -> str:
    """Return a logout token with these claims instead of right ones; None leaves one out."""
    now = int(time.time())
    right = {"iss": provider.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60, "jti": uuid4().hex}
    given = {**right, "events": EVENTS, "sub": "somebody", **claims}
    kept = {name: value for name, value in given.items() if value is not None}
    return jwt.encode(kept, provider.key, "RS256", headers={"kid": KID, "typ": "logout+jwt", **(headers or {})})


async def test_a_user_or_a_session_ends(provider: HostileProvider) -> None:
    sub = uuid4().hex
    one, two, unknown = [await signed_in(provider, sub=sub, sid=sid) for sid in ("one", "two", None)]
    other = await signed_in(provider, sub=uuid4().hex, sid="three")

    async def ended() -> list[bool]:
        return [await has_ended(each.token) for each in (one, two, unknown, other)]

    # Of another user there is no such session.
    assert (await told(says(provider, sub=uuid4().hex, sid="one"))).status_code == 200
    assert await ended() == [False, False, False, False]
    # A session alone; nothing of who has others.
    await told(says(provider, sub=None, sid="one"))
    assert await ended() == [True, False, False, False]
    # With its user: also what may belong to it, for the provider did not say.
    await told(says(provider, sub=sub, sid="two"))
    assert await ended() == [True, True, True, False]
    again = await signed_in(provider, sub=sub, sid="four")
    await told(says(provider, sub=sub))
    assert await has_ended(again.token)
    assert [act.about["count"] for act in await acts(about=again.user.id) if act.by == "provider"] == [1, 2, 1]


async def test_who_has_signed_in_by_a_password_stays(provider: HostileProvider, member: Member) -> None:
    session = await signed_in(provider, sub=uuid4().hex)
    await told(says(provider, sub="somebody"))
    assert not await has_ended(member.token)
    assert not await has_ended(session.token)


WRONG: dict[str, Callable[[HostileProvider, str], str]] = {
    "another issuer": lambda p, sub: says(p, sub=sub, iss="https://evil.example"),
    "no issuer": lambda p, sub: says(p, sub=sub, iss=None),
    "another audience": lambda p, sub: says(p, sub=sub, aud="another"),
    "others as audience": lambda p, sub: says(p, sub=sub, aud=["a", "b"]),
    "no audience": lambda p, sub: says(p, sub=sub, aud=None),
    "no events": lambda p, sub: says(p, sub=sub, events=None),
    "another event": lambda p, sub: says(p, sub=sub, events={"http://schemas.openid.net/event/other": {}}),
    "an event that is a text": lambda p, sub: says(p, sub=sub, events={next(iter(EVENTS)): "yes"}),
    "events that are a list": lambda p, sub: says(p, sub=sub, events=list(EVENTS)),
    "a nonce": lambda p, sub: says(p, sub=sub, nonce="x"),
    "an empty nonce": lambda p, sub: says(p, sub=sub, nonce=""),
    "an old one": lambda p, sub: says(p, sub=sub, iat=int(time.time()) - 3_600),
    "one of the future": lambda p, sub: says(p, sub=sub, iat=int(time.time()) + 3_600),
    "no time": lambda p, sub: says(p, sub=sub, iat=None),
    "a time that is a text": lambda p, sub: says(p, sub=sub, iat="now"),
    "an expired one": lambda p, sub: says(p, sub=sub, exp=int(time.time()) - 60),
    "no id": lambda p, sub: says(p, sub=sub, jti=None),
    "an id that is a number": lambda p, sub: says(p, sub=sub, jti=7),
    "a long id": lambda p, sub: says(p, sub=sub, jti="x" * 300),
    "nobody": lambda p, sub: says(p, sub=None),
    "a user that is a list": lambda p, sub: says(p, sub=[sub]),
    "a session that is an object": lambda p, sub: says(p, sub=sub, sid={}),
    "a session token's type": lambda p, sub: says(p, {"typ": "at+jwt"}, sub=sub),
    "a forbidden header": lambda p, sub: says(p, {"crit": ["exp"]}, sub=sub),
    "a key that is not the provider's": lambda p, sub: jwt.encode(
        jwt.decode(says(p, sub=sub), options={"verify_signature": False}),
        generate_private_key(65537, 2048),
        "RS256",
        headers={"kid": KID},
    ),
    "no token": lambda p, sub: "x",
    "nothing": lambda p, sub: "",
    "a long one": lambda p, sub: "a." * 20_000,
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_token_ends_nothing(provider: HostileProvider, name: str) -> None:
    sub = uuid4().hex
    session = await signed_in(provider, sub=sub)
    response = await told(WRONG[name](provider, sub))
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")
    assert not await has_ended(session.token)


@pytest.mark.parametrize("forge", [unsigned, signed_with_the_client_secret])
async def test_a_forged_token_ends_nothing(provider: HostileProvider, forge: Any) -> None:
    sub = uuid4().hex
    session = await signed_in(provider, sub=sub)
    provider.claims = jwt.decode(says(provider, sub=sub), options={"verify_signature": False})
    forge(provider)
    assert (await told(provider.token or "")).status_code == 400
    assert not await has_ended(session.token)


async def test_a_token_is_taken_once_but_again_if_nothing_came_of_it(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    sub = uuid4().hex
    session, token = await signed_in(provider, sub=sub), says(provider, sub=sub)

    async def fail(**_: Any) -> int:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(sessions, "end_these", fail)
        with pytest.raises(Unavailable):
            await provider_sign_out.sign_out_by_provider(token=token)
    assert await provider_sign_out.sign_out_by_provider(token=token) == 1
    assert await has_ended(session.token)
    later = await signed_in(provider, sub=sub)
    with pytest.raises(Invalid):
        await provider_sign_out.sign_out_by_provider(token=token)
    assert not await has_ended(later.token)


@pytest.mark.parametrize("lost", ["the answer to a write", "the process"])
async def test_a_token_is_not_used_up_before_the_sessions_have_ended(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    sub = uuid4().hex
    session, token = await signed_in(provider, sub=sub), says(provider, sub=sub)
    save = AccountRow.save

    def write_and_fail(row: AccountRow, *arguments: Any, **options: Any) -> None:
        save(row, *arguments, **options)
        if row.user_id == LOGOUTS:
            raise Unavailable

    async def end(**_: Any) -> int:
        raise KeyError

    with monkeypatch.context() as patch:
        if lost == "the process":
            patch.setattr(sessions, "end_these", end)
        else:
            patch.setattr(AccountRow, "save", write_and_fail)
        with pytest.raises((Unavailable, KeyError)):
            await provider_sign_out.sign_out_by_provider(token=token)
    with suppress(Invalid):
        await provider_sign_out.sign_out_by_provider(token=token)
    assert await has_ended(session.token)


async def test_a_session_after_a_second_factor_ends_too(provider: HostileProvider, member: Member) -> None:
    sub = uuid4().hex
    authenticator = await Authenticator.of(member)
    account = await models.get(member.id)
    assert account
    departure = await oidc.begin_sign_in()
    asked = dict(parse_qsl(urlsplit(departure.address).query))
    provider.expects(asked["nonce"], sub=sub, sid="theirs")
    assert await identity_models.link(account, Identity(sub, None, "", "", None).id)
    arrival = await oidc.arrive(sealed=departure.sealed, state=asked["state"], code="c", issuer=None, client=HERE)
    assert arrival.challenge
    session = await answer_challenge(challenge=arrival.challenge, code=authenticator.code(), client=HERE)
    await told(says(provider, sub=None, sid="theirs"))
    assert await has_ended(session.token)


@pytest.mark.parametrize("names", ["the user", "the session", "both"])
async def test_who_signs_out_there_while_a_second_factor_is_asked_for_does_not_come_in(
    provider: HostileProvider, member: Member, names: str
) -> None:
    sub, sid = uuid4().hex, uuid4().hex
    authenticator = await Authenticator.of(member)
    account = await models.get(member.id)
    assert account
    assert await identity_models.link(account, Identity(sub, None, "", "", None).id)

    async def challenge() -> str:
        departure = await oidc.begin_sign_in()
        asked = dict(parse_qsl(urlsplit(departure.address).query))
        provider.expects(asked["nonce"], sub=sub, sid=sid)
        arrival = await oidc.arrive(sealed=departure.sealed, state=asked["state"], code="c", issuer=None, client=HERE)
        return arrival.challenge

    began = await challenge()
    await told(says(provider, sub=uuid4().hex, sid=sid))
    await told(says(provider, sub=None if names == "the session" else sub, sid=None if names == "the user" else sid))
    with pytest.raises(Unauthenticated):
        await answer_challenge(challenge=began, code=authenticator.code(), client=HERE)
    # Whoever comes again has signed in there again.
    again = await challenge()
    assert await answer_challenge(challenge=again, code=authenticator.recovery[0], client=HERE)


async def test_a_session_does_not_begin_once_its_origin_is_over(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    sub, token = uuid4().hex, ""
    await signed_in(provider, sub=sub)
    apply = provided_role.apply

    async def sign_out_meanwhile(*arguments: Any, **options: Any) -> None:
        assert (await told(token)).status_code == 200
        await apply(*arguments, **options)

    for token in (says(provider, sub=uuid4().hex), says(provider, sub=sub)):
        with monkeypatch.context() as patch:
            patch.setattr(provided_role, "apply", sign_out_meanwhile)
            if jwt.decode(token, options={"verify_signature": False})["sub"] == sub:
                with pytest.raises(Unauthenticated):
                    await signed_in(provider, sub=sub)
            else:
                await signed_in(provider, sub=sub)


async def test_a_session_that_another_began_in_place_of_ends_too(provider: HostileProvider) -> None:
    sub = uuid4().hex
    session = await signed_in(provider, sub=sub, sid="theirs")
    account = await models.get(session.user.id)
    assert account
    for _ in range(2):
        actor = await users.sign_in(token=session.token)
        session = (await sessions.begin_anew(actor=actor, account=account, client=HERE)).session
    await told(says(provider, sub=None, sid="theirs"))
    assert await has_ended(session.token)


async def test_nothing_begins_in_place_of_a_session_that_has_ended(provider: HostileProvider) -> None:
    sub = uuid4().hex
    session = await signed_in(provider, sub=sub)
    account = await models.get(session.user.id)
    actor = await users.sign_in(token=session.token)
    assert account
    await told(says(provider, sub=sub))
    with pytest.raises(TokenExpired):
        await sessions.begin_anew(actor=actor, account=account, client=HERE)


async def test_without_a_provider_there_is_no_such_address(settings: Settings) -> None:
    settings.OIDC_ISSUER = ""
    assert (await told("x")).status_code == 404
