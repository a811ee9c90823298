"""Who is in a group, and in what role."""

from collections.abc import Iterable, Mapping

from foundation.errors import NotFound
from foundation.tasks import run_to_completion
from groups import asked, joining_budget, left, models, proposals, reach
from groups.access import require_group, require_may, require_open
from groups.log.appender import append
from groups.log.pending import MAX_ROWS
from groups.models import DIRECT, Group
from groups.people import names_in, names_of, require_people
from groups.policy import INVITE
from users.actor import Actor
from workspace import audit
from workspace.roles import may_discover

# A transaction takes MAX_ROWS rows; three are the log entry, the group's own row, and its creation.
MEMBERS_A_WRITE = (MAX_ROWS - 3) // proposals.ROWS_A_MEMBER


async def add_members(*, actor: Actor, group_id: str, user_ids: Iterable[str]) -> dict[str, str]:
    """Add users, and return {userId: role} of the new members.

    Many are added in several writes: after `Unavailable` some may be members, and the same call adds the others.
    Raises `NotFound` unless the actor is a member, `Forbidden` unless the group lets them invite, and for new members
    of an archived one, `Invalid` for a
    direct conversation and (`userIds`) for users that do not exist, `RateLimited` when some were put into too many
    groups, and `MustBeAsked`, a `Forbidden`, when some have left the group, or let the actor not add them: they are
    asked to join instead, and nobody is added.
    """
    group = await require_group(actor=actor, group_id=group_id)
    unique_ids = list(dict.fromkeys(user_ids))
    people = await require_people(actor, unique_ids, field="userIds")
    members = await models.find_members(group_id, [*unique_ids, actor.user_id])
    if group.kind != DIRECT and actor.user_id in members:
        # Before anything is counted: who may not add anybody must not use up what others may be added.
        require_may(group.policy, INVITE, members[actor.user_id].role)
        if new_ids := [user_id for user_id in unique_ids if user_id not in members]:
            require_open(group.rules)
        await reach.ask_who_must_be(group_id, new_ids, people, asked_by=actor.user_id)
        await joining_budget.spend(new_ids)
    try:
        # Also for a client that hangs up: what it has done must be noted.
        return await run_to_completion(_add(actor, group, unique_ids, names_in(people)))
    except left.HasLeft as error:  # a moment ago
        await asked.ask(group_id, error.user_ids, asked_by=actor.user_id)
        raise


async def remove_member(*, actor: Actor, group_id: str, user_id: str) -> None:
    """Remove a member; their connections get the removal and no later change of the group.

    Raises `NotFound` unless both are members, `Forbidden` unless the actor is an owner or admin and the member of a
    lower role, `Invalid` for a direct conversation.
    """
    group = await require_group(actor=actor, group_id=group_id)
    names = await names_of([user_id])
    await run_to_completion(_remove(actor, group, user_id, names))


async def _remove(actor: Actor, group: Group, user_id: str, names: Mapping[str, str]) -> None:
    await append(group.id, proposals.RemoveMemberProposal(actor.user_id, group, [user_id], names))
    if user_id != actor.user_id:
        await audit.record("member.remove", by=actor, group=group.id, user=user_id)


async def leave_group(*, actor: Actor, group_id: str) -> None:
    """Leave the group.

    Raises `NotFound` unless the actor is a member, `Forbidden` for the owner (who must make someone else the owner
    first), `Invalid` for a direct conversation.
    """
    await remove_member(actor=actor, group_id=group_id, user_id=actor.user_id)


async def rejoin_group(*, actor: Actor, group_id: str) -> Group:
    """Join a group that has asked the actor, who may have left it before, and return it.

    Raises `NotFound` unless an owner or admin has asked, by trying to add the actor.
    """
    group = await models.find_group(group_id)
    if group is None:
        raise NotFound
    await append(group_id, proposals.RejoinProposal(actor.user_id, group, actor.name))
    return group


async def join_group(*, actor: Actor, group_id: str) -> Group:
    """Join a public group, or find oneself in it already, and return it.

    Raises `NotFound` unless the group is public, and the actor may discover groups (`workspace.roles.may_discover`).
    """
    group = await models.find_group(group_id)
    if group is None or not may_discover(actor):
        raise NotFound
    await append(group_id, proposals.JoinProposal(actor.user_id, group, actor.name))
    return group


async def change_role(*, actor: Actor, group_id: str, user_id: str, role: str) -> None:
    """Give a member another role, one of ROLES; a new owner makes the former one an admin.

    Raises `NotFound` unless both are members, `Forbidden` unless the actor is the owner, `Invalid` for the owner's own
    role.
    """
    group = await require_group(actor=actor, group_id=group_id)
    names = await names_of([user_id, actor.user_id])
    await run_to_completion(_change_role(actor, group, user_id, role, names))


async def _change_role(actor: Actor, group: Group, user_id: str, role: str, names: Mapping[str, str]) -> None:
    changed = await append(group.id, proposals.ChangeRoleProposal(actor.user_id, group, user_id, role, names))
    if changed:
        await audit.record("member.change_role", by=actor, group=group.id, user=user_id, role=role)


async def _add(actor: Actor, group: Group, user_ids: list[str], names: Mapping[str, str]) -> dict[str, str]:
    """Add any number of users, with as many in each entry as a transaction takes."""
    joined: dict[str, str] = {}
    for start in range(0, len(user_ids), MEMBERS_A_WRITE):
        chunk = user_ids[start : start + MEMBERS_A_WRITE]
        added = await append(group.id, proposals.AddMembersProposal(actor.user_id, group, chunk, names))
        if added:
            await asked.forget(group.id, added)
            await audit.record("member.add", by=actor, group=group.id, users=sorted(added))
        joined |= added
    return joined
