"""The events about groups and their members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .models import Group


@dataclass(frozen=True, slots=True)
class GroupChanged:
    """The group was changed: its name, topic, description, visibility or policy, or it was archived."""

    name: ClassVar[str] = "group_update"
    seq: int
    user_id: str
    group: Group

    def data(self) -> dict[str, Any]:
        return {"groupId": self.group.id, "seq": self.seq, "userId": self.user_id, "group": self.group.as_wire()}


@dataclass(frozen=True, slots=True)
class GroupJoined:
    """Sent only to a user that was added to a group: their `GroupSummary` of it, in wire form."""

    name: ClassVar[str] = "group_update"
    seq: int
    group: Mapping[str, Any]

    def data(self) -> dict[str, Any]:
        return {"groupId": self.group["id"], "seq": self.seq, "group": self.group}


@dataclass(frozen=True, slots=True)
class MembersChanged:
    """Users joined, left or changed role; `members` has {userId, name, role}; the role None means that they left."""

    name: ClassVar[str] = "member_update"
    group_id: str
    seq: int
    user_id: str
    members: Sequence[Mapping[str, Any]]

    @classmethod
    def of(
        cls, *, group_id: str, seq: int, user_id: str, roles: Mapping[str, str | None], names: Mapping[str, str]
    ) -> "MembersChanged":
        members = [
            {"userId": member_id, "name": names.get(member_id, member_id), "role": role}
            for member_id, role in roles.items()
        ]
        return cls(group_id, seq, user_id, members)

    def data(self) -> dict[str, Any]:
        return {"groupId": self.group_id, "seq": self.seq, "userId": self.user_id, "members": list(self.members)}
