"""Signing in and out, and changes of one's profile."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from django.conf import settings

from foundation.backoff import backoff
from foundation.errors import (
    Deactivated,
    Forbidden,
    Invalid,
    NotFound,
    TokenExpired,
    Unauthenticated,
    Unavailable,
    unless_session_is_over,
)
from foundation.ids import new_id, to_wire
from foundation.limits import shared

from . import impersonations, local_issuer, models, profile_changes, profiles, statuses, tokens
from .actor import Actor
from .actors import get_or_create_actor, require_organization
from .handles import require_handle
from .names import require_name
from .revoked import is_deactivated, is_over, revoked_sessions
from .tokens import Claims
from .user import CustomStatus, User

MAX_STATUS_DAYS = 366
# Of two pictures that are set at the same moment, one is set after the other.
_ATTEMPTS, _BASE, _CAP = 6, 0.02, 0.3


async def sign_in(*, token: str) -> Actor:
    """Return the token's user, created at the first sign-in.

    Raises `Unauthenticated`, `TokenExpired`, `Deactivated`, `Forbidden`, `Unavailable`. A repeated call within five
    minutes makes no store call (`user_cache`).
    """
    return await get_or_create_actor(claims=await check_token(token=token))


async def check_token(*, token: str) -> Claims:
    """Return the claims of a valid token whose session has not ended; raises as `sign_in`.

    It makes a store call only where somebody acts in the user's place, once for their session.
    """
    claims = await tokens.verify(token)
    if claims.impersonated_by:
        await impersonations.record(claims)
    revoked = revoked_sessions()
    revoked.start_polling()
    if is_deactivated(revoked, user_id=claims.user_id):
        raise Deactivated
    if is_over(revoked, session_id=claims.session_id, user_id=claims.user_id):
        raise TokenExpired("This session has ended: sign in again.")
    return claims


async def check_renewal(*, token: str, user_id: str) -> Claims:
    """Return the claims of a token that replaces another one of this user; raises as `sign_in`, and `Forbidden`."""
    claims = await check_token(token=token)
    if claims.user_id != user_id:
        raise Forbidden("This connection is another user's: open one of your own.")
    require_organization(claims)
    return claims


async def check_token_from(*, token: str, address: str) -> Claims:
    """Do what `check_token` does for a client at an address, and count a failed attempt for the address.

    Raises `RateLimited` in place of `Unauthenticated` after too many, `Unavailable` while they cannot be counted. An
    expired token is no attempt: somebody had signed in.
    """
    try:
        return await check_token(token=token)
    except TokenExpired:
        raise
    except Unauthenticated:
        await shared.count(["failed_sign_in"], f"address:{address}")
        raise


async def end_session(*, actor: Actor) -> None:
    """End the actor's session: within seconds all processes refuse its tokens and close its sockets."""
    await revoked_sessions().revoke(actor.session_id, actor.expires_at)


async def sign_in_locally(
    *, name: str, lifetime: int | None = None, origin: str | None = None, replaces: str | None = None
) -> str:
    """Return a session token of the local issuer for the user of this name, created at the first sign-in.

    `lifetime` is in seconds, `LOCAL_TOKEN_LIFETIME` by default; `origin` is that of the requesting page, if any. The
    session of the token `replaces`, the browser's former one, is ended, and so are the user's oldest sessions beyond
    MAX_SESSIONS. Raises `Invalid` for a bad name, `Deactivated`, `NotFound` where Clerk or an account signs users in,
    `Unavailable`.
    """
    if not settings.LOCAL_ISSUER:
        raise NotFound("Clerk signs people in on this server: it issues no tokens of its own.")
    if not local_issuer.signs_in_by_name():
        raise NotFound("People sign in to accounts of their own on this server: a name alone is not enough.")
    name = require_name(name)
    user_id = local_issuer.user_id_for_name(name)
    user = await models.get(user_id) or await profiles.create_if_absent(user_id, name=name)
    if user.is_deactivated:
        raise Deactivated
    lifetime = settings.LOCAL_TOKEN_LIFETIME if lifetime is None else lifetime
    session_id = new_id("sess")
    token = local_issuer.issue_token(user_id, user.name, lifetime, origin=origin, session_id=session_id)
    if replaces:
        await _end_session_of(replaces)
    await revoked_sessions().begin(user_id, session_id)
    return token


async def _end_session_of(token: str) -> None:
    # The cookie had the session's last token.
    with unless_session_is_over():
        claims = await check_token(token=token)
        await revoked_sessions().revoke(claims.session_id, claims.expires_at)


