"""What `create_group` has begun: a row beside the group says who is still to be added, so that any retry finishes it.

The row is written with the group, and each write that adds members removes them from it. It stays when nobody is left:
then it says that the creation is complete, also if some of the members have left since.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dynamodb import store

from .models import PRIVATE
from .rows import GroupRow

ITEM = "creation"


@dataclass(frozen=True, slots=True)
class Creation:
    """A creation that was begun: `pending` has the ids of the users who are still to be added."""

    digest: str
    pending: frozenset[str]


def created_id(user_id: str, client_id: str) -> str:
    """Return the id of the group that this user creates under this clientId: a second try cannot make another one."""
    return "group_" + hashlib.sha256(f"{user_id}\n{client_id}".encode()).hexdigest()[:24]


def digest_of(name: str, member_ids: Iterable[str], visibility: str = PRIVATE) -> str:
    """Return a hash that tells a retry of a creation from another group under the same clientId."""
    # No id is empty.
    unusual = [] if visibility == PRIVATE else ["", visibility]
    return hashlib.sha256("\0".join([name, *sorted(member_ids), *unusual]).encode()).hexdigest()[:32]


def creation_row(group_id: str, digest: str, pending: Iterable[str]) -> GroupRow:
    return GroupRow(group_id, ITEM, name=digest, pending=set(pending) or None)


async def find_creation(group_id: str) -> Creation | None:
    """Return the creation of a group, by one consistent read, or None."""

    def read() -> Creation | None:
        try:
            row = GroupRow.get(group_id, ITEM, consistent_read=True)
        except GroupRow.DoesNotExist:
            return None
        return Creation(row.name or "", frozenset(row.pending or ()))

    return await store.call(read)


async def remove_pending(group_id: str, user_ids: Iterable[str]) -> None:
    """Record that these users need not be added any more."""
    row, actions = removal(group_id, user_ids)
    await store.call(row.update, actions)


def removal(group_id: str, user_ids: Iterable[str]) -> tuple[GroupRow, list[Any]]:
    """Return the row, and the update of it that removes these users from those who are pending."""
    return GroupRow(group_id, ITEM), [GroupRow.pending.delete(set(user_ids))]
