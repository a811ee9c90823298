"""The Groups table: groups, their members, marks of threads and attached files. `memberships` has the users' own rows.

Each query raises what `store.call` raises.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from dynamodb import store
from dynamodb.batch_loader import BatchLoader
from foundation.per_loop import PerLoop

from .policy import DEFAULT, Policy, Rules, policy_of, policy_text
from .rows import GroupRow

OWNER, ADMIN, MEMBER = "owner", "admin", "member"
ROLES = (OWNER, ADMIN, MEMBER)
GROUP, DIRECT = KINDS = ("group", "direct")
PUBLIC, PRIVATE = VISIBILITIES = ("public", "private")
_DELETIONS = "deletions"
_PIN = "pin#"


@dataclass(frozen=True, slots=True)
class Group:
    """A group; `kind` is GROUP or DIRECT, `created_at` an ISO time in UTC, `created_by` a user id.

    `member_count` is None for a group of an older version that was not carried over (`carry_over`). `visibility` is
    PUBLIC or PRIVATE; `archived_at` an ISO time in UTC, None for a group that is in use. `people` are the ids of all
    who are in a direct conversation, empty for one of two: each of the two has who the other is.
    """

    id: str
    name: str
    kind: str
    created_at: str
    created_by: str
    member_count: int | None = field(default=None, compare=False)
    visibility: str = PRIVATE
    topic: str = ""
    description: str = ""
    archived_at: str | None = None
    policy: Policy = DEFAULT
    people: frozenset[str] = frozenset()
    picture_id: str | None = None

    @property
    def image_url(self) -> str | None:
        """Where its picture is, from the server's root; `v` makes the address of another picture another one."""
        if self.picture_id is None:
            return None
        return f"/api/groups/{quote(self.id, safe='')}/picture?v={quote(self.picture_id, safe='')}"

    @property
    def rules(self) -> Rules:
        return Rules(self.policy, self.archived_at is not None)

    @property
    def is_listed(self) -> bool:
        """Whether everybody of the workspace finds the group, and may join it."""
        return self.kind == GROUP and self.visibility == PUBLIC and self.archived_at is None

    def as_wire(self) -> dict[str, Any]:
        """Return what members see of it.

        {id, name, kind, createdAt, createdBy, visibility, topic, description, policy, archivedAt?, imageUrl?}; the name
        of a direct conversation is empty.
        """
        wire: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "createdAt": self.created_at,
            "createdBy": self.created_by,
            "visibility": self.visibility,
            "topic": self.topic,
            "description": self.description,
            "policy": self.policy.as_wire(),
        }
        wire |= {"archivedAt": self.archived_at} if self.archived_at else {}
        return {**wire, "imageUrl": self.image_url} if self.picture_id else wire

    def unusual(self) -> dict[str, Any]:
        """For lists, return what is unlike a new group: {visibility?, topic?, policy?, archivedAt?, imageUrl?}."""
        wire: dict[str, Any] = {"visibility": self.visibility} if self.visibility != PRIVATE else {}
        wire |= {"topic": self.topic} if self.topic else {}
        wire |= {"archivedAt": self.archived_at} if self.archived_at else {}
        wire |= {"imageUrl": self.image_url} if self.picture_id else {}
        return {**wire, "policy": self.policy.as_wire()} if self.policy != DEFAULT else wire


@dataclass(frozen=True, slots=True)
class Member:
    """A user in a group; `role` is one of ROLES, `joined_at` an ISO time in UTC."""

    group_id: str
    user_id: str
    role: str
    joined_at: str


# --- keys and rows ---------------------------------------------------------------------------------------------------
def member_item(user_id: str) -> str:
    return f"member#{user_id}"


def _file_item(file_id: str) -> str:
    return f"file#{file_id}"


def group_row(group: Group) -> GroupRow:
    return GroupRow(
        group.id,
        "group",
        name=group.name,
        kind=group.kind,
        created_at=group.created_at,
        created_by=group.created_by,
        member_count=group.member_count,
        people=set(group.people) or None,
        visibility=None if group.visibility == PRIVATE else group.visibility,
        topic=group.topic or None,
        description=group.description or None,
        archived_at=group.archived_at,
        policy=policy_text(group.policy),
        picture_id=group.picture_id,
    )


def member_row(member: Member) -> GroupRow:
    return GroupRow(
        member.group_id,
        member_item(member.user_id),
        user_id=member.user_id,
        role=member.role,
        created_at=member.joined_at,
    )


def deletion_row(group_id: str) -> GroupRow:
    """Return the row that says that a deleted group is to be erased."""
    return GroupRow(_DELETIONS, group_id)


