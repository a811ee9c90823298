"""Records who acts in somebody else's place: Clerk's administrators may, and their tokens say so (the claim `act`)."""

import logging

from foundation import acts

from . import models
from .tokens import Claims

logger = logging.getLogger(__name__)

_MAX_NOTED = 10_000
# The sessions that were recorded by this process, the oldest first.
_noted: dict[str, None] = {}


async def record(claims: Claims) -> None:
    """Store, once for a session, that it is used by somebody else; raises `Unavailable`: nobody acts unrecorded."""
    if claims.impersonated_by is None or claims.session_id in _noted:
        return
    await models.add_impersonation(claims.user_id, claims.session_id, by=claims.impersonated_by)
    logger.warning("%s acts as %s in the session %s.", claims.impersonated_by, claims.user_id, claims.session_id)
    about = {"user": claims.user_id, "session": claims.session_id}
    await acts.record("session.impersonate", by=claims.impersonated_by, **about)
    _noted[claims.session_id] = None
    if len(_noted) > _MAX_NOTED:
        del _noted[next(iter(_noted))]
