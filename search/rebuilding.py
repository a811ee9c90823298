"""Makes the index anew: every document is written again from its log, and what belongs to no group is removed."""

from foundation.tasks import map_some_at_a_time
from groups import selectors as groups
from groups.followers.services import rebuild_follower

from . import index
from .follower import SearchIndex

_AT_ONCE = 4


async def rebuild() -> int:
    """Have the follower begin at the first entries, and return of how many deleted groups something was left.

    What is in the index is found meanwhile. Raises `NotFound` if the follower was never there, `Unavailable`.
    """
    gone: list[str] = []

    async def check(group_id: str) -> None:
        if await groups.find_group(group_id=group_id) is None:
            await SearchIndex().forget(group_id)
            gone.append(group_id)

    await map_some_at_a_time(check, await index.list_groups(), _AT_ONCE)
    await rebuild_follower(SearchIndex.name)
    return len(gone)
