"""What a group is called and says, who finds it, and what it lets its members do."""

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from foundation.tasks import run_to_completion
from groups.log.appender import append
from groups.models import Group
from groups.places.proposals import Changed, ChangeGroupProposal
from users.actor import Actor
from workspace import audit


class GroupChanges(TypedDict, total=False):
    """What may be changed of a group; `policy` maps some of `policy.ACTS` to who may do that."""

    name: str
    topic: str
    description: str
    visibility: str
    archived: bool
    policy: Mapping[str, str]


async def change_group(*, actor: Actor, group_id: str, **changes: Unpack[GroupChanges]) -> Group:
    """Change what is given, in one entry of the group's log, and return the group as it is now.

    Raises `NotFound` unless the actor is a member, `Forbidden` unless the group's policy lets them change its name,
    topic and description, or for the rest unless they are an owner or admin, or when the group is archived and stays
    so; `Invalid` for a direct conversation, `Unavailable`.
    """
    return await run_to_completion(_change(actor, group_id, changes))


async def _change(actor: Actor, group_id: str, changes: GroupChanges) -> Group:
    changed: Changed = await append(group_id, ChangeGroupProposal(actor.user_id, dict(changes)))
    for name in changed.names:
        await audit.record(_act(name, changed.group), by=actor, group=group_id, **_details(name, changed.group))
    return changed.group


async def rename_group(*, actor: Actor, group_id: str, name: str) -> Group:
    """Give the group another name and return it; raises what `change_group` raises."""
    return await change_group(actor=actor, group_id=group_id, name=name)


def _act(name: str, group: Group) -> str:
    if name == "archived":
        return "group.archive" if group.archived_at else "group.unarchive"
    return "group.rename" if name == "name" else f"group.{name}"


def _details(name: str, group: Group) -> dict[str, Any]:
    """Return what the audit log tells beside the group's id: nothing that somebody has written."""
    if name == "visibility":
        return {"visibility": group.visibility}
    return group.policy.as_wire() if name == "policy" else {}
