"""Giving oneself or a group a picture, and taking it away."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from files.images.processes import SmallPicture
from foundation.tasks import run_to_completion
from groups import services as group_services
from groups.models import Group, find_groups
from groups.picture_proposal import PictureChanged
from users import selectors as users
from users import services as user_services
from users.actor import Actor
from users.user import User
from workspace import audit
from workspace import models as workspace

from . import models
from .cutting import SentPicture, cut
from .models import GROUP, LOGO, USER, WORKSPACE, Owner
from .replacing import replace


async def set_picture(*, actor: Actor, picture: SentPicture) -> User:
    """Have a picture be the actor's, cut to a square, and return the user; the former one is deleted.

    Raises `Invalid` (`file`) for what is no picture that this server can make smaller, `TooLarge`, `Forbidden` where
    Clerk keeps pictures, `NotFound` if the user was removed, `Unavailable`.
    """
    picture.require_size()
    # Before it is decoded, which is dear; decided once more when it is stored.
    await user_services.require_own_picture(actor=actor)
    return await run_to_completion(_replace(actor, await cut(picture)))


async def remove_picture(*, actor: Actor) -> User:
    """Take the actor's picture away and return the user; raises `Forbidden`, `NotFound` and `Unavailable` likewise."""
    return await run_to_completion(_replace(actor, []))


async def _replace(actor: Actor, pictures: list[SmallPicture]) -> User:
    async def assign(picture_id: str | None) -> str | None:
        return await user_services.set_picture(actor=actor, picture_id=picture_id)

    await replace(Owner(USER, actor.user_id), pictures, assign)
    return await users.get_user(user_id=actor.user_id)


async def set_group_picture(*, actor: Actor, group_id: str, picture: SentPicture) -> Group:
    """Have a picture be the group's, as `set_picture` does, and return the group; the members are told.

    Raises `NotFound` unless the actor is a member, `Forbidden` unless an owner or admin, `Invalid` for a direct
    conversation and (`file`) for what is no picture, `TooLarge`, `Unavailable`.
    """
    picture.require_size()
    await group_services.require_picture_manager(actor=actor, group_id=group_id)
    return await run_to_completion(_replace_of_group(actor, group_id, await cut(picture)))


async def remove_group_picture(*, actor: Actor, group_id: str) -> Group:
    """Take the group's picture away and return the group; raises as `set_group_picture` does."""
    return await run_to_completion(_replace_of_group(actor, group_id, []))


async def _replace_of_group(actor: Actor, group_id: str, pictures: list[SmallPicture]) -> Group:
    done: list[PictureChanged] = []

    async def assign(picture_id: str | None) -> str | None:
        done.append(await group_services.set_picture(actor=actor, group_id=group_id, picture_id=picture_id))
        return done[0].former

    await replace(Owner(GROUP, group_id), pictures, assign)
    group, former = done[0]
    if group.picture_id or former:
        await audit.record("group.picture", by=actor, group=group_id, picture=group.picture_id)
    return group


async def discard_group_pictures(*, group_id: str) -> None:
    """Delete what there is of pictures of a deleted group; raises `Unavailable`."""
    await models.delete_all_of(Owner(GROUP, group_id))


async def sweep_pictures(*, older_than: timedelta) -> int:
    """Delete the pictures that were stored so long ago and are nobody's; return how many there were."""
    swept = 0
    async for owners in models.list_stored_before(datetime.now(UTC) - older_than):
        current = await _current_of(owners.values())
        lost = [id_ for id_, owner in owners.items() if current.get(owner) != id_]
        if lost:
            await models.delete(lost)
        swept += len(lost)
    return swept


async def _current_of(owners: Iterable[Owner]) -> dict[Owner, str | None]:
    """Return which picture each of those owners has who exist."""
    ids: dict[str, set[str]] = {USER: set(), GROUP: set(), WORKSPACE: set()}
    for owner in owners:
        ids[owner.kind].add(owner.id)
    people = await users.get_users(user_ids=ids[USER], consistent=True)
    found = await find_groups(ids[GROUP])
    of_people = {Owner(USER, id_): user.picture_id for id_, user in people.items()}
    of_groups = {Owner(GROUP, id_): group.picture_id for id_, group in found.items()}
    return {**of_people, **of_groups, LOGO: (await workspace.load()).logo_id if ids[WORKSPACE] else None}
