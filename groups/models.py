"""The Groups table: a group, its members, their read marks, and each user's own list of groups."""

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
    """A row by `item`: `group`, `member#<userId>`, `read#<userId>#<parentId>`.

    The rows of `groupId = memberships#<userId>` hold the set of groups that the user is in. It is written in the
    transaction that writes the member row, so that a strong read lists a user's groups (docs/decisions/0002).
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
    messages = NumberAttribute(null=True)
    groups = UnicodeSetAttribute(null=True)


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    name: str
    kind: str
    created_at: str
    created_by: str

    def as_wire(self) -> dict[str, Any]:
        """Return {id, name, kind, createdAt, createdBy}; a direct conversation's name is empty: it is its people."""
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "createdAt": self.created_at,
            "createdBy": self.created_by,
        }


@dataclass(frozen=True, slots=True)
class Member:
    group_id: str
    user_id: str
    role: str
    joined_at: str


@dataclass(frozen=True, slots=True)
class ReadMark:
    """How far someone has read: up to `seq`, and how many messages (of the group or the thread) that is."""

    seq: int = 0
    messages: int = 0


# --- keys and rows ---------------------------------------------------------------------------------------------------
def member_item(user_id: str) -> str:
    return f"member#{user_id}"


def read_item(user_id: str, parent_id: str | None = None) -> str:
    return f"read#{user_id}#{parent_id or ''}"


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


def _group(row: GroupRow) -> Group:
    return Group(row.group_id, row.name or "", row.kind or GROUP, row.created_at or "", row.created_by or "")


def _member(row: GroupRow) -> Member:
    return Member(row.group_id, row.user_id or "", row.role or MEMBER, row.created_at or "")


def _read_mark(row: GroupRow) -> ReadMark:
    return ReadMark(int(row.seq or 0), int(row.messages or 0))


# --- named queries ---------------------------------------------------------------------------------------------------
_rows = PerLoop(lambda: BatchLoader(GroupRow, lambda row: (row.group_id, row.item)))


async def _get(hash_key: str, item: str) -> GroupRow | None:
    return next(iter(await _rows().load([(hash_key, item)])), None)


async def _get_many(keys: Iterable[tuple[str, str]]) -> list[GroupRow]:
    return await _rows().load(keys)


async def find_group(group_id: str) -> Group | None:
    row = await _get(group_id, "group")
    return _group(row) if row else None


async def find_member(group_id: str, user_id: str) -> Member | None:
    row = await _get(group_id, member_item(user_id))
    return _member(row) if row else None


async def find_members(group_id: str, user_ids: Iterable[str]) -> dict[str, Member]:
    rows = await _get_many((group_id, member_item(user_id)) for user_id in user_ids)
    return {row.user_id or "": _member(row) for row in rows}


async def all_members(group_id: str, *, limit: int | None = None) -> list[Member]:
    """Return the members in the order of their ids."""

    def query() -> list[Member]:
        prefix = GroupRow.item.startswith("member#")
        return [_member(row) for row in GroupRow.query(group_id, prefix, consistent_read=True, limit=limit)]

    return await store.call(query)


async def group_ids_of(user_id: str) -> set[str]:
    row = await _get(f"memberships#{user_id}", "groups")
    return set(row.groups or ()) if row else set()


async def group_ids_of_all(user_ids: Iterable[str]) -> dict[str, set[str]]:
    """Return the groups of each of these users: one `BatchGetItem` for a hundred users."""
    by_key = {f"memberships#{user_id}": user_id for user_id in user_ids}
    rows = await _get_many((key, "groups") for key in by_key)
    return {by_key[row.group_id]: set(row.groups or ()) for row in rows}


@dataclass(frozen=True, slots=True)
class Membership:
    """What a user's list shows of one group: read together, so that it costs one call for thirty groups."""

    group: Group
    member: Member
    read: ReadMark


async def memberships_of(user_id: str, group_ids: Iterable[str]) -> list[Membership]:
    """Return those of the groups that the user is a member of by the member row itself, in the order of their ids."""
    wanted = sorted(set(group_ids))
    items = ("group", member_item(user_id), read_item(user_id))
    rows = await _get_many((group_id, item) for group_id in wanted for item in items)
    by_key = {(row.group_id, row.item): row for row in rows}
    found = []
    for group_id in wanted:
        group, member, read = (by_key.get((group_id, item)) for item in items)
        if group and member:
            found.append(Membership(_group(group), _member(member), _read_mark(read) if read else ReadMark()))
    return found


async def read_mark(group_id: str, user_id: str, parent_id: str | None = None) -> ReadMark:
    row = await _get(group_id, read_item(user_id, parent_id))
    return _read_mark(row) if row else ReadMark()


async def advance_read_mark(group_id: str, user_id: str, parent_id: str | None, mark: ReadMark) -> ReadMark:
    """Move the mark forward to `mark`, never back, and return where it stands."""
    row = GroupRow(group_id, read_item(user_id, parent_id))
    forward = GroupRow.seq.does_not_exist() | (GroupRow.seq < mark.seq)
    actions: list[Action] = [GroupRow.seq.set(mark.seq), GroupRow.messages.set(mark.messages)]
    try:
        await store.call(lambda: row.update(actions=actions, condition=forward))
    except store.ConditionFailed:
        return await read_mark(group_id, user_id, parent_id)
    return mark
