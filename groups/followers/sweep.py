"""Goes round the directory of all groups, and finds those whose log goes past the places that followers have come to.

What a process appended and had not written to Redis when it was killed is found here, and what Redis has forgotten.
"""

from collections.abc import Iterable, Mapping

from groups.log import queries

from . import places, registrations
from .follower import Follower
from .places import GroupPlaces
from .registrations import Registration


async def groups_behind(partition: int, followers: Mapping[str, tuple[Follower, Registration]]) -> list[str]:
    """Return the ids of the groups of a partition in which some follower has something to do; raises `Unavailable`.

    One `Query` for a thousand groups, and one `BatchGetItem` for a hundred.
    """
    behind: list[str] = []
    after = None
    while True:
        found, after = await places.find_in_partition(partition, after=after)
        behind += await _behind(found, followers)
        if after is None:
            return behind


async def _behind(found: Iterable[GroupPlaces], followers: Mapping[str, tuple[Follower, Registration]]) -> list[str]:
    new: list[str] = []
    positions: dict[str, int] = {}
    for known in found:
        at = [registrations.current_place(known, name, there) for name, (_, there) in followers.items()]
        if None in at:
            new.append(known.group_id)
        elif at:
            positions[known.group_id] = min(place.seq for place in at if place)
    return [*new, *sorted(await queries.groups_ahead(positions))]
