"""Signing in by OpenID Connect: out to the provider and back, by whoever is linked, invited, or let in by it."""

import hmac
import time
from dataclasses import dataclass, replace

from django.conf import settings

from accounts import identity_models, provided_role, told
from accounts.access import require_account, require_accounts, require_link
from accounts.account import Account
from accounts.oidc import provided
from accounts.oidc.client import REFUSED, authorization_address, fetch_claims
from accounts.oidc.configuration import is_configured
from accounts.oidc.identity import Identity, read_identity
from accounts.oidc.provider import discovery
from accounts.oidc.requests import JOIN, LINK, SIGN_IN, Visit, new_visit, resume
from accounts.told import Told
from foundation.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from foundation.tasks import to_completion
from users.actor import Actor
from workspace import audit

from . import provided_accounts, sessions
from .clients import Client
from .joining import INVITATIONS
from .own_password import require_own_proof
from .sessions import SignedIn
from .signing_in import new_challenge


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser is sent, and what it keeps until it comes back."""

    address: str
    sealed: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came of a visit: a session, the challenge of a second factor, or (neither) that an identity was linked."""

    next_path: str
    session: SignedIn | None = None
    challenge: str = ""


def require_oidc() -> None:
    """Raise `NotFound` where there is no provider."""
    require_accounts()
    if not is_configured():
        raise NotFound("This server has no provider of OpenID Connect (OIDC_ISSUER).")


async def begin_sign_in(*, next_path: str = "/") -> Departure:
    """Send somebody to the provider to sign in; raises `NotFound`, `Unavailable` while it is away."""
    return await _depart(new_visit(SIGN_IN, next_path=next_path))


async def begin_joining(*, token: str) -> Departure:
    """Send whoever has an invitation to the provider, to have an account by it; raises as `begin_sign_in`."""
    await require_link(token, *INVITATIONS)
    return await _depart(new_visit(JOIN, next_path="/", bound=token))


async def begin_linking(*, actor: Actor, password: str | None = None) -> Departure:
    """Send the actor to the provider, to sign in by it from now on; raises `Invalid` for a wrong password."""
    account = await require_own_proof(actor, password)
    if account.identity:
        raise Invalid("Your account is linked already.")
    return await _depart(new_visit(LINK, next_path="/account", bound=actor.session_id))


async def _depart(visit: Visit) -> Departure:
    require_oidc()
    provider = await discovery().find()
    return Departure(authorization_address(provider, visit), visit.sealed())


async def arrive(
    *, sealed: str, state: str, code: str, issuer: str | None, client: Client, actor: Actor | None = None
) -> Arrival:
    """Take somebody in who comes back from the provider; `issuer` is the parameter `iss`, if there was one (RFC 9207).

    Raises `Unauthenticated` for an answer that proves nothing, `Forbidden` for somebody who has no account here,
    `Invalid`, `NotFound`, `Unavailable`.
    """
    require_oidc()
    visit = resume(sealed, state)
    if issuer is not None and issuer != settings.OIDC_ISSUER:
        raise Unauthenticated(REFUSED)
    provider = await discovery().find()
    asked_at = time.time()
    claims, left_out = await fetch_claims(provider, visit, code)
    identity = read_identity(claims)
    _require_groups(identity, left_out)
    if visit.purpose == LINK:
        await _link(identity, visit, actor)
        return Arrival(visit.next_path)
    origin, joins = identity.origin and replace(identity.origin, at=asked_at), visit.purpose == JOIN
    said = Told(identity.groups, origin, identity.names_groups)
    make = provided_accounts.make_by_link(identity, visit.bound) if joins else provided_accounts.find_or_make(identity)
    return await _sign_in(await make, said, visit, client)


def _require_groups(identity: Identity, left_out: frozenset[str]) -> None:
    """Raise `Unauthenticated` where groups decide and are missing, for less was granted than this server asks for."""
    if settings.OIDC_ROLES and left_out and not identity.names_groups and identity.groups is not None:
        raise Unauthenticated(REFUSED)


async def _sign_in(account: Account, said: Told, visit: Visit, client: Client) -> Arrival:
    if account.totp or (account.passkeys and account.has_password):
        # Its owner has set one up here; what the provider asks for is its own affair. Without a password, a passkey is
        # another way in, and not a second factor.
        await told.keep(account.user_id, said)
        return Arrival(visit.next_path, challenge=new_challenge(account, by_identity=True))
    await provided_role.apply(account.user_id, said.groups, names_groups=said.names_groups)
    session = await sessions.begin(account=account, client=client, by_identity=True, origin=said.origin)
    await provided.apply(account.user_id, said.groups)
    return Arrival(visit.next_path, session)


@to_completion
async def _link(identity: Identity, visit: Visit, actor: Actor | None) -> None:
    if actor is None or not hmac.compare_digest(actor.session_id, visit.bound):
        raise Unauthenticated("You have signed out meanwhile: begin again.")
    account = await require_account(actor)
    if not await identity_models.link(account, identity.id):
        raise Invalid("This identity, or your account, is linked already.")
    await audit.record("identity.link", by=actor.user_id)


@to_completion
async def unlink(*, actor: Actor, password: str | None = None) -> None:
    """Have the provider sign the actor in no more; raises `Invalid`, `Forbidden` where nothing else would."""
    account = await require_own_proof(actor, password)
    if not account.identity:
        raise NotFound
    if not account.has_password and not account.passkeys:
        raise Forbidden("Add a passkey first: without one you could not sign in any more.")
    if not await identity_models.unlink(account):
        raise Unavailable("Your account was changed just now: try again.")
    await audit.record("identity.unlink", by=actor.user_id)


async def sign_out_address() -> str | None:
    """Return where one signs out at the provider too, None if it has no such address; raises `Unavailable`."""
    require_oidc()
    return (await discovery().find()).end_session_endpoint
