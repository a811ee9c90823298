"""What Clerk's webhooks change. Each may come late, twice or out of order: the result is the same."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from foundation import acts
from foundation.errors import Invalid, NotFound, Unavailable
from users import models, profile_changes, profiles, standings
from users.names import stand_in_name
from users.own_rows import erase_own_rows
from users.revoked import revoked_sessions

from . import deliveries, signature
from .profile import Profile, parse_profile, parse_user_id

_MAX_SESSION_ID = 128


async def receive_webhook(*, body: bytes, headers: Mapping[str, str]) -> None:
    """Do what a webhook says, once; `headers` have names in lower case. Events that do not concern this server pass.

    Raises `NotFound` without CLERK_WEBHOOK_SIGNING_SECRET, `Unauthenticated` unless Svix has signed it just now,
    `Invalid`, and `Unavailable`, after which Svix sends it again.
    """
    if settings.LOCAL_ISSUER or not settings.CLERK_WEBHOOK_SIGNING_SECRET:
        raise NotFound
    delivery_id = signature.verify(body, headers)
    if await deliveries.was_handled(delivery_id):
        return
    kind, data = _parse(body)
    if kind in ("user.created", "user.updated"):
        await follow_profile(profile=parse_profile(data))
    elif kind == "user.deleted":
        await remove_user(user_id=parse_user_id(data.get("id")))
    elif kind in ("session.ended", "session.removed", "session.revoked"):
        await _end_session(data.get("id"))
    await deliveries.remember(delivery_id)


async def follow_profile(*, profile: Profile) -> None:
    """Store what Clerk tells of a user, unless something later is known; raises `Unavailable`."""
    present = None
    if settings.CLERK_ORGANIZATIONS or not profile.name:
        present = await models.get(profile.user_id)
    if settings.CLERK_ORGANIZATIONS and present is None:
        # Perhaps of an organization whose people are not to be seen here; who is, comes by their first sign-in.
        return
    name = profile.name or (present.name if present else stand_in_name(profile.user_id))
    more = {"email": profile.email, "image_url": profile.image_url}
    user = await profiles.follow_issuer(profile.user_id, version=profile.updated_at, name=name, more=more)
    if user is not None:
        profile_changes.tell(user)


async def remove_user(*, user_id: str) -> None:
    """Remove a user: their sockets, tokens and downloads end within two seconds, and their name leaves the lists.

    What they wrote stays, with their name; what was kept for them alone, such as drafts, is deleted. Raises
    `Unavailable` when some process may not hear of it: repeat it.
    """
    gone = await profiles.remove(user_id)
    assert gone is not None
    profile_changes.tell(gone)
    await standings.drop_owner(user_id)
    _require_told(await revoked_sessions().revoke_user(user_id))
    await erase_own_rows(user_id)
    await acts.record("user.remove", by="clerk", user=user_id)


async def _end_session(session_id: Any) -> None:
    if not isinstance(session_id, str) or not 0 < len(session_id) <= _MAX_SESSION_ID:
        raise Invalid("The session has no id.")
    _require_told(await revoked_sessions().revoke(session_id, 0))


def _require_told(told: bool) -> None:
    if not told:
        raise Unavailable("Redis is down: it has ended in this process alone.")


def _parse(body: bytes) -> tuple[str, Mapping[str, Any]]:
    try:
        event = json.loads(body)
        kind, data = event["type"], event["data"]
    # Deeply nested JSON raises RecursionError.
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Invalid("The webhook is no event of Clerk.") from error
    if not isinstance(kind, str) or not isinstance(data, Mapping):
        raise Invalid("The webhook is no event of Clerk.")
    return kind, data
