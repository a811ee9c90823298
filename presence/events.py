"""The event about users' presence, with its wire name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """The status of users who share a group with the client changed; not stored, many users in one event.

    `presence_update` {users: [{userId, status: "online" | "away" | "offline"}], all?}: each user once, however many
    groups are shared; the client's own user is among them. With `all: true`, users that are not listed are offline.
    """

    name: ClassVar[str] = "presence_update"
    users: Mapping[str, str]
    all: bool = False

    def data(self) -> dict[str, Any]:
        users = [{"userId": user_id, "status": status} for user_id, status in self.users.items()]
        return {"users": users, "all": True} if self.all else {"users": users}
