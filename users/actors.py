"""Who a verified token's user is, as this process knows them or the store has them."""

import contextlib

from django.conf import settings

from foundation import origin
from foundation.errors import Deactivated, Forbidden, TokenExpired, Unauthenticated, Unavailable

from . import models, profile_changes, profiles, user_cache
from .actor import Actor
from .clerk.lookups import lookups
from .names import stand_in_name
from .tokens import Claims
from .user import User


async def get_or_create_actor(*, claims: Claims) -> Actor:
    """Return the user of a verified token's claims, created at the first sign-in.

    Where Clerk signs people in, the name and picture of a later token are taken over, and somebody whose token has no
    name is looked up there in the background. Raises `Unauthenticated` if the user was removed, `Deactivated`,
    `TokenExpired` for a token from before they were, `Forbidden` for another organization than CLERK_ORGANIZATIONS,
    `Unavailable`.
    """
    require_organization(claims)
    user = user_cache.get(claims.user_id)
    if user is None:
        user = await _load(claims)
        if not user.is_indexed and user.is_active:
            # Else with the next sign-in.
            with contextlib.suppress(Unavailable):
                await profiles.index(user.id)
        user_cache.put(user)
        if not settings.LOCAL_ISSUER and not user.is_known:
            lookups().ask(user.id)
    _require_active(user)
    if claims.issued_at < user.tokens_from:
        raise TokenExpired("This session has ended: sign in again.")
    if not settings.LOCAL_ISSUER and claims.name:
        user = await _follow_claims(user, claims)
    origin.note_session(user.id, claims.session_id)
    return Actor(user.id, user.name, claims.session_id, claims.expires_at, claims.started_at, user.stored_role)


async def _load(claims: Claims) -> User:
    """Return the user of the claims as they are in the store, created if need be."""
    user = await models.get(claims.user_id) or await _create(claims)
    if user_cache.is_outdated(user):
        # Their standing was changed, and told, while they were read.
        user = await models.get(claims.user_id) or user
    return user


def _require_active(user: User) -> None:
    if user.is_removed:
        raise Unauthenticated("This account was removed.")
    if user.is_deactivated:
        raise Deactivated


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


async def _create(claims: Claims) -> User:
    told_at = claims.issued_at * 1000 if claims.name and not settings.LOCAL_ISSUER else None
    return await profiles.create_if_absent(
        claims.user_id,
        name=claims.name or stand_in_name(claims.user_id),
        email=claims.email,
        image_url=claims.image_url,
        issuer_updated_at=told_at,
    )


def require_organization(claims: Claims) -> None:
    """Raise `Forbidden` unless the session's organization is one of those whose people see each other here."""
    allowed = settings.CLERK_ORGANIZATIONS
    if allowed and not settings.LOCAL_ISSUER and claims.organization not in allowed:
        raise Forbidden("This chat is another organization's: choose one that it is for, and sign in again.")
