"""What changes a user: signing in for the first time, and editing one's profile."""

import time

from django.conf import settings

from foundation.errors import NotFound, TokenExpired

from . import local_issuer, models, recent, tokens
from .actor import Actor
from .models import User
from .names import require_name
from .revoked import revoked_sessions
from .tokens import Claims


async def sign_in(*, token: str) -> Actor:
    """Return who the token stands for, making the first-seen user.

    Raises `Unauthenticated`, `TokenExpired`, `Unavailable`. A repeat within some minutes costs no store call.
    """
    return await actor_of(claims=await check_token(token=token))


async def check_token(*, token: str) -> Claims:
    """Return what a good token of a session that goes on says, without a store call; raises as `sign_in` does."""
    claims = await tokens.verify(token)
    sessions = revoked_sessions()
    sessions.watch()
    if claims.session_id in sessions:
        raise TokenExpired("This session has ended: sign in again.")
    return claims


async def actor_of(*, claims: Claims) -> Actor:
    """Return who the claims of a checked token stand for, making the first-seen user; raises `Unavailable`."""
    user = recent.get(claims.user_id)
    if user is None:
        user = await models.get(claims.user_id) or await _create(claims)
        recent.put(user)
    return Actor(user.id, user.name, claims.session_id, claims.expires_at)


async def end_session(*, actor: Actor) -> None:
    """End the actor's session everywhere: its tokens are refused and its sockets close within seconds."""
    # Clerk's templates can make tokens that name no session: to end "that" one would end everybody's who has such.
    if actor.session_id:
        await revoked_sessions().revoke(actor.session_id, actor.expires_at)


async def _create(claims: Claims) -> User:
    return await models.create_if_absent(
        claims.user_id, name=claims.name or claims.user_id[:64], email=claims.email, image_url=claims.image_url
    )


async def local_sign_in(*, name: str, lifetime: int | None = None, origin: str | None = None) -> str:
    """Return a token of the local issuer, making the user; raises `Invalid`, or `NotFound` where Clerk signs people in.

    `lifetime` is in seconds; `origin` is that of the page which asks, if a page does.
    """
    if not settings.LOCAL_ISSUER:
        raise NotFound("Clerk signs people in on this server: it issues no tokens of its own.")
    name = require_name(name)
    user_id = local_issuer.user_id_of(name)
    user = await models.get(user_id) or await models.create_if_absent(user_id, name=name)
    lifetime = settings.LOCAL_TOKEN_LIFETIME if lifetime is None else lifetime
    return local_issuer.issue_token(user_id, user.name, lifetime, origin=origin)


def renewed_token(*, actor: Actor, origin: str | None) -> str | None:
    """Return a fresh token of the actor's session, or None while the one at hand will do; Clerk renews its own.

    It belongs to the same session: to sign out ends all its tokens, those in other hands too.
    """
    spent_half = actor.expires_at - time.time() <= settings.LOCAL_TOKEN_LIFETIME / 2
    # Ended while the page was made: a cookie of it would take the place of one that a new sign-in has set since.
    if not settings.LOCAL_ISSUER or not spent_half or actor.session_id in revoked_sessions():
        return None
    # By id, not by name: a person may have changed what they are called since they signed in.
    return local_issuer.issue_token(
        actor.user_id, actor.name, settings.LOCAL_TOKEN_LIFETIME, origin=origin, session_id=actor.session_id
    )


async def update_profile(*, actor: Actor, name: str) -> User:
    """Change how one is called; raises `Invalid`, or `NotFound` when the user was removed meanwhile."""
    user = await models.rename(actor.user_id, name=require_name(name))
    if user is None:
        raise NotFound
    recent.put(user)
    return user