def file_row(group_id: str, file_id: str, seq: int) -> GroupRow:
    return GroupRow(group_id, _file_item(file_id), seq=seq)


def pin_row(group_id: str, seq: int) -> GroupRow:
    return GroupRow(group_id, f"{_PIN}{seq}", seq=seq)


def to_group(row: GroupRow) -> Group:
    return Group(
        id=row.group_id,
        name=row.name or "",
        kind=row.kind or GROUP,
        created_at=row.created_at or "",
        created_by=row.created_by or "",
        member_count=None if row.member_count is None else int(row.member_count),
        visibility=row.visibility or PRIVATE,
        topic=row.topic or "",
        description=row.description or "",
        archived_at=row.archived_at,
        policy=policy_of(row.policy),
        people=frozenset(row.people or ()),
        picture_id=row.picture_id,
    )


def _to_member(row: GroupRow) -> Member:
    return Member(row.group_id, row.user_id or "", row.role or MEMBER, row.created_at or "")


# --- named queries ---------------------------------------------------------------------------------------------------
_rows = PerLoop(lambda: BatchLoader(GroupRow, lambda row: (row.group_id, row.item)))


async def get_row(hash_key: str, item: str) -> GroupRow | None:
    return next(iter(await _rows().load([(hash_key, item)])), None)


async def get_rows(keys: Iterable[tuple[str, str]]) -> list[GroupRow]:
    """Return the rows that exist, in the order of the keys; what is asked for at the same moment is read together."""
    return await _rows().load(keys)


async def find_group(group_id: str) -> Group | None:
    """Return a group, or None, by one consistent read, as all queries here do."""
    row = await get_row(group_id, "group")
    return to_group(row) if row else None


async def find_groups(group_ids: Iterable[str]) -> dict[str, Group]:
    """Return those of these groups that exist, by id; a hundred in one read."""
    return {row.group_id: to_group(row) for row in await get_rows((group_id, "group") for group_id in group_ids)}


async def find_closed_by(group_id: str) -> frozenset[str]:
    """Return the ids of those who have closed a direct conversation by blocking the other one."""
    row = await get_row(group_id, "group")
    return frozenset((row.closed_by if row else None) or ())


async def find_member(group_id: str, user_id: str) -> Member | None:
    row = await get_row(group_id, member_item(user_id))
    return _to_member(row) if row else None


async def find_members(group_id: str, user_ids: Iterable[str]) -> dict[str, Member]:
    """Return the members among these users, by user id."""
    rows = await get_rows((group_id, member_item(user_id)) for user_id in user_ids)
    return {row.user_id or "": _to_member(row) for row in rows}


async def list_members(group_id: str, *, after: str | None = None, limit: int | None = None) -> list[Member]:
    """Return the members in the order of their user ids, those that follow `after`, `limit` at most."""

    def query() -> list[Member]:
        prefix = GroupRow.item.startswith("member#")
        rows = GroupRow.query(
            group_id,
            prefix,
            consistent_read=True,
            limit=limit,
            last_evaluated_key=start_after(group_id, member_item(after)) if after else None,
        )
        return [_to_member(row) for row in rows]

    return await store.call(query)


def start_after(hash_key: str, item: str) -> dict[str, Any]:
    """Return the `last_evaluated_key` with which a query goes on after this row, whether it exists or not."""
    return {"groupId": {"S": hash_key}, "item": {"S": item}}


async def count_members(group_id: str, *, limit: int) -> int:
    """Return how many members the group has, or `limit` if it has more; of many groups at a time, a hundred a read."""
    group = await find_group(group_id)
    if group and group.member_count is not None:
        return min(group.member_count, limit)
    return len(await list_members(group_id, limit=limit))


async def find_deletions() -> list[str]:
    """Return the ids of the deleted groups that are yet to be erased."""

    def query() -> list[str]:
        return [row.item for row in GroupRow.query(_DELETIONS, consistent_read=True)]

    return await store.call(query)


async def find_pinned(group_id: str) -> list[int]:
    """Return the seqs of the group's pinned messages."""

    def query() -> list[int]:
        rows = GroupRow.query(group_id, GroupRow.item.startswith(_PIN), consistent_read=True)
        return [int(row.seq or 0) for row in rows]

    return await store.call(query)


async def find_attached_files(group_id: str, file_ids: Iterable[str]) -> dict[str, int]:
    """Return the seq of the message that each of the files is attached to, by file id; other files are left out.

    0 stands for a file that was withdrawn.
    """
    by_item = {_file_item(file_id): file_id for file_id in file_ids}
    return {by_item[row.item]: int(row.seq or 0) for row in await get_rows((group_id, item) for item in by_item)}


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
