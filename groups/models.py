"""The Groups table: groups, their members, read marks and attached files, and each user's own list of groups.

Each query raises what `store.call` raises.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.update import Action

from dynamodb import store
from dynamodb.batch_loader import BatchLoader
from foundation.per_loop import PerLoop

OWNER, ADMIN, MEMBER = "owner", "admin", "member"
ROLES = (OWNER, ADMIN, MEMBER)
GROUP, DIRECT = "group", "direct"


class GroupRow(store.Table):
    """A row of a group.

    `item` is `group`, `member#<userId>`, `read#<userId>#<parentId>` (an empty parentId for the group) or
    `file#<fileId>`. On a member row `created_at` is when they joined; `seq` and `message_count` are those of a read
    mark, and on a file's row `seq` is that of the message that it is attached to (docs/decisions/0017).

    The item `creation` is described in `creations`: its `name` is a digest, `pending` the ids of users to be added.

    The row (`memberships#<userId>`, `groups`) holds the ids of the groups that the user is in. It is written in the
    transaction that writes the member row, so one consistent read lists a user's groups (docs/decisions/0002).
    """

    class Meta(store.TableMeta):
        table_name = f"{settings.NAMESPACE}-Groups"

    group_id = UnicodeAttribute(hash_key=True, attr_name="groupId")
    item = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute(null=True)
    kind = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute(null=True, attr_name="createdAt")
    created_by = UnicodeAttribute(null=True, attr_name="createdBy")
    user_id = UnicodeAttribute(null=True, attr_name="userId")
    role = UnicodeAttribute(null=True)
    seq = NumberAttribute(null=True)
    message_count = NumberAttribute(null=True, attr_name="messages")
    groups = UnicodeSetAttribute(null=True)
    pending = UnicodeSetAttribute(null=True)


@dataclass(frozen=True, slots=True)
class Group:
    """A group; `kind` is GROUP or DIRECT, `created_at` an ISO time in UTC, `created_by` a user id."""

    id: str
    name: str
    kind: str
    created_at: str
    created_by: str

    def as_wire(self) -> dict[str, Any]:
        """Return {id, name, kind, createdAt, createdBy}; the name of a direct conversation is empty."""
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "createdAt": self.created_at,
            "createdBy": self.created_by,
        }


@dataclass(frozen=True, slots=True)
class Member:
    """A user in a group; `role` is one of ROLES, `joined_at` an ISO time in UTC."""

    group_id: str
    user_id: str
    role: str
    joined_at: str


@dataclass(frozen=True, slots=True)
class ReadMark:
    """How far a user has read: up to `seq`; `message_count` messages, or replies of a thread, lie up to there."""

    seq: int = 0
    message_count: int = 0


# --- keys and rows ---------------------------------------------------------------------------------------------------
def member_item(user_id: str) -> str:
    return f"member#{user_id}"


def read_item(user_id: str, parent_id: str | None = None) -> str:
    return f"read#{user_id}#{parent_id or ''}"


def _file_item(file_id: str) -> str:
    return f"file#{file_id}"


def memberships_row(user_id: str) -> GroupRow:
    return GroupRow(f"memberships#{user_id}", "groups")


def group_row(group: Group) -> GroupRow:
    return GroupRow(
        group.id, "group", name=group.name, kind=group.kind, created_at=group.created_at, created_by=group.created_by
    )


def member_row(member: Member) -> GroupRow:
    return GroupRow(
        member.group_id,
        member_item(member.user_id),
        user_id=member.user_id,
        role=member.role,
        created_at=member.joined_at,
    )


def file_row(group_id: str, file_id: str, seq: int) -> GroupRow:
    return GroupRow(group_id, _file_item(file_id), seq=seq)


def _to_group(row: GroupRow) -> Group:
    return Group(row.group_id, row.name or "", row.kind or GROUP, row.created_at or "", row.created_by or "")


def _to_member(row: GroupRow) -> Member:
    return Member(row.group_id, row.user_id or "", row.role or MEMBER, row.created_at or "")


def _to_read_mark(row: GroupRow) -> ReadMark:
    return ReadMark(int(row.seq or 0), int(row.message_count or 0))


# --- named queries ---------------------------------------------------------------------------------------------------
_rows = PerLoop(lambda: BatchLoader(GroupRow, lambda row: (row.group_id, row.item)))


async def _get_row(hash_key: str, item: str) -> GroupRow | None:
    return next(iter(await _rows().load([(hash_key, item)])), None)


async def _get_rows(keys: Iterable[tuple[str, str]]) -> list[GroupRow]:
    return await _rows().load(keys)


async def find_group(group_id: str) -> Group | None:
    """Return a group, or None, by one consistent read, as all queries here do."""
    row = await _get_row(group_id, "group")
    return _to_group(row) if row else None


async def find_member(group_id: str, user_id: str) -> Member | None:
    row = await _get_row(group_id, member_item(user_id))
    return _to_member(row) if row else None


async def find_members(group_id: str, user_ids: Iterable[str]) -> dict[str, Member]:
    """Return the members among these users, by user id."""
    rows = await _get_rows((group_id, member_item(user_id)) for user_id in user_ids)
    return {row.user_id or "": _to_member(row) for row in rows}


async def list_members(group_id: str, *, limit: int | None = None) -> list[Member]:
    """Return the members in the order of their user ids, `limit` at most."""

    def query() -> list[Member]:
        prefix = GroupRow.item.startswith("member#")
        return [_to_member(row) for row in GroupRow.query(group_id, prefix, consistent_read=True, limit=limit)]

    return await store.call(query)


async def find_group_ids(user_id: str) -> set[str]:
    """Return the ids of the groups that the user's own list names."""
    row = await _get_row(f"memberships#{user_id}", "groups")
    return set(row.groups or ()) if row else set()


