"""Which memberships of a user were made for the provider's groups: a row of theirs, `provided`, with ids of groups."""

from collections.abc import Callable

from pynamodb.attributes import UnicodeSetAttribute
from pynamodb.transactions import TransactWrite

from dynamodb import store
from users.rows import UsersTableRow

_ITEM = "provided"


class ProvidedRow(UsersTableRow):
    groups = UnicodeSetAttribute(null=True, attr_name="providedGroups")


async def list_of(user_id: str) -> frozenset[str]:
    """Return the ids of the groups, by a strongly consistent read."""

    def read() -> frozenset[str]:
        try:
            return frozenset(ProvidedRow.get(user_id, _ITEM, consistent_read=True).groups or ())
        except ProvidedRow.DoesNotExist:
            return frozenset()

    return await store.call(read)


def added_write(user_id: str, group_id: str) -> Callable[[TransactWrite], None]:
    """Return the write that notes that a membership was made for the provider's groups."""

    def add(transaction: TransactWrite) -> None:
        transaction.update(ProvidedRow(user_id, _ITEM), actions=[ProvidedRow.groups.add({group_id})])

    return add


def removed_write(user_id: str, group_id: str) -> Callable[[TransactWrite], None]:
    """Return the write that notes that such a membership has ended."""

    def remove(transaction: TransactWrite) -> None:
        transaction.update(ProvidedRow(user_id, _ITEM), actions=[ProvidedRow.groups.delete({group_id})])

    return remove


async def forget(user_id: str, group_id: str) -> None:
    """Note that a membership is none of these any more: the group is gone, or its member has become its owner."""
    row = ProvidedRow(user_id, _ITEM)
    await store.call(row.update, [ProvidedRow.groups.delete({group_id})])
