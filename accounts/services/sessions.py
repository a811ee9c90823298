"""Sessions: they begin with a session token, are bounded in number, and end everywhere within two seconds."""

import asyncio
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.conf import settings

from accounts import models, session_models
from accounts.access import require_account
from accounts.account import Account
from accounts.attempts import new_device
from accounts.devices import stored_agent
from accounts.provided_sessions import Origin, is_over
from accounts.session_models import Session
from foundation.backoff import backoff
from foundation.errors import Deactivated, NotFound, TokenExpired, Unauthenticated, Unavailable, unless_session_is_over
from foundation.ids import new_id
from foundation.tasks import to_completion
from users import local_issuer
from users import selectors as users
from users import services as user_services
from users.actor import Actor
from users.revoked import revoked_sessions
from users.user import User
from workspace import audit

from .clients import Client

SIGNED_OUT = "You have signed out at the provider meanwhile: sign in again."
# In seconds.
_ATTEMPTS, _FIRST_WAIT, _LONGEST_WAIT = 8, 0.02, 0.2


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun: its token, which expires at `expires_at` (seconds since 1970), and its device's."""

    user: User
    token: str
    expires_at: int
    session_id: str
    device: str


@dataclass(frozen=True, slots=True)
class Renewed:
    """The session that has begun in place of the actor's, and how many others were ended."""

    session: SignedIn
    ended: int


async def begin(
    *,
    account: Account,
    client: Client,
    passkey: str | None = None,
    by_identity: bool = False,
    origin: Origin | None = None,
) -> SignedIn:
    """Begin a session of an account whose owner has proven who they are; the client's former session ends.

    `passkey` is the id of the one that has proven it, if one has; `by_identity` says that the account's identity at the
    provider has, and `origin` by which
    session there: it ends with that one. Raises `Unauthenticated` if the account was changed
    meanwhile, or its user was removed; `Deactivated`; `Unavailable`.
    """
    user = (await users.get_users(user_ids=[account.user_id], consistent=True)).get(account.user_id)
    if user is None or user.is_removed:
        raise Unauthenticated("This account was removed.")
    if user.is_deactivated:
        raise Deactivated
    now, session_id = int(time.time()), new_id("sess")
    expires_at = now + min(settings.LOCAL_TOKEN_LIFETIME, settings.SESSION_LIFETIME)
    agent = stored_agent(client.agent)
    session = Session(session_id, account.user_id, now, now, expires_at, client.address, agent, origin)
    await _add(session, account, passkey, by_identity)
    token = local_issuer.issue_token(
        user.id,
        user.name,
        settings.LOCAL_TOKEN_LIFETIME,
        origin=client.origin,
        session_id=session_id,
        started_at=now,
    )
    await _end_surplus(session)
    if client.former:
        await _end_former(client.former)
    await audit.record("session.begin", by=user.id, session=session_id, address=client.address)
    return SignedIn(user, token, expires_at, session_id, new_device(account))


async def _add(session: Session, account: Account, passkey: str | None, by_identity: bool) -> None:
    """Store a session, unless the account has changed since its owner proved who they are."""
    for wait in backoff(_ATTEMPTS, base=_FIRST_WAIT, cap=_LONGEST_WAIT):
        if await session_models.add(session, account, passkey=passkey, by_identity=by_identity):
            return
        if session.origin and await is_over(session.origin):
            raise Unauthenticated(SIGNED_OUT)
        present = await models.get(account.user_id)
        if present is None or _proofs(present, passkey, by_identity) != _proofs(account, passkey, by_identity):
            raise Unauthenticated("The account was changed just now: sign in again.")
        # Another session of theirs is beginning: transactions that look at one row exclude each other.
        await asyncio.sleep(wait)
    raise Unavailable


def _proofs(account: Account, passkey: str | None, by_identity: bool) -> tuple[object, ...]:
    """Return what a session of an account depends on."""
    named = passkey in account.passkeys if passkey else bool(account.passkeys)
    return account.password, account.totp, named, account.identity if by_identity else None


