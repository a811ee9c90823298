"""Carries the owner over from a version in which the account said so: the profile has everybody's role now."""

from users import models as users
from users import standings
from users.roles import OWNER

from . import models


async def carry_over_owner() -> str | None:
    """Write the owner's role into their profile, once; return their id, None if there was nothing to do."""
    user_id = await models.find_former_owner()
    user = await users.get(user_id) if user_id else None
    if user is None:
        return None
    if user.stored_role is None and await standings.write(user, role=OWNER, is_deactivated=user.is_deactivated) is None:
        # Somebody else has just written it, or it is done by the next start.
        return None
    await models.drop_role(user.id)
    return user.id
