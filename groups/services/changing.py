"""What a group is called, and its picture."""

from groups import proposals
from groups.access import require_group, require_manager, require_member
from groups.log.appender import append
from groups.models import Group
from groups.picture_proposal import PictureChanged, SetPictureProposal, refuse_picture_of
from users.actor import Actor


async def rename_group(*, actor: Actor, group_id: str, name: str) -> Group:
    """Give the group another name and return it.

    Raises `NotFound` unless the actor is a member, `Forbidden` unless an owner or admin, `Invalid` for a direct
    conversation.
    """
    group = await require_group(actor=actor, group_id=group_id)
    renamed: Group = await append(group_id, proposals.RenameGroupProposal(actor.user_id, group, name))
    return renamed


async def require_picture_manager(*, actor: Actor, group_id: str) -> None:
    """Raise what `set_picture` does, without setting anything."""
    require_manager((await require_member(actor=actor, group_id=group_id)).role)
    refuse_picture_of(await require_group(actor=actor, group_id=group_id))


async def set_picture(*, actor: Actor, group_id: str, picture_id: str | None) -> PictureChanged:
    """Have the group's picture be this one, None for none; return the group, and which picture it had before.

    Raises `NotFound` unless the actor is a member, `Forbidden` unless an owner or admin, `Invalid` for a direct
    conversation, `Unavailable`.
    """
    changed: PictureChanged = await append(group_id, SetPictureProposal(actor.user_id, picture_id))
    return changed
