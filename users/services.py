"""Signing in and out, and changes of one's profile."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta

from django.conf import settings

from foundation import origin
from foundation.backoff import backoff
from foundation.errors import Forbidden, Invalid, NotFound, TokenExpired, Unauthenticated, Unavailable
from foundation.ids import new_id, to_wire
from foundation.limits import shared

from . import impersonations, local_issuer, models, profile_changes, profiles, tokens, user_cache
from .actor import Actor
from .clerk.lookups import lookups
from .handles import require_handle
from .names import require_name, stand_in_name
from .revoked import is_over, revoked_sessions
from .tokens import Claims
from .user import CustomStatus, User

MAX_STATUS_DAYS = 366
# Of two pictures that are set at the same moment, one is set after the other.
_ATTEMPTS, _BASE, _CAP = 6, 0.02, 0.3


async def sign_in(*, token: str) -> Actor:
    """Return the token's user, created at the first sign-in.

    Raises `Unauthenticated`, `TokenExpired`, `Forbidden`, `Unavailable`. A repeated call within five minutes makes no
    store call (`user_cache`).
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
    if is_over(revoked, session_id=claims.session_id, user_id=claims.user_id):
        raise TokenExpired("This session has ended: sign in again.")
    return claims


async def check_renewal(*, token: str, user_id: str) -> Claims:
    """Return the claims of a token that replaces another one of this user; raises as `sign_in`, and `Forbidden`."""
    claims = await check_token(token=token)
    if claims.user_id != user_id:
        raise Forbidden("This connection is another user's: open one of your own.")
    _require_organization(claims)
    return claims


def _require_organization(claims: Claims) -> None:
    """Raise `Forbidden` unless the session's organization is one of those whose people see each other here."""
    allowed = settings.CLERK_ORGANIZATIONS
    if allowed and not settings.LOCAL_ISSUER and claims.organization not in allowed:
        raise Forbidden("This chat is another organization's: choose one that it is for, and sign in again.")


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


async def get_or_create_actor(*, claims: Claims) -> Actor:
    """Return the user of a verified token's claims, created at the first sign-in.

    Where Clerk signs people in, the name and picture of a later token are taken over, and somebody whose token has no
    name is looked up there in the background. Raises `Unauthenticated` if the user was removed, `Forbidden` for another
    organization than CLERK_ORGANIZATIONS, `Unavailable`.
    """
    _require_organization(claims)
    user = user_cache.get(claims.user_id)
    if user is None:
        user = await models.get(claims.user_id) or await _create(claims)
        if not user.is_indexed and not user.is_removed:
            # Else with the next sign-in.
            with contextlib.suppress(Unavailable):
                await profiles.index(user.id)
        user_cache.put(user)
        if not settings.LOCAL_ISSUER and not user.is_known:
            lookups().ask(user.id)
    if user.is_removed:
        raise Unauthenticated("This account was removed.")
    if not settings.LOCAL_ISSUER and claims.name:
        user = await _follow_claims(user, claims)
    origin.note_session(user.id, claims.session_id)
    return Actor(user.id, user.name, claims.session_id, claims.expires_at, claims.started_at)


async def _follow_claims(user: User, claims: Claims) -> User:
    """Return the user with the name and picture of the claims, if these are later than what Clerk has told."""
    assert claims.name
    claimed = {"email": claims.email, "image_url": claims.image_url}
    more = {field: value for field, value in claimed.items() if value and value != getattr(user, field)}
    version = claims.issued_at * 1000
    told_at = user.issuer_updated_at
    if told_at is not None and (told_at >= version or (claims.name == user.name and not more)):
        return user
    if updated := await profiles.follow_issuer(user.id, version=version, name=claims.name, more=more):
        profile_changes.tell(updated)
        return updated
    # Something later was stored meanwhile, by another process perhaps.
    stored = await models.get(user.id) or user
    user_cache.put(stored)
    return stored


async def end_session(*, actor: Actor) -> None:
    """End the actor's session: within seconds all processes refuse its tokens and close its sockets."""
    await revoked_sessions().revoke(actor.session_id, actor.expires_at)


async def _create(claims: Claims) -> User:
    told_at = claims.issued_at * 1000 if claims.name and not settings.LOCAL_ISSUER else None
    return await profiles.create_if_absent(
        claims.user_id,
        name=claims.name or stand_in_name(claims.user_id),
        email=claims.email,
        image_url=claims.image_url,
        issuer_updated_at=told_at,
    )


async def sign_in_locally(
    *, name: str, lifetime: int | None = None, origin: str | None = None, replaces: str | None = None
) -> str:
    """Return a session token of the local issuer for the user of this name, created at the first sign-in.

    `lifetime` is in seconds, `LOCAL_TOKEN_LIFETIME` by default; `origin` is that of the requesting page, if any. The
    session of the token `replaces`, the browser's former one, is ended, and so are the user's oldest sessions beyond
    MAX_SESSIONS. Raises `Invalid` for a bad name, `NotFound` where Clerk or an account signs users in, `Unavailable`.
    """
    if not settings.LOCAL_ISSUER:
        raise NotFound("Clerk signs people in on this server: it issues no tokens of its own.")
    if not local_issuer.signs_in_by_name():
        raise NotFound("People sign in to accounts of their own on this server: a name alone is not enough.")
    name = require_name(name)
    user_id = local_issuer.user_id_for_name(name)
    user = await models.get(user_id) or await profiles.create_if_absent(user_id, name=name)
    lifetime = settings.LOCAL_TOKEN_LIFETIME if lifetime is None else lifetime
    session_id = new_id("sess")
    token = local_issuer.issue_token(user_id, user.name, lifetime, origin=origin, session_id=session_id)
    if replaces:
        await _end_session_of(replaces)
    await revoked_sessions().begin(user_id, session_id)
    return token


async def _end_session_of(token: str) -> None:
    # Without a valid one there is nothing to end: the cookie had the session's last token.
    with contextlib.suppress(Unauthenticated):
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

    Raises `Invalid` (also `handle`, if somebody else has it), `Forbidden` where Clerk has told the name, `NotFound` if
    the user was removed, `Unavailable`.
    """
    name = None if name is None else require_name(name)
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
    user = await profiles.set_status(actor.user_id, status)
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
