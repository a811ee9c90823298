"""What is done with passkeys, and with what a provider of OpenID Connect proves."""

import contextlib
import time
from unittest.mock import AsyncMock, Mock, patch
from uuid import uuid4

from django.test import override_settings

from accounts import identity_models, provided_sessions
from accounts.oidc import logout_token
from accounts.oidc.configuration import MADE
from accounts.oidc.identity import Identity
from accounts.oidc.logout_token import LogoutToken
from accounts.oidc.requests import LINK, new_visit
from accounts.provided_sessions import Origin
from accounts.services import (
    credentials,
    invitations,
    oidc,
    passkey_sign_in,
    passkeys,
    provided_accounts,
    provider_sign_out,
    sessions,
)
from foundation.errors import Unauthenticated
from tests.workspace.audit.attempts import Attempt

from .administrative_scene import Scene
from .cast import HERE, PASSWORD, Authenticator
from .software_authenticator import ORIGIN, SoftwareAuthenticator, challenge_of, with_passkey
from .software_authenticator import add_passkey as register

_DOMAIN = override_settings(PUBLIC_URL=ORIGIN, ALLOWED_ORIGINS=[ORIGIN])


def _somebody() -> Identity:
    return Identity(uuid4().hex, None, "Iris", f"iris-{uuid4().hex[:8]}", None)


async def _renew_recovery_codes(scene: Scene) -> str:
    authenticator = await Authenticator.of(scene.mary)
    assert authenticator.owner
    code, actor = authenticator.code(), authenticator.owner.actor
    await credentials.renew_recovery_codes(actor=actor, password=PASSWORD, code=code)
    return scene.mary.id


async def _add_passkey(scene: Scene) -> str:
    with _DOMAIN:
        return (await register(scene.mary, SoftwareAuthenticator())).passkey.id


async def _remove_passkey(scene: Scene) -> str:
    with _DOMAIN:
        mary, _ = await with_passkey(scene.mary, SoftwareAuthenticator())
    (passkey_id,) = (await scene.account()).passkeys
    await passkeys.remove_passkey(actor=mary.actor, passkey_id=passkey_id, password=PASSWORD)
    return passkey_id


async def _mistake_passkey(scene: Scene) -> str:
    with _DOMAIN:
        mary, _ = await with_passkey(scene.mary, SoftwareAuthenticator())
        offer = await passkey_sign_in.begin_second_factor(challenge=await challenge_of(mary))
        with contextlib.suppress(Unauthenticated):
            await passkey_sign_in.sign_in(state=offer.state, credential="{}", client=HERE)
    return scene.mary.id


async def _link(scene: Scene) -> str:
    visit = new_visit(LINK, next_path="/account", bound=scene.mary.actor.session_id)
    provider = Mock(return_value=Mock(find=AsyncMock()))
    answered = patch.multiple(
        oidc,
        require_oidc=Mock(),
        discovery=provider,
        fetch_claims=AsyncMock(return_value=({}, frozenset())),
        read_identity=Mock(return_value=_somebody()),
    )
    with answered:
        sealed = visit.sealed()
        await oidc.arrive(sealed=sealed, state=visit.state, code="x", issuer=None, client=HERE, actor=scene.mary.actor)
    return scene.mary.id


async def _sign_out_by_provider(scene: Scene) -> str:
    """Mary has signed in by a provider, which says that she has signed out there."""
    origin = Origin(provided_sessions.digest_of(uuid4().hex), None)
    await sessions.begin(account=await scene.account(), client=HERE, origin=origin)
    said = LogoutToken(uuid4().hex, "mary", None, int(time.time()))
    with (
        patch.multiple(provider_sign_out, require_oidc=Mock(), discovery=Mock(return_value=Mock(find=AsyncMock()))),
        patch.object(logout_token, "verified", AsyncMock(return_value=said)),
        patch.object(provided_sessions, "find", AsyncMock(return_value={(scene.mary.id, scene.mary.actor.session_id)})),
    ):
        await provider_sign_out.sign_out_by_provider(token="x")
    return scene.mary.id


async def _unlink(scene: Scene) -> str:
    assert await identity_models.link(await scene.account(), _somebody().id)
    await oidc.unlink(actor=scene.mary.actor, password=PASSWORD)
    return scene.mary.id


async def _make(scene: Scene) -> str:
    identity = _somebody()
    with override_settings(OIDC_ACCOUNTS=MADE):
        # Who has one already is found.
        accounts = [await provided_accounts.find_or_make(identity) for _ in range(2)]
    return accounts[0].user_id


async def _make_by_link(scene: Scene) -> str:
    made = await invitations.invite(actor=scene.olive.actor)
    return (await provided_accounts.make_by_link(_somebody(), made.token)).user_id


OF_PROOFS: dict[str, Attempt[Scene]] = {
    "accounts.services.credentials.renew_recovery_codes": Attempt(
        "recovery_codes.renew", _renew_recovery_codes, by="mary"
    ),
    "accounts.services.passkeys.add_passkey": Attempt("passkey.add", _add_passkey, by="mary"),
    "accounts.services.passkeys.remove_passkey": Attempt("passkey.remove", _remove_passkey, by="mary"),
    "accounts.services.passkey_sign_in.sign_in": Attempt("passkey.refused", _mistake_passkey, by="mary"),
    "accounts.services.oidc.arrive": Attempt("identity.link", _link, by="mary"),
    "accounts.services.provider_sign_out.sign_out_by_provider": Attempt(
        "session.end", _sign_out_by_provider, by="provider"
    ),
    "accounts.services.oidc.unlink": Attempt("identity.unlink", _unlink, by="mary"),
    "accounts.services.provided_accounts.find_or_make": Attempt("account.create", _make, by="whoever comes"),
    "accounts.services.provided_accounts.make_by_link": Attempt("account.create", _make_by_link, by="whoever joins"),
}
