"""The events about users to those who share a group with them, with their wire names; they are not stored."""

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


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """The profile of a user who shares a group with the client changed; not stored, and may be lost.

    `profile_update` {user}: the user as everybody may see them. The user's own connections get a `user_update`.
    """

    name: ClassVar[str] = "profile_update"
    user: Mapping[str, Any]

    def data(self) -> dict[str, Any]:
        return {"user": self.user}
