"""The actions on groups and their members: each function checks, writes and publishes one of them.

The rules that depend on the log's end, roles above all, are in `proposals`. Each function raises `Unavailable` while
DynamoDB is down.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import IdempotencyConflict, Invalid, NotFound, Unavailable
from foundation.finishing import finish_in_background
from foundation.ids import new_id, now
from foundation.tasks import run_to_completion
from groups.log.appender import append
from groups.log.entry import Entry
from groups.log.pending import MAX_ROWS
from realtime.hub.hub import get_hub
from users.actor import Actor

from . import creations, joining_budget, left, models, proposals
from .access import require_manager, require_member
from .change_events import members_change
from .direct import direct_id
from .followers import places
from .followers.wakes import wakes
from .log import queries
from .log.head_hints import head_hints
from .models import DIRECT, GROUP, MEMBER, OWNER, Group, Member
from .people import names_of, require_users
from .read_mark import MarkKey, ReadMark
from .read_marks import read_marks

# A transaction takes MAX_ROWS rows; three are the log entry, the group's own row, and its creation.
_MEMBERS_A_WRITE = (MAX_ROWS - 3) // proposals.ROWS_A_MEMBER
_ATTEMPTS = 20
# Seconds between attempts: a transaction takes about as long as the shortest; all add up to 0.8 s on average.
_BACKOFF_BASE, _BACKOFF_CAP = 0.01, 0.1
_UNKNOWN_ATTEMPTS = 2


async def create_group(
    *, actor: Actor, name: str, member_ids: Iterable[str] = (), client_id: str | None = None
) -> Group:
    """Create a group that the actor owns and these users are members of, and return it.

    `client_id` is the actor's own name for the group: created again under it, there is one group, and whoever an
    earlier try has not added is added. Raises `Invalid` (`memberIds`) when some of the users do not exist,
    `RateLimited` when some were put into too many groups, `IdempotencyConflict` when the client_id already names a
    group of another first name or other members, `NotFound` when the actor has left that group, `Unavailable`. Many
    members are added in several writes: after `Unavailable` the group may exist with some of them, and the others are
    added once the store is back.
    """
    others = [user_id for user_id in dict.fromkeys(member_ids) if user_id != actor.user_id]
    digest = creations.digest_of(name, others)
    group_id = creations.created_id(actor.user_id, client_id) if client_id else new_id("group", 16)
    if client_id and await creations.find_creation(group_id):
        return await run_to_completion(_finish_group(actor, group_id, digest))
    names = await require_users(others, field="memberIds") | {actor.user_id: actor.name}
    await joining_budget.spend(others)
    group = Group(group_id, name, GROUP, now(), actor.user_id)
    # Finish even if the client hangs up: it may not try again.
    return await run_to_completion(_create_with(actor, group, others, names, digest))


async def create_direct(*, actor: Actor, user_id: str) -> Group:
    """Return the direct conversation of the actor with this user, created if there is none yet.

    Raises `Invalid` (`userId`) for the actor's own id and for a user that does not exist.
    """
    if user_id == actor.user_id:
        raise Invalid("A direct conversation needs someone else.", fields={"userId": ["This is you."]})
    group_id = direct_id(actor.user_id, user_id)
    existing = await models.find_group(group_id)
    if existing:
        return existing
    names = await require_users([user_id], field="userId") | {actor.user_id: actor.name}
    group = Group(group_id, "", DIRECT, now(), actor.user_id)
    try:
        await run_to_completion(_create(group, {actor.user_id: MEMBER, user_id: MEMBER}, names))
    except store.ConditionFailed:
        # The other user has created the same conversation meanwhile.
        existing = await models.find_group(group_id)
        if existing is None:
            raise
        return existing
    return group


async def rename_group(*, actor: Actor, group_id: str, name: str) -> Group:
    """Give the group another name and return it.

    Raises `NotFound` unless the actor is a member, `Forbidden` unless an owner or admin, `Invalid` for a direct
    conversation.
    """
    group = await _require_group(actor, group_id)
    renamed: Group = await append(group_id, proposals.RenameGroupProposal(actor.user_id, group, name))
    return renamed


async def add_members(*, actor: Actor, group_id: str, user_ids: Iterable[str]) -> dict[str, str]:
    """Add users, and return {userId: role} of the new members.

    Many are added in several writes: after `Unavailable` some may be members, and the same call adds the others.
    Raises `NotFound` unless the actor is a member, `Forbidden` unless an owner or admin, `Invalid` for a direct
    conversation and (`userIds`) for users that do not exist, `RateLimited` when some were put into too many groups, and
    `HasLeft`, a `Forbidden`, when some have left the group: they are asked to come back instead, and nobody is added.
    """
    group = await _require_group(actor, group_id)
    unique_ids = list(dict.fromkeys(user_ids))
    names = await require_users(unique_ids, field="userIds")
    members = await models.find_members(group_id, [*unique_ids, actor.user_id])
    if group.kind != DIRECT and actor.user_id in members:
        # Before anything is counted: who may not add anybody must not use up what others may be added.
        require_manager(members[actor.user_id].role)
        new_ids = [user_id for user_id in unique_ids if user_id not in members]
        await left.ask_back_who_left(group_id, new_ids, names, asked_by=actor.user_id)
        await joining_budget.spend(new_ids)
    try:
        return await _add(actor, group, unique_ids, names)
    except left.HasLeft as error:  # a moment ago
        await left.ask_back(group_id, error.user_ids, asked_by=actor.user_id)
        raise


async def remove_member(*, actor: Actor, group_id: str, user_id: str) -> None:
    """Remove a member; their connections get the removal and no later change of the group.

    Raises `NotFound` unless both are members, `Forbidden` unless the actor is an owner or admin and the member of a
    lower role, `Invalid` for a direct conversation.
    """
    group = await _require_group(actor, group_id)
    names = await names_of([user_id])
    await append(group_id, proposals.RemoveMemberProposal(actor.user_id, group, [user_id], names))


async def leave_group(*, actor: Actor, group_id: str) -> None:
    """Leave the group.

    Raises `NotFound` unless the actor is a member, `Forbidden` for the owner (who must make someone else the owner
    first), `Invalid` for a direct conversation.
    """
    await remove_member(actor=actor, group_id=group_id, user_id=actor.user_id)


async def rejoin_group(*, actor: Actor, group_id: str) -> Group:
    """Come back to a group that the actor has left, and return it.

    Raises `NotFound` unless an owner or admin has asked the actor back, by trying to add them.
    """
    group = await models.find_group(group_id)
    if group is None:
        raise NotFound
    await append(group_id, proposals.RejoinProposal(actor.user_id, group, [], {actor.user_id: actor.name}))
    return group


async def change_role(*, actor: Actor, group_id: str, user_id: str, role: str) -> None:
    """Give a member another role, one of ROLES; a new owner makes the former one an admin.

    Raises `NotFound` unless both are members, `Forbidden` unless the actor is the owner, `Invalid` for the owner's own
    role.
    """
    group = await _require_group(actor, group_id)
    names = await names_of([user_id, actor.user_id])
    await append(group_id, proposals.ChangeRoleProposal(actor.user_id, group, user_id, role, names))


async def advance_read_mark(
    *, actor: Actor, group_id: str, parent_id: str | None, mark: ReadMark
) -> tuple[ReadMark, bool]:
    """Move the actor's read mark of the group, or of the thread of `parent_id`, forward to `mark`, never back.

    Returns the mark, which may be further, and whether this moved it. The caller has checked that the actor is a
    member.
    """
    return await read_marks().advance(MarkKey(actor.user_id, group_id, parent_id), mark)


async def _require_group(actor: Actor, group_id: str) -> Group:
    await require_member(actor=actor, group_id=group_id)
    group = await models.find_group(group_id)
    if group is None:
        raise NotFound
    return group


async def _add(actor: Actor, group: Group, user_ids: list[str], names: Mapping[str, str]) -> dict[str, str]:
    """Add any number of users, with as many in each entry as a transaction takes."""
    joined: dict[str, str] = {}
    for start in range(0, len(user_ids), _MEMBERS_A_WRITE):
        chunk = user_ids[start : start + _MEMBERS_A_WRITE]
        joined |= await append(group.id, proposals.AddMembersProposal(actor.user_id, group, chunk, names))
    return joined


async def _create_with(actor: Actor, group: Group, others: list[str], names: Mapping[str, str], digest: str) -> Group:
    try:
        group = await _create(group, {actor.user_id: OWNER}, names, creations.creation_row(group.id, digest, others))
        await _add_pending(actor, group, others, names)
    except store.ConditionFailed:
        # Another try under the same client_id was faster.
        return await _finish_group(actor, group.id, digest)
    except Unavailable:
        finish_in_background(lambda: _finish_group(actor, group.id, digest), f"The creation of {group.id}")
        raise
    return group


async def _finish_group(actor: Actor, group_id: str, digest: str) -> Group:
    """Add whom the creation of the group has not added yet, and return the group as it is now."""
    group = await _require_group(actor, group_id)
    creation = await creations.find_creation(group_id)
    if creation is None:
        raise NotFound
    if creation.digest != digest:
        raise IdempotencyConflict
    pending = sorted(creation.pending)
    await _add_pending(actor, group, pending, await names_of(pending))
    return group


async def _add_pending(actor: Actor, group: Group, user_ids: list[str], names: Mapping[str, str]) -> None:
    for start in range(0, len(user_ids), _MEMBERS_A_WRITE):
        chunk = user_ids[start : start + _MEMBERS_A_WRITE]
        if not await append(group.id, proposals.AddPendingProposal(actor.user_id, group, chunk, names)):
            # Somebody else has added them, in a write that does not know of the creation.
            await creations.remove_pending(group.id, chunk)


async def _create(group: Group, roles: dict[str, str], names: Mapping[str, str], *rows: models.GroupRow) -> Group:
    """Write the group, its first members, its log's first entry and `rows` in one transaction; publish the entry."""
    group = replace(group, member_count=len(roles))
    entry = Entry(
        group.id,
        1,
        kind="member",
        user_id=group.created_by,
        created_at=group.created_at,
        message_count=0,
        nonce=new_id("n", 12),
        roles=dict(roles),
    )
    writes = [
        write
        for user_id, role in roles.items()
        for write in proposals.join_writes(
            Member(group.id, user_id, role, group.created_at), peer_id=_peer(group, user_id, roles)
        )
    ]

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.save(entry, condition=Entry.group_id.does_not_exist())
            transaction.save(models.group_row(group), condition=models.GroupRow.group_id.does_not_exist())
            for row in (places.new_row(group), *rows):
                transaction.save(row)
            for write in writes:
                write(transaction)

    await store_group(entry, transact)
    head_hints().note(group.id, int(entry.seq))
    wakes().mark(group.id)
    get_hub().publish(group.id, [members_change(entry, names)])
    return group


def _peer(group: Group, user_id: str, user_ids: Iterable[str]) -> str | None:
    """Return who the other is in a direct conversation, else None."""
    return next(id_ for id_ in user_ids if id_ != user_id) if group.kind == DIRECT else None


async def store_group(first: Entry, transact: Callable[[], None]) -> None:
    """Write a new group; retry when another transaction is writing its members' lists.

    A failed condition is taken for such contention: a condition of `transact` that stays false ends in `Unavailable`.
    Raises `ConditionFailed` when another writer has created the group, `Unavailable` after too many attempts.
    """
    unknown = 0
    delays = backoff(_ATTEMPTS - 1, base=_BACKOFF_BASE, cap=_BACKOFF_CAP)
    for _ in range(_ATTEMPTS):
        try:
            return await store.call(transact)
        except store.ConditionFailed:
            await asyncio.sleep(next(delays, 0))
        except store.OutcomeUnknown:
            unknown += 1
            if unknown == _UNKNOWN_ATTEMPTS:
                raise
        stored = await queries.get_entry(first.group_id, int(first.seq))
        if stored and stored.nonce == first.nonce:
            return None
        if stored:
            raise store.ConditionFailed
    raise Unavailable
