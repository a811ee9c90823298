"""Who is asked to join a group, and joins by an act of their own: who has left it, and who lets nobody add them.

The row (`asked#<groupId>`) lies in the person's own partition. It has who asked last (`created_by`) and when, and goes
when they join, decline or are removed. What is left of one (of a group that is no more) counts for nothing, and goes
when they look at their invitations.

`asking#<userId>` in the group's partition, written with it, is for those who manage the group (`asking`).
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.errors import Forbidden, Unavailable
from foundation.ids import now
from users import blocks
from users.events import UserUpdated
from users.updates import user_updates

from . import asking, memberships, models
from .asking import OWN_PREFIX
from .rows import GroupRow

# So many are asked at a time.
_CONCURRENCY = 16
# More invitations than these are there once some of them are answered.
MAX_LISTED = 100


@dataclass(frozen=True, slots=True)
class Invitation:
    """That somebody is asked to join a group; `asked_by` is a user id, `asked_at` an ISO time in UTC."""

    group_id: str
    asked_by: str
    asked_at: str


class MustBeAsked(Forbidden):
    """Some of the users to be added join by themselves alone; `user_ids` has them all, `has_left` who had left."""

    def __init__(
        self, group_id: str, user_ids: Iterable[str], names: Mapping[str, str], has_left: Collection[str] = ()
    ) -> None:
        self.user_ids, self.has_left = list(user_ids), frozenset(has_left)
        sentences = [_sentence(group_id, names.get(id_, id_), id_ in has_left) for id_ in self.user_ids[:10]]
        super().__init__("Some of them join by an act of their own: they were asked.", fields={"userIds": sentences})


def _sentence(group_id: str, name: str, has_left: bool) -> str:
    if has_left:
        return f"{name} has left this group, and was asked to come back: /groups/{group_id}/rejoin"
    return f"{name} is asked before being added, and was: they find it among their invitations."


def asked_row(user_id: str, group_id: str) -> GroupRow:
    return GroupRow(memberships.partition(user_id), f"{OWN_PREFIX}{group_id}")


def forget_write(user_id: str, group_id: str) -> Callable[[TransactWrite], None]:
    """Return the write by which somebody is not asked any more."""

    def delete(transaction: TransactWrite) -> None:
        transaction.delete(asked_row(user_id, group_id))

    return delete


async def forget(group_id: str, user_ids: Iterable[str]) -> None:
    """Note that these users, who are members now, are asked no more; a row that stays counts for nothing."""

    def delete() -> None:
        with GroupRow.batch_write() as batch:
            for user_id in user_ids:
                batch.delete(asked_row(user_id, group_id))

    with suppress(Unavailable):
        await store.call(delete)


async def drop(user_id: str, invitations: Iterable[Invitation]) -> None:
    """Delete what counts for nothing, unless the user was asked anew meanwhile."""
    for each in invitations:
        row, is_as_read = asked_row(user_id, each.group_id), GroupRow.created_at == each.asked_at
        with suppress(store.ConditionFailed):
            await store.call(row.delete, condition=is_as_read)


async def is_asked(user_id: str, group_id: str) -> bool:
    """Return whether the user is asked to join, by a consistent read."""
    return await models.get_row(memberships.partition(user_id), f"{OWN_PREFIX}{group_id}") is not None


async def list_asked(user_id: str) -> list[Invitation]:
    """Return MAX_LISTED of what the user is asked to join at most, by one consistent query."""

    def query() -> list[GroupRow]:
        prefix = GroupRow.item.startswith(OWN_PREFIX)
        return list(
            GroupRow.query(memberships.partition(user_id), prefix, consistent_read=True, limit=MAX_LISTED),
        )

    rows = await store.call(query)
    return [Invitation(row.item.removeprefix(OWN_PREFIX), row.created_by or "", row.created_at or "") for row in rows]


async def ask(group_id: str, user_ids: Iterable[str], *, asked_by: str) -> None:
    """Ask these users to join, and tell them; one who has become a member meanwhile is not asked.

    Nor one who has blocked who asks, whom that is told no more than anybody.
    """
    ids = list(user_ids)
    blockers = await blocks.find_blockers(asked_by, ids)
    limit, asked_at = asyncio.Semaphore(_CONCURRENCY), now()

    async def ask_one(user_id: str) -> None:
        async with limit:
            await _ask(group_id, user_id, asked_by, asked_at)

    # The list of whom the group has asked does not tell either: not by its times, and not by who is missing when
    # somebody else could not be asked.
    await asking.put_silent(group_id, blockers, asked_by=asked_by, asked_at=asked_at)
    await asyncio.gather(*map(ask_one, (user_id for user_id in ids if user_id not in blockers)))


async def _ask(group_id: str, user_id: str, asked_by: str, asked_at: str) -> None:
    row, member = asked_row(user_id, group_id), models.member_item(user_id)
    row.created_by, row.created_at = asked_by, asked_at

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.condition_check(GroupRow, group_id, member, condition=GroupRow.role.does_not_exist())
            transaction.save(row)
            transaction.save(asking.asking_row(group_id, user_id, asked_by, asked_at))

    try:
        await store.call(transact)
    except store.ConditionFailed:
        return
    tell(user_id, group_id, asked=True)


async def decline(user_id: str, group_id: str) -> None:
    """Have the user not be asked any more; nothing happens if they are not."""
    await store.call(asked_row(user_id, group_id).delete)
    tell(user_id, group_id, asked=False)


async def forget_person(user_id: str) -> None:
    """Have somebody who was removed be asked by no group any more."""
    while found := await list_asked(user_id):
        for each in found:
            await asking.withdraw(each.group_id, user_id)
        await drop(user_id, found)


def tell(user_id: str, group_id: str, *, asked: bool) -> None:
    user_updates().tell(user_id, UserUpdated.INVITATION, {"groupId": group_id, "asked": asked})
