"""How groups and direct conversations come to be."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.errors import IdempotencyConflict, Invalid, NotFound, Unavailable
from foundation.finishing import finish_in_background
from foundation.ids import new_id, now
from foundation.tasks import run_to_completion
from groups import asked, creations, joining_budget, models, proposals, reach
from groups.access import require_group
from groups.change_events import members_change
from groups.direct import MAX_PEOPLE, direct_id
from groups.followers import places
from groups.followers.wakes import wakes
from groups.log.appender import append
from groups.log.entry import Entry
from groups.log.head_hints import head_hints
from groups.models import DIRECT, GROUP, MEMBER, OWNER, PRIVATE, Group, Member
from groups.people import names_in, names_of, require_people
from groups.places import listing
from groups.rows import GroupRow
from realtime.hub.hub import get_hub
from users import blocks
from users.actor import Actor
from workspace import policies
from workspace.settings import MAKE_GROUPS

from .members import MEMBERS_A_WRITE
from .storing import store_group


async def create_group(
    *,
    actor: Actor,
    name: str,
    member_ids: Iterable[str] = (),
    client_id: str | None = None,
    visibility: str = PRIVATE,
) -> Group:
    """Create a group that the actor owns and these users are members of, and return it; `visibility` as of `Group`.

    `client_id` is the actor's own name for the group: created again under it, there is one group, and whoever an
    earlier try has not added is added. Raises `Invalid` (`memberIds`) when some of the users do not exist,
    `RateLimited` when some were put into too many groups, `IdempotencyConflict` when the client_id already names a
    group of another first name or other members, `NotFound` when the actor has left that group, `Forbidden` where the
    workspace's settings do not permit it, `Unavailable`. Many members are added in several writes: after `Unavailable`
    the group may exist with some of them, and the others are added once the store is back. Who
    lets the actor not add them is asked to join instead.
    """
    others = [user_id for user_id in dict.fromkeys(member_ids) if user_id != actor.user_id]
    digest = creations.digest_of(name, others, visibility)
    group_id = creations.created_id(actor.user_id, client_id) if client_id else new_id("group", 16)
    if client_id and await creations.find_creation(group_id):
        return await run_to_completion(_finish_group(actor, group_id, digest))
    await policies.require(actor, MAKE_GROUPS)
    names = names_in(await require_people(actor, others, field="memberIds")) | {actor.user_id: actor.name}
    await joining_budget.spend(others)
    group = Group(group_id, name, GROUP, now(), actor.user_id, visibility=visibility)
    # Finish even if the client hangs up: it may not try again.
    return await run_to_completion(_create_with(actor, group, others, names, digest))


async def create_direct(*, actor: Actor, user_id: str | None = None, user_ids: Iterable[str] = ()) -> Group:
    """Return the direct conversation of the actor with these users, created if there is none yet.

    With nobody else it is the actor's notes. Raises `Invalid` (`userId` or `userIds`) for more than `MAX_PEOPLE` with
    the actor, and for users that do not exist; `Forbidden` for those who let the actor begin none with them, and whom
    the actor has blocked; `RateLimited` when some were put into too many groups.
    """
    wanted = [*user_ids, *([user_id] if user_id else [])]
    others = [id_ for id_ in dict.fromkeys(wanted) if id_ != actor.user_id]
    people = [actor.user_id, *others]
    if len(people) > MAX_PEOPLE:
        sentence = f"A conversation without a name has {MAX_PEOPLE} people at most: create a group."
        raise Invalid(sentence, fields={"userIds": [sentence]})
    group_id = direct_id(*people)
    existing = await models.find_group(group_id)
    if existing:
        return existing
    field = "userId" if user_id else "userIds"
    known = await require_people(actor, others, field=field)
    await reach.require_reachable(actor.user_id, known, field=field)
    if len(others) > 1:
        # With each person there is one conversation, but there are any number of sets of people.
        await joining_budget.spend(others)
    is_of_two = len(people) == 2
    group = Group(group_id, "", DIRECT, now(), actor.user_id, people=frozenset(() if is_of_two else people))
    try:
        names = names_in(known) | {actor.user_id: actor.name}
        await run_to_completion(_create(group, dict.fromkeys(people, MEMBER), names))
    except store.ConditionFailed:
        # Another of them has created the same conversation meanwhile.
        existing = await models.find_group(group_id)
        if existing is None:
            raise
        return existing
    return group


async def _create_with(actor: Actor, group: Group, others: list[str], names: Mapping[str, str], digest: str) -> Group:
    try:
        rows = creations.creation_row(group.id, digest, others), *listing.rows_of(group)
        group = await _create(group, {actor.user_id: OWNER}, names, *rows)
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
    group = await require_group(actor=actor, group_id=group_id)
    creation = await creations.find_creation(group_id)
    if creation is None:
        raise NotFound
    if creation.digest != digest:
        raise IdempotencyConflict
    pending = sorted(creation.pending)
    await _add_pending(actor, group, pending, await names_of(pending), goes_on=True)
    return group


async def _add_pending(
    actor: Actor, group: Group, user_ids: list[str], names: Mapping[str, str], *, goes_on: bool = False
) -> None:
    if reserved := await reach.ask_reserved(group.id, user_ids, asked_by=actor.user_id):
        await creations.remove_pending(group.id, reserved)
    added = [user_id for user_id in user_ids if user_id not in reserved]
    for start in range(0, len(added), MEMBERS_A_WRITE):
        chunk = added[start : start + MEMBERS_A_WRITE]
        if joined := await append(group.id, proposals.AddPendingProposal(actor.user_id, group, chunk, names)):
            # Of a new group nobody was asked before.
            if goes_on:
                await asked.forget(group.id, joined)
        else:
            # Somebody else has added them, in a write that does not know of the creation.
            await creations.remove_pending(group.id, chunk)


async def _create(group: Group, roles: dict[str, str], names: Mapping[str, str], *rows: GroupRow) -> Group:
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
            transaction.save(models.group_row(group), condition=GroupRow.group_id.does_not_exist())
            for row in (places.new_row(group), *rows):
                transaction.save(row)
            for write in writes:
                write(transaction)
            if group.kind == DIRECT:
                # Who blocks at this moment either finds the conversation, and closes it, or keeps it from being made.
                blocks.check_none_among(transaction, roles)

    await store_group(entry, transact)
    head_hints().note(group.id, int(entry.seq))
    wakes().mark(group.id)
    get_hub().publish(group.id, [members_change(entry, names)])
    return group


def _peer(group: Group, user_id: str, user_ids: Iterable[str]) -> str | None:
    """Return who the other is in a direct conversation of two, else None."""
    others = [id_ for id_ in user_ids if id_ != user_id]
    return others[0] if group.kind == DIRECT and len(others) == 1 else None
