"""Every rule about groups and their members: each function checks, writes and publishes one thing."""

import hashlib
from collections.abc import Callable, Iterable

from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.errors import Invalid, NotFound, Unavailable
from foundation.ids import new_id, now
from foundation.tasks import run_to_completion
from groups.log.appender import MAX_ROWS, append
from groups.log.table import Entry
from realtime.hub.hub import get_hub
from users import selectors as users
from users.actor import Actor

from . import models, proposals
from .access import require_member
from .changes import members_change
from .log import reading
from .models import DIRECT, GROUP, MEMBER, OWNER, Group, Member, ReadMark

# Each member is two rows beside the entry, in one transaction.
_MEMBERS_A_WRITE = (MAX_ROWS - 2) // 2
_ATTEMPTS = 20
_UNKNOWN_ATTEMPTS = 2


async def create_group(*, actor: Actor, name: str, member_ids: Iterable[str] = ()) -> Group:
    """Create a group that the actor owns, with these members; raises `Invalid` for users who do not exist."""
    others = [user_id for user_id in dict.fromkeys(member_ids) if user_id != actor.user_id]
    await _require_users(others, field="memberIds")
    group = Group(new_id("group", 16), name, GROUP, now(), actor.user_id)
    # Left half made, it would be made again by who tries again.
    return await run_to_completion(_create_with(actor, group, others))


async def create_direct(*, actor: Actor, user_id: str) -> Group:
    """Return the direct conversation of the actor with this user, made when there is none yet."""
    if user_id == actor.user_id:
        raise Invalid("A direct conversation needs someone else.", fields={"userId": ["This is you."]})
    group_id = direct_id(actor.user_id, user_id)
    existing = await models.find_group(group_id)
    if existing:
        return existing
    await _require_users([user_id], field="userId")
    group = Group(group_id, "", DIRECT, now(), actor.user_id)
    try:
        await run_to_completion(_create(group, {actor.user_id: MEMBER, user_id: MEMBER}))
    except store.ConditionFailed:
        # The other one began the same conversation at the same moment.
        existing = await models.find_group(group_id)
        if existing is None:
            raise
        return existing
    return group


def direct_id(one: str, other: str) -> str:
    """Return the id of the conversation of two users: made from the pair, so that it is found without a look-up."""
    pair = "\n".join(sorted((one, other)))
    return "direct_" + hashlib.sha256(pair.encode()).hexdigest()[:24]


async def rename_group(*, actor: Actor, group_id: str, name: str) -> Group:
    """Give the group another name; owners and admins may."""
    group = await _require_group(actor, group_id)
    renamed: Group = await append(group_id, proposals.RenameGroupProposal(actor.user_id, group, name))
    return renamed


async def add_members(*, actor: Actor, group_id: str, user_ids: Iterable[str]) -> dict[str, str]:
    """Bring users in, and return {userId: role} of those who were not in yet; owners and admins may."""
    group = await _require_group(actor, group_id)
    wanted = list(dict.fromkeys(user_ids))
    await _require_users(wanted, field="userIds")
    return await _add(actor, group, wanted)


async def remove_member(*, actor: Actor, group_id: str, user_id: str) -> None:
    """Take someone out of the group; from then on nothing of it reaches them."""
    group = await _require_group(actor, group_id)
    names = await _names([user_id])
    await append(group_id, proposals.RemoveMemberProposal(actor.user_id, group, [user_id], names))


async def leave_group(*, actor: Actor, group_id: str) -> None:
    """Leave the group; its owner must make someone else the owner first."""
    await remove_member(actor=actor, group_id=group_id, user_id=actor.user_id)


async def change_role(*, actor: Actor, group_id: str, user_id: str, role: str) -> None:
    """Give a member another role; the owner may, and hands the group over by naming another owner."""
    group = await _require_group(actor, group_id)
    names = await _names([user_id, actor.user_id])
    await append(group_id, proposals.ChangeRoleProposal(actor.user_id, group, user_id, role, names))


async def advance_read_mark(*, actor: Actor, group_id: str, parent_id: str | None, mark: ReadMark) -> ReadMark:
    """Move the actor's read mark of the group, or of a thread in it, forward; return where it stands."""
    return await models.advance_read_mark(group_id, actor.user_id, parent_id, mark)


async def _require_group(actor: Actor, group_id: str) -> Group:
    await require_member(actor=actor, group_id=group_id)
    group = await models.find_group(group_id)
    if group is None:
        raise NotFound
    return group


async def _require_users(user_ids: list[str], *, field: str) -> None:
    known = await users.get_users(user_ids=user_ids)
    missing = [user_id for user_id in user_ids if user_id not in known]
    if missing:
        raise Invalid("Some users do not exist.", fields={field: [f"There is no user {who}." for who in missing[:10]]})


async def _names(user_ids: list[str]) -> dict[str, str]:
    return {user_id: user.name for user_id, user in (await users.get_users(user_ids=user_ids)).items()}


async def _add(actor: Actor, group: Group, user_ids: list[str]) -> dict[str, str]:
    """Append the joining of any number of users, as many a write as a transaction takes."""
    names = await _names(user_ids)
    joined: dict[str, str] = {}
    for start in range(0, len(user_ids), _MEMBERS_A_WRITE):
        some = user_ids[start : start + _MEMBERS_A_WRITE]
        joined |= await append(group.id, proposals.AddMembersProposal(actor.user_id, group, some, names))
    return joined


async def _create_with(actor: Actor, group: Group, others: list[str]) -> Group:
    await _create(group, {actor.user_id: OWNER})
    await _add(actor, group, others)
    return group


async def _create(group: Group, roles: dict[str, str]) -> None:
    """Write the group, its first members and the first entry of its log at once, and tell the members."""
    # Whatever could fail comes before the write: what is written must be told.
    names = await _names(list(roles))
    entry = Entry(
        group.id,
        1,
        kind="member",
        user_id=group.created_by,
        created_at=group.created_at,
        messages=0,
        nonce=new_id("n", 12),
        roles=dict(roles),
    )
    writes = [
        write
        for user_id, role in roles.items()
        for write in proposals.joins(Member(group.id, user_id, role, group.created_at))
    ]

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.save(entry, condition=Entry.group_id.does_not_exist())
            transaction.save(models.group_row(group), condition=models.GroupRow.group_id.does_not_exist())
            for write in writes:
                write(transaction)

    await _store_new(entry, transact)
    get_hub().publish(group.id, [members_change(entry, names)])


async def _store_new(first: Entry, transact: Callable[[], None]) -> None:
    """Write a new group; its members' lists are busy rows, so a transaction may have to be tried again."""
    unknown = 0
    for _ in range(_ATTEMPTS):
        try:
            return await store.call(transact)
        except store.ConditionFailed:
            pass
        except store.OutcomeUnknown:
            unknown += 1
            if unknown == _UNKNOWN_ATTEMPTS:
                raise
        stored = await reading.get_entry(first.group_id, int(first.seq))
        if stored and stored.nonce == first.nonce:
            return None
        if stored:
            raise store.ConditionFailed
    raise Unavailable