async def _end_surplus(begun: Session) -> None:
    """End the user's oldest sessions beyond MAX_SESSIONS; not the one that has begun, which others may be as old as."""
    others = [session for session in await session_models.list_of(begun.user_id) if session.id != begun.id]
    await _end(others[settings.MAX_SESSIONS - 1 :])


async def _end_former(token: str) -> None:
    # The cookie had the session's last token.
    with unless_session_is_over():
        claims = await user_services.check_token(token=token)
        await _end_one(claims.user_id, claims.session_id, claims.expires_at)


@to_completion
async def sign_out(*, actor: Actor) -> None:
    """End the actor's own session; raises `Unavailable`."""
    await _end_one(actor.user_id, actor.session_id, actor.expires_at)
    await audit.record("session.end", by=actor.user_id, session=actor.session_id)


@to_completion
async def end_session(*, actor: Actor, session_id: str) -> None:
    """End one of the actor's sessions; raises `NotFound`, `Unavailable`."""
    account = await require_account(actor)
    found = [session for session in await session_models.list_of(account.user_id) if session.id == session_id]
    if not found:
        raise NotFound
    await _end_everywhere(found)
    await audit.record("session.end", by=actor.user_id, session=session_id)


async def begin_anew(*, actor: Actor, account: Account, client: Client) -> Renewed:
    """End all sessions of the actor, this one too, and begin another: whoever has a copy of a token has nothing.

    `account` is what its owner has just made of it. The other one ends with the session at the provider that this one
    began by. Raises as `begin`, and `TokenExpired` if this one was ended meanwhile, perhaps by the provider.
    """
    former = await session_models.find(actor.user_id, actor.session_id)
    if former is None and account.identity:
        raise TokenExpired
    ended = await end_all(user_id=actor.user_id, but=actor.session_id)
    await sign_out(actor=actor)
    return Renewed(await begin(account=account, client=client, origin=former.origin if former else None), ended)


@to_completion
async def end_other_sessions(*, actor: Actor) -> int:
    """End all of the actor's sessions but this one, and return how many; raises `NotFound`, `Unavailable`."""
    account = await require_account(actor)
    count = await end_all(user_id=account.user_id, but=actor.session_id)
    await audit.record("session.end_others", by=actor.user_id, count=count)
    return count


async def end_all(*, user_id: str, but: str | None = None) -> int:
    """End all sessions of a user but one, and return how many; checks no permission. Raises `Unavailable`."""
    others = [session for session in await session_models.list_of(user_id) if session.id != but]
    await _end_everywhere(others)
    return len(others)


async def end_these(*, user_id: str, session_ids: Collection[str]) -> int:
    """End those of a user's sessions, and return how many there were; checks no permission. Raises `Unavailable`."""
    found = [session for session in await session_models.list_of(user_id) if session.id in session_ids]
    await _end_everywhere(found)
    return len(found)


async def _end_everywhere(sessions: Iterable[Session]) -> None:
    """End sessions; raises `Unavailable` if other processes may not hear of it: repeat it, the rows are still there."""
    if not await _end(sessions):
        raise Unavailable("Some sessions could not be ended everywhere: try again in a moment.")


async def _end(sessions: Iterable[Session]) -> bool:
    """Return whether all processes hear of the end of these sessions."""
    told = True
    for session in sessions:
        told &= await _end_one(session.user_id, session.id, session.token_expires_at)
        # Many may end: others have the loop between them.
        await asyncio.sleep(0)
    return told


async def _end_one(user_id: str, session_id: str, token_expires_at: int) -> bool:
    """End a session, and return whether all processes hear of it; until then its row stays, to be ended again."""
    told = await revoked_sessions().revoke(session_id, token_expires_at)
    if told:
        await session_models.delete(user_id, session_id)
    return told
