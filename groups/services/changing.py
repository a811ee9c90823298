"""What a group is called."""

from foundation.tasks import run_to_completion
from groups import proposals
from groups.access import require_group
from groups.log.appender import append
from groups.models import Group
from users.actor import Actor
from workspace import audit


async def rename_group(*, actor: Actor, group_id: str, name: str) -> Group:
    """Give the group another name and return it.

    Raises `NotFound` unless the actor is a member, `Forbidden` unless an owner or admin, `Invalid` for a direct
    conversation.
    """
    group = await require_group(actor=actor, group_id=group_id)
    return await run_to_completion(_rename(actor, group, name))


async def _rename(actor: Actor, group: Group, name: str) -> Group:
    renamed: Group = await append(group.id, proposals.RenameGroupProposal(actor.user_id, group, name))
    await audit.record("group.rename", by=actor, group=group.id)
    return renamed