def renew_token(*, actor: Actor, origin: str | None) -> str | None:
    """Return a new token of the same session past half of the lifetime, else None; Clerk renews its own tokens.

    No token outlives the session's SESSION_LIFETIME: then the user signs in again.

    Signing out ends the session, and with it all of its tokens, wherever they are.
    """
    past_half = actor.expires_at - time.time() <= settings.LOCAL_TOKEN_LIFETIME / 2
    # The session may have ended while the page was rendered: its cookie would overwrite that of a new sign-in.
    is_ended = is_over(revoked_sessions(), session_id=actor.session_id, user_id=actor.user_id)
    if not settings.LOCAL_ISSUER or not past_half or is_ended:
        return None
    # By id: the user may have been renamed since signing in.
    return local_issuer.issue_token(
        actor.user_id,
        actor.name,
        settings.LOCAL_TOKEN_LIFETIME,
        origin=origin,
        session_id=actor.session_id,
        started_at=actor.started_at,
    )


async def update_profile(
    *,
    actor: Actor,
    name: str | None = None,
    handle: str | None = None,
    title: str | None = None,
    time_zone: str | None = None,
) -> User:
    """Change what is given of the actor's profile, and return the user; an empty handle, title or time zone removes it.

    Raises `Invalid` (also `handle`, if somebody else has it), `Forbidden` where Clerk has told the name, and for a
    guest's handle, `NotFound` if the user was removed, `Unavailable`.
    """
    name = None if name is None else require_name(name)
    if handle and actor.is_guest:
        # Which are taken would tell whom they may not see.
        raise Forbidden("Guests of the workspace have no handles: ask for another role.")
    handle = require_handle(handle) if handle else handle
    own = {"title": title, "time_zone": time_zone}
    given = {field: value or None for field, value in own.items() if value is not None}
    user = await profiles.change(actor.user_id, name=name, handle=handle, own=given)
    if user is None:
        stored = await models.get(actor.user_id)
        if stored is None or stored.is_removed:
            raise NotFound
        raise Forbidden("Clerk keeps your name: change it in your account there, and it changes here too.")
    profile_changes.tell(user)
    return user


async def set_status(
    *, actor: Actor, emoji: str | None = None, text: str | None = None, expires_at: datetime | None = None
) -> User:
    """Set the actor's custom status until a time, None: until it is taken back; return the user.

    Raises `Invalid` without an emoji and a text, or for a time that is not within the next `MAX_STATUS_DAYS`,
    `NotFound` if the user was removed, `Unavailable`.
    """
    if not emoji and not text:
        raise Invalid("Give an emoji or a text.", fields={"text": ["Give an emoji or a text."]})
    present = datetime.now(UTC)
    if expires_at is not None and not present < expires_at <= present + timedelta(days=MAX_STATUS_DAYS):
        sentence = f"It is a time to come, within {MAX_STATUS_DAYS} days."
        raise Invalid(sentence, fields={"expiresAt": [sentence]})
    status = CustomStatus(emoji or None, text or None, None if expires_at is None else to_wire(expires_at))
    return await _set_status(actor, status)


async def clear_status(*, actor: Actor) -> User:
    """Take the actor's custom status back; return the user. Raises `NotFound` if they were removed, `Unavailable`."""
    return await _set_status(actor, None)


async def _set_status(actor: Actor, status: CustomStatus | None) -> User:
    user = await statuses.set_status(actor.user_id, status)
    if user is None:
        raise NotFound
    profile_changes.tell(user)
    return user


async def require_own_picture(*, actor: Actor) -> User:
    """Return the actor as they are; raises `Forbidden` where Clerk keeps their picture, `NotFound` if removed."""
    stored = await models.get(actor.user_id)
    if stored is None or stored.is_removed:
        raise NotFound
    if stored.issuer_updated_at is not None:
        raise Forbidden("Clerk keeps your picture: change it in your account there, and it changes here too.")
    return stored


async def set_picture(*, actor: Actor, picture_id: str | None) -> str | None:
    """Have the actor's picture be this one, None for none; return the id of the one that it replaces.

    Raises what `require_own_picture` does, and `Unavailable`.
    """
    former = None
    for number, delay in enumerate(backoff(_ATTEMPTS, base=_BASE, cap=_CAP)):
        user = await require_own_picture(actor=actor)
        # A write may be made and its response lost: repeated, it finds its own picture.
        if not number or user.picture_id != picture_id:
            former = user.picture_id
            written = await profiles.set_picture(actor.user_id, picture_id, instead_of=former)
            if written is None:
                await asyncio.sleep(delay)
                continue
            user = written
        profile_changes.tell(user)
        return former
    raise Unavailable
