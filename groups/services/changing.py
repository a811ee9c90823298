"""What a group is called."""

from groups import proposals
from groups.access import require_group
from groups.log.appender import append
from groups.models import Group
from users.actor import Actor


async def rename_group(*, actor: Actor, group_id: str, name: str) -> Group:
    """Give the group another name and return it.

    Raises `NotFound` unless the actor is a member, `Forbidden` unless an owner or admin, `Invalid` for a direct
    conversation.
    """
    group = await require_group(actor=actor, group_id=group_id)
    renamed: Group = await append(group_id, proposals.RenameGroupProposal(actor.user_id, group, name))
    return renamed
