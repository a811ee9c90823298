"""Whom somebody may put into groups and begin conversations with: as each of them has said (`users.privacy`, `blocks`).

One answer stands for every reason, so that nobody can tell that they were blocked.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping

from foundation.errors import Forbidden
from users import blocks
from users import selectors as users
from users.user import EVERYONE, KNOWN, User

from . import left, memberships
from .asked import MustBeAsked, ask
from .direct import is_direct_id
from .joining_budget import spend
from .people import names_in


async def find_reserved(actor_id: str, people: Iterable[User]) -> list[str]:
    """Return the ids of those of these people who do not let the actor add them, or block them, in their order."""
    others = list(people)
    return await _reserved_among(actor_id, others, await blocks.find_blockers(actor_id, [user.id for user in others]))


async def _reserved_among(actor_id: str, people: Iterable[User], blockers: Collection[str]) -> list[str]:
    others = [user for user in people if user.id != actor_id]
    known = await _find_known(actor_id, [user.id for user in others if user.addable_by == KNOWN])
    willing = known | {user.id for user in others if user.addable_by == EVERYONE}
    return [user.id for user in others if user.id in blockers or user.id not in willing]


async def _find_known(actor_id: str, user_ids: list[str]) -> set[str]:
    """Return those of the users who are in a group with the actor; a conversation makes nobody known."""
    if not user_ids:
        return set()
    ids = await memberships.find_group_ids_of_users([actor_id, *user_ids])
    own = {group_id for group_id in ids.get(actor_id, ()) if not is_direct_id(group_id)}
    return {user_id for user_id in user_ids if own & ids.get(user_id, set())}


async def require_reachable(actor_id: str, people: Mapping[str, User], *, field: str) -> None:
    """Raise `Forbidden`, with `field` among its fields, if some let the actor begin no conversation with them.

    Also for those whom the actor has blocked: they could not answer.
    """
    own, reserved = await asyncio.gather(
        blocks.Blocks.read((actor_id, user_id) for user_id in people), find_reserved(actor_id, people.values())
    )
    if blocked := [user for user in people.values() if own.get(actor_id, user.id).since]:
        sentences = [f"You have blocked {user.name}: unblock them to write to them." for user in blocked[:10]]
        raise Forbidden("You have blocked some of them.", fields={field: sentences})
    if reserved:
        sentences = [f"{people[user_id].name} lets you begin no conversation with them." for user_id in reserved[:10]]
        raise Forbidden("Some of them begin conversations themselves.", fields={field: sentences})


async def ask_who_must_be(group_id: str, user_ids: list[str], people: Mapping[str, User], *, asked_by: str) -> None:
    """Ask those of these users who join by themselves alone, and raise `MustBeAsked`; do nothing if there are none.

    The people have all of the users. Raises `RateLimited` when some were asked too often.
    """
    has_left = await left.find_left(group_id, user_ids)
    reserved = await find_reserved(asked_by, [people[user_id] for user_id in user_ids if user_id not in has_left])
    if has_left or reserved:
        # Who has left can be asked by one group alone; others by any number.
        await spend(reserved)
        await ask(group_id, [*has_left, *reserved], asked_by=asked_by)
        names = names_in(people)
        if not reserved:
            raise left.HasLeft(group_id, has_left, names)
        raise MustBeAsked(group_id, [*has_left, *reserved], names, has_left)


async def ask_reserved(group_id: str, user_ids: list[str], *, asked_by: str) -> list[str]:
    """Ask those of the users who do not let `asked_by` add them to join the group, and return their ids."""
    if not user_ids:
        return []
    # At the same moment: so one request reads both.
    people, blockers = await asyncio.gather(
        users.get_users(user_ids=user_ids, consistent=True), blocks.find_blockers(asked_by, user_ids)
    )
    reserved = await _reserved_among(asked_by, people.values(), blockers)
    await ask(group_id, reserved, asked_by=asked_by)
    return reserved
