"""Who shares a group with whom: what decides whom a guest sees (`users.sight`)."""

from collections.abc import Collection

from foundation.tasks import gather_or_cancel

from . import memberships, models
from .models import DIRECT

# Of somebody in more groups than this no list is made, which takes a query a group; so many run together.
_MAX_GROUPS, _AT_ONCE = 50, 10
# Direct conversations say who is in them; in more groups of any kind than this nobody looks for them.
_MAX_CONVERSATIONS = 1_000


async def sharing(user_id: str, others: Collection[str]) -> set[str]:
    """Return those of these others who are in a group that the user is in: one read for each hundred of them."""
    ids = await memberships.find_group_ids_of_users({user_id, *others})
    own = ids.get(user_id, set())
    return {other for other in others if own & ids.get(other, set())}


async def around(user_id: str, most: int) -> list[str] | None:
    """Return the ids of all in the groups of a user; None if these are many, or have more members than `most`."""
    group_ids, found = sorted(await memberships.find_group_ids(user_id)), set[str]()
    if _MAX_GROUPS < len(group_ids) <= _MAX_CONVERSATIONS:
        group_ids, found = await _without_conversations(user_id, group_ids)
    if len(group_ids) > _MAX_GROUPS:
        return None
    for start in range(0, len(group_ids), _AT_ONCE):
        together = group_ids[start : start + _AT_ONCE]
        for members in await gather_or_cancel(models.list_members(group_id, limit=most + 1) for group_id in together):
            found.update(member.user_id for member in members)
        if len(found) > most:
            return None
    return sorted(found)


async def _without_conversations(user_id: str, group_ids: list[str]) -> tuple[list[str], set[str]]:
    """Return those of the groups that have a name, and who is in the others: a read for fifty groups."""
    found = await memberships.find_memberships(user_id, group_ids)
    peers = {peer_id for each in found if each.group.kind == DIRECT for peer_id in each.peer_ids}
    return [each.group.id for each in found if each.group.kind != DIRECT], peers
