"""Who shares a group with whom: what decides whom a guest sees (`users.sight`)."""

from collections.abc import Collection

from . import memberships, models


async def sharing(user_id: str, others: Collection[str]) -> set[str]:
    """Return those of these others who are in a group that the user is in: one read for each hundred of them."""
    ids = await memberships.find_group_ids_of_users({user_id, *others})
    own = ids.get(user_id, set())
    return {other for other in others if own & ids.get(other, set())}


async def around(user_id: str, most: int) -> list[str] | None:
    """Return the ids of all who are in a group of the user, None if their groups have more members than `most`."""
    group_ids = await memberships.find_group_ids(user_id)
    if len(group_ids) > most:
        return None
    found: set[str] = set()
    for group_id in sorted(group_ids):
        members = await models.list_members(group_id, limit=most + 1)
        found.update(member.user_id for member in members)
        if len(found) > most or len(members) > most:
            return None
    return sorted(found)
