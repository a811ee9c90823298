"""What a user has of each of their groups: the rows of the user's own partition of the Groups table, and their queries.

Each query raises what `store.call` raises; all reads are strongly consistent.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store

from . import models
from .models import MEMBER, Group, Member
from .read_mark import ReadMark, to_read_mark
from .rows import GroupRow

_IDS = "groups"
_PREFIX = "group#"


@dataclass(frozen=True, slots=True)
class Membership:
    """A group in a user's list; `peer_id` is the other user of a direct conversation of two."""

    group: Group
    member: Member
    read_mark: ReadMark
    peer_id: str | None = None

    @property
    def peer_ids(self) -> list[str]:
        """Return who else is in a direct conversation, in the order of their ids."""
        return [self.peer_id] if self.peer_id else sorted(self.group.people - {self.member.user_id})


# --- keys and rows ---------------------------------------------------------------------------------------------------
def partition(user_id: str) -> str:
    return f"memberships#{user_id}"


def group_item(group_id: str) -> str:
    return f"{_PREFIX}{group_id}"


def own_row(user_id: str, group_id: str) -> GroupRow:
    """Return the row, without its values, of what a user has of a group."""
    return GroupRow(partition(user_id), group_item(group_id))


def ids_row(user_id: str) -> GroupRow:
    """Return the row, without its values, of the ids of a user's groups."""
    return GroupRow(partition(user_id), _IDS)


# --- writes of a transaction -----------------------------------------------------------------------------------------
def write_join(transaction: TransactWrite, member: Member, *, peer_id: str | None = None) -> None:
    """Put a group into a user's own partition; the read mark of someone who returns stays."""
    actions: list[Action] = [GroupRow.role.set(member.role), GroupRow.created_at.set(member.joined_at)]
    if peer_id:
        actions.append(GroupRow.peer_id.set(peer_id))
    transaction.update(own_row(member.user_id, member.group_id), actions=actions)


def write_ids(transaction: TransactWrite, member: Member, *, joins: bool) -> None:
    ids = {member.group_id}
    action: Action = GroupRow.groups.add(ids) if joins else GroupRow.groups.delete(ids)
    transaction.update(ids_row(member.user_id), actions=[action])


def write_leave(transaction: TransactWrite, member: Member) -> None:
    transaction.update(own_row(member.user_id, member.group_id), actions=[GroupRow.role.remove()])


def write_role(transaction: TransactWrite, member: Member, role: str) -> None:
    transaction.update(own_row(member.user_id, member.group_id), actions=[GroupRow.role.set(role)])


# --- named queries ---------------------------------------------------------------------------------------------------
async def find_group_ids(user_id: str) -> set[str]:
    """Return the ids of the groups that the user is in."""
    row = await models.get_row(partition(user_id), _IDS)
    return set(row.groups or ()) if row else set()


async def find_group_ids_of_users(user_ids: Iterable[str]) -> dict[str, set[str]]:
    """Return group ids by user id; users without groups are left out. One `BatchGetItem` reads a hundred users."""
    by_key = {partition(user_id): user_id for user_id in user_ids}
    rows = await models.get_rows((key, _IDS) for key in by_key)
    return {by_key[row.group_id]: set(row.groups or ()) for row in rows}


async def find_memberships(user_id: str, group_ids: Iterable[str]) -> list[Membership]:
    """Return the user's memberships in these groups, in the order of the group ids; other groups are left out.

    One `BatchGetItem` reads fifty groups.
    """
    ids = sorted(set(group_ids))
    own = partition(user_id)
    keys = [key for group_id in ids for key in ((group_id, "group"), (own, group_item(group_id)))]
    by_key = {(row.group_id, row.item): row for row in await models.get_rows(keys)}
    pairs = ((by_key.get((group_id, "group")), by_key.get((own, group_item(group_id)))) for group_id in ids)
    return [_to_membership(user_id, group, row) for group, row in pairs if group and row and row.role]


async def list_own_rows(user_id: str, *, after: str | None, limit: int) -> tuple[list[GroupRow], str | None]:
    """Return the rows of the user's groups in the order of the group ids, those that follow `after`, `limit` at most.

    Also returns the id of the last one if there are more. One `Query`.
    """

    def query() -> list[GroupRow]:
        own = partition(user_id)
        rows = GroupRow.query(
            own,
            GroupRow.item.startswith(_PREFIX),
            # Without a role, it is a group that the user has left.
            filter_condition=GroupRow.role.exists(),
            consistent_read=True,
            limit=limit + 1,
            last_evaluated_key=models.start_after(own, group_item(after)) if after else None,
        )
        return list(rows)

    found = await store.call(query)
    rows = found[:limit]
    return rows, group_id_of(rows[-1]) if len(found) > limit else None


async def to_memberships(user_id: str, rows: Iterable[GroupRow]) -> list[Membership]:
    """Return the memberships of a user's rows: one `BatchGetItem` for each hundred groups."""
    by_id = {group_id_of(row): row for row in rows}
    groups = await models.get_rows((group_id, "group") for group_id in by_id)
    return [_to_membership(user_id, group, by_id[group.group_id]) for group in groups]


def group_id_of(row: GroupRow) -> str:
    """Return the id of the group of a user's own row."""
    return row.item.removeprefix(_PREFIX)


def _to_membership(user_id: str, group: GroupRow, row: GroupRow) -> Membership:
    member = Member(group.group_id, user_id, row.role or MEMBER, row.created_at or "")
    return Membership(models.to_group(group), member, to_read_mark(row), row.peer_id)