async def find_group_ids_of_users(user_ids: Iterable[str]) -> dict[str, set[str]]:
    """Return group ids by user id; users without groups are left out. One `BatchGetItem` reads a hundred users."""
    by_key = {f"memberships#{user_id}": user_id for user_id in user_ids}
    rows = await _get_rows((key, "groups") for key in by_key)
    return {by_key[row.group_id]: set(row.groups or ()) for row in rows}


@dataclass(frozen=True, slots=True)
class Membership:
    """A group in a user's list, read with one `BatchGetItem` for thirty groups."""

    group: Group
    member: Member
    read_mark: ReadMark


async def find_memberships(user_id: str, group_ids: Iterable[str]) -> list[Membership]:
    """Return the user's memberships in these groups, in the order of the group ids; other groups are left out."""
    unique_ids = sorted(set(group_ids))
    items = ("group", member_item(user_id), read_item(user_id))
    rows = await _get_rows((group_id, item) for group_id in unique_ids for item in items)
    by_key = {(row.group_id, row.item): row for row in rows}
    memberships = []
    for group_id in unique_ids:
        group, member, mark = (by_key.get((group_id, item)) for item in items)
        if group and member:
            read_mark = _to_read_mark(mark) if mark else ReadMark()
            memberships.append(Membership(_to_group(group), _to_member(member), read_mark))
    return memberships


async def find_read_mark(group_id: str, user_id: str, parent_id: str | None = None) -> ReadMark:
    """Return a user's read mark of the group, or of the thread of `parent_id`; seq 0 when there is none."""
    row = await _get_row(group_id, read_item(user_id, parent_id))
    return _to_read_mark(row) if row else ReadMark()


async def advance_read_mark(group_id: str, user_id: str, parent_id: str | None, mark: ReadMark) -> ReadMark:
    """Move the user's mark to `mark` unless it is there or further already, and return the stored mark."""
    row = GroupRow(group_id, read_item(user_id, parent_id))
    forward = GroupRow.seq.does_not_exist() | (GroupRow.seq < mark.seq)
    actions: list[Action] = [GroupRow.seq.set(mark.seq), GroupRow.message_count.set(mark.message_count)]
    try:
        await store.call(lambda: row.update(actions=actions, condition=forward))
    except store.ConditionFailed:
        return await find_read_mark(group_id, user_id, parent_id)
    return mark


async def find_attached_files(group_id: str, file_ids: Iterable[str]) -> dict[str, int]:
    """Return the seq of the message that each of the files is attached to, by file id; other files are left out.

    0 stands for a file that was withdrawn.
    """
    by_item = {_file_item(file_id): file_id for file_id in file_ids}
    return {by_item[row.item]: int(row.seq or 0) for row in await _get_rows((group_id, item) for item in by_item)}


async def withdraw_file(group_id: str, file_id: str) -> bool:
    """Keep a file from being attached from now on; False when it is attached to a message.

    By the row that attaches it, with seq 0: whoever writes it first wins.
    """
    row = file_row(group_id, file_id, 0)
    try:
        await store.call(lambda: row.save(condition=GroupRow.group_id.does_not_exist()))
    except store.ConditionFailed:
        return (await find_attached_files(group_id, [file_id]))[file_id] == 0
    return True
